/*
 * replay_private: a replay, and what its files share: replay.c (lines, marks, the clock), replay_begin.c (a
 * beginning in the middle) and replay_late.c (what came late).
 */
#ifndef MW_REPLAY_PRIVATE_H
#define MW_REPLAY_PRIVATE_H

#include "replay.h"

#include "attended.h"
#include "duty_book.h"
#include "entry.h"
#include "fleet.h"
#include "heap.h"
#include "remembered.h"

struct replay {
    struct names *names;
    struct fleet *fleet;
    int64_t clock_ms; /* largest so far */
    struct attended_mark mark;
    const struct world *world; /* in force; NULL: none yet */
    struct replay_worlds worlds;
    struct replay_counts counts;
    struct outcome outcome;
    struct entry entry;
    const struct replay_duties *duties;
    struct duty_book book;
    struct buf *told; /* where the book tells, while it does */
    bool no_memory;   /* of what came late something was not judged */
    /* Of what came late: all of it empty unless it is judged. */
    struct replay_late {
        struct late_settings settings;
        bool settled;                /* all that is said is kept */
        bool marked;                 /* the input says itself when it was judged */
        struct remembered *vehicles; /* by place */
        size_t vehicle_count, vehicle_cap;
        struct heap due;                     /* when, by place */
        struct engine *engines[REDO_WORLDS]; /* of the world before, and of that in force; NULL: none */
        const struct replay_again *again;    /* who follows; NULL: nobody */
        uint64_t world;                      /* that in force, counted from 1 */
        uint64_t world_batch;                /* the first line under it */
        struct vehicle_state before;         /* the fix in hand, if it passes a mark */
        bool passes;
        struct buf state; /* scratch */
    } late;
};

/* What was told with r->outcome. */
void replay_tell(struct replay *r, struct buf *out);
/* One entry of a stream, as it stands in r->entry. */
void replay_write_entry(struct replay *r, const char *stream, struct buf *out);

bool replay_late_init(struct replay *r);
void replay_late_fini(struct replay *r);
bool replay_late_is_on(const struct replay *r);
/* A world has come into force. False without memory. */
bool replay_late_world(struct replay *r);
/* A vehicle begins with a state. False without memory. */
bool replay_late_begin(struct replay *r, uint32_t place, const struct remembered_point *point,
                       struct text state);
/* Before and after a fix is taken. False without memory. */
bool replay_late_before(struct replay *r, uint32_t place, const struct fix *fix);
bool replay_late_took(struct replay *r, uint32_t place, const struct fix *fix, struct arrival arrival);
/* The vehicles have been looked at under another world. False without memory. */
bool replay_late_settled(struct replay *r, int64_t clock_ms);
/* r->entry has been told of a vehicle, by its symbol. */
void replay_late_said(struct replay *r, uint32_t vehicle, enum told_in in, int64_t told_ms);
/* The work in r->entry, held against duties. */
void replay_take_work(struct replay *r, struct buf *out);
/* When one is to be judged again: TIME_NEVER: none. */
int64_t replay_late_next_ms(const struct replay *r);
/* The first of those. False without memory. */
bool replay_late_redo_next(struct replay *r, struct buf *out);
/* As a mark of the tracker says that it was done. */
struct replay_redo {
    int64_t from_ms;  /* the least late time */
    int64_t begin_ms; /* of its checkpoint; TIME_NONE: before the first fix */
    size_t left;      /* so many of the late fixes that came last are no part of it */
};
bool replay_late_redo_as(struct replay *r, uint32_t place, const struct replay_redo *as, struct buf *out);
/* That of one vehicle, now. */
bool replay_late_redo(struct replay *r, uint32_t place, struct buf *out);

#endif
