/*
 * visit: coming to a site and leaving it.
 *
 *                 inside                inside: 2 fixes, 10 s           outside
 *      (none) ---------------> entering ---------------------> in <---------------> leaving
 *         ^   <---------------                                     inside again        |
 *         |       outside                                                              |
 *         '----------------------------------------------------------------------------'
 *                  outside: 2 fixes, and farther than the fix's error and VISIT_CLEAR_M
 *
 * The times of coming and leaving are those of the first fix, or of the path into and out of the fences. A
 * receiver that wanders about a fence neither comes nor leaves: it is never two fixes and 30 m clear.
 *
 * A visit is one to all sites that held the vehicle since it began, and to those within what its place may be
 * wrong that a permit of it names: it is over when the vehicle is clear of all of them. What speaks for each
 * is kept (yards.h), and which one it was is decided when it leaves: the sites that may have held it when
 * its load changed, or else those where it stood, or else all. Sites that overlap, lie within each other or
 * touch take nothing from each other. The wash fences of a site (site_wash.h) belong to the visit, so that a
 * truck that washes at the gate has not left yet.
 *
 * Washed is a vehicle that says so, or that stood in any wash: at two fixes in it, or at one of a unit that
 * says little.
 */
#ifndef MW_VISIT_H
#define MW_VISIT_H

#include "moment.h"
#include "yards.h"

/* Twice the error that JT/T 794 allows a unit, 15 m. */
#define VISIT_CLEAR_M 30.0
/* As banned_area confirms. */
#define VISIT_CONFIRM_FIXES 2
#define VISIT_CONFIRM_MS    10000
/* Standing this long in a site is enough to be loaded there. */
#define VISIT_STOP_MS 60000

/* Takes a fix. When the vehicle has left, m->events says so, and state->habits and state->sites still tell of
 * the visit. */
void visit_follow(struct vehicle_state *state, struct moment *m);
/* What decides where the vehicle was for what it took along: the flag that those sites have, 0: nothing does
 * and it is any of them. */
unsigned visit_decides(const struct vehicle_state *state);
/* Whether it is neither in a fence nor so near that noise alone may have put it out. */
bool visit_clear_of(const struct moment *m, uint32_t number);

#endif
