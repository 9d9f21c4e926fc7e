/*
 * buf: a growing byte buffer with an upper bound.
 *
 * Writers append without looking; the first append that does not fit (bound reached, memory gone) sets
 * `failed`, and every later one is ignored, so that a caller checks once, at the end, with buf_ok(). What has
 * been written so far stays readable. Numbers are written by our own code, since printf's depend on the
 * locale.
 */
#ifndef MW_BUF_H
#define MW_BUF_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data;
    size_t len;
    size_t cap;
    size_t limit; /* never grows past this many bytes */
    bool failed;
};

/* An empty buffer that may grow to `limit` bytes. Allocates nothing yet. */
void buf_init(struct buf *b, size_t limit);
/* Frees the bytes. */
void buf_fini(struct buf *b);
/* Empties it and forgets a failure; keeps the memory, so that a warm buffer does not allocate. */
void buf_clear(struct buf *b);

/* Makes room for `n` more bytes and returns where they go, or NULL on failure. Does not change len. */
char *buf_reserve(struct buf *b, size_t n);
void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_put_text(struct buf *b, struct text t);
void buf_puts(struct buf *b, const char *zero_terminated);
void buf_put_char(struct buf *b, char c);
/* In decimal. */
void buf_put_i64(struct buf *b, int64_t v);
void buf_put_u64(struct buf *b, uint64_t v);
/*
 * With exactly `decimals` (0 to 9) digits after the point, rounded half away from zero. Values that are not
 * finite, or too large to scale into 63 bits, fail the buffer: a caller's bug.
 */
void buf_put_fixed(struct buf *b, double v, int decimals);
/* printf for words, not for numbers with a point. */
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

static inline struct text buf_text(const struct buf *b)
{
    return (struct text){b->data, b->len};
}

#endif
