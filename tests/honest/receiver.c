#include "receiver.h"

/* The radius that holds 95 % of a circular normal distribution, in deviations of an axis. */
#define RADIUS_95 2.4477
/*
 * One excursion in so many seconds between tall buildings, where a quarter of the ways lie: one in five hours
 * of driving, 0.2 % of the time, which is about how often a receiver with such a 95 % error is off by so
 * much.
 */
#define EXCURSION_EVERY_S 4500.0
/* How long it takes to be thrown, and to come back. */
#define EXCURSION_RAMP_MS 4000.0

struct receiver receiver_of(struct dice dice, double error95_m, int64_t at_ms)
{
    struct receiver r = {.dice = dice, .sigma_m = error95_m / RADIUS_95, .at_ms = at_ms};
    r.tau_s = 60 * exp(dice_unit(&r.dice) * log(10));
    r.error = (struct spot){r.sigma_m * dice_normal(&r.dice), r.sigma_m * dice_normal(&r.dice)};
    return r;
}

static void throw_aside(struct receiver *r)
{
    double far_m = dice_between(&r->dice, 10, 40), angle = dice_between(&r->dice, 0, 6.283185307);
    r->thrown = (struct spot){far_m * cos(angle), far_m * sin(angle)};
    r->thrown_from_ms = r->at_ms;
    r->thrown_to_ms = r->at_ms + (int64_t)(dice_between(&r->dice, 20, 60) * 1000);
}

void receiver_advance(struct receiver *r, int64_t at_ms, double canyon_s)
{
    double dt_s = (double)(at_ms - r->at_ms) / 1000, keep = exp(-dt_s / r->tau_s);
    double fresh = r->sigma_m * sqrt(1 - keep * keep);
    r->error.east_m = r->error.east_m * keep + fresh * dice_normal(&r->dice);
    r->error.north_m = r->error.north_m * keep + fresh * dice_normal(&r->dice);
    r->at_ms = at_ms;
    if (canyon_s > 0 && at_ms > r->thrown_to_ms && dice_chance(&r->dice, canyon_s / EXCURSION_EVERY_S))
        throw_aside(r);
}

struct spot receiver_sees(const struct receiver *r, struct spot truth)
{
    struct spot s = {truth.east_m + r->error.east_m, truth.north_m + r->error.north_m};
    if (r->at_ms >= r->thrown_from_ms && r->at_ms <= r->thrown_to_ms) {
        double in = (double)(r->at_ms - r->thrown_from_ms) / EXCURSION_RAMP_MS;
        double out = (double)(r->thrown_to_ms - r->at_ms) / EXCURSION_RAMP_MS;
        double share = fmin(1, fmin(in, out));
        s.east_m += r->thrown.east_m * share;
        s.north_m += r->thrown.north_m * share;
    }
    return s;
}
