#include "text.h"

int text_compare(struct text a, struct text b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n > 0 ? memcmp(a.data, b.data, n) : 0;
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

int64_t text_whole(struct text t)
{
    int64_t n = 0;
    for (size_t i = 0; i < t.len && i < 18 && t.data[i] >= '0' && t.data[i] <= '9'; i++)
        n = n * 10 + (t.data[i] - '0');
    return n;
}

struct text text_take_word(struct text *line)
{
    const char *blank = line->len > 0 ? memchr(line->data, ' ', line->len) : NULL;
    size_t n = blank != NULL ? (size_t)(blank - line->data) : line->len;
    struct text word = {line->data, n};
    size_t gone = blank != NULL ? n + 1 : n;
    *line = (struct text){line->data + gone, line->len - gone};
    return word;
}
