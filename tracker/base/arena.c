#include "arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum { ARENA_BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    _Alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *a)
{
    *a = (struct arena){0};
}

void arena_fini(struct arena *a)
{
    for (struct arena_block *b = a->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    arena_init(a);
}

void arena_clear(struct arena *a)
{
    struct arena_block *kept = a->blocks;
    size_t cap = a->cap;
    if (kept == NULL)
        return;
    a->blocks = kept->next;
    arena_fini(a);
    kept->next = NULL;
    *a = (struct arena){.blocks = kept, .cap = cap};
}

/* The same as arena_take, but the memory is not cleared. */
static void *take(struct arena *a, size_t count, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    if (size != 0 && count > (SIZE_MAX / 2 - align) / size)
        return NULL;
    size_t n = (count * size + align - 1) / align * align;
    if (a->blocks == NULL || a->cap - a->used < n) {
        size_t cap = n > ARENA_BLOCK_BYTES ? n : ARENA_BLOCK_BYTES;
        struct arena_block *b = malloc(sizeof *b + cap);
        if (b == NULL)
            return NULL;
        b->next = a->blocks;
        a->blocks = b;
        a->used = 0;
        a->cap = cap;
    }
    assert(a->used <= a->cap && n <= a->cap - a->used);
    void *at = a->blocks->bytes + a->used;
    a->used += n;
    return at;
}

void *arena_take(struct arena *a, size_t count, size_t size)
{
    void *at = take(a, count, size);
    if (at != NULL)
        memset(at, 0, count * size);
    return at;
}

bool arena_copy_text(struct arena *a, struct text text, struct text *out_copy)
{
    char *at = take(a, text.len + 1, 1);
    if (at == NULL)
        return false;
    if (text.len > 0)
        memcpy(at, text.data, text.len);
    at[text.len] = '\0';
    *out_copy = (struct text){at, text.len};
    return true;
}
