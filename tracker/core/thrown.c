#include "thrown.h"

#include <math.h>

/* What throws a receiver aside between tall buildings is over after so long, mostly. */
#define THROWN_MS 45000
/* And after so long nearly always. */
#define LATELY_MS 60000
/* Over more a road may bend twice, and headings at both ends deny nothing of the way between. */
#define THROWN_LEG_MS 15000
/* Of the way: headings are right to five degrees. */
#define THROWN_SHARE 0.0875f
/* Speeds and headings at both ends of a way tell where it led to so much of it, and to so much more of what a corner
 * turns. A truck that brakes for the corner is taken for a thrown one then, once in twenty: it costs a minute. */
#define LEAP_SHARE   0.15f
#define CORNER_SHARE 0.3f
/* Who starts turns by less than so much at once: 45 degrees. */
#define START_COSINE 0.707f
/* Metres in a degree of latitude, within 0.6 % anywhere. */
#define M_PER_DEG 111195.0

struct vector {
    float east, north;
};

/* Of -90 to 90 degrees, to some millionths, by constants alone. */
#define RAD(deg)  ((deg)*0.017453292519943295)
#define RAD2(deg) (RAD(deg) * RAD(deg))
#define SINE(deg)                                                                                            \
    (RAD(deg) * (1 - RAD2(deg) / 6 * (1 - RAD2(deg) / 20 * (1 - RAD2(deg) / 42 * (1 - RAD2(deg) / 72)))))
#define EAST(deg)  SINE((deg) <= 90 ? (deg) : (deg) <= 270 ? 180 - (deg) : (deg)-360)
#define NORTH(deg) SINE((deg) <= 180 ? 90 - (deg) : (deg)-270)
#define HEADING(n)                                                                                           \
    {                                                                                                        \
        (float)EAST(n), (float)NORTH(n)                                                                      \
    }
#define HEADINGS_5(n) HEADING(n), HEADING(n + 1), HEADING(n + 2), HEADING(n + 3), HEADING(n + 4)
#define HEADINGS_30(n)                                                                                       \
    HEADINGS_5(n), HEADINGS_5(n + 5), HEADINGS_5(n + 10), HEADINGS_5(n + 15), HEADINGS_5(n + 20),            \
        HEADINGS_5(n + 25)

/* A way of one in each heading of whole degrees: it is asked of each fix, and sines are dear. One more than there are,
 * for what lies between it and the one before. */
static const struct vector headings[362] = {
    HEADINGS_30(0),   HEADINGS_30(30),  HEADINGS_30(60),  HEADINGS_30(90),  HEADINGS_30(120),
    HEADINGS_30(150), HEADINGS_30(180), HEADINGS_30(210), HEADINGS_30(240), HEADINGS_30(270),
    HEADINGS_30(300), HEADINGS_30(330), HEADING(360),     HEADING(361)};

/* Of 0 to 360 degrees; of what is none, nowhere: a state may come from a store that was meddled with. */
static inline struct vector heading(float deg)
{
    if (!(deg >= 0 && deg <= 360))
        return (struct vector){0, 0};
    int whole = (int)deg;
    float rest = deg - (float)whole;
    struct vector a = headings[whole], b = headings[whole + 1];
    return (struct vector){a.east + rest * (b.east - a.east), a.north + rest * (b.north - a.north)};
}

static inline float dot(struct vector a, struct vector b)
{
    return a.east * b.east + a.north * b.north;
}

/* Positive: `b` leads to the right of `a`. */
static inline float cross(struct vector a, struct vector b)
{
    return a.north * b.east - a.east * b.north;
}

/* What of a way does not lead on in a heading. */
static inline struct vector beside(struct vector way, struct vector to)
{
    float aside = cross(to, way);
    return dot(way, to) > 0 ? (struct vector){aside * to.north, -aside * to.east} : way;
}

/* Since the last fix, in degrees of latitude. */
static inline struct vector way_of(const struct vehicle_state *s, const struct moment *m)
{
    float cosine = heading((float)fabs(m->lat_deg)).north;
    return (struct vector){(float)(m->lon_deg - s->said_lon_deg) * cosine,
                           (float)(m->lat_deg - s->said_lat_deg)};
}

