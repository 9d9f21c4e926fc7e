#include "past_lines.h"

#include "array.h"
#include "store_json.h"

#include <stdio.h>
#include <stdlib.h>

#define ENTRY_BYTES_MAX ((size_t)256 << 10)

bool past_lines_add(struct past_lines *lines, struct register_line at, struct fields entry)
{
    struct json_writer json;
    struct buf bytes;
    char id[48];
    snprintf(id, sizeof id, "%lld-%u", (long long)at.ms, at.n);
    buf_init(&bytes, ENTRY_BYTES_MAX);
    json_writer_init(&json, &bytes);
    store_json_write_entry(&json, text_of(id), entry);
    if (!buf_ok(&bytes) ||
        !array_reserve(&lines->items, &lines->cap, lines->count + 1, sizeof *lines->items)) {
        buf_fini(&bytes);
        return false;
    }
    lines->items[lines->count++] = (struct past_line){at, bytes};
    return true;
}

static int in_order(const void *a, const void *b)
{
    const struct register_line *x = &((const struct past_line *)a)->at,
                               *y = &((const struct past_line *)b)->at;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return x->action - y->action;
}

void past_lines_settle(struct past_lines *lines)
{
    size_t kept = 0;
    if (lines->count > 0)
        qsort(lines->items, lines->count, sizeof *lines->items, in_order);
    for (size_t i = 0; i < lines->count; i++)
        if (kept > 0 && in_order(&lines->items[kept - 1], &lines->items[i]) == 0)
            buf_fini(&lines->items[i].json);
        else
            lines->items[kept++] = lines->items[i];
    lines->count = kept;
}

void past_lines_fini(struct past_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        buf_fini(&lines->items[i].json);
    free(lines->items);
    *lines = (struct past_lines){0};
}
