/*
 * score: what was found, counted by kind, and kept one by one for who wants to look.
 */
#ifndef MW_HONEST_SCORE_H
#define MW_HONEST_SCORE_H

#include "kinds.h"
#include "plane.h"

#include <stddef.h>
#include <stdio.h>

/* One finding or warning, with what the driver was truly doing. */
struct told {
    bool warning;
    enum kind kind;
    uint32_t vehicle;                /* of the town */
    int64_t at_ms, start_ms, end_ms; /* end: INT64_MAX while it is open */
    double lat_deg, lon_deg;
    struct spot truth;
    double truth_mps;
    const char *task, *cause;
    char fence[40], permit[40];
    float value, limit;
    uint32_t planted; /* place + 1 in the list of planted ones; 0: none fits */
};

struct score {
    struct told *told;
    size_t count, cap;
    uint32_t findings[KIND_COUNT], warnings[KIND_COUNT];
    uint32_t trips, unloaded; /* in the ledger, and of them ended as they should */
    double vehicle_hours;
    uint64_t fixes;
};

void score_add(struct score *s, const struct told *told);
/* The other's entries and counts behind its own. */
void score_merge(struct score *s, const struct score *other);
void score_free(struct score *s);
uint32_t score_findings(const struct score *s);
uint32_t score_warnings(const struct score *s);
/* A row a kind that was told of, and the sums, with how many of each in 1,000 vehicle-hours. */
void score_print(const struct score *s, FILE *out);
void score_list(const struct score *s, FILE *out);
void score_list_row(const struct told *t, FILE *out);
/* As day of the week and time of day. */
void score_time(int64_t t_ms, char out[32]);

#endif
