/*
 * redis_arena: what hiredis makes of a reply, in memory that is let go of as a whole.
 *
 * hiredis allocates each part of a reply by itself, twice for a text: of what the archive reads that was a third of all it
 * does. A connection makes one reply at a time, and it is gone when its answer was told; so the next reply begins anew in
 * the same memory.
 */
#ifndef MW_REDIS_ARENA_H
#define MW_REDIS_ARENA_H

#include <stddef.h>

struct redisAsyncContext;
struct redis_arena_block;

struct redis_arena {
    struct redis_arena_block *first, *last;
};

/* Of a connection that has not read yet; the arena outlives it. */
void redis_arena_attach(struct redis_arena *arena, struct redisAsyncContext *context);
void redis_arena_fini(struct redis_arena *arena);

#endif
