#include "unit.h"

#include <stdio.h>
#include <string.h>

/* Speed by Doppler: its deviation, moving and at rest. */
#define SPEED_NOISE_MPS 0.12
#define REST_NOISE_MPS  0.06
/* One wrong sample of the body switch in so many seconds. */
#define FLICKER_EVERY_S 86400.0

void unit_start(struct unit *u, struct town *town, const struct town_vehicle *vehicle, uint64_t seed,
                double error95_m, int64_t interval_ms, int64_t now_ms)
{
    uint64_t number = (uint64_t)(vehicle - town->vehicles);
    *u = (struct unit){.dice = dice_of(seed, 1000 + number), .eph_m = error95_m, .interval_ms = interval_ms};
    driver_start(&u->driver, town, vehicle, dice_of(seed, 2000 + number), now_ms);
    u->receiver = receiver_of(dice_of(seed, 3000 + number), error95_m, now_ms);
    snprintf(u->boot, sizeof u->boot, "b-%u", (unsigned)number);
}

void unit_stop(struct unit *u)
{
    driver_stop(&u->driver);
}

static void enter_tunnel(struct unit *u, struct spot at, double mps, double deg)
{
    u->in_tunnel = true;
    u->held = receiver_sees(&u->receiver, at);
    u->held_mps = mps;
    u->held_deg = deg;
}

/* Drives on to the instant; returns how long between tall buildings. */
static double drive_to(struct unit *u, int64_t to_ms)
{
    struct driver *d = &u->driver;
    double canyon_s = 0;
    while (d->now_ms < to_ms) {
        struct spot at = d->at;
        double mps = d->speed_mps, deg = d->course_deg;
        int64_t from_ms = d->now_ms;
        driver_go_on(d, to_ms);
        if (u->meter != NULL)
            meter_look(u->meter, d, (double)(d->now_ms - from_ms) / 1000);
        if (!d->driving)
            continue;
        bool below = (d->flags & WAY_TUNNEL) != 0;
        if (below && !u->in_tunnel)
            enter_tunnel(u, at, mps, deg);
        u->in_tunnel = below;
        if (d->flags & WAY_CANYON)
            canyon_s += (double)(d->now_ms - from_ms) / 1000;
    }
    return canyon_s;
}

static void say_place(struct fix *fix, struct spot at)
{
    struct mw_point p = spot_point(at);
    fix->has |= FIX_HAS_POSITION;
    fix->lat_deg = round(p.lat_deg * 1e7) / 1e7;
    fix->lon_deg = round(p.lon_deg * 1e7) / 1e7;
}

static void say_motion(struct fix *fix, double mps, double deg)
{
    fix->has |= FIX_HAS_SPEED;
    fix->speed_mps = (float)(round(mps * 100) / 100);
    if (mps > 0.8) {
        fix->has |= FIX_HAS_TRACK;
        fix->track_deg = (float)(round(fmod(deg + 360, 360) * 10) / 10);
        if (fix->track_deg >= 360)
            fix->track_deg = 0;
    }
}

/* The place that a frozen receiver goes on saying. */
static bool is_frozen(struct unit *u)
{
    const struct deed_plan *p = &u->driver.plan;
    bool now = p->on && (p->deed == DEED_FROZEN || p->deed == DEED_FROZEN_STILL);
    if (now && !u->frozen)
        u->frozen_at = receiver_sees(&u->receiver, u->driver.at);
    u->frozen = now;
    return now;
}

static struct spot seen(struct unit *u)
{
    const struct deed_plan *p = &u->driver.plan;
    struct spot s = receiver_sees(&u->receiver, u->driver.at);
    if (is_frozen(u))
        return u->frozen_at;
    if (p->on && p->deed == DEED_JUMP)
        s = (struct spot){s.east_m + p->east_m, s.north_m + p->north_m};
    return s;
}

static bool does(const struct driver *d, enum deed deed)
{
    return d->plan.on && d->plan.deed == deed;
}

