/* sample_transitions: a transition of each kind, as the engine would make it on a day in Shanghai. */
#ifndef MW_SAMPLE_TRANSITIONS_H
#define MW_SAMPLE_TRANSITIONS_H

#include "entry.h"

/* 2026-05-08 21:38:17 in Shanghai. */
#define SAMPLE_START_MS INT64_C(1778247497000)

extern struct names *sample_names;

/* cmocka's. */
int sample_set_up(void **state);
int sample_tear_down(void **state);

uint32_t sample_name(const char *text);
/* Opened. */
struct transition sample_transition(enum kind kind);
/* The same later. */
struct transition sample_turned(struct transition t, enum transition_event event, enum close_reason reason);
void sample_at_fence(struct transition *t, const char *id, const char *zh, const char *en);
void sample_measured(struct transition *t, float value, float limit, const char *unit);

#endif
