#include "work.h"

#include "road_match.h"

#include <assert.h>
#include <math.h>

/* From one place to the next a direction is told if they are so far apart. */
static const double step_least_m = 8, moving_kmh = 3;
/* A longer step is looked at in between. */
static const double look_m = 10;
static const double to_rad = 0.017453292519943295769;
/* Over a shared end, and through one road between, a path is believed if no more is left on either side. */
static const double over_end_m = 80, between_m = 80;
/* The step's own speed may exceed the band by so much. */
static const double too_fast = 1.6;
/* A shorter interval is a junction that was crossed; of a road shorter than that, a share of it. */
static const double least_m = 20, short_road_m = 50, least_share = 0.36;
/* The end pieces (10 m) of a road count with their neighbours, of which half has to be covered. */
static const double end_m = 15;
/* A one-way road so wide has two sides that can be told, if the place is so exact. */
static const double wide_m = 20, exact_m = 5;
static const double signal_stuck_s = 24 * 3600;
static const double kmh = 3.6;

static const struct band {
    double low_kmh, high_kmh, fast_kmh;
} bands[MODE_COUNT] = {
    [MODE_SWEEPING] = {1, 12, 8}, [MODE_WASHING] = {3, 15, 15}, [MODE_SPRAYING] = {5, 15, 15}};

static const uint8_t signal_of[MODE_COUNT] = {
    [MODE_SWEEPING] = WORK_SWEEPING, [MODE_WASHING] = WORK_WASHING, [MODE_SPRAYING] = WORK_SPRAYING};

const char *work_how_name(enum work_how how)
{
    static const char *const names[] = {"", "signal", "speed", "stop", "inferred"};
    return names[how];
}

const char *work_side_name(enum work_side side)
{
    static const char *const names[] = {"unknown", "left", "right"};
    return names[side];
}

void work_init(struct work_state *w)
{
    *w = (struct work_state){.dir = 1};
}

/* The step in hand: from the place of the fix before to that of this one. */
struct step {
    struct work_state *w;
    const struct work_world *world;
    const struct work_fix *fix;
    struct work_ended *out;
    double way_m, s;
    enum work_mode mode; /* in which it worked between */
    enum work_how how;
};

/* A place on the way of a step. */
struct place {
    int64_t ms;
    struct mw_point at;
};

/* ---- intervals ---- */

static enum work_side side_of(const struct work_state *w, const struct road *s, bool left_traffic)
{
    if (s->oneway == 0)
        return (w->dir > 0) != left_traffic ? SIDE_RIGHT : SIDE_LEFT;
    if ((double)s->width_m < wide_m || (double)w->error_m > exact_m || fabsf(w->aside_m) <= w->error_m)
        return SIDE_UNKNOWN;
    return w->aside_m > 0 ? SIDE_RIGHT : SIDE_LEFT;
}

static float snapped(const struct road *s, float at_m)
{
    if ((double)at_m <= end_m)
        return 0;
    return (double)(s->length_m - at_m) <= end_m ? s->length_m : at_m;
}

/* Ends the interval under way at `end_ms`, where it is worth telling. */
static void end_interval(struct work_state *w, const struct work_world *world, int64_t end_ms,
                         struct work_ended *out)
{
    if (!(w->flags & WORK_OPEN))
        return;
    w->flags &= (uint8_t)~WORK_OPEN;
    uint32_t place = world->find(world->context, w->road);
    if (place == UINT32_MAX)
        return;
    const struct road *s = &world->roads->list[place];
    double length_m = (double)s->length_m, done_m = fabs((double)(w->to_m - w->from_m));
    if (done_m < (length_m < short_road_m ? least_share * length_m : least_m))
        return;
    assert(out->count < WORK_ENDED_MAX);
    out->list[out->count++] = (struct work_interval){.road = place,
                                                     .side = (enum work_side)w->side,
                                                     .mode = (enum work_mode)w->mode,
                                                     .how = (enum work_how)w->how,
                                                     .from_m = snapped(s, w->from_m),
                                                     .to_m = snapped(s, w->to_m),
                                                     .start_ms = w->start_ms,
                                                     .end_ms = end_ms,
                                                     .lat_deg = w->matched_lat_deg,
                                                     .lon_deg = w->matched_lon_deg,
                                                     .error_m = w->error_m,
                                                     .fast_m = w->fast_m,
                                                     .fixes = w->steps + 1,
                                                     .told = w->told};
}

static void begin_interval(struct step *t, double from_m, int64_t start_ms)
{
    struct work_state *w = t->w;
    w->flags |= WORK_OPEN;
    w->start_ms = start_ms;
    w->from_m = w->to_m = (float)from_m;
    w->mode = (uint8_t)t->mode;
    w->how = (uint8_t)t->how;
    w->fast_m = 0;
    w->steps = 0;
    w->told = 0;
}

/* The interval goes on to a place farther along. */
static void go_on(struct step *t, const struct road *s, double to_m)
{
    struct work_state *w = t->w;
    double more_m = (to_m - (double)w->to_m) * w->dir;
    w->steps++;
    if (more_m > 0) {
        w->to_m = (float)to_m;
        if (t->s > 0 && t->way_m / t->s * kmh > bands[t->mode].fast_kmh)
            w->fast_m += (float)more_m;
    }
    w->side = (uint8_t)side_of(w, s, t->fix->left_traffic);
}