/* It said that it stands, and says so again. */
static bool stands_on(const struct vehicle_state *s, const struct moment *m)
{
    return !m->derived && m->stopped && !(s->flags & VEHICLE_MOVED);
}

/* It stood by its places, and is elsewhere: it started, or it was thrown. */
static bool starts(const struct vehicle_state *s, const struct moment *m)
{
    return m->derived && s->habits.stopped_ms != TIME_NONE;
}

static inline struct vector way_m(const struct vehicle_state *s, const struct moment *m)
{
    struct vector way = way_of(s, m);
    return (struct vector){way.east * (float)M_PER_DEG, way.north * (float)M_PER_DEG};
}

/* By its speeds, in metres; NaN: they are not known, or there is no fix before. */
static inline float driven_m(const struct vehicle_state *s, const struct moment *m)
{
    if (s->place_ms == TIME_NONE)
        return NAN;
    return (s->speed_mps + m->speed_mps) * (float)(m->at_ms - s->place_ms) * 0.0005f;
}

/* Straight on, but for what the place may be wrong by: told by how far it came in its heading, and beside it by
 * what is left of the way; and as far as its speeds say. */
bool thrown_may_follow(const struct vehicle_state *s, const struct moment *m)
{
    struct vector way = way_of(s, m);
    float on = m->headed ? dot(way, heading(m->track_deg)) : 0, way2 = dot(way, way);
    float error = m->eph_m * (float)(1 / M_PER_DEG), aside2 = THROWN_SHARE * THROWN_SHARE * way2;
    aside2 = error * error > aside2 ? error * error : aside2;
    if (on * fabsf(on) < way2 - aside2 || (s->flags & VEHICLE_THROWN) != 0)
        return true;
    float path_m = driven_m(s, m);
    return fabsf(on * (float)M_PER_DEG - path_m) > LEAP_SHARE * path_m + m->eph_m;
}

/* What of a way the headings at its ends do not explain. False: they explain it. */
static bool is_unexplained(const struct vehicle_state *s, const struct moment *m, struct vector way,
                           struct vector *out)
{
    struct vector from = heading(s->track_deg), to = heading(m->track_deg);
    if (!m->headed || !(s->flags & VEHICLE_HEADED) ||
        (cross(from, way) * cross(to, way) <= 0 && dot(way, from) + dot(way, to) > 0))
        return false; /* between both, as a road that bends */
    struct vector a = beside(way, from), b = beside(way, to);
    *out = dot(a, a) < dot(b, b) ? a : b;
    return true;
}

/* Farther than the place may be wrong, and no farther than any receiver is thrown. */
static bool is_throw(const struct moment *m, struct vector by)
{
    float by2 = dot(by, by), margin_m = (float)moment_margin_m(m);
    return by2 <= THROWN_MOST_M * THROWN_MOST_M && by2 > margin_m * margin_m;
}

/* Whether the receiver was thrown since the last fix, and by what of the way. */
static bool find_swing(const struct vehicle_state *s, const struct moment *m, struct vector way,
                       struct vector *out)
{
    if (stands_on(s, m))
        *out = way;
    else if (!is_unexplained(s, m, way, out))
        return false;
    return is_throw(m, *out) && dot(*out, *out) > THROWN_SHARE * THROWN_SHARE * dot(way, way);
}

/* What of a way the speeds and headings at its ends do not explain: half of it is as one says, half as the other.
 * False: they explain it, or say nothing. */
static bool find_leap(const struct vehicle_state *s, const struct moment *m, struct vector way, bool swung,
                      struct vector *out)
{
    struct vector from = heading(s->track_deg), to = heading(m->track_deg);
    if (m->derived || !m->headed || !(s->flags & VEHICLE_HEADED))
        return false;
    float half_s = (float)(m->at_ms - s->place_ms) * 0.0005f, path_m = driven_m(s, m);
    float bend = sqrtf(fmaxf(0, (1 - dot(from, to)) / 2)); /* the sine of half of it */
    out->east = way.east - half_s * (from.east * s->speed_mps + to.east * m->speed_mps);
    out->north = way.north - half_s * (from.north * s->speed_mps + to.north * m->speed_mps);
    float least_m = path_m * (LEAP_SHARE + CORNER_SHARE * bend) + (float)moment_margin_m(m);
    return is_throw(m, *out) && (swung || dot(*out, *out) > least_m * least_m);
}

