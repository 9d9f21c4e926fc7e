/*
 * duty_coverage: how much of a duty's road was swept in one of its windows.
 *
 * A function of the set of intervals: their order of coming plays no part. A road is cut into pieces of some 10 m; a piece
 * has a pass where an interval covers half of it and more. A pass over it is a new one if it comes some time after the last, or
 * by another vehicle, or the other way. What is summed is distinct length: three passes over one half are not a whole
 * road. An interval whose side is unknown counts for either, once: for the side that lacks more.
 */
#ifndef MW_DUTY_COVERAGE_H
#define MW_DUTY_COVERAGE_H

#include "duty.h"
#include "work.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Passes that are told apart: the last stands for so many and more. */
#define COVERAGE_PASSES_MAX  20
#define COVERAGE_UNSWEPT_MAX 32

/* What was done along one of the duty's segments, in its mode. */
struct coverage_interval {
    uint32_t segment; /* its place in the duty */
    uint32_t vehicle; /* symbol */
    uint64_t id;      /* tells it from others of one time */
    int64_t start_ms, end_ms;
    float from_m, to_m; /* in the order of driving */
    float fast_m;
    uint8_t side; /* enum work_side */
};

/* A segment as it is planned. */
struct coverage_plan {
    float length_m, width_m;
    uint8_t sides, passes; /* as of struct duty_segment */
};

struct coverage_side {
    uint32_t segment;
    uint8_t side; /* enum work_side */
};

struct coverage {
    double planned_m, done_m;                 /* of sides */
    double planned_m2, done_m2;               /* times half the width: a side is half of the road */
    double passes_m[COVERAGE_PASSES_MAX + 1]; /* planned side-metres that have so many */
    double fast_m, unknown_side_m;
    uint32_t unswept_count; /* sides; the first of them are named */
    struct coverage_side unswept[COVERAGE_UNSWEPT_MAX];
};

/* What is asked for: segments, in a window. */
struct coverage_asked {
    const struct coverage_plan *plan;
    uint32_t segment_count;
    int64_t from_ms, to_ms;
    double enough;       /* a side is swept if so much of it has its passes, 0 to 1 */
    int64_t new_pass_ms; /* a pass by the same vehicle in the same direction is a new one after so long */
};

/* Sorts the intervals by segment, time and id. What lies outside the window is cut off by interpolation. */
void duty_coverage_sum(const struct coverage_asked *asked, struct coverage_interval *intervals,
                       size_t interval_count, struct coverage *out);

#endif
