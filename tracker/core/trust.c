#include "trust.h"

#include <muckwatch/geofence.h>

#include <math.h>

/* In the order of kinds.c. */
enum {
    OWN_JUMP_MPS,
    OWN_JUMP_FIXES,
    OWN_FROZEN_M,
    OWN_FROZEN_FIXES,
    OWN_FROZEN_S,
    OWN_FROZEN_KMH,
    OWN_TUNNEL_M,
    OWN_TUNNEL_S
};

/* A truck in a street grid drives at most the sum of two sides of a right angle, 1.41 times the way between.
 */
#define WILD_DETOUR 1.5
/* Two intervals of a standing unit; over more the vehicle may well have been there and come back. */
#define WILD_WITHIN_MS 150000
/* Two fixes of one place to the metre: a moving receiver that does so has none. */
#define HELD_FIXES 2
/* Still where it was, though it claims to have driven this far. */
#define STILL_THERE_M 100.0
#define CLAIMED_M     500.0
/* A light, a gate, a jam; what stands longer has parked, and begins anew when it drives. */
#define STOOD_MS 300000
/* After a silence as long as this nothing from before it bears a place out. */
#define UNSEEN_MS 300000
/* Driven while the place was held, of tunnel_m: in a jam in a tunnel it is less, however long it takes. */
#define JAM_SHARE 0.25
/* Longer than this from a held place, beyond what the speed allows, must have been driven unseen. */
#define TUNNEL_MIN_M 50.0
/* A truck gains and loses so much speed in a street at most; told of a way by both its ends up to so long. */
#define SPURT_MPS2     1.5
#define SPEEDS_TELL_MS 20000
/* A receiver that stands says less. */
#define STOOD_MPS 0.5f
/* A place that can be reached from the old one belongs to the new one only if it is so many times nearer. */
#define JUMP_NEARER 4

const char *distrust_name(enum distrust reason)
{
    static const char *const names[DISTRUST_COUNT] = {"", "absent", "mode", "zero", "jump", "frozen"};
    return names[(unsigned)reason < DISTRUST_COUNT ? reason : DISTRUST_NONE];
}

static struct mw_point place_of(const struct fix *fix)
{
    return (struct mw_point){fix->lat_deg, fix->lon_deg};
}

static enum distrust usable(const struct fix *fix)
{
    if (!fix_has(fix, FIX_HAS_POSITION))
        return DISTRUST_ABSENT;
    if (fix_has(fix, FIX_HAS_MODE) && fix->mode == FIX_MODE_NONE)
        return DISTRUST_MODE;
    /* What a receiver without a fix reports, not a place in the Gulf of Guinea. */
    return fix->lat_deg == 0 && fix->lon_deg == 0 ? DISTRUST_ZERO : DISTRUST_NONE;
}

bool trust_usable(const struct fix *fix)
{
    return usable(fix) == DISTRUST_NONE;
}

/* More than a degree of either has anywhere (WGS-84: 111,694 m of latitude at the pole, 111,320 of longitude
 * at the equator), and less than one of latitude has. */
#define MOST_M_PER_DEG  111700.0
#define LEAST_M_PER_LAT 110500.0

/* No farther apart than this, told without a root or an angle: enough for nearly every fix. */
static double at_most_m(struct mw_point a, struct mw_point b)
{
    return (fabs(a.lat_deg - b.lat_deg) + fabs(a.lon_deg - b.lon_deg)) * MOST_M_PER_DEG;
}

/* The least speed that leads from one place to the other, both errors granted. */
static double least_mps(struct mw_point from, struct mw_point to, double errors_m, int64_t between_ms)
{
    double far_m = mw_distance_m(from, to) - errors_m;
    return far_m <= 0 ? 0 : far_m / ((double)between_ms / 1000);
}

