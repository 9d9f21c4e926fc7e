/*
 * day_sum: what a vehicle's fixes of one day give, whatever order they came in.
 *
 * It is a function of the fixes of that day and of nothing else: what came late, or again, or was put right is taken in by
 * summing the day anew. So what lies between the last fix of a day and the first of the next is in neither.
 *
 *  - valid: a fix with a position that its receiver vouches for (mode 2 or 3, or none said).
 *  - heard: time between one fix and the next, where that is no pause.
 *  - moving, way: time and straight way between a valid fix and the next valid one, where that is no pause and the unit
 *    was moving: a receiver at rest drifts, and would drive kilometres a night.
 *  - gap: straight way over a pause, where it is more than a receiver's drift: it was driven, and nobody saw how.
 *  - cover: spans of time in which every fix said whether the load was covered.
 *
 * A piece is the sum of a stretch with what stands at its ends. Pieces that do not overlap in time, joined in order, are to the
 * bit what one sum over all their fixes is: ways are whole numbers of 2^-20 m, and adding those rounds nothing.
 */
#ifndef MW_DAY_SUM_H
#define MW_DAY_SUM_H

#include "buf.h"
#include "fix.h"

#include <stddef.h>

/* One fix, as far as it counts. */
struct day_point {
    int64_t ms;
    double lat_deg, lon_deg;
    float speed_mps; /* NaN: not said */
    uint32_t order;  /* of adding: of two at one time the first counts */
    bool valid, cover_known;
};

struct day_points {
    struct day_point *points;
    size_t count, cap;
};

struct known_span {
    int64_t from_ms, to_ms;
};

struct day_sum {
    int64_t fixes, valid, heard_ms, moving_ms;
    double way_m, gap_m;
    struct known_span *cover;
    size_t cover_count, cover_cap;
};

struct day_piece {
    struct day_sum sum;
    struct day_point first, last;             /* where it has fixes; their order means nothing */
    struct day_point first_place, last_place; /* where it has valid ones */
};

void day_points_fini(struct day_points *points);
struct day_point day_point_of(const struct fix *fix);
/* False without memory. */
bool day_points_add(struct day_points *points, const struct day_point *point);
/* Sorts the points. A pause is longer than gap_ms. False without memory; day_piece_fini is due either way. */
bool day_piece_make(struct day_points *points, int64_t gap_ms, struct day_piece *out);
/* Adds one that begins when this one is over. False without memory. */
bool day_piece_join(struct day_piece *piece, const struct day_piece *next, int64_t gap_ms);
void day_piece_fini(struct day_piece *piece);
void day_sum_fini(struct day_sum *sum);

/* A piece as bytes: numbers of 64 bits, little-endian (docs/ARCHIVE.md, "sums"). Back: false where they are none, or made by
 * another gap_ms, or without memory; day_piece_fini is due either way. */
void day_piece_write(const struct day_piece *piece, int64_t gap_ms, struct buf *out);
bool day_piece_read(struct text bytes, int64_t gap_ms, struct day_piece *out);

/* The spans as text, [[FROM,TO],...] in milliseconds, and back: false where it is none, or without memory. */
void day_sum_cover_write(const struct day_sum *sum, struct buf *out);
bool day_sum_cover_read(struct day_sum *sum, struct text text);

#endif
