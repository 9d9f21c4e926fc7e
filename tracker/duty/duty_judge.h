/*
 * duty_judge: what a ledger comes to, compared with what was said of it: the differences are told, and are then said.
 *
 * What is to be said is a function of the ledger's set and of how far the clocks have come. A point or a window is
 * judged when all clocks have passed its deadline: a point nobody visited is missed then, a road that lacks passes is
 * unswept. A finding closes when somebody comes later, or else when the day is over; where what came late shows that
 * it was none it is withdrawn.
 */
#ifndef MW_DUTY_JUDGE_H
#define MW_DUTY_JUDGE_H

#include "duty_telling.h"

/* What is judged with; kept from time to time so that nothing is allocated anew. What of a ledger has not changed since
 * it was judged last, and has not come due, is passed over. */
struct duty_judge {
    const struct world *world;
    const struct names *names;
    struct duty_listener listener;
    struct duty_stop *stops;
    struct point_visit *visits;
    struct coverage_interval *intervals;
    struct coverage_plan *plan;
    size_t stop_cap, visit_cap, interval_cap, plan_cap;
};

void duty_judge_fini(struct duty_judge *j);
/* False without memory: then what was said stands. */
bool duty_judge_points(struct duty_judge *j, struct duty_ledger *l, const struct duty *duty,
                       int64_t received_ms);
bool duty_judge_windows(struct duty_judge *j, struct duty_ledger *l, const struct duty *duty,
                        int64_t received_ms);
/* A point or a window that the files have no more; the other is NULL, and so is the duty if that is gone too. */
struct duty_left {
    const struct duty *duty;
    const struct said_point *point;
    const struct said_window *window;
};
/* Closes what is open about it. */
void duty_judge_gone(struct duty_judge *j, const struct duty_ledger *l, const struct duty_left *left,
                     int64_t at_ms);

#endif