/* Counts a place that does not follow from the believed one; whether enough fixes confirm it by now. */
static bool confirm_jump(struct vehicle_state *state, const struct fix *fix, float eph_m, float mps,
                         const struct rule_settings *s)
{
    struct mw_point there = {state->trust.jump_lat_deg, state->trust.jump_lon_deg};
    bool fits = state->trust.jump_fixes > 0 &&
                least_mps(there, place_of(fix), 2 * (double)eph_m,
                          fix->time.ms - state->trust.jump_last_ms) <= s->own[OWN_JUMP_MPS];
    if (!fits) {
        state->trust.jump_fixes = 0;
        state->trust.jump_ms = fix->time.ms;
        state->trust.jump_mps = mps;
    }
    state->trust.jump_fixes++;
    state->trust.jump_lat_deg = fix->lat_deg;
    state->trust.jump_lon_deg = fix->lon_deg;
    state->trust.jump_last_ms = fix->time.ms;
    return state->trust.jump_fixes > s->own[OWN_JUMP_FIXES];
}

static bool nearer_to_jump(const struct vehicle_state *state, const struct fix *fix)
{
    if (state->trust.jump_fixes == 0)
        return false;
    struct mw_point there = {state->trust.jump_lat_deg, state->trust.jump_lon_deg};
    struct mw_point old = {state->lat_deg, state->lon_deg};
    return JUMP_NEARER * mw_distance_m(there, place_of(fix)) < mw_distance_m(old, place_of(fix));
}

/*
 * Whether it was the last believed place that was wild, within reach of both its neighbours as it may be in a
 * long interval: the way over it is much longer than the way past it, and that one is possible.
 */
static bool last_was_wild(const struct vehicle_state *state, const struct fix *fix, float eph_m,
                          const struct rule_settings *s)
{
    if (state->previous.ms == TIME_NONE || fix->time.ms - state->previous.ms > WILD_WITHIN_MS)
        return false;
    struct mw_point before = {state->previous.lat_deg, state->previous.lon_deg};
    struct mw_point last = {state->lat_deg, state->lon_deg}, now = place_of(fix);
    double over_m = mw_distance_m(before, last) + mw_distance_m(last, now);
    if (over_m < WILD_DETOUR * mw_distance_m(before, now))
        return false;
    return least_mps(before, now, 2 * (double)eph_m, fix->time.ms - state->previous.ms) <=
           s->own[OWN_JUMP_MPS];
}

static void forget_jump(struct vehicle_state *state)
{
    state->trust.jump_fixes = 0;
    state->trust.jump_ms = state->trust.jump_last_ms = TIME_NONE;
    state->trust.jump_lat_deg = state->trust.jump_lon_deg = 0;
    state->trust.jump_mps = 0;
}

/* When it can last have been at its last place: a held one was left at any time since the first of them, but
 * where it said that it stood by no tunnel for a place farther off than one is long. */
static int64_t left_at_ms(const struct vehicle_state *state, const struct fix *fix,
                          const struct rule_settings *s)
{
    struct mw_point last = {state->lat_deg, state->lon_deg};
    if (state->trust.frozen_fixes == 0 && at_most_m(last, place_of(fix)) > s->own[OWN_TUNNEL_M] &&
        mw_distance_m(last, place_of(fix)) > s->own[OWN_TUNNEL_M])
        return state->place_ms;
    bool held = state->trust.held_fixes >= HELD_FIXES && state->trust.held_ms < state->place_ms;
    return held ? state->trust.held_ms : state->place_ms;
}

