/*
 * eval: asks one leaf about one position.
 *
 * The same source is compiled for several instruction sets (eval_plain.c, eval_avx2.c); the
 * index takes the widest that the processor has. They agree to the bit: outlines are decided in integers,
 * runs in single precision with a doubt that covers any order of operations, and what remains in doubt by the
 * one exact function.
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

struct geo_eval {
    const char *name;
    size_t (*point)(const struct mw_index *index, struct mw_point p, uint32_t *out, size_t cap);
    size_t (*points)(const struct mw_index *index, const struct mw_point *p, size_t count,
                     uint32_t *out_first, uint32_t *out, size_t cap);
    size_t (*detail)(const struct mw_index *index, struct mw_point p, struct mw_hit *out, size_t cap);
    /* A point whose leaf is known. */
    size_t (*leaf)(const struct mw_index *index, const uint32_t *words, struct geo_place at,
                   struct mw_point p, uint32_t *out, size_t cap);
    /* One bit an edge, rounded up to eight: may touch the strip. */
    void (*strip)(const uint32_t *points, uint32_t edges, const struct geo_strip *strip, uint8_t *bits);
};

extern const struct geo_eval geo_eval_plain;
extern const struct geo_eval geo_eval_avx2;

/* The widest that this processor runs. */
const struct geo_eval *geo_eval_best(void);

#endif
