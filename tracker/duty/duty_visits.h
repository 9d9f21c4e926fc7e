/*
 * duty_visits: which stop served which point of a collection duty, and how each point stands.
 *
 * The radius alone does not tell: another stop of the route may be nearer than a place is exact. In a fixed order the stops
 * that serve the points run forward with them; so many points are served as can be, at the least sum of |arrived −
 * planned|. One stop may serve several points, but of one place that has several windows only the nearest. In a free order each
 * point takes the stop nearest to its time.
 *
 * Stops stand on a board in the order of time. For each point it knows the best way through the points that ends there:
 * one more stop at the end concerns only the points it may serve. One that comes late, or turns out otherwise, takes those
 * behind it off and puts them back; so what comes of it is a function of the stops, whatever came first.
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
    uint64_t id;      /* the vehicle's, the same in every process: orders stops of one time */
    uint32_t vehicle; /* symbol; with arrived_ms it tells the stop from others */
    float error_m;
    bool inferred; /* that it stopped: how long is not known */
};

struct visit_point {
    uint32_t fence; /* of the points of one a stop serves that which is nearest in time; 0: it shares none */
    struct mw_point at;
    double radius_m;
    int64_t from_ms, to_ms; /* the window */
    int64_t grace_ms, min_stop_ms;
};

enum point_state { POINT_MISSED, POINT_EARLY, POINT_ON_TIME, POINT_LATE };

const char *point_state_name(enum point_state state);

struct point_visit {
    uint32_t stop; /* place in the board's stops; VISIT_NOBODY */
    enum point_state state;
    float distance_m;
};

struct visit_order {
    bool free;
    const struct visit_point *points;
    uint32_t point_count;
};

struct visit_board_stop {
    struct duty_stop stop;
    uint32_t may_first, may_count;  /* points that it may serve, ascending, in the board's `may` */
    uint32_t undo_from, steps_from; /* what it changed begins there */
    bool used;
};

struct visit_board {
    struct visit_board_stop *stops; /* by time */
    uint32_t *may;
    struct visit_best *tree; /* of the points: the leaves from tree_size on, over each two the better */
    struct visit_step *steps;
    struct visit_undo *undo;
    size_t count, cap, may_count, may_cap, step_count, step_cap, undo_count, undo_cap;
    uint32_t tree_size;
    double radius_m; /* the largest of the points */
};

/* Lays the points out; the board is empty then. False without memory, as below. */
bool visit_board_begin(struct visit_board *b, const struct visit_order *order);
void visit_board_fini(struct visit_board *b);
/* Puts a stop, or puts it in the place of what was known of it. */
bool visit_board_put(struct visit_board *b, const struct visit_order *order, const struct duty_stop *stop);
/* Takes one off, if it is there. */
bool visit_board_drop(struct visit_board *b, const struct visit_order *order, const struct duty_stop *stop);

/* Who serves each point; `out` has a place for each. */
void visit_board_assign(struct visit_board *b, const struct visit_order *order, struct point_visit *out);
/* Behind that: a point that was left out, and that a stop may serve which serves nothing else, behind its window and grace: who
 * was there came back for it, out of the order. The first such stop. */
void visit_board_add_latecomers(struct visit_board *b, const struct visit_order *order,
                                struct point_visit *out);

#endif