static void forget(struct vehicle_state *s)
{
    s->flags &= ~(uint32_t)VEHICLE_THROWN;
    s->thrown.ms = 0;
    s->thrown.east_m = s->thrown.north_m = 0;
}

static void add(struct vehicle_state *s, const struct moment *m, struct vector way)
{
    if ((s->flags & VEHICLE_THROWN) != 0 && m->at_ms - s->thrown.ms > THROWN_MS)
        forget(s); /* that is over, and this is another */
    bool at_once = s->thrown.ms == s->place_ms;
    float east_m = s->thrown.east_m + way.east, north_m = s->thrown.north_m + way.north;
    double far_m = (double)hypotf(east_m, north_m);
    /* Farther than any is thrown: where the fixes between bore its headings out, the one before was none, or is over. */
    bool another = far_m > (double)THROWN_MOST_M && !at_once;
    s->flags |= VEHICLE_THROWN;
    s->thrown.ms = m->at_ms;
    s->thrown.east_m = another ? way.east : east_m;
    s->thrown.north_m = another ? way.north : north_m;
    /* Led back it is where it was; and so far at once it is the headings that are wrong. */
    if (far_m <= moment_margin_m(m) || (far_m > (double)THROWN_MOST_M && at_once))
        forget(s);
}

void thrown_tell(const struct vehicle_state *s, struct moment *m)
{
    /* A deadline sees what its last fix said, as it was then. */
    m->thrown_lately = (s->flags & VEHICLE_THROWN) != 0;
    m->thrown = m->thrown_lately && m->fix_ms - s->thrown.ms <= THROWN_MS;
    m->aside_east_m = m->thrown ? s->thrown.east_m : 0;
    m->aside_north_m = m->thrown ? s->thrown.north_m : 0;
}

/*
 * Started or thrown: which of both it was shows later. Who started drives on, and mostly straight on; who was thrown
 * stands on aside, for as long as it lasts, and is back where it was before. Returns whether it came back.
 */
static bool judge_start(struct vehicle_state *s, const struct moment *m, struct vector way)
{
    struct vector aside = {s->thrown.east_m, s->thrown.north_m};
    float far_m = hypotf(way.east, way.north), aside_m = hypotf(aside.east, aside.north);
    float margin_m = (float)moment_margin_m(m);
    bool stood = starts(s, m), was_thrown = (s->flags & VEHICLE_THROWN) != 0;
    bool on = !stood && far_m > margin_m && dot(way, aside) > START_COSINE * far_m * aside_m;
    if (was_thrown && (on || far_m > THROWN_MOST_M)) {
        forget(s);
        return false;
    }
    if (!stood || far_m > THROWN_MOST_M || (!was_thrown && far_m <= margin_m))
        return false;
    bool goes_on = was_thrown && hypotf(aside.east + way.east, aside.north + way.north) <= THROWN_MOST_M;
    int64_t since_ms = goes_on ? s->thrown.ms : m->at_ms; /* standing it wanders, and does not begin anew */
    if (!goes_on)
        forget(s);
    add(s, m, way);
    bool thrown = (s->flags & VEHICLE_THROWN) != 0;
    s->thrown.ms = thrown ? since_ms : 0;
    return goes_on && !thrown;
}

void thrown_follow(struct vehicle_state *state, struct moment *m)
{
    struct vector way = {0, 0}, swing = {0, 0}, leap;
    bool told = moment_saw_path(m) && m->at_ms - state->place_ms <= THROWN_LEG_MS;
    if ((state->flags & VEHICLE_THROWN) != 0 &&
        (m->gap || m->trust.jumped || m->at_ms - state->thrown.ms > (m->derived ? THROWN_MS : LATELY_MS)))
        forget(state);
    if (!told && m->placed && m->at_ms > state->place_ms && !moment_saw_path(m))
        forget(state); /* out of a tunnel: what was seen before it says nothing of here */
    if (told)
        way = way_m(state, m);
    m->swung = told && find_swing(state, m, way, &swing);
    if (told && find_leap(state, m, way, m->swung, &leap))
        add(state, m, leap);
    else if (m->swung)
        add(state, m, swing);
    else if (told && m->derived)
        m->swung = judge_start(state, m, way);
    thrown_tell(state, m);
}