void work_end(struct work_state *w, const struct work_world *world, struct work_ended *out)
{
    out->count = 0;
    end_interval(w, world, w->matched_ms, out);
    w->flags &= WORK_STANDS;
}

/* ---- whether it works ---- */

static void follow_signal(struct work_state *w, const struct work_fix *fix)
{
    if (fix->signal != w->signal) {
        w->signal = fix->signal;
        w->unchanged_s = 0;
    } else if ((w->flags & WORK_PLACED) && fix->ms - w->ms <= WORK_GAP_MS &&
               (double)fix->speed_mps * kmh > moving_kmh) {
        w->unchanged_s += (float)(fix->ms - w->ms) / 1000;
    }
}

static void tell_mode(struct step *t)
{
    const struct work_state *w = t->w;
    const struct work_fix *fix = t->fix;
    double slow_kmh = (double)fix->speed_mps * kmh, fast_kmh = slow_kmh;
    if (isnan(fix->speed_mps)) { /* by its places: within their error */
        slow_kmh = (t->way_m - (double)fix->error_m) / t->s * kmh;
        fast_kmh = (t->way_m + (double)fix->error_m) / t->s * kmh;
    }
    bool signalled = w->signal != WORK_UNKNOWN && (double)w->unchanged_s < signal_stuck_s;
    t->mode = MODE_NONE;
    t->how = signalled ? HOW_SIGNAL : HOW_SPEED;
    for (enum work_mode mode = MODE_NONE + 1; mode < MODE_COUNT && t->mode == MODE_NONE; mode++) {
        if (!(fix->modes >> mode & 1u))
            continue;
        if (signalled ? w->signal == signal_of[mode]
                      : slow_kmh <= bands[mode].high_kmh && fast_kmh >= bands[mode].low_kmh)
            t->mode = mode;
    }
}

/* Whether the step may have been driven at the speed of its mode: receivers jump. */
static bool drivable(const struct step *t, double way_m, double s)
{
    double errors_m = 2 * (double)t->fix->error_m;
    return t->mode != MODE_NONE && (way_m - errors_m) / s * kmh <= too_fast * bands[t->mode].high_kmh;
}

/* ---- the path between two matches ---- */

struct passage {
    double left_m, between_m, in_m; /* on the road before, between, on this one */
    uint32_t between;               /* place of the road between; UINT32_MAX: over their shared end */
    int between_dir;
};

static double left_of(const struct road *s, double at_m, int dir)
{
    return dir > 0 ? (double)s->length_m - at_m : at_m;
}

static bool find_passage(const struct step *t, uint32_t before, const struct road_match *match,
                         int64_t end_ms, struct passage *out)
{
    const struct roads *roads = t->world->roads;
    const struct road *a = &roads->list[before], *b = &roads->list[match->road];
    uint32_t from = road_exit(a, t->w->dir), to = road_entry(b, match->dir);
    *out = (struct passage){.left_m = left_of(a, (double)t->w->at_m, t->w->dir),
                            .in_m = left_of(b, (double)match->at_m, -match->dir),
                            .between = UINT32_MAX};
    if (out->left_m > over_end_m || out->in_m > over_end_m)
        return false;
    if (from == to) {
        uint32_t meeting = roads->junction_first[from + 1] - roads->junction_first[from];
        if (before == match->road && meeting > 1)
            return false; /* it turned somewhere on the way, not at a dead end */
    } else {
        out->between = roads_between(roads, from, to, between_m, &out->between_dir);
        if (out->between == UINT32_MAX)
            return false;
        out->between_m = (double)roads->list[out->between].length_m;
    }
    return drivable(t, out->left_m + out->between_m + out->in_m, (double)(end_ms - t->w->matched_ms) / 1000);
}

static int64_t time_at(const struct step *t, const struct passage *p, double way_m, int64_t end_ms)
{
    double whole_m = p->left_m + p->between_m + p->in_m;
    double share = whole_m > 0 ? way_m / whole_m : 1;
    return t->w->matched_ms + llround(share * (double)(end_ms - t->w->matched_ms));
}

/* Puts the state on a road, at its entry. */
static void enter(struct step *t, uint32_t road, int dir, int64_t at_ms)
{
    const struct road *s = &t->world->roads->list[road];
    t->w->road = t->world->symbols[road];
    t->w->dir = (int8_t)dir;
    begin_interval(t, dir > 0 ? 0 : (double)s->length_m, at_ms);
}

