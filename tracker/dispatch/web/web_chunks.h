/*
 * web_chunks: a body that comes in chunks (RFC 9112 7.1), taken apart strictly as it arrives.
 *
 * Sizes are 1 to 8 hexadecimal digits; extensions and trailers, which no client of ours sends and proxies differ
 * about, are refused.
 */
#ifndef MW_WEB_CHUNKS_H
#define MW_WEB_CHUNKS_H

#include "buf.h"

enum web_chunks_state {
    WEB_CHUNKS_SIZE,
    WEB_CHUNKS_SIZE_END, /* the LF of a size */
    WEB_CHUNKS_DATA,
    WEB_CHUNKS_DATA_CR,
    WEB_CHUNKS_DATA_LF,
    WEB_CHUNKS_LAST_CR,
    WEB_CHUNKS_LAST_LF,
    WEB_CHUNKS_DONE,
};

/* Zero is the beginning of a body. */
struct web_chunks {
    enum web_chunks_state state;
    uint32_t left; /* of the chunk in hand; while its size is read, that */
    unsigned digits;
};

/*
 * Takes bytes and appends what they carry. 0: more is to come; 200: the body is whole, and *out_taken bytes were
 * its own; 400: it is wrong; 413: more than `out` has room for.
 */
int web_chunks_take(struct web_chunks *c, struct text bytes, struct buf *out, size_t *out_taken);

#endif