static void judge_jump(struct vehicle_state *state, const struct fix *fix, float eph_m,
                       const struct rule_settings *s, struct trust *out)
{
    struct mw_point last = {state->lat_deg, state->lon_deg};
    int64_t since_ms = state->place_ms == TIME_NONE ? 0 : fix->time.ms - left_at_ms(state, fix, s);
    double mps = 0;
    if (since_ms > 0 && at_most_m(last, place_of(fix)) > s->own[OWN_JUMP_MPS] * (double)since_ms / 1000)
        mps = least_mps(last, place_of(fix), (double)(eph_m + state->eph_m), since_ms);
    /* The longer ago the old place, the less it tells: by then the new one may be within reach of it. */
    bool stays = mps <= s->own[OWN_JUMP_MPS] && !nearer_to_jump(state, fix);
    if (stays || (mps > s->own[OWN_JUMP_MPS] && last_was_wild(state, fix, eph_m, s))) {
        if (state->trust.jump_fixes > 0)
            forget_jump(state);
        if (state->place_ms != TIME_NONE && fix->time.ms - state->place_ms > UNSEEN_MS)
            state->trust.place_fixes = 0; /* alone after a silence it is a first place again */
        if (state->trust.place_fixes < UINT8_MAX)
            state->trust.place_fixes++;
        return;
    }
    if (!confirm_jump(state, fix, eph_m, (float)mps, s)) {
        out->reason = DISTRUST_JUMP;
        return;
    }
    /* A place that one fix alone vouched for was the wild one itself. */
    out->jumped = state->trust.place_fixes > 1;
    out->jump_ms = state->trust.jump_ms;
    out->jump_mps = state->trust.jump_mps;
    state->trust.place_fixes =
        (uint8_t)(state->trust.jump_fixes < UINT8_MAX ? state->trust.jump_fixes : UINT8_MAX);
    forget_jump(state);
}

static struct mw_point held_place(const struct vehicle_state *state)
{
    return (struct mw_point){state->trust.held_lat_deg, state->trust.held_lon_deg};
}

static bool holds_place(const struct vehicle_state *state, const struct fix *fix,
                        const struct rule_settings *s)
{
    struct mw_point held = held_place(state);
    return state->trust.held_fixes > 0 &&
           fabs(fix->lat_deg - held.lat_deg) * LEAST_M_PER_LAT <= s->own[OWN_FROZEN_M] &&
           mw_distance_m(held, place_of(fix)) <= s->own[OWN_FROZEN_M];
}

/* What the unit says to have driven since the last fix; a speed repeated to the bit is no measurement. */
static double claimed_m(const struct vehicle_state *state, const struct fix *fix)
{
    if (fix->speed_mps == state->speed_mps || isnan(state->speed_mps))
        return 0;
    double mps = fmin((double)fix->speed_mps, (double)state->speed_mps);
    return mps * (double)(fix->time.ms - state->time_ms) / 1000;
}

static bool froze(const struct vehicle_state *state, const struct fix *fix, const struct rule_settings *s)
{
    return state->trust.frozen_fixes >= s->own[OWN_FROZEN_FIXES] &&
           (double)(fix->time.ms - state->trust.frozen_ms) >= s->own[OWN_FROZEN_S] * 1000;
}

static void thaw(struct vehicle_state *state)
{
    state->trust.frozen_fixes = 0;
    state->trust.frozen_way_m = 0;
    state->trust.frozen_ms = state->trust.drove_ms = TIME_NONE;
}

/* Farther or longer than any tunnel. Speeds that are measured tell how far; repeated ones tell nothing. */
static bool no_tunnel(const struct vehicle_state *state, const struct fix *fix, const struct rule_settings *s)
{
    double way_m = (double)state->trust.frozen_way_m;
    bool longer = (double)(fix->time.ms - state->trust.frozen_ms) > s->own[OWN_TUNNEL_S] * 1000;
    return way_m > s->own[OWN_TUNNEL_M] ||
           (longer && (way_m == 0 || way_m > JAM_SHARE * s->own[OWN_TUNNEL_M]));
}

static void judge_frozen(const struct vehicle_state *state, const struct fix *fix,
                         const struct rule_settings *s, struct trust *out)
{
    if (!froze(state, fix, s))
        return;
    out->reason = DISTRUST_FROZEN;
    out->frozen_ms = state->trust.frozen_ms;
    out->frozen = no_tunnel(state, fix, s);
}

/* The same place as before, and the unit says that it drives. */
static void drive_on_the_spot(struct vehicle_state *state, const struct fix *fix,
                              const struct rule_settings *s, struct trust *out)
{
    if (state->trust.frozen_fixes == 0)
        state->trust.frozen_ms = fix->time.ms;
    else
        state->trust.frozen_way_m += (float)claimed_m(state, fix);
    if (state->trust.frozen_fixes < UINT16_MAX)
        state->trust.frozen_fixes++;
    state->trust.drove_ms = fix->time.ms;
    judge_frozen(state, fix, s, out);
}

