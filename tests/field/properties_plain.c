/*
 * Drives in which the interval of the fixes decides nothing: what lies in a fence is deep and long, what does
 * not stays away from it, and both go on straight for more than two of the longest intervals. Between them
 * are corners that are turned around a fence, lights, and stands at an edge while the place that is told
 * wanders.
 */
#include "properties.h"

#include <math.h>

/* Apart from each other by more than two intervals of driving. */
enum {
    FENCES_APART_M = 3600,
    LONGEST_S = 20,
    DEEP_M = 25,
    INSIDE_M = 60,
    AWAY_M = 45,
    FASTEST_MPS = 16,
    FENCES_EACH = 3
};

struct plain {
    struct world_made *w;
    struct chance c;
    struct driver d;
    double mps;
    const struct shape *past[FENCES_EACH]; /* visited before this one */
    uint32_t past_count;
};

/* Convex, and wide enough to be deep in. */
static void fence_shape(struct plain *p, struct made_fence *f, struct spot middle)
{
    double course = chance_between(&p->c, 0, 3.14);
    if (chance_one_in(&p->c, 3)) {
        double length = chance_between(&p->c, 150, 500);
        struct spot ends[] = {{middle.x - length * cos(course), middle.y - length * sin(course)},
                              {middle.x + length * cos(course), middle.y + length * sin(course)}};
        shape_line(&f->shape, ends, 2, chance_between(&p->c, 35, 60));
    } else if (chance_one_in(&p->c, 4)) {
        do
            shape_circle(&f->shape, &p->c, middle);
        while (f->shape.size_m < 70);
    } else {
        shape_rectangle(&f->shape, middle, course, chance_between(&p->c, 60, 500),
                        chance_between(&p->c, 40, 60));
    }
}

/* Metres inside on a straight way, the deepest and, outside, the nearest. */
static double inside_m(const struct shape *s, struct spot from, struct spot to, double *deepest)
{
    double all = 0;
    *deepest = INFINITY;
    for (double m = 0, length = spot_apart(from, to); m < length; m++) {
        double d = shape_distance(s, spot_towards(from, to, m));
        all += d < 0;
        *deepest = fmin(*deepest, d);
    }
    return all;
}

/* A straight way past the middle, `wanted` metres and more inside, or none. */
static bool find_way(struct plain *p, const struct shape *s, bool across, struct spot *from, struct spot *to)
{
    struct spot middle = shape_middle(s);
    double lead = shape_reach(s) + 2.5 * LONGEST_S * p->mps;
    for (int i = 0; i < 50; i++) {
        double course = chance_between(&p->c, -0.3, 0.3),
               aside = chance_between(&p->c, -1.2, 1.2) * shape_reach(s), deepest;
        struct spot on = {middle.x - aside * sin(course), middle.y + aside * cos(course)};
        *from = (struct spot){on.x - lead * cos(course), on.y - lead * sin(course)};
        *to = (struct spot){on.x + lead * cos(course), on.y + lead * sin(course)};
        double inside = inside_m(s, *from, *to, &deepest);
        if (across ? inside >= INSIDE_M && deepest < -DEEP_M : deepest > AWAY_M)
            return true;
    }
    return false;
}

/* On to where the next way begins. Who turned back before a fence drives around it, as at a corner: a straight way
 * would lead over it, or along its edge. */
static void approach(struct plain *p, struct spot from)
{
    for (uint32_t i = 0; i < p->past_count; i++) {
        struct spot m = shape_middle(p->past[i]);
        double reach = shape_reach(p->past[i]) + AWAY_M, lead = reach + 2.5 * LONGEST_S * FASTEST_MPS;
        if (p->d.at.x > m.x)
            continue;
        driver_go(&p->d, (struct spot){m.x - lead, m.y + reach}, p->mps);
        driver_go(&p->d, (struct spot){m.x + lead, m.y + reach}, p->mps);
    }
    driver_go(&p->d, from, p->mps);
}

static void cross(struct plain *p, const struct shape *s)
{
    struct spot from, to;
    if (!find_way(p, s, true, &from, &to))
        return;
    approach(p, from);
    if (chance_one_in(&p->c, 4))
        driver_stand(&p->d, chance_between(&p->c, 20, 60));
    driver_go(&p->d, to, p->mps);
}

static void pass_by(struct plain *p, const struct shape *s)
{
    struct spot from, to;
    if (!find_way(p, s, false, &from, &to))
        return;
    approach(p, from);
    driver_go(&p->d, to, p->mps);
}

/* Into it, to a stand that is long, and out the same way. */
static void stay(struct plain *p, const struct shape *s)
{
    struct spot from, to, middle = shape_middle(s);
    double deepest;
    if (!find_way(p, s, true, &from, &to))
        return;
    inside_m(s, from, middle, &deepest);
    approach(p, from);
    driver_go(&p->d, middle, p->mps);
    driver_stand(&p->d, chance_between(&p->c, 80, 160));
    driver_go(&p->d, from, p->mps);
}

/* At right angles around a corner of a box around it. */
static void turn_corner(struct plain *p, const struct shape *s)
{
    double reach = shape_reach(s) + AWAY_M, lead = 2.5 * LONGEST_S * p->mps;
    struct spot m = shape_middle(s);
    double side = chance_one_in(&p->c, 2) ? 1 : -1;
    approach(p, (struct spot){m.x - reach - lead, m.y + side * reach});
    driver_go(&p->d, (struct spot){m.x + reach, m.y + side * reach}, p->mps);
    driver_go(&p->d, (struct spot){m.x + reach, m.y - side * (reach + lead)}, p->mps);
}

/* Outside, nearer to the edge than its errors reach. */
static void stand_beside(struct plain *p, const struct shape *s)
{
    struct spot from, to;
    if (!find_way(p, s, true, &from, &to))
        return;
    double at = 0, metres = chance_between(&p->c, 6, 15);
    while (shape_distance(s, spot_towards(from, to, at)) > metres)
        at++;
    approach(p, from);
    driver_go(&p->d, spot_towards(from, to, at), p->mps);
    driver_stand(&p->d, chance_between(&p->c, 200, 500));
    driver_go(&p->d, from, p->mps);
}

void plain_make(struct world_made *w, uint32_t vehicle)
{
    static void (*const visits[])(struct plain *, const struct shape *) = {
        cross, cross, stay, pass_by, turn_corner, stand_beside};
    struct plain p = {.w = w, .c = chance_of(w->seed, 700 + vehicle)};
    struct drive *drive = &w->drives[vehicle];
    *drive = (struct drive){.vehicle = vehicle,
                            .seconds = w->seconds[vehicle],
                            .every_s = 1,
                            .error_m = chance_between(&p.c, 3, 9),
                            .tells_speed = true};
    driver_begin(&p.d, drive, &p.c, (struct spot){-FENCES_APART_M, 0}, SECONDS_MAX);
    for (uint32_t k = 0; k < FENCES_EACH; k++) {
        struct made_fence *f = world_fence(w, "banned");
        fence_shape(&p, f, (struct spot){FENCES_APART_M * k, FENCES_APART_M * (2.0 * vehicle)});
        p.mps = chance_between(&p.c, 6, FASTEST_MPS);
        visits[chance_below(&p.c, 6)](&p, &f->shape);
        p.past[p.past_count++] = &f->shape;
    }
    driver_stand(&p.d, 120);
    driver_finish(&p.d, drive->error_m / 2.45, chance_between(&p.c, 60, 600));
}
