/*
 * site_wash: which wash fences belong to which site.
 *
 * The files do not say. A wash fence belongs to every site that it overlaps or comes as near as
 * SITE_WASH_NEAR_M: the wash bay lies inside the site, on its border, or just outside the gate, and nobody
 * draws it to the metre. Found once, when the world is built.
 */
#ifndef MW_SITE_WASH_H
#define MW_SITE_WASH_H

#include "arena.h"
#include "world.h"

#include <stdbool.h>

/* The width of a street at the gate, and a drawing error on each side of it. */
#define SITE_WASH_NEAR_M 50.0

/* Fills fence.washes of every site of a world whose index is built; false without memory. */
bool site_wash_link(struct world *world, struct arena *arena);

#endif
