#include "buf.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUF_FIRST = 256 };

void buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){.limit = limit};
}

void buf_fini(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->failed)
        return NULL;
    if (n <= b->cap - b->len)
        return b->data + b->len;
    if (n > b->limit || b->len > b->limit - n) {
        b->failed = true;
        return NULL;
    }
    size_t want = b->len + n;
    size_t cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap;
    while (cap < want)
        cap = cap > b->limit / 2 ? b->limit : cap * 2;
    if (cap > b->limit)
        cap = b->limit;
    char *data = realloc(b->data, cap);
    if (data == NULL) {
        b->failed = true;
        return NULL;
    }
    b->data = data;
    b->cap = cap;
    assert(b->len + n <= cap && cap <= b->limit);
    return b->data + b->len;
}

void buf_put(struct buf *b, const void *bytes, size_t n)
{
    char *at = n > 0 ? buf_reserve(b, n) : NULL; /* nothing is no reason to have memory */
    if (at == NULL)
        return;
    memcpy(at, bytes, n);
    b->len += n;
}

void buf_put_text(struct buf *b, struct text t)
{
    buf_put(b, t.data, t.len);
}

void buf_puts(struct buf *b, const char *zero_terminated)
{
    buf_put(b, zero_terminated, strlen(zero_terminated));
}

void buf_put_char(struct buf *b, char c)
{
    buf_put(b, &c, 1);
}

void buf_put_u64(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    buf_put(b, digits + at, sizeof digits - at);
}

void buf_put_i64(struct buf *b, int64_t v)
{
    if (v < 0)
        buf_put_char(b, '-');
    buf_put_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_put_fixed(struct buf *b, double v, int decimals)
{
    static const int64_t scales[] = {1,      10,      100,      1000,      10000,
                                     100000, 1000000, 10000000, 100000000, 1000000000};
    double scaled = decimals >= 0 && decimals <= 9 ? round(v * (double)scales[decimals]) : NAN;
    if (!(fabs(scaled) < 9e18)) {
        b->failed = true;
        return;
    }
    int64_t n = (int64_t)scaled;
    int64_t scale = scales[decimals];
    if (n < 0) {
        buf_put_char(b, '-');
        n = -n;
    }
    buf_put_u64(b, (uint64_t)(n / scale));
    if (decimals == 0)
        return;
    char fraction[10] = ".";
    int64_t rest = n % scale;
    for (int i = decimals; i > 0; i--) {
        fraction[i] = (char)('0' + rest % 10);
        rest /= 10;
    }
    buf_put(b, fraction, (size_t)decimals + 1);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    /* One more for the zero that vsnprintf insists on; it is not counted into len. */
    char *at = n >= 0 ? buf_reserve(b, (size_t)n + 1) : NULL;
    if (at != NULL) {
        vsnprintf(at, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
}
