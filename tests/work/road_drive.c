#include "road_drive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double lane_m = 2, error_stays_s = 60, tick_s = 1;
/* 95 % of a plane's normal error lie within so many of its deviations. */
static const double deviations_95 = 2.4477;

static bool make_roads(struct drive_town *town)
{
    const struct street_net *net = &town->net;
    struct road_spec *specs = must_take(&town->arena, net->street_count, sizeof *specs);
    town->symbols = must_take(&town->arena, net->street_count, sizeof *town->symbols);
    for (uint32_t i = 0; i < net->street_count; i++) {
        const struct street *s = &net->streets[i];
        struct mw_point *points = must_take(&town->arena, s->count, sizeof *points);
        for (uint32_t k = 0; k < s->count; k++)
            points[k] = spot_point(s->points[k]);
        specs[i] = (struct road_spec){
            .fence = i, .count = s->count, .points = points, .oneway = (int8_t)(s->forward - s->backward)};
        town->symbols[i] = i + 1;
    }
    town->roads = roads_make(specs, (uint32_t)net->street_count, &town->arena);
    return town->roads != NULL;
}

bool drive_town_init(struct drive_town *town)
{
    *town = (struct drive_town){0};
    arena_init(&town->arena);
    if (!street_net_read(&town->net, MW_DATA_DIR "/cambridge-streets/centerlines.geojson", &town->arena))
        return false;
    street_net_link(&town->net);
    return make_roads(town);
}

void drive_town_fini(struct drive_town *town)
{
    street_net_free(&town->net);
    arena_fini(&town->arena);
}

/* ---- the drive ---- */

struct driving {
    const struct drive_town *town;
    const struct drive_case *c;
    struct dice dice;
    struct drive_marks marks;
    uint32_t street;
    bool reverse;
    double at_m; /* driven on the street */
    double east_error_m, north_error_m;
    struct work_state state;
    int64_t ms;
    double next_fix_s, s;
};

static size_t metres(const struct street *s)
{
    return (size_t)ceil((double)s->length_m) + 1;
}

static void mark(uint8_t **marks, const struct drive_town *town, uint32_t street, bool reverse, double from_m,
                 double to_m)
{
    const struct street *s = &town->net.streets[street];
    double lo = fmin(from_m, to_m), hi = fmax(from_m, to_m);
    if (marks[2 * street + reverse] == NULL)
        marks[2 * street + reverse] = calloc(metres(s), 1);
    for (size_t i = (size_t)fmax(0, floor(lo + 0.5)); (double)i + 0.5 <= hi && i < metres(s); i++)
        marks[2 * street + reverse][i] = 1;
}

static void take(struct driving *d, const struct work_ended *ended)
{
    for (uint32_t i = 0; i < ended->count; i++) {
        const struct work_interval *w = &ended->list[i];
        const struct street *s = &d->town->net.streets[w->road];
        bool reverse = w->side == SIDE_UNKNOWN ? !s->forward : w->side == SIDE_LEFT;
        mark(d->marks.found, d->town, w->road, reverse, (double)w->from_m, (double)w->to_m);
    }
}

static uint32_t find_road(const void *context, uint32_t symbol)
{
    (void)context;
    return symbol - 1;
}

static struct work_world world_of(const struct drive_town *town)
{
    return (struct work_world){.roads = town->roads, .symbols = town->symbols, .find = find_road};
}

/* Where it is: to the right of a line that is driven both ways. */
static struct spot place(const struct driving *d)
{
    const struct street *s = &d->town->net.streets[d->street];
    double at_m = d->reverse ? (double)s->length_m - d->at_m : d->at_m, sum = 0;
    uint32_t k = 0;
    for (; k + 2 < s->count && sum + spot_distance_m(s->points[k], s->points[k + 1]) < at_m; k++)
        sum += spot_distance_m(s->points[k], s->points[k + 1]);
    double leg = spot_distance_m(s->points[k], s->points[k + 1]);
    struct spot at = spot_between(s->points[k], s->points[k + 1], (at_m - sum) / leg);
    double aside = s->forward && s->backward ? (d->reverse ? -lane_m : lane_m) : 0;
    at.east_m += aside * (s->points[k + 1].north_m - s->points[k].north_m) / leg;
    at.north_m -= aside * (s->points[k + 1].east_m - s->points[k].east_m) / leg;
    return at;
}

static void move_error(struct driving *d)
{
    double keep = exp(-tick_s / error_stays_s), deviation_m = d->c->error_m / deviations_95;
    double fresh = sqrt(1 - keep * keep) * deviation_m;
    d->east_error_m = keep * d->east_error_m + fresh * dice_normal(&d->dice);
    d->north_error_m = keep * d->north_error_m + fresh * dice_normal(&d->dice);
}

static void tell(struct driving *d)
{
    struct spot at = place(d);
    at.east_m += d->east_error_m;
    at.north_m += d->north_error_m;
    struct mw_point p = spot_point(at);
    struct work_world world = world_of(d->town);
    struct work_ended ended;
    struct work_fix fix = {.ms = d->ms,
                           .lat_deg = p.lat_deg,
                           .lon_deg = p.lon_deg,
                           .error_m = (float)d->c->error_m,
                           .speed_mps = d->c->says_speed ? (float)(d->c->speed_kmh / 3.6) : NAN,
                           .modes = 1u << MODE_SWEEPING};
    work_step(&d->state, &world, &fix, &ended);
    take(d, &ended);
}

