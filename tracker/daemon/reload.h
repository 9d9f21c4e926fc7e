/*
 * reload: a new world from the files, whole, or the old one and the reason why not.
 *
 *   wanted ─► building ─► built ─► recording ─► recorded ─► entering
 *             on a thread          its texts, on a          reading stops
 *                                  connection of their own
 *
 * Fixes are judged under the old world, and committed, until the store has the texts of the new one. Then,
 * between two batches, reading stops, what was due fires under the old world, the pointer is exchanged,
 * episodes are settled under the new world in batches of which the first says that it is in force, and
 * reading goes on (settling.h). So it is on record before the first fix judged under it.
 *
 * A store that was lost or went back between the texts and the exchange may have lost them: they are recorded
 * again. After the exchange the old world is cleared away by the thread, and only then is the next one
 * built, so that there are two at most. However often a reload is asked for meanwhile, there is one more. A
 * world being built when the process is to end is left as it is: nobody waits for it.
 *
 * A large text has the store busy for a while, but not us: it goes out in pieces, and batches in between.
 * Connections keep the settings they were made with; changing those takes a restart.
 */
#ifndef MW_RELOAD_H
#define MW_RELOAD_H

#include "config.h"
#include "recording.h"
#include "shared.h"

#include <stdbool.h>

/* What the thread made of the files. */
struct proposal {
    struct world *world; /* NULL: none could be made, the problem says why */
    struct recording recording;
    struct retention_config retention;
    struct problem problem;
};

/* Frees what is in it; on any thread. */
void proposal_fini(struct proposal *proposal);

/* How far a new world has come. Fixes are judged under the old one until RELOAD_ENTERING. */
enum reload_phase {
    RELOAD_NONE,
    RELOAD_BUILDING,  /* on the thread */
    RELOAD_BUILT,     /* to be recorded, or once more: the store may have lost it */
    RELOAD_RECORDING, /* its texts are on their way to the store */
    RELOAD_RECORDED,  /* waits for the end of the batch in hand */
    RELOAD_ENTERING,  /* what was due fires under the old one */
};

/* What came of a reload that was asked for. */
enum reload_outcome { RELOAD_OUTCOME_NONE, RELOAD_OUTCOME_OK, RELOAD_OUTCOME_REFUSED };

struct reload {
    enum reload_phase phase;
    bool wanted;
    bool texts_lost;      /* the store went back: the texts of the world in force are recorded again */
    bool for_texts;       /* the world being made is for that alone */
    bool thread_busy;     /* building or clearing */
    bool recorder;        /* the second connection is wanted open */
    bool recorder_up;     /* and was, when last heard of */
    bool asked;           /* a command is in hand on it */
    size_t recorded;      /* commands of the recording */
    struct mono begun;    /* when it was asked for */
    struct proposal next; /* from BUILT on */
    struct proposal gone; /* the thread's, while it clears */
    struct retention_config retention; /* in force */
    /* For a question (asking.h): the next one to begin is, this one is, and its world has to be `expect`. */
    bool question_waits, for_question;
    char expect[65];             /* empty: any */
    enum reload_outcome outcome; /* of that; whoever follows it takes it */
    struct problem reason;
};

/* What follows from a step. */
enum reload_step { RELOAD_GOES_ON, RELOAD_ENTERS /* call settling_begin with `before` */ };

void reload_fini(struct reload *r);
/* Takes the next step, if it is time for it. `between`: nothing is judged that is not durable. `*out_before`
 * is the world that was in force, with RELOAD_ENTERS. */
enum reload_step reload_step(struct reload *r, struct shared *s, bool between, struct world **out_before);
/* The new world is in force and the old one gone, or without memory the other way round. Takes what is gone.
 */
void reload_entered(struct reload *r, struct shared *s, struct world *take_gone, bool entered);
/* A question asks for one, and for the world of this hash; empty: any. */
void reload_question(struct reload *r, const char *expect);
void reload_built(struct reload *r, struct shared *s, struct proposal *take);
void reload_cleared(struct reload *r);
/* The store went away, or went back: what it was told of a new world may be lost. */
void reload_store_lost(struct reload *r, struct shared *s);

/* The second connection. */
void reload_recorder_connected(struct reload *r, struct shared *s);
void reload_answered(struct reload *r, struct shared *s, const struct reply *reply);
void reload_unsent(struct reload *r, struct shared *s);
/* TIMER_TURN. */
void reload_turn(struct reload *r, struct shared *s);

#endif
