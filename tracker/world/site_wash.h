/*
 * site_wash: which wash fences belong to which site.
 *
 * The files do not say. A wash fence that lies within a site, by more than half, belongs to it, and to no
 * neighbour; where sites lie within each other, to each that it lies within. One that lies outside, a wash
 * bay at the gate, belongs to the nearest site up to SITE_WASH_NEAR_M away, since nobody draws it to the
 * metre; one that two sites are about equally near to belongs to neither: nobody can tell whose duty it is.
 * A site without a wash that lies well within one that has some shares them: its ways out lead past them.
 * Washing counts in any of them (visit.h). Found once, when the world is built.
 */
#ifndef MW_SITE_WASH_H
#define MW_SITE_WASH_H

#include "arena.h"
#include "world.h"

#include <stdbool.h>

/* The width of a street at the gate, and a drawing error on each side of it. */
#define SITE_WASH_NEAR_M 50.0
/* Two drawing errors: sites whose distances differ by less are equally near. */
#define SITE_WASH_TIE_M 10.0
/* A drawing error: a site that comes nearer to the border of the one around it may have a gate of its own. */
#define SITE_WASH_GATE_M 5.0

/* Fills fence.washes of every site of a world whose index is built; false without memory. */
bool site_wash_link(struct world *world, struct arena *arena);

#endif
