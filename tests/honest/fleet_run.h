/*
 * fleet_run: the honest fleet through the engine, in this process, vehicle by vehicle.
 */
#ifndef MW_HONEST_FLEET_RUN_H
#define MW_HONEST_FLEET_RUN_H

#include "audit.h"
#include "planted.h"
#include "score.h"
#include "town.h"
#include "world.h"

struct run_options {
    double error95_m;
    int interval_s, days;
    uint64_t seed;
    uint32_t every; /* only each so manieth vehicle; 1: all */
    bool silent;    /* only vehicles whose units say neither speed nor heading */
    bool planted;   /* deviations are planted */
};

struct fleet_run {
    struct town *town;
    struct names *names;
    struct world *world;
    struct buf fences, fleet;
    struct planting planting;
};

/* A town of this seed, loaded as the tracker loads a city. False with a line on stderr. */
bool fleet_run_open(struct fleet_run *run, const char *data_dir, const struct run_options *options);
void fleet_run_close(struct fleet_run *run);
/* `audit` is asked about the truth of every fix; `planted` gets what was planted, and what became of it;
 * NULL: not. */
bool fleet_run_score(struct fleet_run *run, const struct run_options *options, struct score *out,
                     struct audit *audit, struct planted_list *planted);
/* The city's files and the fixes of one vehicle, for `muckctl replay`, in a folder that exists. */
bool fleet_run_dump(struct fleet_run *run, const struct run_options *options, const char *vehicle,
                    const char *folder);

#endif
