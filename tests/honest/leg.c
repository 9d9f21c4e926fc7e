#include "leg.h"

#include <string.h>

enum { DRAWN_MAX = 4096 };
/* From the middle of the street to the middle of the lane. */
#define LANE_TWO_WAY_M 2.5
#define LANE_ONE_WAY_M 1.0
#define POINT_GAP_M    15.0
/* A stop line stands so far before the middle of a crossing. */
#define STOP_LINE_M 12.0

static float street_cap_mps(const struct street *s)
{
    static const double kmh[] = {30, 40, 50};
    return (float)(kmh[s->grade] / 3.6);
}

uint32_t leg_drawn(const struct street_net *net, const struct street_path *path, struct spot *out,
                   uint32_t cap)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < path->count; i++) {
        const struct street *s = &net->streets[path->steps[i] / 2];
        for (uint32_t k = i == 0 ? 0 : 1; k < s->count && count < cap; k++)
            out[count++] = s->points[path->steps[i] % 2 ? s->count - 1 - k : k];
    }
    return count;
}

/* Lights stand where at least three main or collecting streets meet, and at some other crossings. */
static bool node_has_lights(const struct street_net *net, uint32_t node)
{
    uint32_t big = 0, all = net->first_link[node + 1] - net->first_link[node];
    for (uint32_t k = net->first_link[node]; k < net->first_link[node + 1]; k++)
        big += net->streets[net->links[k].street].grade > 0;
    return all >= 3 && (big >= 3 || (big == 2 && node % 5 == 0));
}

/* A leg while it is made: the middle line with what each part of it is. */
struct making {
    struct spot middle[DRAWN_MAX];
    float cap_mps[DRAWN_MAX], lane_m[DRAWN_MAX];
    uint8_t flags[DRAWN_MAX];
    bool light_ahead[DRAWN_MAX]; /* at the end of the part that begins here */
    uint32_t count;
};

static void lay_middle(const struct street_net *net, const struct street_path *path, struct making *m)
{
    m->count = leg_drawn(net, path, m->middle, DRAWN_MAX);
    uint32_t at = 0;
    for (uint32_t i = 0; i < path->count; i++) {
        const struct street *s = &net->streets[path->steps[i] / 2];
        for (uint32_t k = 0; k + 1 < s->count && at < DRAWN_MAX - 1; k++, at++) {
            m->cap_mps[at] = street_cap_mps(s);
            m->lane_m[at] = (float)(s->forward && s->backward ? LANE_TWO_WAY_M : LANE_ONE_WAY_M);
            m->flags[at] = (uint8_t)((s->tunnel ? WAY_TUNNEL : 0) | (s->canyon ? WAY_CANYON : 0));
        }
        uint32_t node = path->steps[i] % 2 ? s->from : s->to;
        bool below = s->tunnel && i + 1 < path->count && net->streets[path->steps[i + 1] / 2].tunnel;
        m->light_ahead[at - 1] = i + 1 < path->count && !below && node_has_lights(net, node);
    }
    m->flags[at] = m->flags[at - 1];
    m->lane_m[at] = m->lane_m[at - 1];
    m->cap_mps[at] = m->cap_mps[at - 1];
}

/* The place beside a point of the middle line, on the right of both parts that meet there. */
static struct spot beside(const struct making *m, uint32_t i)
{
    struct spot here = m->middle[i];
    struct spot before = m->middle[i > 0 ? i - 1 : i], after = m->middle[i + 1 < m->count ? i + 1 : i];
    double e0 = here.east_m - before.east_m, n0 = here.north_m - before.north_m, l0 = hypot(e0, n0);
    double e1 = after.east_m - here.east_m, n1 = after.north_m - here.north_m, l1 = hypot(e1, n1);
    double e = (l0 > 0 ? e0 / l0 : 0) + (l1 > 0 ? e1 / l1 : 0);
    double n = (l0 > 0 ? n0 / l0 : 0) + (l1 > 0 ? n1 / l1 : 0), l = hypot(e, n);
    if (l < 0.2)
        return here;
    double lane_m = (double)m->lane_m[i];
    return (struct spot){here.east_m + n / l * lane_m, here.north_m - e / l * lane_m};
}

static float bend_cap_mps(const struct making *m, uint32_t i)
{
    if (i == 0 || i + 1 >= m->count)
        return INFINITY;
    double e0 = m->middle[i].east_m - m->middle[i - 1].east_m;
    double n0 = m->middle[i].north_m - m->middle[i - 1].north_m;
    double e1 = m->middle[i + 1].east_m - m->middle[i].east_m;
    double n1 = m->middle[i + 1].north_m - m->middle[i].north_m;
    double turn = fabs(atan2(e0 * n1 - n0 * e1, e0 * e1 + n0 * n1));
    return turn > 0.9 ? 4.2f : turn > 0.45 ? 7.0f : INFINITY;
}

static uint32_t pieces_of(struct spot a, struct spot b)
{
    return (uint32_t)ceil(spot_distance_m(a, b) / POINT_GAP_M) + 1;
}

/* Cuts a part into pieces; at a light the last but one point is the stop line. */
static uint32_t lay_part(const struct making *m, uint32_t i, struct way_point *out)
{
    struct spot a = beside(m, i), b = beside(m, i + 1);
    double length_m = spot_distance_m(a, b);
    uint32_t pieces = pieces_of(a, b) - 1, count = 0;
    if (pieces == 0)
        pieces = 1;
    float bend = bend_cap_mps(m, i);
    for (uint32_t k = 0; k < pieces; k++)
        out[count++] =
            (struct way_point){spot_between(a, b, (double)k / pieces), m->cap_mps[i], INFINITY, m->flags[i]};
    out[0].cap_mps = fminf(out[0].cap_mps, bend);
    if (m->light_ahead[i] && length_m > STOP_LINE_M + 2) {
        uint32_t k = count - 1;
        double at_m = length_m - STOP_LINE_M;
        while (k > 0 && (double)k / pieces * length_m > at_m)
            k--;
        out[k].at = k == 0 ? out[k].at : spot_between(a, b, at_m / length_m);
        if (k > 0)
            out[k].flags |= WAY_LIGHT;
    }
    return count;
}

void leg_make(const struct street_net *net, const struct street_path *path, struct arena *arena,
              struct leg *out)
{
    static struct making m;
    lay_middle(net, path, &m);
    uint32_t cap = 1;
    for (uint32_t i = 0; i + 1 < m.count; i++)
        cap += pieces_of(beside(&m, i), beside(&m, i + 1));
    *out = (struct leg){.points = must_take(arena, cap, sizeof *out->points), .path = *path};
    for (uint32_t i = 0; i + 1 < m.count; i++)
        out->count += lay_part(&m, i, out->points + out->count);
    out->points[out->count++] =
        (struct way_point){beside(&m, m.count - 1), m.cap_mps[m.count - 1], INFINITY, m.flags[m.count - 1]};
    for (uint32_t i = 0; i + 1 < out->count; i++) {
        double m_here = spot_distance_m(out->points[i].at, out->points[i + 1].at);
        out->length_m += m_here;
        out->free_s += m_here / (double)out->points[i].cap_mps;
        out->lights += (out->points[i].flags & WAY_LIGHT) != 0;
    }
}