static void drive_passage(struct step *t, uint32_t before, const struct road_match *match, int64_t end_ms,
                          const struct passage *p)
{
    const struct road *list = t->world->roads->list;
    struct work_state *w = t->w;
    int64_t left_ms = time_at(t, p, p->left_m, end_ms),
            in_ms = time_at(t, p, p->left_m + p->between_m, end_ms);
    if (!(w->flags & WORK_OPEN))
        begin_interval(t, (double)w->at_m, w->matched_ms);
    go_on(t, &list[before], w->dir > 0 ? (double)list[before].length_m : 0);
    end_interval(w, t->world, left_ms, t->out);
    if (p->between != UINT32_MAX) {
        enter(t, p->between, p->between_dir, left_ms);
        go_on(t, &list[p->between], p->between_dir > 0 ? (double)list[p->between].length_m : 0);
        end_interval(w, t->world, in_ms, t->out);
    }
    enter(t, match->road, match->dir, in_ms);
    go_on(t, &list[match->road], (double)match->at_m);
}

/* From the place matched last to this one. */
static void walk(struct step *t, uint32_t before, const struct road_match *match, int64_t end_ms)
{
    struct work_state *w = t->w;
    struct passage passage;
    if (before == match->road && w->dir == match->dir) {
        if (!(w->flags & WORK_OPEN))
            begin_interval(t, (double)w->at_m, w->matched_ms);
        go_on(t, &t->world->roads->list[before], (double)match->at_m);
    } else if (find_passage(t, before, match, end_ms, &passage)) {
        drive_passage(t, before, match, end_ms, &passage);
    } else {
        end_interval(w, t->world, w->matched_ms, t->out);
    }
}

/* ---- the step ---- */

/* `heading` is the direction of the step, of length 1, in metres east and north. */
static void look(struct step *t, const struct place *place, const double heading[2])
{
    struct work_state *w = t->w;
    uint32_t before = w->flags & WORK_MATCHED ? t->world->find(t->world->context, w->road) : UINT32_MAX;
    struct match_query query = {.at = place->at,
                                .error_m = t->fix->error_m,
                                .east = heading[0],
                                .north = heading[1],
                                .before = before,
                                .before_dir = w->dir};
    struct road_match match = road_match_find(t->world->roads, &query);
    if (match.road == UINT32_MAX)
        return;
    if (before != UINT32_MAX)
        walk(t, before, &match, place->ms);
    w->road = t->world->symbols[match.road];
    w->dir = (int8_t)match.dir;
    w->at_m = match.at_m;
    w->aside_m = match.aside_m;
    w->error_m = t->fix->error_m;
    w->matched_ms = place->ms;
    w->matched_lat_deg = place->at.lat_deg;
    w->matched_lon_deg = place->at.lon_deg;
    w->flags |= WORK_MATCHED;
}

/* The way of the step, at each `look_m`: its beginning once more, now that its direction is known. */
static void look_along(struct step *t)
{
    const struct work_state *w = t->w;
    struct mw_point from = {w->lat_deg, w->lon_deg}, to = {t->fix->lat_deg, t->fix->lon_deg};
    double east_deg = mw_east_deg(from, to), north_deg = to.lat_deg - from.lat_deg;
    double east_m = east_deg * cos(to.lat_deg * to_rad),
           length = sqrt(east_m * east_m + north_deg * north_deg);
    const double heading[2] = {east_m / length, north_deg / length};
    int64_t from_ms = w->ms, more_ms = t->fix->ms - w->ms;
    int looks = (int)ceil(t->way_m / look_m);
    for (int i = 0; i <= looks; i++) {
        double share = (double)i / looks;
        struct place place = {.ms = from_ms + llround(share * (double)more_ms),
                              .at = {from.lat_deg + share * north_deg, from.lon_deg + share * east_deg}};
        look(t, &place, heading);
    }
}

/* It stands, or moves by less than a direction can be told from: time passes where it is. */
static void stand(struct work_state *w, const struct work_fix *fix)
{
    w->matched_ms += fix->ms - w->ms;
    w->ms = fix->ms;
}

void work_step(struct work_state *w, const struct work_world *world, const struct work_fix *fix,
               struct work_ended *out)
{
    struct step t = {.w = w, .world = world, .fix = fix, .out = out};
    struct mw_point from = {w->lat_deg, w->lon_deg}, to = {fix->lat_deg, fix->lon_deg};
    out->count = 0;
    follow_signal(w, fix);
    if (fix->error_m > WORK_ERROR_MAX_M)
        return;
    bool path = (w->flags & WORK_PLACED) && fix->ms - w->ms <= WORK_GAP_MS;
    t.way_m = path ? mw_distance_m(from, to) : 0;
    if (path && t.way_m < step_least_m) {
        stand(w, fix);
        return;
    }
    if (path) {
        t.s = (double)(fix->ms - w->ms) / 1000;
        tell_mode(&t);
        path = t.s > 0 && drivable(&t, t.way_m, t.s);
    }
    if (!path || w->mode != t.mode || w->how != t.how || fix->ms - w->matched_ms > WORK_GAP_MS)
        end_interval(w, world, w->matched_ms, out);
    if (!path || fix->ms - w->matched_ms > WORK_GAP_MS)
        w->flags &= (uint8_t)~WORK_MATCHED;
    if (path)
        look_along(&t);
    w->lat_deg = fix->lat_deg;
    w->lon_deg = fix->lon_deg;
    w->ms = fix->ms;
    w->flags |= WORK_PLACED;
}
