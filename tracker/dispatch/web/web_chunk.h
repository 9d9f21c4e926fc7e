/*
 * web_chunk: bytes that go out to many at once and are there once. Counted by its users; the last one to drop it frees it.
 */
#ifndef MW_WEB_CHUNK_H
#define MW_WEB_CHUNK_H

#include "text.h"

struct web_chunk {
    size_t users, len;
    char bytes[];
};

/* A copy, with one user. NULL without memory. */
struct web_chunk *web_chunk_new(struct text bytes);
void web_chunk_use(struct web_chunk *chunk);
/* Takes NULL. */
void web_chunk_drop(struct web_chunk *chunk);

#endif
