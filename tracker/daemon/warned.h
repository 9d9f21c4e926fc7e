/*
 * warned: what became of what cabs were told, until it is in the store: the stream `warnings`.
 *
 * A warning goes out when the batch that caused it is durable, so the commit of its cause cannot say what became of
 * it. Who carries the publication out tells (FACT_WARNED), and the next commit has the entry; when nothing comes, one
 * of its own, within a beat. A process that dies in between leaves none: an entry says what happened, never what was
 * meant to. What a commit has is forgotten when it is durable, and only then, so no entry stands twice.
 */
#ifndef MW_WARNED_H
#define MW_WARNED_H

#include "batch_in_hand.h"
#include "shared.h"

/* One that was to be told. */
struct warned_row {
    uint32_t vehicle; /* symbol */
    struct batch_warned about;
    int64_t sent_ms; /* TIME_NONE: nobody was told */
};

struct warned {
    struct warned_row *list; /* the oldest first */
    size_t count, cap;
    size_t known;    /* of the first so many it is known what became of them */
    size_t in_batch; /* and so many of these are in the commit in hand */
};

void warned_fini(struct warned *w);
/* One is going out, in this order with the others. False without memory: nobody will ask what became of it. */
bool warned_add(struct warned *w, uint32_t vehicle, const struct batch_warned *about);
/* What became of the first of which that is not known. */
void warned_told(struct warned *w, bool sent, struct wall now);
/* Something is to be written. */
bool warned_waits(const struct warned *w);
/* Into the group of nobody, under this number. */
void warned_write(struct warned *w, struct shared *s, struct batch_group *g, uint64_t batch);
/* The commit is durable. */
void warned_durable(struct warned *w);
/* It was given up: what it had is to be written again. */
void warned_given_up(struct warned *w);

#endif
