/*
 * world_then: the world that an entry of then was judged by, for a question that wants it.
 *
 * One that is in memory (world_shelf.h) is told at once; another is fetched from the store, or from the archive, and made on a thread of its own, so
 * that nobody waits behind exports. On the loop's thread alone.
 */
#ifndef MW_WORLD_THEN_H
#define MW_WORLD_THEN_H

#include "buf.h"
#include "text.h"
#include "world.h"

struct gateway;

/* Called once. The world is there during the call; NULL: it is not kept, or cannot be made any more. */
typedef void world_then_told(void *arg, const struct world *world);

/* `hash` is copied; one that can name no world finds none. */
void world_then_find(struct gateway *g, struct text hash, world_then_told *told, void *arg);

/* The canonical text that an archive's folder has of it, or nothing. On any thread. */
void world_then_read(const char *archive, struct text hash, struct buf *out);

#endif
