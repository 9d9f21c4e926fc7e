#include "passing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* WGS 84. */
static const double axis_m = 6378137.0, flattening = 1 / 298.257223563;

struct passing_fix passing_fix_of(const struct fix *fix)
{
    return (struct passing_fix){.time_ms = fix->time.ms,
                                .lat_deg = fix->lat_deg,
                                .lon_deg = fix->lon_deg,
                                .speed_mps = fix_has(fix, FIX_HAS_SPEED) ? fix->speed_mps : NAN,
                                .load_kg = fix_has(fix, FIX_HAS_SENSORS) ? fix->sensors.load_kg : NAN,
                                .load = fix_has(fix, FIX_HAS_SENSORS) ? fix->sensors.load : LOAD_UNKNOWN,
                                .cover = fix_has(fix, FIX_HAS_SENSORS) ? fix->sensors.cover : COVER_UNKNOWN,
                                .body = fix_has(fix, FIX_HAS_SENSORS) ? fix->sensors.body : BODY_UNKNOWN,
                                .has_position = fix_has(fix, FIX_HAS_POSITION)};
}

void passing_begin(struct passing *p, const struct passing_question *question,
                   void (*found)(void *context, const struct pass *pass), void *context)
{
    double e2 = flattening * (2 - flattening), sine = sin(question->lat_deg * M_PI / 180);
    double w = sqrt(1 - e2 * sine * sine);
    *p = (struct passing){.question = *question, .found = found, .context = context};
    p->north_m = axis_m * (1 - e2) / (w * w * w) * M_PI / 180;
    p->east_m = axis_m / w * cos(question->lat_deg * M_PI / 180) * M_PI / 180;
}

/* Metres from the centre. */
struct plane {
    double x, y;
};

static struct plane plane_of(const struct passing *p, const struct passing_fix *fix)
{
    double east_deg = remainder(fix->lon_deg - p->question.lon_deg, 360);
    return (struct plane){east_deg * p->east_m, (fix->lat_deg - p->question.lat_deg) * p->north_m};
}

static void leave(struct passing *p)
{
    if (p->inside)
        p->found(p->context, &p->pass);
    p->inside = false;
}

/* A piece of the path that lies in the circle, from one moment to another. */
struct piece {
    int64_t from_ms, to_ms, nearest_ms;
    double nearest_m;
    const struct passing_fix *said; /* the fix at or before the nearest moment */
    struct plane nearest;
};

static void stay(struct passing *p, const struct piece *piece)
{
    if (!p->inside) {
        p->inside = true;
        p->pass = (struct pass){.entered_ms = piece->from_ms, .nearest_m = INFINITY};
    }
    p->pass.left_ms = piece->to_ms;
    if (piece->nearest_m >= p->pass.nearest_m)
        return;
    const struct passing_fix *said = piece->said;
    p->pass.nearest_m = piece->nearest_m;
    p->pass.nearest_ms = piece->nearest_ms;
    p->pass.lat_deg = p->question.lat_deg + piece->nearest.y / p->north_m;
    p->pass.lon_deg = remainder(p->question.lon_deg + piece->nearest.x / p->east_m, 360);
    p->pass.speed_mps = said->speed_mps;
    p->pass.load_kg = said->load_kg;
    p->pass.load = said->load;
    p->pass.cover = said->cover;
    p->pass.body = said->body;
    p->pass.fix_ms = said->time_ms;
}

static void add_point(struct passing *p, const struct passing_fix *fix, struct plane at)
{
    double d = hypot(at.x, at.y);
    bool counts =
        d <= p->question.radius_m && fix->time_ms >= p->question.from_ms && fix->time_ms <= p->question.to_ms;
    if (counts)
        stay(p, &(struct piece){fix->time_ms, fix->time_ms, fix->time_ms, d, fix, at});
}

static double clamp(double v, double least, double most)
{
    return v < least ? least : v > most ? most : v;
}

/* Where on the way from a to b, from 0 to 1, the circle is entered and left. False: not at all. */
static bool cross(struct plane a, struct plane d, double radius_m, double *out_in, double *out_out)
{
    double dd = d.x * d.x + d.y * d.y, ad = a.x * d.x + a.y * d.y;
    double c = a.x * a.x + a.y * a.y - radius_m * radius_m;
    if (dd == 0) {
        *out_in = 0;
        *out_out = 1;
        return c <= 0;
    }
    double root = ad * ad - dd * c;
    if (root < 0)
        return false;
    *out_in = (-ad - sqrt(root)) / dd;
    *out_out = (-ad + sqrt(root)) / dd;
    return true;
}

