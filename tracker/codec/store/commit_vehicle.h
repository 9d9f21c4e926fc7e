/*
 * commit_vehicle: what a page is shown of a vehicle, as operations of a commit: its hash, its place, the haul it is
 * on, and its row among what the batch moved (docs/PROTOCOL.md).
 *
 * All of it follows from the state and the world in force, so it is right behind a restart, a batch that came again,
 * and a correction. What seldom changes is written when it does: `shown` remembers what the store has, and what is
 * not remembered is written whole, with all that does not apply taken out.
 */
#ifndef MW_COMMIT_VEHICLE_H
#define MW_COMMIT_VEHICLE_H

#include "commit_group.h"
#include "names.h"
#include "vehicle.h"
#include "world.h"

/* What the store has of a vehicle, as far as this process knows. */
struct commit_shown {
    uint64_t steady; /* hash of the fields that seldom change; 0: not known */
    uint64_t haul;   /* the same of the haul it is on */
    uint32_t fields; /* a bit for each field that may be there */
};

static const struct commit_shown commit_shown_unknown = {.fields = UINT32_MAX};

/* A live position that was shown and not judged. */
struct commit_live {
    int64_t time_ms; /* TIME_NONE: there is none */
    double lat_deg, lon_deg;
    float speed_mps, track_deg; /* NaN: not said */
};

struct commit_vehicle {
    const struct vehicle_state *state;
    const struct world *world;
    const struct names *names;
    struct commit_live live; /* of this batch */
};

void commit_put_vehicle(struct commit_group *g, const struct commit_vehicle *v, struct commit_shown *shown);
/* The haul it is on; it is there while the vehicle's hash has `trip`. */
void commit_put_haul(struct commit_group *g, const struct commit_vehicle *v, struct commit_shown *shown);
/* Its row in the stream `live`. */
void commit_put_move(struct commit_group *g, const struct commit_vehicle *v);
void commit_put_live(struct commit_group *g, struct text vehicle, const struct commit_live *live,
                     struct commit_shown *shown);

#endif
