/*
 * duty_visits: which stop served which point of a collection duty, and how each point stands.
 *
 * The radius alone does not tell: another stop of the route may be nearer than a place is exact. In a fixed order the stops
 * that serve the points run forward with them; so many points are served as can be, at the least sum of |arrived −
 * planned|. One stop may serve several points. In a free order each point takes the stop nearest to its time.
 */
#ifndef MW_DUTY_VISITS_H
#define MW_DUTY_VISITS_H

#include <muckwatch/geofence.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VISIT_NOBODY UINT32_MAX

/* A stop of a vehicle of the duty, on its day. */
struct duty_stop {
    struct mw_point at;
    int64_t arrived_ms, left_ms;
    uint64_t id;
    uint32_t vehicle; /* symbol */
    float error_m;
    bool inferred; /* that it stopped: how long is not known */
};

struct visit_point {
    struct mw_point at;
    double radius_m;
    int64_t from_ms, to_ms; /* the window */
    int64_t grace_ms, min_stop_ms;
};

enum point_state { POINT_MISSED, POINT_EARLY, POINT_ON_TIME, POINT_LATE };

const char *point_state_name(enum point_state state);

struct point_visit {
    uint32_t stop; /* place in the stops as they were given; VISIT_NOBODY */
    enum point_state state;
    float distance_m;
};

struct visit_order {
    bool free;
    const struct visit_point *points;
    uint32_t point_count;
};

/* `out` has a place for each point. The stops may come in any order. False without memory. */
bool duty_visits_assign(const struct visit_order *order, const struct duty_stop *stops, uint32_t stop_count,
                        struct point_visit *out);
/* Afterwards: a point that was left out, and that a stop serves which serves nothing else, behind its window and grace: who
 * was there came back for it, out of the order. The first such stop. The stops are in the order of time. */
void duty_visits_latecomers(const struct visit_order *order, const struct duty_stop *stops,
                            uint32_t stop_count, struct point_visit *visits);

#endif
