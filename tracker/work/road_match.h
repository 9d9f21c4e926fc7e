/*
 * road_match: which road a vehicle is on, from where it is, where it heads, and which it was on before.
 *
 * Candidates are the roads within the error of the place and 8 m, 25 m at most, that may be driven in a direction within
 * 35 degrees of the vehicle's. What each costs: its distance by the error, its angle, and whether one gets there from the
 * road before. The cheapest is it; a tie stays with the road before.
 */
#ifndef MW_ROAD_MATCH_H
#define MW_ROAD_MATCH_H

#include "roads.h"

struct match_query {
    struct mw_point at;
    float error_m;
    double east, north; /* its direction, of length 1 */
    uint32_t before;    /* place of the road before; UINT32_MAX: no history */
    int before_dir;
};

struct road_match {
    uint32_t road; /* UINT32_MAX: none, or it cannot be told which */
    int dir;
    float at_m;    /* along the line */
    float aside_m; /* to the right of it, seen along it */
};

struct road_match road_match_find(const struct roads *roads, const struct match_query *query);

#endif
