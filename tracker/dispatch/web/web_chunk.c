#include "web_chunk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct web_chunk *web_chunk_new(struct text bytes)
{
    struct web_chunk *chunk = malloc(sizeof *chunk + bytes.len);
    if (chunk == NULL)
        return NULL;
    chunk->users = 1;
    chunk->len = bytes.len;
    memcpy(chunk->bytes, bytes.data, bytes.len);
    return chunk;
}

void web_chunk_use(struct web_chunk *chunk)
{
    chunk->users++;
}

void web_chunk_drop(struct web_chunk *chunk)
{
    if (chunk == NULL)
        return;
    assert(chunk->users > 0);
    if (--chunk->users == 0)
        free(chunk);
}
