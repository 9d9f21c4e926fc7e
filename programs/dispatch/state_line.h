/*
 * state_line: what pages begin with, one after the other, each of one moment and made in slices.
 *
 * Of that moment all that is not vehicles is written at once, and the vehicles are copied; from the copy rows are written a slice a turn of
 * the loop, so that 100,000 of them hold nobody up. Who asks meanwhile waits in line.
 */
#ifndef MW_STATE_LINE_H
#define MW_STATE_LINE_H

#include "fleet_now.h"
#include "loop.h"
#include "people.h"
#include "web_answer.h"

struct gateway;

struct state_asked {
    uint64_t ticket;
    char who[PERSON_NAME_MAX + 1];
    struct state_asked *next;
};

struct states {
    struct loop_timer *timer; /* the next slice */
    struct state_asked *first, **last;
    /* Of the first, once it has begun. */
    struct vehicle_now *rows;
    size_t count, at;
    bool begun, truncated;
    uint64_t rebuilt; /* memory's, when it began: what was known then may never have been */
    struct web_answer answer;
    struct buf alerts;
    struct json_writer writer;
};

bool states_make(struct gateway *g);
void states_unmake(struct gateway *g);

#endif
