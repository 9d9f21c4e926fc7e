/*
 * events: what may happen in a town. Each is drawn by its weight and says whether it could happen; the rare
 * ones are faults, and differ from run to run.
 */
#ifndef MW_TEST_EVENTS_H
#define MW_TEST_EVENTS_H

#include "town.h"

struct event {
    bool (*happen)(struct town *t);
    unsigned weight;
    bool rare;
};

extern const struct event events[];
extern const unsigned event_count;

bool event_advance(struct town *t);
bool event_fire_timer(struct town *t);
bool event_serve(struct town *t);
bool event_answer(struct town *t);
bool event_use_recorder(struct town *t);
bool event_finish_thread(struct town *t);
bool event_back_up(struct town *t);
bool event_ask_stop(struct town *t);

/* One thing after the other, as on a good day on which nobody sends, so many times. */
void go_on(struct town *t, int steps);
/* The same while no time goes by. */
void go_on_still(struct town *t, int steps);

#endif
