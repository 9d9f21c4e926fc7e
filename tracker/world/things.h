/*
 * things: what fences make together.
 *
 * A street that is banned comes in pieces: from a street map, from a drawing tool, from two people. What a
 * driver drives through is the street. So fences of one kind under the same rule (hours, validity, classes,
 * company, limit, reason) that touch, overlap or lie within THING_NEAR_M of one another, or that name the
 * same `group`, are one thing; it is named by the smallest id among them. Rules that confirm a place confirm
 * the thing, not the piece, so a finding does not depend on how a fence is cut.
 *
 * Bans, areas, and all that has a speed limit make things; any other fence is one by itself.
 */
#ifndef MW_THINGS_H
#define MW_THINGS_H

#include "world.h"

/* A junction, or an error of drawing on each side. */
#define THING_NEAR_M 50.0

/* Fills fence.thing of a world whose fences are in the order of their ids and whose index stands. Refuses heaps of fences
 * that lie around each other (FENCE_PAIRS_MAX). About n log n for n fences, also where all lie on one place. */
enum world_status things_link(struct world *world, struct world_error *out_error);

#endif
