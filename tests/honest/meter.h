/*
 * meter: what a driver of the planted run has truly done, measured second by second: from when to when, how
 * deep, how long.
 *
 * It knows the truth and the town as it was laid, nothing of fixes, of the engine or of its geometry. Pauses
 * at lights and short dips do not end a deed; what comes again after half a minute may be one or two, and is
 * void, as what the unit hid and what only came near an edge.
 */
#ifndef MW_HONEST_METER_H
#define MW_HONEST_METER_H

#include "driver.h"
#include "planted.h"

struct watch {
    bool runs;
    bool done; /* truly, not only nearly */
    int64_t start_ms, last_ms;
    double gap_s, pause_s;    /* since it was done last; of standing */
    double deep_s, longest_s; /* as deep as it is to be: this time, and at best */
    double held_s, inside_m, run_inside_m, deepest_m;
    bool spoiled, doubtful;
    struct spot at;
};

struct corridor {
    struct spot *points;
    uint32_t count;
    double half_m;
    uint32_t leg;
};

enum { CORRIDORS_MAX = 8 };

struct meter {
    struct planted_list *out;
    const struct planting *planting;
    uint32_t vehicle;
    struct watch watches[DEED_COUNT];
    struct corridor corridors[CORRIDORS_MAX];
    uint32_t corridor_count;
    struct spot before;
    double bay_m;    /* how near to a wash bay it has stood on this visit */
    double unseen_s; /* since the unit said truly where it was */
    bool was_inside, jumped, jumped_deep;
};

void meter_start(struct meter *m, struct planted_list *out, const struct driver *d);
/* Frees it; what runs is over. */
void meter_stop(struct meter *m, const struct driver *d);
/* The driver has gone on. */
void meter_look(struct meter *m, const struct driver *d, double passed_s);

#endif
