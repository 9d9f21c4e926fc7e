/*
 * Drives among fences: through them, along their edges, into them and to a stand, along narrow ones, back and
 * forth over strips, and standing at an edge while the place that is told wanders.
 */
#include "properties.h"

#include <math.h>
#include <stdlib.h>

#define TAU 6.283185307179586

struct second (*seconds_new(void))[SECONDS_MAX]
{
    struct second(*rows)[SECONDS_MAX] = calloc(VEHICLES_MAX, sizeof *rows);
    if (rows == NULL)
        abort();
    return rows;
}

void driver_begin(struct driver *d, struct drive *drive, struct chance *c, struct spot at, uint32_t fixes)
{
    uint32_t limit = fixes * drive->every_s;
    *d = (struct driver){
        .drive = drive, .chance = c, .at = at, .limit = limit < SECONDS_MAX ? limit : SECONDS_MAX};
    drive->count = 0;
}

static void put_second(struct driver *d)
{
    struct drive *drive = d->drive;
    if (drive->count < d->limit)
        drive->seconds[drive->count++] = (struct second){
            d->at, d->at, (float)d->speed_mps, (float)d->course_deg, d->load, d->body_up, d->cover_open};
}

void driver_go(struct driver *d, struct spot to, double mps)
{
    d->speed_mps = mps;
    while (spot_apart(d->at, to) > mps / 2) {
        double left = spot_apart(d->at, to);
        d->course_deg = fmod(atan2(to.x - d->at.x, to.y - d->at.y) * 360 / TAU + 360, 360);
        d->at = left <= mps * 1.5 ? to : spot_towards(d->at, to, mps);
        put_second(d);
    }
}

void driver_stand(struct driver *d, double seconds)
{
    d->speed_mps = 0;
    for (double s = 0; s < seconds; s++)
        put_second(d);
}

void driver_finish(struct driver *d, double sigma_m, double tau_s)
{
    double keeps = exp(-1 / tau_s), adds = sqrt(1 - keeps * keeps) * sigma_m;
    struct spot error = {chance_normal(d->chance) * sigma_m, chance_normal(d->chance) * sigma_m};
    for (uint32_t i = 0; i < d->drive->count; i++) {
        struct second *s = &d->drive->seconds[i];
        s->told = (struct spot){s->at.x + error.x, s->at.y + error.y};
        error.x = keeps * error.x + adds * chance_normal(d->chance);
        error.y = keeps * error.y + adds * chance_normal(d->chance);
    }
    d->drive->from = 0;
    d->drive->to = d->drive->count;
}

static struct spot off(struct spot p, double course, double metres)
{
    return (struct spot){p.x + metres * cos(course), p.y + metres * sin(course)};
}

static void through(struct driver *d, const struct shape *s, double mps)
{
    struct spot middle = shape_middle(s);
    double course = chance_between(d->chance, 0, TAU),
           reach = shape_reach(s) + chance_between(d->chance, 40, 250);
    middle = off(middle, course + TAU / 4, chance_between(d->chance, -0.4, 0.4) * shape_reach(s));
    driver_go(d, off(middle, course, -reach), mps * 1.3);
    driver_go(d, off(middle, course, reach), mps);
}

/* An edge and the way out of it. */
static void edge_of(struct driver *d, const struct shape *s, struct spot *a, struct spot *b, double *outward)
{
    uint32_t i = chance_below(d->chance, s->ring.count), j = (i + 1) % s->ring.count;
    if (s->outline == OUTLINE_LINE && j == 0) {
        j = i;
        i = j - 1;
    }
    *a = s->ring.at[i];
    *b = s->ring.at[j];
    if (s->outline == OUTLINE_CIRCLE) {
        double course = chance_between(d->chance, 0, TAU);
        *outward = course;
        *a = off(off(s->ring.at[0], course, s->size_m), course + TAU / 4, -50);
        *b = off(off(s->ring.at[0], course, s->size_m), course + TAU / 4, 50);
        return;
    }
    double along = atan2(b->y - a->y, b->x - a->x);
    *outward = along - TAU / 4;
    if (s->outline == OUTLINE_LINE) {
        *a = off(*a, *outward, s->size_m);
        *b = off(*b, *outward, s->size_m);
    }
}

static void graze(struct driver *d, const struct shape *s, double mps)
{
    struct spot a, b;
    double outward, metres = chance_between(d->chance, -25, 25);
    edge_of(d, s, &a, &b, &outward);
    a = off(a, outward, metres);
    b = off(b, outward, metres);
    struct spot before = spot_towards(a, b, -chance_between(d->chance, 20, 150));
    driver_go(d, before, mps * 1.3);
    driver_go(d, spot_towards(b, a, -chance_between(d->chance, 20, 150)), mps);
}

