#include "fields.h"

struct text fields_value(struct fields fields, const char *name)
{
    struct text wanted = text_of(name);
    for (size_t i = 0; i < fields.count; i++)
        if (text_equal(fields.items[i].name, wanted))
            return fields.items[i].value;
    return (struct text){"", 0};
}

int64_t fields_whole(struct fields fields, const char *name, int64_t otherwise)
{
    struct text t = fields_value(fields, name);
    bool negative = t.len > 0 && t.data[0] == '-';
    struct text digits = {t.data + negative, t.len - negative};
    if (digits.len == 0 || digits.len > 18)
        return otherwise;
    for (size_t i = 0; i < digits.len; i++)
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return otherwise;
    return negative ? -text_whole(digits) : text_whole(digits);
}

static bool read_whole(struct text t, size_t *at, uint64_t *out)
{
    uint64_t n = 0;
    size_t from = *at;
    for (; *at < t.len && t.data[*at] >= '0' && t.data[*at] <= '9'; ++*at) {
        uint64_t digit = (uint64_t)(t.data[*at] - '0');
        if (n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return *at > from;
}

bool entry_id_read(struct text t, struct entry_id *out)
{
    size_t at = 0;
    uint64_t ms, n;
    if (!read_whole(t, &at, &ms) || ms > INT64_MAX || at == t.len || t.data[at++] != '-' ||
        !read_whole(t, &at, &n) || at != t.len)
        return false;
    *out = (struct entry_id){(int64_t)ms, n};
    return true;
}

int entry_id_compare(struct entry_id a, struct entry_id b)
{
    if (a.ms != b.ms)
        return a.ms < b.ms ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}
