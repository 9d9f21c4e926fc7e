/*
 * recalling: the journal of a vehicle whose state is missing, damaged, or of too early a version, from its
 * track.
 *
 * What was being judged is gone with the state. Where its journal stands is not: the track says which boot
 * and number came last. Without that its unit would be asked for all it keeps, seven days, and all of it
 * would be tracked again. Vehicles with a track and no state are found by a walk over the keys, once a start.
 */
#ifndef MW_RECALLING_H
#define MW_RECALLING_H

#include "partition.h"
#include "shared.h"

enum { RECALLING_AT_A_TIME = 64 /* tracks asked for and not answered */ };

/* A track that was asked for. */
struct recalling_slot {
    bool asked;
    uint32_t place, walk;
};

struct recalling {
    uint32_t *places; /* of those vehicles */
    size_t count, cap, next;
    uint32_t open; /* not answered */
    uint32_t walk; /* answers to an earlier one mean nothing */
    bool asking;   /* all states and keys are there, and not all tracks */
    bool failed;   /* the walk of the start is to begin again */
    struct recalling_slot slots[RECALLING_AT_A_TIME];
};

enum recalling_step {
    RECALLING_GOES_ON,
    RECALLING_DONE,
    RECALLING_AGAIN, /* the whole walk, after a while */
};

void recalling_fini(struct recalling *r);
/* At a new claim. */
void recalling_forget(struct recalling *r);
/* The journal of a vehicle is to be read from its track, once all states are there; false: no room. */
bool recalling_add(struct recalling *r, struct shared *s, struct partition *p, struct text vehicle);

/* Looks for those that have a track and no state: asks ASK_KEYS, from a cursor on. */
void recalling_scan(struct shared *s, const struct partition *p, struct text cursor);
/* Its answer. `*out_cursor` is empty at the end: call recalling_ask. */
void recalling_keys(struct recalling *r, struct shared *s, struct partition *p, const struct reply *reply,
                    struct text *out_cursor);
/* Asks for tracks, as many as may be in hand: ASK_TRACK. */
enum recalling_step recalling_ask(struct recalling *r, struct shared *s, const struct partition *p);
enum recalling_step recalling_answered(struct recalling *r, struct shared *s, struct partition *p,
                                       uint32_t slot, const struct reply *reply);
enum recalling_step recalling_unsent(struct recalling *r, uint32_t slot);

#endif
