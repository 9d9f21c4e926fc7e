#include "fix_content.h"

#include "hash.h"

#include <assert.h>

uint64_t fix_content(struct text json)
{
    return hash_bytes((struct hash_key){5, 6}, json.data, json.len);
}

uint64_t fix_line_content(const struct fix_line *line, struct text text)
{
    const struct text *first = &line->added[0], *second = &line->added[1];
    if (second->data != NULL && (first->data == NULL || second->data < first->data)) {
        first = &line->added[1];
        second = &line->added[0];
    }
    const char *at = text.data, *end = text.data + text.len;
    uint64_t hash = 0;
    for (int i = 0; i < 3; i++) {
        const struct text *cut = i == 0 ? first : second;
        const char *to = i < 2 && cut->data != NULL ? cut->data : end;
        assert(at <= to && to <= end);
        hash = hash_bytes((struct hash_key){hash, (uint64_t)i}, at, (size_t)(to - at));
        at = to == end ? end : to + cut->len;
    }
    return hash;
}
