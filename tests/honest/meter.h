/*
 * meter: what a driver of the planted run has truly done, measured second by second: from when to when, how
 * deep, how long.
 *
 * It knows the truth and the town as it was laid, nothing of the engine or of its geometry; of fixes only
 * when they are sent. Pauses at lights and short dips do not end a deed; what comes again after half a minute
 * may be one or two, and is void, as what the unit hid and what only came near an edge.
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

/* Where it was when fixes were sent: of the last ten minutes and more. */
enum { TRAIL_MAX = 1024 };

struct step {
    int64_t ms;
    struct spot at;
};

struct meter {
    struct planted_list *out;
    const struct planting *planting;
    const struct town_vehicle *about;
    uint32_t vehicle;
    struct watch watches[DEED_COUNT];
    struct corridor corridors[CORRIDORS_MAX];
    uint32_t corridor_count;
    struct spot before;
    double unseen_s; /* since the unit said truly where it was */
    double tunnel_s; /* since it was in a tunnel; 0: it is */
    bool was_inside, jumped;
    double load_depth_m; /* how deep in the site it stood to load */
    size_t jump_at;      /* the last jump in the list */
    bool by_wash;        /* it stood so near a wash that it may have been in it, */
    bool by_other;       /* or to load in a site that has none */
    struct step trail[TRAIL_MAX];
    uint32_t trail_count; /* ever; the newest are kept */
};

void meter_start(struct meter *m, struct planted_list *out, const struct driver *d);
/* Frees it; what runs is over. */
void meter_stop(struct meter *m, const struct driver *d);
/* The driver has gone on. */
void meter_look(struct meter *m, const struct driver *d, double passed_s);
/* A fix is sent of where he is. */
void meter_sent(struct meter *m, const struct driver *d);

#endif
