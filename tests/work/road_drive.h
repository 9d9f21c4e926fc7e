/*
 * road_drive: a sweeper that drives over the streets of a real town, with a receiver whose error stays for a minute, and the
 * truth about which side of which street it swept: a byte each metre, street and direction.
 */
#ifndef MW_TEST_ROAD_DRIVE_H
#define MW_TEST_ROAD_DRIVE_H

#include "dice.h"
#include "roads.h"
#include "street_net.h"
#include "work.h"

struct drive_town {
    struct arena arena;
    struct street_net net;
    const struct roads *roads; /* by the streets' places */
    uint32_t *symbols;
};

/* A drive is told to the engine's step as it goes. */
struct drive_case {
    uint64_t seed;
    double length_m, error_m, interval_s, speed_kmh;
    bool says_speed;
};

/* Metres of a street and direction: what was swept, and what was found. */
struct drive_marks {
    uint8_t **swept, **found; /* by 2 * street + (1 against its points) */
};

struct drive_score {
    double swept_m, found_m, invented_m;
    double divided_swept_m, divided_found_m, divided_invented_m; /* of these, on divided roads */
};

bool drive_town_init(struct drive_town *town);
void drive_town_fini(struct drive_town *town);
void drive_case_run(const struct drive_town *town, const struct drive_case *c, struct drive_score *out);

#endif
