/*
 * eval: asks leaves about positions and paths.
 *
 * The same source is compiled for several instruction sets (eval_plain.c, eval_avx2.c,
 * eval_avx512.c); the index takes the widest that the processor has. They agree to the bit: outlines are
 * decided in integers, runs in single precision with a doubt that covers any order of operations, and what
 * remains in doubt by the one exact function.
 */
#ifndef MW_GEO_EVAL_H
#define MW_GEO_EVAL_H

#include "index.h"

/* A path within one cell with some room around it, in the steps of the cell's points. */
struct geo_strip {
    int x, y, dx, dy;             /* start and direction */
    int west, east, south, north; /* 16 bits each */
    int margin;                   /* of the cross product of the direction and a point beside the path */
};

/* For a leaf whose marks do not tell, or not surely. */
#define UNTOLD SIZE_MAX

struct geo_eval {
    const char *name;
    size_t (*point)(const struct mw_index *index, struct mw_point p, uint32_t *out, size_t cap);
    size_t (*points)(const struct mw_index *index, const struct mw_point *p, size_t count,
                     uint32_t *out_first, uint32_t *out, size_t cap);
    size_t (*detail)(const struct mw_index *index, struct mw_point p, struct mw_hit *out, size_t cap);
    size_t (*path)(const struct mw_index *index, struct mw_point from, struct mw_point to,
                   struct mw_crossing *out, size_t cap);
};

extern const struct geo_eval geo_eval_plain;
extern const struct geo_eval geo_eval_avx2;
extern const struct geo_eval geo_eval_avx512;

#define GEO_EVALS_MAX 3u

/* Those that this processor runs, the widest last; returns how many. */
uint32_t geo_eval_list(const struct geo_eval *out[GEO_EVALS_MAX]);
/* The widest. */
const struct geo_eval *geo_eval_best(void);

#endif
