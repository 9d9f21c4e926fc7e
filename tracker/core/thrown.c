#include "thrown.h"

#include <math.h>

/* What throws a receiver aside between tall buildings is over after so long, mostly. */
#define THROWN_MS 45000
/* Over more a road may bend twice, and headings at both ends deny nothing of the way between. */
#define THROWN_LEG_MS 15000
/* Of the way: headings are right to some degrees, and six of them are a tenth. */
#define THROWN_SHARE 0.1f
/* Receivers are thrown aside by some tens of metres; farther off it is the heading that is wrong, or a jump. */
#define THROWN_MOST_M 60.0f
/* Metres in a degree of latitude, within 0.6 % anywhere. */
#define M_PER_DEG 111195.0

struct vector {
    float east, north;
};

/* Bhaskara's, from -180 to 180: wrong by 0.0017 at most, 0.2 m in a hundred. On the path of each fix, and the
 * library's is ten times as dear. */
static inline float sine(float deg)
{
    float p = deg * (180 - fabsf(deg));
    return 4 * p / (40500 - fabsf(p));
}

static inline struct vector heading(float deg)
{
    float left = 90 - deg;
    return (struct vector){sine(180 - deg), sine(left < -180 ? left + 360 : left)};
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
static struct vector beside(struct vector way, struct vector deg, float aside)
{
    if (!(dot(way, deg) > 0))
        return way;
    return (struct vector){aside * deg.north, -aside * deg.east};
}

/* What of the way since the last fix the headings at its ends do not explain, where that is more than the place
 * may be wrong. False: they explain it. */
static bool find_throw(const struct vehicle_state *s, const struct moment *m, struct vector *out)
{
    float margin_m = (float)moment_margin_m(m);
    double east_deg = m->lon_deg - s->said_lon_deg, cosine = (double)sine((float)(90 - fabs(m->lat_deg)));
    struct vector way = {(float)(east_deg * M_PER_DEG * cosine),
                         (float)((m->lat_deg - s->said_lat_deg) * M_PER_DEG)};
    float way2 = dot(way, way);
    if (way2 <= margin_m * margin_m || fabs(east_deg) > 180)
        return false;
    struct vector from = heading(s->track_deg), to = heading(m->track_deg);
    float from_aside = cross(from, way), to_aside = cross(to, way);
    if (from_aside * to_aside <= 0 && dot(way, from) + dot(way, to) > 0)
        return false; /* between both, as a road that bends */
    struct vector a = beside(way, from, from_aside), b = beside(way, to, to_aside);
    *out = dot(a, a) < dot(b, b) ? a : b;
    float rest2 = dot(*out, *out);
    return rest2 <= THROWN_MOST_M * THROWN_MOST_M && rest2 > margin_m * margin_m &&
           rest2 > THROWN_SHARE * THROWN_SHARE * way2;
}

static void forget(struct vehicle_state *s)
{
    s->flags &= ~(uint32_t)VEHICLE_THROWN;
    s->thrown.ms = 0;
    s->thrown.east_m = s->thrown.north_m = 0;
}

static void add(struct vehicle_state *s, const struct moment *m, struct vector way)
{
    s->flags |= VEHICLE_THROWN;
    s->thrown.ms = m->at_ms;
    s->thrown.east_m += way.east;
    s->thrown.north_m += way.north;
    /* Led back it is where it was. */
    if ((double)hypotf(s->thrown.east_m, s->thrown.north_m) <= moment_margin_m(m))
        forget(s);
}

void thrown_tell(const struct vehicle_state *s, struct moment *m)
{
    m->thrown = (s->flags & VEHICLE_THROWN) != 0 && m->at_ms - s->thrown.ms <= THROWN_MS;
    m->aside_east_m = m->thrown ? s->thrown.east_m : 0;
    m->aside_north_m = m->thrown ? s->thrown.north_m : 0;
}

void thrown_follow(struct vehicle_state *state, struct moment *m)
{
    if ((state->flags & VEHICLE_THROWN) != 0 &&
        (m->gap || m->trust.jumped || m->at_ms - state->thrown.ms > THROWN_MS))
        forget(state);
    struct vector way;
    m->swung = m->headed && (state->flags & VEHICLE_HEADED) != 0 && moment_saw_path(m) &&
               m->at_ms - state->place_ms <= THROWN_LEG_MS && find_throw(state, m, &way);
    if (m->swung)
        add(state, m, way);
    if ((state->flags & VEHICLE_THROWN) != 0)
        thrown_tell(state, m);
}