/* The direction of a street at the node where it is entered (or left), as a vector of length 1. */
static struct spot heading(const struct street *s, bool reverse, bool leaving)
{
    uint32_t k = reverse == leaving ? 0 : s->count - 2;
    struct spot a = s->points[reverse ? k + 1 : k], b = s->points[reverse ? k : k + 1];
    double m = spot_distance_m(a, b);
    return (struct spot){(b.east_m - a.east_m) / m, (b.north_m - a.north_m) / m};
}

static bool straight_on(const struct driving *d, const struct street_link *l)
{
    const struct street *streets = d->town->net.streets;
    struct spot a = heading(&streets[d->street], d->reverse, true),
                b = heading(&streets[l->street], l->reverse, false);
    return a.east_m * b.east_m + a.north_m * b.north_m > 0.8;
}

/* Another street from the node at the end of this one; false: it is a trap. */
static bool turn(struct driving *d)
{
    const struct street_net *net = &d->town->net;
    const struct street *s = &net->streets[d->street];
    double straight = dice_unit(&d->dice);
    uint32_t node = d->reverse ? s->from : s->to, count = 0, chosen = 0, back = UINT32_MAX;
    for (uint32_t i = net->first_link[node]; i < net->first_link[node + 1]; i++) {
        const struct street_link *l = &net->links[i];
        if (!l->leave)
            continue;
        if (l->street == d->street)
            back = i;
        else if (straight_on(d, l) && straight < 0.5)
            count = 1, chosen = i, straight = 2; /* in half of the cases, where a street leads straight on */
        else if (straight < 2 && dice_below(&d->dice, ++count) == 0)
            chosen = i;
    }
    if (count == 0 && (back == UINT32_MAX))
        return false;
    const struct street_link *l = &net->links[count > 0 ? chosen : back];
    d->street = l->street;
    d->reverse = l->reverse;
    d->at_m = 0;
    return true;
}

static void begin_somewhere(struct driving *d)
{
    d->street = dice_below(&d->dice, (uint32_t)d->town->net.street_count);
    d->reverse = !d->town->net.streets[d->street].forward;
    d->at_m = 0;
}

static void drive_on(struct driving *d, double way_m)
{
    while (way_m > 0) {
        const struct street *s = &d->town->net.streets[d->street];
        double length_m = (double)s->length_m, step_m = fmin(way_m, length_m - d->at_m);
        double from_m = d->reverse ? length_m - d->at_m : d->at_m;
        mark(d->marks.swept, d->town, d->street, d->reverse, from_m,
             d->reverse ? from_m - step_m : from_m + step_m);
        d->at_m += step_m;
        way_m -= step_m;
        if (d->at_m < length_m - 1e-6 || turn(d))
            continue;
        d->at_m = length_m;
        d->ms = llround(d->s * 1000) + 500;
        tell(d);            /* a track ends with a fix */
        begin_somewhere(d); /* after a pause that is no path */
        d->s += 600;
        d->next_fix_s = d->s;
    }
}

static void score(struct driving *d, struct drive_score *out)
{
    for (uint32_t i = 0; i < 2 * d->town->net.street_count; i++) {
        const struct street *s = &d->town->net.streets[i / 2];
        for (size_t k = 0; k < metres(s) && (double)s->length_m >= SEGMENT_MIN_M; k++) {
            bool swept = d->marks.swept[i] != NULL && d->marks.swept[i][k];
            bool found = d->marks.found[i] != NULL && d->marks.found[i][k];
            out->swept_m += swept;
            out->found_m += swept && found;
            out->invented_m += found && !swept;
            if (!s->divided)
                continue;
            out->divided_swept_m += swept;
            out->divided_found_m += swept && found;
            out->divided_invented_m += found && !swept;
        }
        free(d->marks.swept[i]);
        free(d->marks.found[i]);
    }
}

void drive_case_run(const struct drive_town *town, const struct drive_case *c, struct drive_score *out)
{
    struct driving d = {.town = town, .c = c, .dice = dice_of(c->seed, 19)};
    struct work_ended ended;
    struct work_world world = world_of(town);
    size_t sides = 2 * town->net.street_count;
    d.marks.swept = calloc(sides, sizeof *d.marks.swept);
    d.marks.found = calloc(sides, sizeof *d.marks.found);
    work_init(&d.state);
    begin_somewhere(&d);
    d.east_error_m = c->error_m / deviations_95 * dice_normal(&d.dice);
    d.north_error_m = c->error_m / deviations_95 * dice_normal(&d.dice);
    for (double driven_m = 0; driven_m < c->length_m;
         driven_m += c->speed_kmh / 3.6 * tick_s, d.s += tick_s) {
        if (d.s >= d.next_fix_s) {
            d.ms = llround(d.s * 1000);
            tell(&d);
            d.next_fix_s += c->interval_s;
        }
        move_error(&d);
        drive_on(&d, c->speed_kmh / 3.6 * tick_s);
    }
    work_end(&d.state, &world, &ended);
    take(&d, &ended);
    score(&d, out);
    free(d.marks.swept);
    free(d.marks.found);
}