static void say_where(struct unit *u, struct fix *fix)
{
    const struct driver *d = &u->driver;
    enum tunnel_habit habit = d->vehicle->unit.tunnel;
    fix->has |= FIX_HAS_MODE;
    fix->mode = FIX_MODE_3D;
    if ((u->in_tunnel && habit == TUNNEL_LOSES && !u->frozen) || does(d, DEED_NO_FIX)) {
        fix->mode = FIX_MODE_NONE;
        return;
    }
    bool speaks = d->vehicle->unit.says_speed;
    if (u->in_tunnel && !u->frozen) {
        say_place(fix, u->held);
        if (speaks)
            say_motion(fix, habit == TUNNEL_HOLDS_SPEED ? u->held_mps : 0, u->held_deg);
    } else {
        bool rests = d->speed_mps == 0;
        double mps = d->speed_mps + (rests ? REST_NOISE_MPS : SPEED_NOISE_MPS) * dice_normal(&u->dice);
        double deg = d->course_deg + 2 * dice_normal(&u->dice);
        say_place(fix, seen(u));
        if (speaks)
            say_motion(fix, fabs(mps), deg);
    }
    if (d->vehicle->unit.says_eph) {
        fix->has |= FIX_HAS_EPH;
        fix->eph_m = (float)u->eph_m;
    }
}

/* Now and then the body switch says the contrary for one sample. */
static bool flicker(struct unit *u)
{
    bool wrong = dice_chance(&u->dice, (double)u->interval_ms / 1000 / FLICKER_EVERY_S) && !u->flickered;
    u->flickered = wrong;
    return wrong;
}

static void say_sensors(struct unit *u, struct fix *fix)
{
    const struct driver *d = &u->driver;
    const struct town_unit *wired = &d->vehicle->unit;
    struct sensors *s = &fix->sensors;
    *s = sensors_none();
    if (wired->others) {
        s->ignition = d->task == TASK_PARKED ? FLAG_FALSE : FLAG_TRUE;
        s->power = does(d, DEED_POWER) ? POWER_BACKUP : POWER_MAIN;
        s->antenna = does(d, DEED_ANTENNA_CUT)     ? ANTENNA_CUT
                     : does(d, DEED_ANTENNA_SHORT) ? ANTENNA_SHORT
                                                   : ANTENNA_OK;
        s->spill = d->vehicle->sweeper ? FLAG_UNKNOWN : does(d, DEED_SPILL) ? FLAG_TRUE : FLAG_FALSE;
    }
    if (d->vehicle->sweeper)
        s->work = d->task == TASK_SWEEPING ? WORK_SWEEPING : WORK_OFF;
    if (wired->load)
        s->load = !driver_is_loaded(d) ? LOAD_EMPTY : driver_load_kg(d) > 16000 ? LOAD_OVER : LOAD_LOADED;
    if (wired->weight)
        s->load_kg = (float)round(fmax(driver_load_kg(d) + 60 * dice_normal(&u->dice), 0));
    if (wired->body)
        s->body = driver_body_raised(d) != flicker(u) ? BODY_RAISED : BODY_DOWN;
    if (wired->cover)
        s->cover = driver_cover_is_open(d) ? COVER_OPEN : COVER_CLOSED;
    if (wired->height)
        s->height_m =
            (float)(round(((does(d, DEED_HEIGHT) ? 4.3 : 3.3) + 0.05 * dice_normal(&u->dice)) * 100) / 100);
    if (wired->wash_signal)
        s->wash = d->task == TASK_WASHING ? FLAG_TRUE : FLAG_FALSE;
    fix->has |= FIX_HAS_SENSORS;
}

bool unit_next(struct unit *u, struct fix *out)
{
    int64_t to_ms = u->driver.now_ms + u->interval_ms;
    double canyon_s = drive_to(u, to_ms);
    receiver_advance(&u->receiver, to_ms, canyon_s);
    if (does(&u->driver, DEED_OFFLINE))
        return false;
    memset(out, 0, sizeof *out);
    if (u->meter != NULL)
        meter_sent(u->meter, &u->driver);
    out->time.ms = to_ms;
    say_where(u, out);
    say_sensors(u, out);
    if (u->driver.vehicle->unit.numbers) {
        out->has |= FIX_HAS_SEQ;
        out->boot = text_of(u->boot);
        out->seq = ++u->seq;
    }
    return true;
}
