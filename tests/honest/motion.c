#include "motion.h"

#include <stdlib.h>

void motion_free(struct motion *m)
{
    free(m->points);
    free(m->speed_mps);
    *m = (struct motion){0};
}

void motion_begin(struct motion *m, double haste)
{
    m->count = m->stop_count = m->next_stop = m->at = 0;
    m->along_m = m->now_mps = m->stand_s = 0;
    m->haste = haste;
    m->accel = 0.8;
    m->brake = 1.1;
}

void motion_add(struct motion *m, struct way_point p)
{
    if (m->count > 0 && spot_distance_m(m->points[m->count - 1].at, p.at) < 0.2)
        return;
    must_reserve(&m->points, &m->cap, m->count + 1, sizeof *m->points);
    m->points[m->count++] = p;
}

void motion_stop_here(struct motion *m, double stand_s)
{
    if (m->stop_count < MOTION_STOPS_MAX && m->count > 1)
        m->stops[m->stop_count++] = (struct motion_stop){(uint32_t)m->count - 1, stand_s};
}

/* What the way from point i to the next allows. */
static double part_cap_mps(const struct motion *m, size_t i)
{
    double zone = fmin((double)m->points[i].zone_mps, (double)m->points[i + 1].zone_mps);
    return fmin((double)m->points[i].cap_mps * m->haste, zone);
}

static double part_m(const struct motion *m, size_t i)
{
    return spot_distance_m(m->points[i].at, m->points[i + 1].at);
}

void motion_ready(struct motion *m)
{
    must_reserve(&m->speed_mps, &m->speed_cap, m->count, sizeof *m->speed_mps);
    m->speed_mps[m->count - 1] = 0;
    uint32_t stop = m->stop_count;
    for (size_t i = m->count - 1; i-- > 0;) {
        double next = (double)m->speed_mps[i + 1];
        double v = fmin(part_cap_mps(m, i), sqrt(next * next + 2 * m->brake * part_m(m, i)));
        if (i > 0)
            v = fmin(v, part_cap_mps(m, i - 1));
        if (stop > 0 && m->stops[stop - 1].at == i) {
            stop--;
            v = 0;
        }
        m->speed_mps[i] = (float)v;
    }
    m->leg_m = m->count > 1 ? part_m(m, 0) : 0;
}

/* Comes to a point: stands there if it is to. */
static void pass_point(struct motion *m)
{
    m->at++;
    m->along_m -= m->leg_m;
    m->leg_m = m->at + 1 < m->count ? part_m(m, m->at) : 0;
    if (m->next_stop < m->stop_count && m->stops[m->next_stop].at == m->at) {
        m->stand_s = m->stops[m->next_stop++].stand_s;
        m->along_m = m->now_mps = 0;
    }
}

bool motion_step(struct motion *m)
{
    if (m->stand_s > 0) {
        m->stand_s -= 1;
        return true;
    }
    if (m->at + 1 >= m->count) {
        m->now_mps = 0;
        return false;
    }
    double left_m = m->leg_m - m->along_m, next = (double)m->speed_mps[m->at + 1];
    double v = fmin(m->now_mps + m->accel, part_cap_mps(m, m->at));
    v = fmin(v, sqrt(next * next + 2 * m->brake * fmax(left_m - v / 2, 0)));
    m->now_mps = fmax(v, 0.4);
    m->along_m += m->now_mps;
    while (m->at + 1 < m->count && m->along_m >= m->leg_m && m->stand_s <= 0)
        pass_point(m);
    if (m->at + 1 >= m->count)
        m->along_m = m->now_mps = 0;
    return true;
}

struct spot motion_spot(const struct motion *m)
{
    if (m->at + 1 >= m->count || m->leg_m <= 0)
        return m->points[m->at].at;
    return spot_between(m->points[m->at].at, m->points[m->at + 1].at, fmin(m->along_m / m->leg_m, 1));
}

double motion_course_deg(const struct motion *m)
{
    size_t i = m->at + 1 < m->count ? m->at : m->count - 2;
    if (m->count < 2)
        return 0;
    struct spot a = m->points[i].at, b = m->points[i + 1].at;
    double deg = atan2(b.east_m - a.east_m, b.north_m - a.north_m) * 180 / 3.14159265358979323846;
    return deg < 0 ? deg + 360 : deg;
}

uint8_t motion_flags(const struct motion *m)
{
    return m->points[m->at].flags;
}
