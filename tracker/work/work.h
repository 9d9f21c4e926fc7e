/*
 * work: what a sanitation vehicle did along its path: which side of which road it swept, washed or sprayed.
 *
 * A pure step: the state of one vehicle and a fix go in, what ended comes out. Places are matched to roads (roads.h);
 * between two matched places at most WORK_GAP_MS apart the path counts where it could be driven at working speed. An
 * interval is one drive over one road, in one direction and one mode; it ends where any of these does, and is dropped if it is
 * too short to be told from a junction that was crossed.
 *
 * A fix that matches nothing, or cannot be told between two roads, is passed over: the path is that between the places
 * before and after it.
 */
#ifndef MW_WORK_H
#define MW_WORK_H

#include "duty.h"
#include "fix.h"
#include "roads.h"
#include "work_state.h"

#include <stdbool.h>
#include <stdint.h>

#define WORK_GAP_MS 60000

/* How it is known that it worked. */
enum work_how { HOW_NONE, HOW_SIGNAL, HOW_SPEED, HOW_STOP, HOW_INFERRED };
/* Along the line; unknown counts for either. */
enum work_side { SIDE_UNKNOWN, SIDE_LEFT, SIDE_RIGHT };

const char *work_how_name(enum work_how how);
const char *work_side_name(enum work_side side);

/* What a vehicle may do, and the settings; the place of a fix that is believed. */
struct work_fix {
    int64_t ms;
    double lat_deg, lon_deg;
    float error_m;
    float speed_mps; /* NaN: not known */
    uint8_t signal;  /* enum sensor_work, the last word */
    uint8_t modes;   /* bit per enum work_mode that duties expect of the vehicle */
    bool left_traffic;
};

/* An interval that ended. */
struct work_interval {
    uint32_t road; /* place in roads.list */
    enum work_side side;
    enum work_mode mode;
    enum work_how how;
    float from_m, to_m;       /* in the order of driving: from > to against the line */
    int64_t start_ms, end_ms; /* entered and left */
    double lat_deg, lon_deg;  /* the last matched place */
    float error_m, fast_m;
    uint32_t fixes;
    uint8_t told; /* revisions of it before */
};

/* A place that may be farther off is not matched. */
#define WORK_ERROR_MAX_M 50
/* A step is at most 500 m (60 s at 1.6 x 15 km/h, and twice the error), looked at at 51 places; each ends at most two
 * intervals, that under way and a road between; and one ends before. */
#define WORK_ENDED_MAX 104
struct work_ended {
    uint32_t count;
    struct work_interval list[WORK_ENDED_MAX];
};

/* What work is told against. */
struct work_world {
    const struct roads *roads;
    const uint32_t *symbols; /* of the fence of each road */
    uint32_t (*find)(const void *context,
                     uint32_t symbol); /* its place; UINT32_MAX: there is none any more */
    const void *context;
};

void work_init(struct work_state *w);
/* `out` is filled anew. */
void work_step(struct work_state *w, const struct work_world *world, const struct work_fix *fix,
               struct work_ended *out);
/* Ends what is under way: the track has a gap, or the vehicle's duties are gone. */
void work_end(struct work_state *w, const struct work_world *world, struct work_ended *out);

#endif
