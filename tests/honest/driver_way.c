/* How a driver's way is laid: out of a place, along a leg with what may come between, into a place. */
#include "driver.h"

/* Walking pace on ground that is no street. */
#define PLACE_MPS 2.8f
/* Bounds of what chance brings; driver_bound_s adds them up. */
#define RED_MAX_S   60.0
#define JAM_MAX_S   420.0
#define QUEUE_MAX_S 1200.0
#define BREAK_MAX_S 1200.0

static void add_inside(struct driver *d, struct spot at)
{
    motion_add(&d->motion, (struct way_point){at, PLACE_MPS, INFINITY, WAY_PLACE});
}

void driver_way_out(struct driver *d, const struct place *from)
{
    motion_begin(&d->motion, d->haste);
    add_inside(d, d->at);
    if (place_depth_m(from, d->at) >= 0) /* not from a wash bay before the gate */
        add_inside(d, place_spot(from, 0, from->ground.deep0_m + 3));
    add_inside(d, place_spot(from, 0, 4));
}

/* Where on a leg chance makes a driver stand. */
struct chances {
    uint32_t jam_from, jam_to, break_at, queue_from;
    double jam_left_s, queue_left_s, break_s;
};

static struct chances throw_chances(struct driver *d, const struct leg *leg, unsigned chances)
{
    struct chances c = {.jam_from = UINT32_MAX, .break_at = UINT32_MAX, .queue_from = UINT32_MAX};
    if ((chances & CHANCE_JAM) && dice_chance(&d->dice, 0.06)) {
        c.jam_from = dice_below(&d->dice, leg->count);
        c.jam_to = c.jam_from + 5 + dice_below(&d->dice, 10);
        c.jam_left_s = JAM_MAX_S;
    }
    if ((chances & CHANCE_BREAK) && dice_chance(&d->dice, 0.1)) {
        c.break_at = dice_below(&d->dice, leg->count);
        c.break_s = dice_between(&d->dice, 300, BREAK_MAX_S);
    }
    if ((chances & CHANCE_QUEUE) && dice_chance(&d->dice, 0.3)) {
        uint32_t cars = 1 + dice_below(&d->dice, 4);
        c.queue_from = leg->count > cars ? leg->count - cars : 0;
        c.queue_left_s = QUEUE_MAX_S;
    }
    return c;
}

static double stand_s(struct driver *d, const struct leg *leg, uint32_t i, struct chances *c)
{
    double s = 0;
    if (leg->points[i].flags & WAY_TUNNEL)
        return 0;
    if ((leg->points[i].flags & WAY_LIGHT) && dice_chance(&d->dice, 0.45))
        s += dice_between(&d->dice, 5, RED_MAX_S);
    if (i >= c->jam_from && i < c->jam_to && dice_chance(&d->dice, 0.6)) {
        double jam_s = fmin(dice_between(&d->dice, 8, 50), c->jam_left_s);
        c->jam_left_s -= jam_s;
        s += jam_s;
    }
    if (i >= c->queue_from) {
        double queue_s = fmin(dice_between(&d->dice, 30, 360), c->queue_left_s);
        c->queue_left_s -= queue_s;
        s += queue_s;
    }
    return i == c->break_at ? c->break_s : s;
}

void driver_way_along(struct driver *d, const struct leg *leg, unsigned chances)
{
    struct chances c = throw_chances(d, leg, chances);
    for (uint32_t i = 0; i < leg->count; i++) {
        motion_add(&d->motion, leg->points[i]);
        driver_deed_lay(d, leg, i);
        double s = fmax(stand_s(d, leg, i, &c), driver_deed_stand_s(d));
        if (s > 0)
            motion_stop_here(&d->motion, s);
    }
}

double driver_bound_s(const struct leg *leg, unsigned chances)
{
    /* Haste is 0.85 at least; a bend, a light, a place in a queue costs some seconds of braking each. */
    return leg->free_s * 1.4 + leg->lights * (RED_MAX_S + 12) + 240 + (chances & CHANCE_JAM ? JAM_MAX_S : 0) +
           (chances & CHANCE_QUEUE ? QUEUE_MAX_S : 0) + (chances & CHANCE_BREAK ? BREAK_MAX_S : 0);
}

void driver_way_to(struct driver *d, const struct place *to, double across_m, double deep_m)
{
    add_inside(d, place_spot(to, 0, 6));
    add_inside(d, place_spot(to, 0, to->ground.deep0_m + 3));
    add_inside(d, place_spot(to, across_m, deep_m));
}

void driver_set_off(struct driver *d, enum task task)
{
    d->task = task;
    d->driving = true;
    motion_ready(&d->motion);
}
