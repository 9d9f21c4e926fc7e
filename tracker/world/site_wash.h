/*
 * site_wash: which wash fences belong to which site.
 *
 * The files do not say. A wash fence that lies within a site, by more than half, belongs to it, and to no
 * neighbour; where sites lie within each other, to each that it lies within. One that lies outside, a wash
 * bay at the gate, belongs to the nearest site up to SITE_WASH_NEAR_M away, since nobody draws it to the
 * metre; one that two sites are about equally near to belongs to neither: nobody can tell whose duty it is.
 * A site without a wash that lies well within one that has some shares them: its ways out lead past them.
 * Washing counts in any of them (visit.h).
 *
 * What is not there for who asks, by hours, validity, class or company, owns nothing and takes nothing from
 * another. So when the world is built only the ties are found: which sites each wash may belong to, nearest
 * first. Whose it is, is asked then.
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

/* A wash, and a site that it may belong to. Those of one wash stand in a row, the nearest site first. */
struct wash_tie {
    uint32_t wash, site;
    double apart_m; /* -INFINITY: it lies within */
};

/* What is asked of the washes of a site. */
struct wash_question {
    bool (*counts)(const void *context, uint32_t fence); /* whether a site or wash is there for who asks */
    bool (*is)(const void *context, uint32_t wash);      /* NULL: of any it is true */
    const void *context;
};

/* Fills wash_ties and wash_lenders of every site of a world whose index is built. Refuses heaps of sites and washes
 * (FENCE_PAIRS_MAX). */
enum world_status site_wash_link(struct world *world, struct arena *arena, struct world_error *out_error);
/* Whether it is true of one of the washes that belong to a site. The site itself is taken to be there. */
bool site_wash_any(const struct world *world, uint32_t site, const struct wash_question *question);

#endif
