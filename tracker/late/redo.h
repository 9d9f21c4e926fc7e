/*
 * redo: a stretch of one vehicle's track judged once more, in order of time, by the same engine.
 *
 *     checkpoint ──► fixes from there on, those that came late in their place ──► as the vehicle would stand,
 *     (a state)      deadlines fire in event time between them                    and what would have been told
 *
 * Nothing is compared here and nothing is told: correction.h does that. A redo is a function of the checkpoint,
 * the fixes and the worlds; it reads no clock.
 *
 * What depends on arrival is not judged: silence (`offline`) and a wrong clock. Their episodes, and all that intake
 * remembers, are those of the vehicle as it stands (redo_finish).
 *
 * A fix that was judged keeps the world under which it was; a late one takes that of the judged fix before it
 * in time, or of the reload before it by where the vehicle's clock stood then. Where the world changes, the
 * vehicle is settled as it was then.
 */
#ifndef MW_REDO_H
#define MW_REDO_H

#include "buf.h"
#include "engine.h"
#include "fix_order.h"
#include "names.h"
#include "outcome.h"
#include "violation_id.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What a stretch may hold: a day at a fix a second, and more findings than any drive has. One that holds more is not
 * judged again: it would keep all others waiting, and its corrections would not fit a commit.
 */
enum { REDO_FIXES_MAX = 100000, REDO_FOUND_MAX = 512, REDO_WORKS_MAX = 8192 };

/* The world in force and the one before. */
enum { REDO_WORLDS = 2 };

struct redo_world {
    struct engine *engine; /* under it */
    uint64_t batch;        /* the first under it */
    int64_t settled_ms;    /* when the vehicle was settled under it, on its clock; TIME_NONE: it was not */
};

/* A state to begin with: that before the fix that passed a mark, or when another world came into force. */
struct checkpoint {
    /* All that was to be judged up to here has been; TIME_NONE: nothing, it was never seen. Not before the time of
     * its last fix, and after it where deadlines have fired since. */
    int64_t upto_ms;
    uint32_t world; /* which of the redo's */
    struct vehicle_state state;
};

/* A checkpoint that a redo passed; its state is written as in the store. */
struct redo_point {
    int64_t upto_ms;
    uint64_t stored; /* no fix behind it stands before this place of the track */
    uint32_t world;
    size_t at, len; /* in the redo's `points` */
};

/* What is told of one episode in the end. */
struct found_episode {
    char id[VIOLATION_ID_LENGTH + 1];
    bool has_opened; /* it opened in the stretch: `opened` is that entry */
    struct transition opened;
    struct transition last; /* the last entry, perhaps the same */
};

struct found_trip {
    char id[VIOLATION_ID_LENGTH + 1];
    struct trip_entry entry;
};

struct found_work {
    char id[VIOLATION_ID_LENGTH + 1];
    struct work_entry entry;
};

struct redo {
    const struct names *names;
    struct redo_world worlds[REDO_WORLDS]; /* oldest first */
    uint32_t world_count, world;           /* and the one it has come to */
    struct checkpoint from;
    struct vehicle_state state;
    uint64_t redone_batch; /* late fixes up to here were judged before */
    int64_t checkpoint_ms; /* every so often a point is kept; 0: never */
    int64_t horizon_ms;    /* what came later than this after a newer one is left out; 0: nothing is */
    int64_t newest_ms;     /* of those that were judged as they came */
    struct redo_point *point_list;
    size_t point_count, point_cap;
    struct buf points;
    struct late_fix *fixes;
    size_t count, cap, next;
    struct found_episode *episodes;
    size_t episode_count, episode_cap;
    struct found_trip *trips;
    size_t trip_count, trip_cap;
    struct found_work *works;
    size_t work_count, work_cap;
    struct outcome *out;        /* scratch, borrowed */
    bool earliest;              /* there is no checkpoint before its own */
    int64_t judged_received_ms; /* of the last judged fix that was not late; TIME_NONE */
    uint64_t judged;            /* fixes */
    bool too_much;              /* more than a stretch may hold: what was found is not whole */
    bool failed;                /* without memory */
};

/* Whether a fix passes a mark: if it is judged, the state before it is a checkpoint. */
static inline bool checkpoint_passes(const struct vehicle_state *state, int64_t fix_ms, int64_t checkpoint_ms)
{
    if (!(state->flags & VEHICLE_SEEN))
        return true;
    return fix_ms - state->time_ms >= checkpoint_ms - state->time_ms % checkpoint_ms; /* one division */
}

/* Takes out of a state what a redo takes from the vehicle as it stands: a checkpoint needs no room for it. */
void checkpoint_strip(struct vehicle_state *state);

/* From a checkpoint; the other members that say what it is for are set by the caller. Scratch is borrowed. */
void redo_init(struct redo *r, const struct names *names, const struct checkpoint *from,
               struct outcome *scratch);
/* Worlds of the stretch, oldest first, at least one. */
void redo_set_worlds(struct redo *r, const struct redo_world *worlds, uint32_t count);
void redo_fini(struct redo *r);

/* A fix of the track, in the order of arrival: what the checkpoint has already is left out. False: it was not kept,
 * without memory or as it is too much. */
bool redo_add(struct redo *r, const struct late_fix *fix);
/* All fixes are there: puts them in order. Returns how many of them nobody has judged: none, and it may be left. */
size_t redo_plan(struct redo *r);
/* Judges at most so many fixes; true while there are more, and it is not too much. */
bool redo_run(struct redo *r, size_t fixes);
/*
 * At the end: fires what is due by now on the vehicle's clock, and takes over from the vehicle as it stands
 * what is not judged here. r->state is then how it stands, but for the revisions of its episodes.
 */
void redo_finish(struct redo *r, const struct vehicle_state *present, int64_t clock_ms);

#endif
