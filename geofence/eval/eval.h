/*
 * eval: the evaluators, which answer questions about positions and paths from the leaves of a tree.
 *
 * The same source is compiled for several instruction sets (eval_plain.c, eval_avx2.c, eval_avx512.c); an
 * index uses the widest one that the processor has. All give the same answer, to the bit: outlines are
 * decided in integers; runs in single precision, with a doubt that covers any order of operations; and what
 * is in doubt is decided by one exact function that all of them call.
 */
#ifndef MW_GEO_EVAL_H
#define MW_GEO_EVAL_H

#include "index.h"

/* The part of a path in one cell, with some room around it, in steps of the cell's points. An edge that lies
 * beyond one of the strip's sides does not touch the path. */
struct geo_strip {
    int x, y, dx, dy;             /* the path's start, and the way from there to its end */
    int west, east, south, north; /* the rectangle around it; each fits 16 bits */
    int margin;                   /* half the width, as a cross product with dx, dy */
};

/* What marked_leaf returns for a leaf that has no marks, or whose marks leave a doubt. */
#define UNTOLD SIZE_MAX

/* A position in steps of the cell, and the size of a step: what the distances to segments are computed
 * from. */
struct geo_frame {
    int px, py;
    float x_m, y_m;
};

/* Many positions asked about at once, with room for the answer, as mw_index_points has them. */
struct geo_points {
    const struct mw_point *points;
    size_t count;
    uint32_t *out_first, *out_fences;
    size_t cap;
};

struct geo_eval {
    const char *name;
    size_t (*point)(const struct mw_index *index, struct mw_point p, uint32_t *out, size_t cap);
    size_t (*points)(const struct mw_index *index, const struct geo_points *many);
    size_t (*detail)(const struct mw_index *index, struct mw_point p, struct mw_hit *out, size_t cap);
    size_t (*path)(const struct mw_index *index, struct mw_point from, struct mw_point to,
                   struct mw_crossing *out, size_t cap);
};

extern const struct geo_eval geo_eval_plain;
extern const struct geo_eval geo_eval_avx2;
extern const struct geo_eval geo_eval_avx512;

#define GEO_EVALS_MAX 3u

/* Lists the evaluators that this processor can run, the widest last; returns how many there are. */
uint32_t geo_eval_list(const struct geo_eval *out[GEO_EVALS_MAX]);
/* The widest evaluator that this processor can run. */
const struct geo_eval *geo_eval_best(void);

#endif