/* The same place, and the unit says that it stands: that counts for nothing, and takes nothing back. */
static void stand_on_the_spot(struct vehicle_state *state, const struct fix *fix,
                              const struct rule_settings *s, struct trust *out)
{
    if (state->trust.frozen_fixes == 0)
        return;
    if (fix->time.ms - state->trust.drove_ms > STOOD_MS)
        thaw(state);
    else
        judge_frozen(state, fix, s, out);
}

/* How far it can have driven since its last fix, if it was at the held place then. */
static double reach_m(const struct vehicle_state *state, const struct fix *fix)
{
    int64_t ms = fix->time.ms - state->time_ms;
    double s = (double)ms / 1000, from = isnan(state->speed_mps) ? 0 : (double)state->speed_mps;
    double to = fix_has(fix, FIX_HAS_SPEED) ? (double)fix->speed_mps : from;
    double far_m = 1.3 * fmax(from, to) * s + TUNNEL_MIN_M;
    return ms > SPEEDS_TELL_MS ? far_m : fmin(far_m, (from + to) / 2 * s + SPURT_MPS2 * s * s / 4);
}

/* What it says to have driven while its place was held, to the last fix there. */
static double drove_held_m(const struct vehicle_state *state)
{
    if (state->trust.frozen_fixes < HELD_FIXES || state->trust.drove_ms != state->place_ms)
        return 0;
    return (double)state->speed_mps * (double)(state->place_ms - state->trust.frozen_ms) / 1000;
}

/* It is somewhere else now; what does that say of the place it held? */
static void let_go(const struct vehicle_state *state, const struct fix *fix, float eph_m,
                   const struct rule_settings *s, struct trust *out)
{
    double way_m = mw_distance_m(held_place(state), place_of(fix)), errors_m = 2 * (double)eph_m;
    out->tunnel = way_m > reach_m(state, fix) + errors_m || drove_held_m(state) > errors_m;
    out->thawed = state->trust.frozen_fixes > 0 && froze(state, fix, s) &&
                  (double)state->trust.frozen_way_m >= CLAIMED_M && way_m < STILL_THERE_M;
    if (out->thawed)
        out->frozen_ms = state->trust.frozen_ms;
}

/* Said once that it stands: whose receiver said one place as it drove into a tunnel has no other to tell by. */
static bool said_it_stood(const struct vehicle_state *state, const struct fix *fix)
{
    return state->speed_mps < STOOD_MPS && fix_has(fix, FIX_HAS_SPEED) &&
           fix->time.ms - state->time_ms <= SPEEDS_TELL_MS;
}

static void judge_held(struct vehicle_state *state, const struct fix *fix, float eph_m,
                       const struct rule_settings *s, struct trust *out)
{
    bool holds = holds_place(state, fix, s);
    if (!holds) {
        if (state->trust.held_fixes >= HELD_FIXES || said_it_stood(state, fix))
            let_go(state, fix, eph_m, s, out);
        thaw(state);
        state->trust.held_fixes = 0;
        state->trust.held_ms = fix->time.ms;
        state->trust.held_lat_deg = fix->lat_deg;
        state->trust.held_lon_deg = fix->lon_deg;
    }
    if (state->trust.held_fixes < UINT16_MAX)
        state->trust.held_fixes++;
    if (fix_has(fix, FIX_HAS_SPEED) && (double)fix->speed_mps * 3.6 > s->own[OWN_FROZEN_KMH])
        drive_on_the_spot(state, fix, s, out);
    else if (holds)
        stand_on_the_spot(state, fix, s, out);
}

void trust_judge(struct vehicle_state *state, const struct fix *fix, float eph_m,
                 const struct rule_settings *settings, struct trust *out)
{
    *out = (struct trust){.reason = usable(fix), .jump_ms = TIME_NONE, .frozen_ms = TIME_NONE};
    if (out->reason != DISTRUST_NONE)
        return;
    judge_jump(state, fix, eph_m, settings, out);
    if (out->reason != DISTRUST_NONE)
        return;
    judge_held(state, fix, eph_m, settings, out);
}
