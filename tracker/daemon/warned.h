/*
 * warned: what became of what cabs were told, until it is in the store: the stream `warnings`.
 *
 * A warning goes out when the batch that caused it is durable, so the commit of its cause cannot say what became of
 * it. Who carries the publication out tells whether it was handed over (FACT_WARNED), and the broker, that it has it
 * (FACT_TAKEN); then the next commit has the entry, or when nothing comes, one of its own, within a beat. What the
 * broker has not confirmed in WARNED_WAIT_MS, or was never handed over, has expired. A process that dies in between
 * leaves no entry: one says what happened, never what was meant to. What a commit has is forgotten when it is
 * durable, and only then, so no entry stands twice.
 */
#ifndef MW_WARNED_H
#define MW_WARNED_H

#include "batch_in_hand.h"
#include "shared.h"

enum { WARNED_WAIT_MS = 60000 };

enum warned_step {
    WARNED_GOES,    /* nothing is known of it yet */
    WARNED_HANDED,  /* the broker is to confirm it */
    WARNED_KNOWN,   /* to be written */
    WARNED_IN_BATCH /* in the commit in hand */
};

/* One that was to be told. */
struct warned_row {
    uint32_t vehicle; /* symbol */
    struct batch_warned about;
    enum warned_step step;
    int message_id;     /* of the one that the broker is to confirm */
    struct mono handed; /* when that was */
    int64_t sent_ms;    /* TIME_NONE: nobody was told */
};

struct warned {
    struct warned_row *list; /* the oldest first */
    size_t count, cap;
};

void warned_fini(struct warned *w);
/* One is going out, in this order with the others. False without memory: nobody will ask what became of it. */
bool warned_add(struct warned *w, uint32_t vehicle, const struct batch_warned *about);
/* FACT_WARNED: whether the first of which nothing is known was handed over. FACT_TAKEN: the broker has that message. */
void warned_hear(struct warned *w, const struct fact *f);
/* Something is to be written by now. */
bool warned_waits(struct warned *w, struct mono now);
/* Into the group of nobody, under this number. */
void warned_write(struct warned *w, struct shared *s, struct batch_group *g, uint64_t batch);
/* The commit is durable. */
void warned_durable(struct warned *w);
/* It was given up: what it had is to be written again. */
void warned_given_up(struct warned *w);

#endif
