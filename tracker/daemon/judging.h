/*
 * judging: from what the engine says to what the batch writes; and the deadlines that are due.
 */
#ifndef MW_JUDGING_H
#define MW_JUDGING_H

#include "partition.h"
#include "shared.h"

/* The group of a place, and room for its hash. NULL without memory: the fixes of the broker are asked for
 * anew, and what is in hand must not be judged. */
struct batch_group *judging_group(struct shared *s, struct partition *p, uint32_t place);
/* The fixes of the broker are asked for anew: there is no memory to keep one. */
void judging_drop(struct shared *s, const struct partition *p);

/* The group of a vehicle whose state has changed already: without it what was found would be lost, so the process
 * ends as by a kill, which costs nothing. */
struct batch_group *judging_group_of_found(struct shared *s, struct partition *p, uint32_t place);
/* Records a sign of life of the group's vehicle. */
void judging_life(struct shared *s, const struct partition *p, struct batch_group *g, struct life life);
/* Writes what s->outcome caused, but for the track, into a group. */
void judging_outcome(struct shared *s, struct partition *p, struct batch_group *g);
/* Records a fix or a message as refused, in a group; of nobody we keep, which are few, each by itself. */
struct refusal {
    struct text vehicle;
    const char *reason;
    struct text payload;
};
void judging_refuse(struct shared *s, struct partition *p, struct batch_group *g, const struct refusal *r);
/* The vehicle's part is at its end: what it has refused beyond REFUSALS_TOLD is counted in an entry. */
void judging_refused_more(struct shared *s, const struct partition *p, struct batch_group *g);

/* Fires what is due at the batch's clock, into the batch. False: more than it holds. */
bool judging_fire(struct shared *s, struct partition *p);

#endif
