#include "web_chunks.h"

enum { DIGITS_MAX = 8 };

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char small = (char)(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

static bool take_size(struct web_chunks *c, char byte)
{
    int digit = digit_of(byte);
    if (digit >= 0) {
        c->left = c->left << 4 | (uint32_t)digit;
        return ++c->digits <= DIGITS_MAX;
    }
    c->state = WEB_CHUNKS_SIZE_END;
    return byte == '\r' && c->digits > 0;
}

/* One byte that is none of the data. False: it is wrong. */
static bool take_byte(struct web_chunks *c, char byte)
{
    switch (c->state) {
    case WEB_CHUNKS_SIZE:
        return take_size(c, byte);
    case WEB_CHUNKS_SIZE_END:
        c->state = c->left > 0 ? WEB_CHUNKS_DATA : WEB_CHUNKS_LAST_CR;
        return byte == '\n';
    case WEB_CHUNKS_DATA_CR:
        c->state = WEB_CHUNKS_DATA_LF;
        return byte == '\r';
    case WEB_CHUNKS_DATA_LF:
        *c = (struct web_chunks){0};
        return byte == '\n';
    case WEB_CHUNKS_LAST_CR:
        c->state = WEB_CHUNKS_LAST_LF;
        return byte == '\r';
    default:
        c->state = WEB_CHUNKS_DONE;
        return byte == '\n';
    }
}

int web_chunks_take(struct web_chunks *c, struct text bytes, struct buf *out, size_t *out_taken)
{
    size_t at = 0;
    while (at < bytes.len && c->state != WEB_CHUNKS_DONE) {
        if (c->state != WEB_CHUNKS_DATA) {
            if (!take_byte(c, bytes.data[at++]))
                return 400;
            continue;
        }
        size_t n = bytes.len - at < c->left ? bytes.len - at : c->left;
        buf_put(out, bytes.data + at, n);
        at += n;
        c->left -= (uint32_t)n;
        if (c->left == 0)
            c->state = WEB_CHUNKS_DATA_CR;
        if (!buf_ok(out))
            return 413;
    }
    *out_taken = at;
    return c->state == WEB_CHUNKS_DONE ? 200 : 0;
}
