/* Fixes as the lines that a replay reads. */
#include "late.h"

#include <stdlib.h>
#include <string.h>

static void put_line(const struct drives *d, const struct came *x, bool arriving, struct buf *out)
{
    const struct made_fix *f = &d->list[x->fix];
    buf_printf(out, "{\"vehicle\":\"%s\"", d->names[f->who]);
    if (arriving)
        buf_printf(out, ",\"received\":%lld", (long long)x->received_ms);
    if (arriving && x->numbered)
        buf_printf(out, ",\"boot\":\"b%u\",\"seq\":%u", x->boot, x->seq);
    if (d->phone[f->who])
        buf_printf(out, ",\"_type\":\"location\",\"tst\":%lld,", (long long)(f->ms / 1000));
    else
        buf_printf(out, ",\"time\":%lld.%03d,", (long long)(f->ms / 1000), (int)(f->ms % 1000));
    buf_put(out, d->bytes.data + f->at, f->len);
    buf_puts(out, "}\n");
}

static void put_mark(const struct mark *mark, struct buf *out)
{
    buf_printf(out, "{\"ruleset\":\"%s\",\"received\":%lld}\n", mark->hash, (long long)mark->at_ms);
}

void lines_arriving(const struct arrivals *a, const struct drives *d, const struct mark *mark,
                    struct buf *out)
{
    bool marked = mark == NULL;
    for (size_t i = 0; i < a->count; i++) {
        if (!marked && a->list[i].received_ms >= mark->at_ms) {
            put_mark(mark, out);
            marked = true;
        }
        put_line(d, &a->list[i], true, out);
    }
}

struct in_time {
    int64_t ms;
    uint32_t who;
    size_t came;
};

static int by_time(const void *a, const void *b)
{
    const struct in_time *x = a, *y = b;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    if (x->who != y->who)
        return x->who < y->who ? -1 : 1;
    return x->came < y->came ? -1 : x->came > y->came;
}

void lines_in_order(const struct arrivals *a, const struct drives *d, const struct mark *mark,
                    struct buf *out)
{
    struct in_time *list = malloc((a->count + 1) * sizeof *list);
    size_t n = 0;
    if (list == NULL)
        abort();
    for (size_t i = 0; i < a->count; i++) {
        const struct made_fix *f = &d->list[a->list[i].fix];
        if (a->list[i].judged)
            list[n++] = (struct in_time){f->ms, f->who, i};
    }
    qsort(list, n, sizeof *list, by_time);
    bool marked = mark == NULL;
    for (size_t i = 0; i < n; i++) {
        if (!marked && list[i].ms >= mark->at_ms) {
            put_mark(mark, out);
            marked = true;
        }
        put_line(d, &a->list[list[i].came], false, out);
    }
    free(list);
}
