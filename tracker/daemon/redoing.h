/*
 * redoing: vehicles whose fixes came late are judged again, beside what comes in order.
 *
 *   waits ─► reigns ─► past ─► track ─► said ─► words ─► runs ─► ready ─► with the next commit: corrections, the
 *   (late.h) of worlds checkpoints,     ids, and         in        │      new state, checkpoints, a mark; its flag is
 *                      pages            what was said    slices ◄──┘      cleared
 *                                                                  what came in order meanwhile
 *
 * What is stored when it begins is read from the store; what comes for the vehicle from then on is handed in
 * (redoing_after, redoing_said), so that at the end both sides are whole. Until that commit the vehicle is judged on
 * as ever, on the state it has. The flag and the times of the late fixes are part of the state, so whatever
 * happens in between, it is done again: nothing of this has to survive.
 *
 * At most REDOING_AT_A_TIME vehicles, each at most once a minute, at most `share` of the time. A store that was lost,
 * another world: what was begun is dropped, and begins anew. A further late fix is left for the next time, and the
 * mark says how many were: else a vehicle that always has one more would never be judged.
 *
 * The world before the one in force is kept, for what was judged under it. Which batches are of which is read from
 * the store each time: a world that comes back, a restart between two, a store that went back change nothing then.
 */
#ifndef MW_REDOING_H
#define MW_REDOING_H

#include "commit_late.h"
#include "heap.h"
#include "late_settings.h"
#include "partition.h"
#include "redo.h"
#include "said.h"
#include "shared.h"

enum { REDOING_AT_A_TIME = 8, REDOING_ID_MAX = 44 };

/* What began so much before a checkpoint is not asked for, unless it is open there. */
#define REDOING_SAID_OLDER_MS (INT64_C(24) * 3600 * 1000)

enum redoing_step {
    REDOING_FREE,
    REDOING_DROPPED, /* answers are still to come, and mean nothing */
    REDOING_WAITS,   /* to begin once more, from an earlier checkpoint */
    REDOING_REIGNS,  /* which batches are of which world */
    REDOING_PAST,
    REDOING_TRACK,
    REDOING_SAID,
    REDOING_WORDS,
    REDOING_RUNS,
    REDOING_READY,
};

/* A checkpoint that is stored and perhaps no longer true. */
struct redoing_point {
    char id[REDOING_ID_MAX];
    int64_t upto_ms;
};

struct redoing_slot {
    enum redoing_step step;
    uint32_t place;
    uint32_t open;           /* questions not answered */
    uint64_t stored_batch;   /* the last that was stored when it began */
    uint64_t now_batch;      /* the first under the world in force, */
    uint64_t before_batch;   /* and under the one before; UINT64_MAX: there is none */
    int64_t begun_ms;        /* monotonic */
    int64_t from_ms;         /* the least late time */
    uint32_t left;           /* late fixes that came since it began, and are no part of it */
    int64_t left_from_ms;    /* the least time of those */
    int64_t left_clock_ms;   /* when the first of them came */
    int64_t begin_before_ms; /* the checkpoint has to end before this */
    int64_t last_upto_ms;    /* of the checkpoint of an attempt before; TIME_NEVER: none */
    struct redo redo;        /* from the checkpoint on; from REDOING_TRACK on */
    struct said said;
    struct late_fix *news; /* that came while it was read */
    size_t news_count, news_cap;
    struct redoing_point *points;
    size_t point_count, point_cap;
    char (*ids)[VIOLATION_ID_LENGTH + 3]; /* whose words are still to be asked for */
    size_t id_count, id_cap, id_next;
    uint64_t least_stored_ms; /* of the track's entries that were read */
    uint64_t last_stored_ms;  /* of the last of them: what is handed in stands no earlier */
    char cursor[REDOING_ID_MAX + 1];
};

