/*
 * yards: the fences of one kind that a vehicle may have been in, until what happened decides among them.
 *
 * Sites and disposals lie within each other, overlap and touch, and a receiver errs. So a visit, an arrival
 * and the origin of a haul are sets. What is in the set is possible; its flags say what speaks for it. Kept
 * by symbols, in the order in which they were met; it holds YARDS_MAX, and says when there were more.
 */
#ifndef MW_YARDS_H
#define MW_YARDS_H

#include "moment.h"

/* NULL: not one of them. */
struct yard *yards_find(struct yards *yards, uint32_t fence);
bool yards_has(const struct yards *yards, uint32_t fence);
/* Finds or adds it, without flags. NULL: there is no room, even after what nothing speaks for has gone. */
struct yard *yards_add(struct yards *yards, uint32_t fence);
void yards_clear(struct yards *yards);
/* Whether one of them has all of these flags. */
bool yards_any(const struct yards *yards, unsigned flags);
/* Takes flags away from all of them. */
void yards_unflag(struct yards *yards, unsigned flags);
/* Leaves out those whose fence this world does not have. */
void yards_prune(struct yards *yards, const struct world *world);

/*
 * Where they stand at a fix that has a place: HERE for those that hold it or are no farther than it may be
 * wrong, SURE for those that hold it more deeply than that. Those of `kind` that count are added.
 */
void yards_see(struct yards *yards, const struct moment *m, enum fence_kind kind);
/* Adds a fence that does not hold the place, but is no farther than it may be wrong. */
void yards_see_near(struct yards *yards, const struct moment *m, uint32_t number);
/* The same as far as moment_may_be_in_fence goes: what was done there may have been done in it. */
void yards_see_doubtful(struct yards *yards, const struct moment *m, uint32_t number);
/*
 * TURNED for those that may have held the vehicle when its load became what it is (habits.h), once that is
 * believed; `from` is what it was until then. After yards_see.
 */
void yards_turn(struct yards *yards, const struct moment *m, enum sensor_load from);

/*
 * When the path to this place came into the fences of a kind, or left them, as if they were one: over a seam
 * it does neither. The time of the fix where no path may be drawn or none meets them.
 */
int64_t yards_entered_ms(const struct moment *m, enum fence_kind kind);
int64_t yards_left_ms(const struct moment *m, enum fence_kind kind);
/* The same of any fences, those that is_one says; TIME_NONE where no path says it. */
int64_t yards_left_all_ms(const struct moment *m,
                          bool (*is_one)(const struct moment *m, uint32_t number, const void *context),
                          const void *context);
/* SURE for those that hold the place where it lies deep in fences of this kind as if they were one. */
void yards_see_joined(struct yards *yards, const struct moment *m, enum fence_kind kind);

#endif
