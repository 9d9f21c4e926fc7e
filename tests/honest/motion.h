/*
 * motion: a vehicle on its way along points: speeds up, keeps to what each part allows, brakes in time, stops
 * where it is told and goes on.
 */
#ifndef MW_HONEST_MOTION_H
#define MW_HONEST_MOTION_H

#include "leg.h"

enum { MOTION_STOPS_MAX = 256 };

struct motion_stop {
    uint32_t at;
    double stand_s;
};

struct motion {
    struct way_point *points;
    size_t count, cap;
    float *speed_mps; /* at most, at each point */
    size_t speed_cap;
    struct motion_stop stops[MOTION_STOPS_MAX];
    uint32_t stop_count, next_stop;
    uint32_t at;    /* the point behind it */
    double along_m; /* from there */
    double leg_m;   /* to the next */
    double now_mps;
    double stand_s;      /* still to stand */
    double accel, brake; /* m/s2 */
    double haste;        /* on the caps; zones are kept as they are */
};

void motion_free(struct motion *m);
/* Empties it. */
void motion_begin(struct motion *m, double haste);
void motion_add(struct motion *m, struct way_point p);
/* Stands at the point added last. */
void motion_stop_here(struct motion *m, double stand_s);
/* All is added: from standing at the first point. */
void motion_ready(struct motion *m);
/* One second on; false when it stands at the end. */
bool motion_step(struct motion *m);
struct spot motion_spot(const struct motion *m);
/* Degrees from north. */
double motion_course_deg(const struct motion *m);
uint8_t motion_flags(const struct motion *m);

#endif
