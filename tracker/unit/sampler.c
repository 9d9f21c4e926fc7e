/*
 * sampler: see the header. The order of the checks matters: time first, since a jump is judged by it.
 */
#include "sampler.h"

#include <math.h>
#include <stdlib.h>

/* A vehicle stands once its speed is below the first, until it is above the second. Receivers at rest report
 * up to half a metre a second. */
#define STANDING_BELOW_MPS 0.8f
#define MOVING_ABOVE_MPS   1.5f
/* If the receiver tells no speed, a vehicle within this distance of the last kept fix stands. It is twice the
 * usual error of a receiver in a street. */
#define STANDING_WITHIN_M 20.0
/* Below this the course over ground is noise. */
#define TURN_ABOVE_MPS 2.0f

enum { BACKWARDS_MAX = 10, AGREEING_MIN = 3 };

const char *sampler_verdict_name(enum sampler_verdict verdict)
{
    static const char *const names[SAMPLER_VERDICT_COUNT] = {
        [SAMPLER_KEPT] = "kept",     [SAMPLER_THINNED] = "thinned",     [SAMPLER_REPEATED] = "repeated",
        [SAMPLER_NO_FIX] = "no_fix", [SAMPLER_NO_TIME] = "no_time",     [SAMPLER_ROLLOVER] = "rollover",
        [SAMPLER_FUTURE] = "future", [SAMPLER_BACKWARDS] = "backwards", [SAMPLER_JUMP] = "jump",
    };
    return (unsigned)verdict < SAMPLER_VERDICT_COUNT ? names[verdict] : "unknown";
}

void sampler_init(struct sampler *s, const struct sampler_options *options, struct wall floor,
                  struct mono now)
{
    *s = (struct sampler){.options = *options, .floor_ms = floor.ms, .blind_at = now};
    if (s->floor_ms < SAMPLER_TIME_MIN_MS)
        s->floor_ms = SAMPLER_TIME_MIN_MS;
}

/* Equirectangular: within 0.1 % over the few kilometres that matter here; 6371008.8 m is the mean radius
 * (IUGG). */
static double distance_m(const struct fix *a, const struct fix *b)
{
    double lon = b->lon_deg - a->lon_deg;
    if (lon > 180)
        lon -= 360;
    else if (lon < -180)
        lon += 360;
    double rad = 3.14159265358979323846 / 180;
    double x = lon * rad * cos((a->lat_deg + b->lat_deg) * 0.5 * rad);
    double y = (b->lat_deg - a->lat_deg) * rad;
    return 6371008.8 * sqrt(x * x + y * y);
}

static double turned_deg(float a, float b)
{
    double d = fabs((double)a - (double)b);
    return d > 180 ? 360 - d : d;
}

static bool clock_believed(const struct sampler *s, struct sampler_now now)
{
    return !s->options.receiver_clock && now.wall.ms >= s->floor_ms;
}

/* Whether two times lie a whole number, not zero, of 1024 weeks apart. */
static bool is_rollover(int64_t a_ms, int64_t b_ms)
{
    int64_t apart = a_ms > b_ms ? a_ms - b_ms : b_ms - a_ms;
    int64_t off = apart % SAMPLER_ROLLOVER_MS;
    if (off > SAMPLER_ROLLOVER_MS / 2)
        off = SAMPLER_ROLLOVER_MS - off;
    return apart > SAMPLER_ROLLOVER_MS / 2 && off <= SAMPLER_ROLLOVER_SLACK_MS;
}

static bool position_valid(const struct fix *p)
{
    return fix_has(p, FIX_HAS_POSITION | FIX_HAS_MODE) && p->mode >= FIX_MODE_2D && isfinite(p->lat_deg) &&
           isfinite(p->lon_deg) && fabs(p->lat_deg) <= 90 && fabs(p->lon_deg) <= 180;
}

static enum sampler_verdict judge_time(struct sampler *s, const struct fix *p, struct sampler_now now)
{
    if (p->time.ms < SAMPLER_TIME_MIN_MS)
        return SAMPLER_NO_TIME;
    if (clock_believed(s, now)) {
        if (is_rollover(p->time.ms, now.wall.ms))
            return SAMPLER_ROLLOVER;
        if (p->time.ms > now.wall.ms + SAMPLER_FUTURE_MS)
            return SAMPLER_FUTURE;
    } else if (p->time.ms < s->floor_ms) {
        return SAMPLER_ROLLOVER;
    }
    if (!s->has_good)
        return SAMPLER_KEPT;
    if (p->time.ms > s->good.time.ms && is_rollover(p->time.ms, s->good.time.ms))
        return SAMPLER_ROLLOVER;
    if (p->time.ms == s->good.time.ms)
        return SAMPLER_REPEATED;
    if (p->time.ms < s->good.time.ms && ++s->backwards < BACKWARDS_MAX)
        return SAMPLER_BACKWARDS;
    s->backwards = 0;
    return SAMPLER_KEPT;
}

/* Whether going from one to the other would be faster than any truck drives, even if both errors are
 * subtracted. */
static bool is_jump(const struct fix *from, const struct fix *to)
{
    double error_m = (fix_has(from, FIX_HAS_EPH) ? (double)from->eph_m : 30.0) +
                     (fix_has(to, FIX_HAS_EPH) ? (double)to->eph_m : 30.0);
    double apart_s = fabs((double)(to->time.ms - from->time.ms)) / 1000;
    return distance_m(from, to) - error_m > SAMPLER_JUMP_MPS * apart_s;
}