/* The way from the last fix to this one. */
static void add_way(struct passing *p, const struct passing_fix *fix, struct plane b)
{
    struct plane a = plane_of(p, &p->last), d = {b.x - a.x, b.y - a.y};
    double span_ms = (double)(fix->time_ms - p->last.time_ms), in, out;
    /* The part of it that is in the span of time. */
    double first = clamp((double)(p->question.from_ms - p->last.time_ms) / span_ms, 0, 1);
    double end = clamp((double)(p->question.to_ms - p->last.time_ms) / span_ms, 0, 1);
    if (fix->time_ms < p->question.from_ms || p->last.time_ms > p->question.to_ms ||
        !cross(a, d, p->question.radius_m, &in, &out) || out < first || in > end) {
        leave(p);
        return;
    }
    double dd = d.x * d.x + d.y * d.y;
    double from = clamp(in, first, end), to = clamp(out, first, end);
    double near = clamp(dd > 0 ? -(a.x * d.x + a.y * d.y) / dd : 0, from, to);
    struct plane at = {a.x + near * d.x, a.y + near * d.y};
    if (in > first)
        leave(p);
    const struct piece piece = {p->last.time_ms + llround(from * span_ms),
                                p->last.time_ms + llround(to * span_ms),
                                p->last.time_ms + llround(near * span_ms),
                                hypot(at.x, at.y),
                                near < 1 ? &p->last : fix,
                                at};
    stay(p, &piece);
    if (out < end)
        leave(p);
}

static bool may_stand(const struct passing_fix *fix)
{
    return isnan(fix->speed_mps) || fix->speed_mps < PASSING_MOVING_MPS;
}

/* Where nothing drives as fast, one of the two places is wrong, and there is no way between them; nor is there one through
 * a gap, but for who stands still. */
static bool is_way(const struct passing *p, const struct passing_fix *fix, struct plane b)
{
    struct plane a = plane_of(p, &p->last);
    double way_m = hypot(b.x - a.x, b.y - a.y);
    int64_t ms = fix->time_ms - p->last.time_ms;
    if (ms <= p->question.gap_ms)
        return way_m <= PASSING_MOST_MPS * (double)ms / 1000;
    return ms <= PASSING_PARKED_MS && way_m <= PASSING_PARKED_M && may_stand(&p->last) && may_stand(fix);
}

/* What is not said stands as it was. */
static void keep_said(struct passing_fix *to, const struct passing_fix *before)
{
    if (isnan(to->load_kg))
        to->load_kg = before->load_kg;
    if (to->load == LOAD_UNKNOWN)
        to->load = before->load;
    if (to->cover == COVER_UNKNOWN)
        to->cover = before->cover;
    if (to->body == BODY_UNKNOWN)
        to->body = before->body;
}

/* Of one time, or without a position: it moves nothing, and says something of what it carries. */
static void add_said(struct passing *p, const struct passing_fix *said)
{
    p->last.load_kg = said->load_kg;
    p->last.load = said->load;
    p->last.cover = said->cover;
    p->last.body = said->body;
}

void passing_add(struct passing *p, const struct passing_fix *fix)
{
    struct passing_fix now = *fix;
    bool follows = p->has_last && fix->time_ms - p->last.time_ms <= p->question.gap_ms;
    if (follows)
        keep_said(&now, &p->last);
    if (!fix->has_position || (p->has_last && fix->time_ms == p->last.time_ms)) {
        if (follows)
            add_said(p, &now);
        return;
    }
    struct plane at = plane_of(p, &now);
    if (p->has_last && is_way(p, &now, at)) {
        add_way(p, &now, at);
    } else {
        leave(p);
        add_point(p, &now, at);
    }
    p->last = now;
    p->has_last = true;
}

void passing_end(struct passing *p)
{
    leave(p);
    p->has_last = false;
}

static int by_time(const void *a, const void *b)
{
    const struct passing_fix *x = a, *y = b;
    return x->time_ms < y->time_ms ? -1 : x->time_ms > y->time_ms;
}

bool passing_sort(struct passing_fix *items, size_t count)
{
    bool sorted = true;
    for (size_t i = 1; i < count && sorted; i++)
        sorted = items[i - 1].time_ms <= items[i].time_ms;
    if (sorted)
        return true;
    struct passing_fix *other = calloc(count, sizeof *other), *from = items, *to = other;
    if (other == NULL)
        return false;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t at = 0; at < count; at += 2 * width) {
            size_t middle = at + width < count ? at + width : count;
            size_t end = at + 2 * width < count ? at + 2 * width : count;
            for (size_t a = at, b = middle, k = at; k < end; k++)
                to[k] = a < middle && (b == end || by_time(&from[a], &from[b]) <= 0) ? from[a++] : from[b++];
        }
        struct passing_fix *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
    free(other);
    return true;
}

const char *pass_load_word(uint8_t load)
{
    static const char *const words[] = {NULL, "empty", "loaded", "over", "fault"};
    return load < sizeof words / sizeof *words ? words[load] : NULL;
}

const char *pass_cover_word(uint8_t cover)
{
    static const char *const words[] = {NULL, "open", "closed", "fault"};
    return cover < sizeof words / sizeof *words ? words[cover] : NULL;
}

const char *pass_body_word(uint8_t body)
{
    static const char *const words[] = {NULL, "raised", "down", "fault"};
    return body < sizeof words / sizeof *words ? words[body] : NULL;
}
