#include "duty_coverage.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double piece_m = 10;
enum { PIECES_MAX = (int)(SEGMENT_MAX_M / 10) + 1, SIDES = 2 };

/* Whole pieces of a road: all of one length, as near to 10 m as there is. */
static uint32_t pieces_of(double length_m)
{
    double pieces = floor(length_m / piece_m + 0.5);
    return pieces < 1 ? 1 : pieces > PIECES_MAX ? PIECES_MAX : (uint32_t)pieces;
}

/* The last pass over a piece of a side. */
struct last_pass {
    int64_t ms;
    uint32_t vehicle;
    int8_t dir;
};

struct passed_road {
    const struct coverage_plan *plan;
    const struct coverage_asked *asked;
    uint32_t pieces;
    double one_m; /* length of a piece */
    uint8_t passes[SIDES][PIECES_MAX];
    struct last_pass last[SIDES][PIECES_MAX];
};

static int compare_intervals(const void *a, const void *b)
{
    const struct coverage_interval *x = a, *y = b;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    if (x->start_ms != y->start_ms)
        return x->start_ms < y->start_ms ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The part of an interval within a window; false: none is. */
static bool cut(const struct coverage_interval *whole, const struct coverage_asked *window,
                struct coverage_interval *out)
{
    double lasted_ms = (double)(whole->end_ms - whole->start_ms),
           way_m = (double)(whole->to_m - whole->from_m);
    *out = *whole;
    if (whole->start_ms >= window->to_ms || whole->end_ms <= window->from_ms || !(lasted_ms > 0))
        return false;
    if (whole->start_ms < window->from_ms) {
        out->start_ms = window->from_ms;
        out->from_m =
            (float)((double)whole->from_m + way_m * (double)(window->from_ms - whole->start_ms) / lasted_ms);
    }
    if (whole->end_ms > window->to_ms) {
        out->end_ms = window->to_ms;
        out->to_m =
            (float)((double)whole->from_m + way_m * (double)(window->to_ms - whole->start_ms) / lasted_ms);
    }
    double share = way_m != 0 ? (double)(out->to_m - out->from_m) / way_m : 0;
    out->fast_m = (float)((double)whole->fast_m * share);
    return true;
}

/* A side that is asked for and lacks passes at a piece; of two that lack as many the left one. -1: none does. */
static int lacking_side(const struct passed_road *r, uint32_t piece)
{
    int best = -1;
    for (int side = 0; side < SIDES; side++)
        if ((r->plan->sides >> side & 1) && r->passes[side][piece] < r->plan->passes &&
            (best < 0 || r->passes[side][piece] < r->passes[best][piece]))
            best = side;
    return best;
}

static void pass_piece(struct passed_road *r, const struct coverage_interval *i, uint32_t piece)
{
    int8_t dir = i->to_m < i->from_m ? -1 : 1;
    double middle_m = (piece + 0.5) * r->one_m, way_m = (double)(i->to_m - i->from_m);
    double share = way_m != 0 ? (middle_m - (double)i->from_m) / way_m : 0;
    int64_t ms = i->start_ms + llround(share * (double)(i->end_ms - i->start_ms));
    int side = i->side == SIDE_LEFT ? 0 : i->side == SIDE_RIGHT ? 1 : lacking_side(r, piece);
    if (side < 0 || !(r->plan->sides >> side & 1))
        return;
    struct last_pass *last = &r->last[side][piece];
    bool again = r->passes[side][piece] > 0 && last->vehicle == i->vehicle && last->dir == dir &&
                 ms - last->ms < r->asked->new_pass_ms;
    *last = (struct last_pass){ms, i->vehicle, dir};
    if (!again && r->passes[side][piece] < COVERAGE_PASSES_MAX)
        r->passes[side][piece]++;
}

static void pass(struct passed_road *r, const struct coverage_interval *i)
{
    double lo = fmin((double)i->from_m, (double)i->to_m), hi = fmax((double)i->from_m, (double)i->to_m);
    uint32_t first = lo > 0 ? (uint32_t)fmin(lo / r->one_m, r->pieces) : 0;
    for (uint32_t piece = first; piece < r->pieces && piece * r->one_m < hi; piece++) {
        double from = piece * r->one_m, to = from + r->one_m;
        if (fmin(hi, to) - fmax(lo, from) >= r->one_m / 2)
            pass_piece(r, i, piece);
    }
}

static void sum_side(const struct passed_road *r, uint32_t segment, int side, struct coverage *out)
{
    double done_m = 0, length_m = (double)r->plan->length_m, half_m = (double)r->plan->width_m / 2;
    for (uint32_t piece = 0; piece < r->pieces; piece++) {
        out->passes_m[r->passes[side][piece]] += r->one_m;
        if (r->passes[side][piece] >= r->plan->passes)
            done_m += r->one_m;
    }
    out->planned_m += length_m;
    out->planned_m2 += length_m * half_m;
    out->done_m += done_m;
    out->done_m2 += done_m * half_m;
    if (done_m >= r->asked->enough * length_m)
        return;
    if (out->unswept_count < COVERAGE_UNSWEPT_MAX)
        out->unswept[out->unswept_count] =
            (struct coverage_side){segment, side == 0 ? SIDE_LEFT : SIDE_RIGHT};
    out->unswept_count++;
}

/* Intervals of one segment, in order: those whose side is known first, so that the others go where something lacks. */
static void sum_segment(struct passed_road *r, const struct coverage_interval *intervals, size_t count,
                        const struct coverage_asked *window, struct coverage *out)
{
    struct coverage_interval part;
    for (size_t i = 0; i < count; i++)
        if (intervals[i].side != SIDE_UNKNOWN && cut(&intervals[i], window, &part)) {
            pass(r, &part);
            out->fast_m += (double)part.fast_m;
        }
    for (size_t i = 0; i < count; i++)
        if (intervals[i].side == SIDE_UNKNOWN && cut(&intervals[i], window, &part)) {
            pass(r, &part);
            out->fast_m += (double)part.fast_m;
            out->unknown_side_m += fabs((double)(part.to_m - part.from_m));
        }
}

void duty_coverage_sum(const struct coverage_asked *asked, struct coverage_interval *intervals,
                       size_t interval_count, struct coverage *out)
{
    struct passed_road r;
    *out = (struct coverage){0};
    if (interval_count > 0)
        qsort(intervals, interval_count, sizeof *intervals, compare_intervals);
    for (uint32_t segment = 0, first = 0; segment < asked->segment_count; segment++) {
        uint32_t behind = first;
        while (behind < interval_count && intervals[behind].segment == segment)
            behind++;
        r.plan = &asked->plan[segment];
        r.asked = asked;
        r.pieces = pieces_of((double)asked->plan[segment].length_m);
        for (int side = 0; side < SIDES; side++)
            memset(r.passes[side], 0, r.pieces); /* `last` means something where there was a pass */
        r.one_m = (double)asked->plan[segment].length_m / r.pieces;
        assert(asked->plan[segment].passes <= COVERAGE_PASSES_MAX);
        sum_segment(&r, &intervals[first], behind - first, asked, out);
        for (int side = 0; side < SIDES; side++)
            if (asked->plan[segment].sides >> side & 1)
                sum_side(&r, segment, side, out);
        first = behind;
    }
}
