#include "day_sum.h"

#include "array.h"

#include <muckwatch/geofence.h>

#include <math.h>
#include <stdlib.h>

/* Own: below a walk a receiver at rest is not told from a truck that rolls. */
static const double MOVES_MPS = 1.0;
/* Own: so far apart two places of a parked truck are now and then. */
static const double GAP_LEAST_M = 100;
/* To a metre: sums of ways up to 2^33 m are then exact in whatever order they are added. */
static const double WAY_STEPS = 1 << 20;

void day_points_fini(struct day_points *points)
{
    free(points->points);
    *points = (struct day_points){0};
}

struct day_point day_point_of(const struct fix *fix)
{
    bool vouched = !fix_has(fix, FIX_HAS_MODE) || fix->mode == FIX_MODE_2D || fix->mode == FIX_MODE_3D;
    bool sensors = fix_has(fix, FIX_HAS_SENSORS);
    return (struct day_point){
        .ms = fix->time.ms,
        .lat_deg = fix->lat_deg,
        .lon_deg = fix->lon_deg,
        .speed_mps = fix_has(fix, FIX_HAS_SPEED) ? fix->speed_mps : NAN,
        .valid = fix_has(fix, FIX_HAS_POSITION) && vouched,
        .cover_known = sensors && (fix->sensors.cover == COVER_OPEN || fix->sensors.cover == COVER_CLOSED)};
}

bool day_points_add(struct day_points *p, const struct day_point *point)
{
    if (!array_reserve(&p->points, &p->cap, p->count + 1, sizeof *p->points))
        return false;
    p->points[p->count] = *point;
    p->points[p->count].order = (uint32_t)p->count;
    p->count++;
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct day_point *x = a, *y = b;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Whether it moved between the two, by what the unit said of its speed; where it said none, by the way it made. */
static bool moved(const struct day_point *a, const struct day_point *b, double way_m)
{
    double said = fmax((double)a->speed_mps, (double)b->speed_mps); /* fmax passes over a NaN */
    if (!isnan(said))
        return said >= MOVES_MPS;
    return way_m * 1000 >= MOVES_MPS * (double)(b->ms - a->ms);
}

static void add_way(struct day_sum *sum, const struct day_point *a, const struct day_point *b, int64_t gap_ms)
{
    double way_m =
        mw_distance_m((struct mw_point){a->lat_deg, a->lon_deg}, (struct mw_point){b->lat_deg, b->lon_deg});
    way_m = round(way_m * WAY_STEPS) / WAY_STEPS;
    if (b->ms - a->ms > gap_ms) {
        sum->gap_m += way_m >= GAP_LEAST_M ? way_m : 0;
    } else if (moved(a, b, way_m)) {
        sum->way_m += way_m;
        sum->moving_ms += b->ms - a->ms;
    }
}

static bool add_cover(struct day_sum *sum, int64_t from_ms, int64_t to_ms)
{
    struct known_span *last = sum->cover_count > 0 ? &sum->cover[sum->cover_count - 1] : NULL;
    if (last != NULL && last->to_ms == from_ms) {
        last->to_ms = to_ms;
        return true;
    }
    if (!array_reserve(&sum->cover, &sum->cover_cap, sum->cover_count + 1, sizeof *sum->cover))
        return false;
    sum->cover[sum->cover_count++] = (struct known_span){from_ms, to_ms};
    return true;
}

/* From the last fix to the next one. */
static bool add_seam(struct day_piece *p, const struct day_point *now, int64_t gap_ms)
{
    const struct day_point *last = &p->last;
    if (p->sum.fixes == 0 || now->ms - last->ms > gap_ms)
        return true;
    p->sum.heard_ms += now->ms - last->ms;
    return !last->cover_known || !now->cover_known || now->ms <= last->ms ||
           add_cover(&p->sum, last->ms, now->ms);
}

static void add_place(struct day_piece *p, const struct day_point *place, int64_t gap_ms)
{
    if (p->sum.valid > 0 && p->last_place.ms == place->ms)
        return; /* of two positions at one time the first counts */
    if (p->sum.valid > 0)
        add_way(&p->sum, &p->last_place, place, gap_ms);
    else
        p->first_place = *place;
    p->last_place = *place;
}

bool day_piece_make(struct day_points *p, int64_t gap_ms, struct day_piece *out)
{
    *out = (struct day_piece){0};
    if (p->count > 1)
        qsort(p->points, p->count, sizeof *p->points, by_time);
    for (size_t i = 0; i < p->count; i++) {
        const struct day_point *now = &p->points[i];
        if (!add_seam(out, now, gap_ms))
            return false;
        if (out->sum.fixes++ == 0)
            out->first = *now;
        out->last = *now;
        if (!now->valid)
            continue;
        add_place(out, now, gap_ms);
        out->sum.valid++;
    }
    return true;
}

bool day_piece_join(struct day_piece *p, const struct day_piece *next, int64_t gap_ms)
{
    if (next->sum.fixes == 0)
        return true;
    if (!add_seam(p, &next->first, gap_ms))
        return false;
    for (size_t i = 0; i < next->sum.cover_count; i++)
        if (!add_cover(&p->sum, next->sum.cover[i].from_ms, next->sum.cover[i].to_ms))
            return false;
    if (next->sum.valid > 0) {
        add_place(p, &next->first_place, gap_ms);
        p->last_place = next->last_place;
    }
    if (p->sum.fixes == 0)
        p->first = next->first;
    p->last = next->last;
    p->sum.fixes += next->sum.fixes;
    p->sum.valid += next->sum.valid;
    p->sum.heard_ms += next->sum.heard_ms;
    p->sum.moving_ms += next->sum.moving_ms;
    p->sum.way_m += next->sum.way_m;
    p->sum.gap_m += next->sum.gap_m;
    return true;
}

void day_sum_cover_write(const struct day_sum *sum, struct buf *out)
{
    buf_put_char(out, '[');
    for (size_t i = 0; i < sum->cover_count; i++)
        buf_printf(out, "%s[%lld,%lld]", i > 0 ? "," : "", (long long)sum->cover[i].from_ms,
                   (long long)sum->cover[i].to_ms);
    buf_put_char(out, ']');
}

/* The next number, behind whatever parts it from the one before. */
static bool next_number(struct text *t, int64_t *out)
{
    size_t i = 0, end;
    while (i < t->len && (t->data[i] < '0' || t->data[i] > '9'))
        i++;
    for (end = i; end < t->len && t->data[end] >= '0' && t->data[end] <= '9';)
        end++;
    *out = text_whole((struct text){t->data + i, end - i});
    *t = (struct text){t->data + end, t->len - end};
    return end > i;
}

bool day_sum_cover_read(struct day_sum *sum, struct text text)
{
    int64_t from_ms, to_ms;
    while (next_number(&text, &from_ms))
        if (!next_number(&text, &to_ms) || !add_cover(sum, from_ms, to_ms))
            return false;
    return true;
}

void day_sum_fini(struct day_sum *sum)
{
    free(sum->cover);
    *sum = (struct day_sum){0};
}

void day_piece_fini(struct day_piece *piece)
{
    day_sum_fini(&piece->sum);
    *piece = (struct day_piece){0};
}
