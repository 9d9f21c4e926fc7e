/* Random fences and positions that are hard to get right, from a seed. */
#ifndef TEST_SHAPES_H
#define TEST_SHAPES_H

#include <muckwatch/geofence.h>

struct rng {
    uint64_t state;
};

uint64_t rng_next(struct rng *rng);
double rng_unit(struct rng *rng); /* 0 to 1 */
double rng_between(struct rng *rng, double low, double high);
uint32_t rng_below(struct rng *rng, uint32_t bound);

#define SHAPE_PARTS_MAX  8
#define SHAPE_POINTS_MAX 400

/* A shape that owns its points. */
struct owned_shape {
    struct mw_shape shape;
    struct mw_part parts[SHAPE_PARTS_MAX];
    struct mw_point points[SHAPE_PARTS_MAX][SHAPE_POINTS_MAX];
    bool as_given; /* coordinates are not rounded to seven decimals; some of the parts of every fifth shape */
};

/* Around the middle, at most about size_deg across. The builder may refuse it (crossing rings happen). */
void shape_random(struct rng *rng, struct mw_point middle, double size_deg, struct owned_shape *out);

/* On a vertex, on an edge, a hair off it, near the fence, or anywhere around. */
struct mw_point point_random(struct rng *rng, const struct owned_shape *shape);

/* To seven decimals, as files have them, or not. */
double maybe_round7(struct rng *rng, double deg);

#endif