static bool judge_jump(struct sampler *s, const struct fix *p)
{
    if (!s->has_good || p->time.ms < s->good.time.ms || !is_jump(&s->good, p)) {
        s->agreeing = 0;
        return false;
    }
    s->agreeing =
        s->agreeing > 0 && p->time.ms > s->there.time.ms && !is_jump(&s->there, p) ? s->agreeing + 1 : 1;
    s->there = *p;
    if (s->agreeing < AGREEING_MIN)
        return true;
    s->agreeing = 0;
    return false;
}

static bool judge_standing(struct sampler *s, const struct fix *p)
{
    if (fix_has(p, FIX_HAS_SPEED))
        return s->standing ? p->speed_mps <= MOVING_ABOVE_MPS : p->speed_mps < STANDING_BELOW_MPS;
    return s->has_kept && distance_m(&s->kept, p) < STANDING_WITHIN_M;
}

static bool is_needed(struct sampler *s, const struct fix *p, bool was_standing)
{
    if (!s->has_kept || s->sensor_due)
        return true;
    int64_t since_ms = p->time.ms - s->kept.time.ms;
    if (since_ms < 0 || since_ms >= (s->standing ? s->options.standing_ms : s->options.every_ms))
        return true;
    if (s->standing)
        return !was_standing;
    if (s->options.distance_m > 0 && distance_m(&s->kept, p) >= s->options.distance_m)
        return true;
    return s->options.turn_deg > 0 && fix_has(p, FIX_HAS_TRACK | FIX_HAS_SPEED) &&
           p->speed_mps > TURN_ABOVE_MPS && fix_has(&s->kept, FIX_HAS_TRACK) &&
           turned_deg(p->track_deg, s->kept.track_deg) >= s->options.turn_deg;
}

static bool any_known(const struct sensors *s)
{
    return (s->cover | s->body | s->load | s->spill | s->discharge | s->wash | s->ignition | s->work |
            s->power | s->antenna) != 0 ||
           !isnan(s->load_kg) || !isnan(s->height_m);
}

static void put_sensors(struct fix *fix, const struct sensors *sensors)
{
    fix->sensors = *sensors;
    if (any_known(sensors))
        fix->has = (uint16_t)(fix->has | FIX_HAS_SENSORS);
}

/* The time for a fix without position. */
static bool blind_time(const struct sampler *s, struct sampler_now now, struct wall *out)
{
    if (s->has_good)
        *out = (struct wall){s->good.time.ms + (now.mono.ms - s->good_at.ms)};
    else if (clock_believed(s, now))
        *out = now.wall;
    else
        return false;
    if (out->ms <= s->kept_any_ms)
        out->ms = s->kept_any_ms + 1; /* the tracker does not judge a fix that is not newer than the last */
    return true;
}

static bool give_blind(struct sampler *s, const struct sensors *sensors, struct sampler_now now,
                       struct fix *out)
{
    struct wall time;
    if (!blind_time(s, now, &time))
        return false;
    *out = (struct fix){.time = time, .has = FIX_HAS_MODE, .mode = FIX_MODE_NONE};
    put_sensors(out, sensors);
    s->kept_any_ms = time.ms;
    s->blind_at = now.mono;
    s->sensor_due = false;
    s->blind++;
    return true;
}

static bool blind_due(const struct sampler *s, struct mono now)
{
    return now.ms - s->blind_at.ms >= s->options.standing_ms &&
           (!s->has_good || now.ms - s->good_at.ms >= s->options.standing_ms);
}

static enum sampler_verdict judge(struct sampler *s, const struct fix *p, struct sampler_now now)
{
    if (!position_valid(p))
        return SAMPLER_NO_FIX;
    enum sampler_verdict verdict = judge_time(s, p, now);
    if (verdict != SAMPLER_KEPT)
        return verdict;
    if (judge_jump(s, p))
        return SAMPLER_JUMP;
    bool was_standing = s->standing;
    s->standing = judge_standing(s, p);
    s->good = *p;
    s->has_good = true;
    s->good_at = now.mono;
    return is_needed(s, p, was_standing) ? SAMPLER_KEPT : SAMPLER_THINNED;
}

struct sampler_taken sampler_take(struct sampler *s, const struct fix *position,
                                  const struct sensors *sensors, struct sampler_now now, struct fix *out_fix)
{
    struct sampler_taken taken = {.verdict = judge(s, position, now)};
    s->counts[taken.verdict]++;
    if (taken.verdict == SAMPLER_THINNED || taken.verdict == SAMPLER_REPEATED)
        return taken;
    taken.given =
        taken.verdict == SAMPLER_KEPT || (blind_due(s, now.mono) && give_blind(s, sensors, now, out_fix));
    if (taken.verdict != SAMPLER_KEPT)
        return taken;
    *out_fix = *position;
    put_sensors(out_fix, sensors);
    s->kept = *out_fix;
    s->has_kept = true;
    s->kept_any_ms = position->time.ms;
    s->sensor_due = false;
    return taken;
}

void sampler_sensor_changed(struct sampler *s, struct mono now)
{
    if (!s->sensor_due)
        s->sensor_at = now;
    s->sensor_due = true;
}

bool sampler_tick(struct sampler *s, const struct sensors *sensors, bool silent, struct sampler_now now,
                  struct fix *out_fix)
{
    bool sensor = s->sensor_due && now.mono.ms - s->sensor_at.ms >= SAMPLER_SENSOR_WAIT_MS;
    if (!sensor && !(silent && blind_due(s, now.mono)))
        return false;
    if (give_blind(s, sensors, now, out_fix))
        return true;
    s->sensor_due = false; /* there is no time for it: it goes out with the first fix that has one */
    return false;
}