static void stand_at_edge(struct driver *d, const struct shape *s, double mps)
{
    struct spot a, b;
    double outward;
    edge_of(d, s, &a, &b, &outward);
    struct spot p = spot_towards(a, b, chance_between(d->chance, 0, 1) * spot_apart(a, b));
    driver_go(d, off(p, outward, chance_between(d->chance, -12, 15)), mps);
    driver_stand(d, chance_between(d->chance, 100, 900));
}

static void stop_inside(struct driver *d, const struct shape *s, double mps)
{
    const struct ring *r = &s->parts[chance_below(d->chance, s->part_count > 0 ? s->part_count : 1)];
    struct spot p = shape_middle(s);
    for (uint32_t i = 0; i < r->count; i++)
        p = spot_towards(p, r->at[i], chance_between(d->chance, 0, 0.4) * spot_apart(p, r->at[i]));
    driver_go(d, p, mps);
    driver_stand(d, chance_one_in(d->chance, 3) ? chance_between(d->chance, 120, 400)
                                                : chance_between(d->chance, 10, 70));
}

/* A line from end to end; in a polygon from corner to corner. */
static void along(struct driver *d, const struct shape *s, double mps)
{
    bool back = chance_one_in(d->chance, 2);
    double aside = chance_between(d->chance, -0.8, 0.8) * s->size_m;
    for (uint32_t k = 0; k < s->ring.count; k++) {
        struct spot p = s->ring.at[back ? s->ring.count - 1 - k : k];
        driver_go(d, (struct spot){p.x + aside, p.y}, k == 0 ? mps * 1.3 : mps);
        if (k > 0 && chance_one_in(d->chance, 3))
            driver_stand(d, chance_between(d->chance, 10, 60));
    }
}

static void back_and_forth(struct driver *d, const struct shape *s, double mps)
{
    struct spot a, b;
    double outward;
    edge_of(d, s, &a, &b, &outward);
    struct spot p = spot_towards(a, b, chance_between(d->chance, 0.2, 0.8) * spot_apart(a, b));
    for (int i = 0; i < 3; i++) {
        driver_go(d, off(p, outward, chance_between(d->chance, 15, 90)), mps);
        driver_go(d, off(p, outward, -chance_between(d->chance, 5, 90)), mps);
    }
}

static const struct shape *some_shape(const struct world_made *w, struct chance *c)
{
    uint32_t n = 0, taken = 0;
    for (uint32_t i = 0; i < w->fence_count; i++)
        if (!w->fences[i].gone && chance_one_in(c, ++n))
            taken = i;
    return n > 0 ? &w->fences[taken].shape : NULL;
}

static void cab(struct driver *d)
{
    d->cover_open = chance_one_in(d->chance, 3);
    if (chance_one_in(d->chance, 4))
        d->body_up = !d->body_up;
}

void drive_make(struct world_made *w, uint32_t vehicle, unsigned themes)
{
    static void (*const ways[])(struct driver *, const struct shape *, double) = {
        through, through, graze, stop_inside, stand_at_edge, along, along, back_and_forth};
    static const uint32_t intervals[] = {1, 2, 5, 10, 10, 20};
    struct chance c = chance_of(w->seed, 1000 + vehicle);
    struct drive *drive = &w->drives[vehicle];
    *drive = (struct drive){.vehicle = vehicle,
                            .seconds = w->seconds[vehicle],
                            .every_s = intervals[chance_below(&c, 6)],
                            .error_m = chance_one_in(&c, 5) ? 0 : chance_between(&c, 3, 12),
                            .tells_speed = !chance_one_in(&c, 6)};
    struct driver d;
    uint32_t ways_left = 3 + chance_below(&c, 5);
    driver_begin(&d, drive, &c, (struct spot){chance_between(&c, -800, 800), chance_between(&c, -800, 800)},
                 60 + chance_below(&c, 80));
    d.load = (uint8_t)chance_below(&c, 3);
    for (; ways_left > 0; ways_left--) {
        const struct shape *s = some_shape(w, &c);
        double mps = chance_between(&c, 5, 22);
        if (themes & THEME_PLACES)
            cab(&d);
        if (s == NULL || chance_one_in(&c, 10))
            driver_go(&d, (struct spot){chance_between(&c, -1200, 1200), chance_between(&c, -1200, 1200)},
                      mps);
        else
            ways[chance_below(&c, 8)](&d, s, mps);
    }
    driver_stand(&d, 30);
    double sigma = drive->error_m > 0 ? drive->error_m / 2.45 : 4;
    driver_finish(&d, chance_one_in(&c, 4) ? 0 : sigma * chance_between(&c, 0.4, 1),
                  chance_between(&c, 20, 400));
}
