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
 * The times of coming and leaving are those of the first fix, or of the path into and out of the fence. The
 * wash fences of a site (site_wash.h) belong to the visit, so that a truck that washes at the gate has not
 * left yet. A receiver that wanders about the fence neither comes nor leaves: it is never two fixes and 30 m
 * clear.
 *
 * A vehicle that is in two sites at once visits the one it was in first, of several the first of the file.
 */
#ifndef MW_VISIT_H
#define MW_VISIT_H

#include "moment.h"

/* Twice the error that JT/T 794 allows a unit, 15 m. */
#define VISIT_CLEAR_M 30.0
/* As banned_area confirms. */
#define VISIT_CONFIRM_FIXES 2
#define VISIT_CONFIRM_MS    10000
/* Standing this long in a site is enough to be loaded there. */
#define VISIT_STOP_MS 60000

/* Takes a fix. When the vehicle has left, m->events says so, and state->habits still tells of the visit. */
void visit_follow(struct vehicle_state *state, struct moment *m);
/* Whether it is neither in a fence nor so near that noise alone may have put it out. */
bool visit_clear_of(const struct moment *m, uint32_t number);

#endif
