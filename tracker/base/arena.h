/*
 * arena: memory that is taken piece by piece and given back all at once.
 *
 * For what is built once and then only read, like a world. Pieces never move and are aligned for any type.
 */
#ifndef MW_ARENA_H
#define MW_ARENA_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

struct arena {
    struct arena_block *blocks;
    size_t used, cap; /* of the newest block */
};

void arena_init(struct arena *a);
void arena_fini(struct arena *a);
/* Takes all pieces back but keeps one block, so that an arena that is filled and cleared again and again does
 * not allocate. */
void arena_clear(struct arena *a);
/* `count` times `size` zeroed bytes, or NULL. A count of 0 gives a pointer that must not be read. */
void *arena_take(struct arena *a, size_t count, size_t size);
/* A copy of the text, followed by a zero byte. False without memory. */
bool arena_copy_text(struct arena *a, struct text text, struct text *out_copy);

#endif