struct redoing {
    struct late_settings settings;
    double share;
    uint32_t track_page;
    struct heap due;                     /* by place, on the tracker's clock */
    bool unarmed;                        /* there was no memory to put one in */
    struct world *before;                /* the world before the one in force; NULL: none */
    struct engine *engines[REDO_WORLDS]; /* of that and of the one in force */
    const struct world *world;           /* in force; borrowed */
    uint32_t settled; /* of so many vehicles it is noted where they stood when the world came */
    struct vehicle_state before_fix; /* the state before the fix in hand, if that passes a mark */
    bool passes;
    struct buf state; /* scratch */
    struct redoing_slot slots[REDOING_AT_A_TIME];
};

struct redoing_options {
    struct late_settings late;
    double share;        /* of the time */
    uint32_t track_page; /* entries of a track that are read at once; 0: as many as is good */
};

bool redoing_init(struct redoing *r, const struct redoing_options *options, const struct world *world);
void redoing_fini(struct redoing *r);
bool redoing_is_on(const struct redoing *r);

/* After a start: which vehicles wait. */
void redoing_note_all(struct redoing *r, const struct partition *p);
/* Another world is in force. Takes the one before; returns one that is no longer wanted, or NULL. */
struct world *redoing_exchange(struct redoing *r, const struct world *now, struct world *take_before);
/* What was begun is dropped: of one vehicle, of all. */
void redoing_drop(struct redoing *r, const struct partition *p, uint32_t place);
void redoing_drop_all(struct redoing *r, const struct partition *p);
/* All vehicles are forgotten. */
void redoing_forget(struct redoing *r);

/* Begins what is due, while nothing is in the batch in hand. */
void redoing_begin(struct redoing *r, struct shared *s, struct partition *p);
void redoing_answered(struct redoing *r, struct shared *s, struct partition *p, uint32_t slot,
                      const struct reply *reply);

/* Around the taking of a fix, whose outcome is s->outcome: writes checkpoints, and takes note of what is late. */
void redoing_before(struct redoing *r, const struct partition *p, uint32_t place, const struct fix *fix);
void redoing_after(struct redoing *r, struct shared *s, struct partition *p, struct batch_group *g,
                   const struct fix *fix);
/*
 * Behind a switch of worlds it is noted where each vehicle stood, of those too that the world found nothing to say of:
 * something may lie in what comes late. The next one, until it is noted; and that it is to be, in its group.
 */
bool redoing_next_unsettled(struct redoing *r, const struct partition *p, uint32_t *out_place);
void redoing_settled(struct redoing *r, const struct shared *s, const struct partition *p,
                     struct batch_group *g);
/* s->entry was told of the group's vehicle. */
void redoing_said(const struct shared *s, const struct partition *p, struct batch_group *g, enum told_in in,
                  int64_t told_ms);

/* Judges a slice. Returns after how many ms the next one may be; -1: none is to be. */
int64_t redoing_slice(struct redoing *r, struct shared *s);
/* A vehicle whose result is there. */
bool redoing_next_ready(const struct redoing *r, uint32_t *out_place);
/* Puts that result into the vehicle's group of the batch in hand, for which all that is due has fired. */
void redoing_finish(struct redoing *r, struct shared *s, struct partition *p, struct batch_group *g);

/* Between the files of this part. */
struct commit_past redoing_past(const struct redoing *r, const struct shared *s, const struct partition *p);
int64_t redoing_keep_ms(const struct redoing *r);
/* Its vehicle is not looked at again for so long. */
void redoing_free_slot(struct redoing *r, struct redoing_slot *slot, const struct partition *p,
                       int64_t pause_ms);
void redoing_drop_slot(struct redoing *r, struct redoing_slot *slot, const struct partition *p);
/* It is not judged again after all, for a reason of METRIC_REDOS_NOT: its end only clears the flag. */
void redoing_leave(struct redoing_slot *slot, struct shared *s, size_t why);
void redoing_read(struct redoing *r, struct redoing_slot *slot, struct shared *s, const struct partition *p);

#endif
