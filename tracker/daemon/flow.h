/*
 * flow: what follows what. The parts return what comes of a step; here it is followed through the stages. Of
 * use to stages.c alone.
 */
#ifndef MW_FLOW_H
#define MW_FLOW_H

#include "stages.h"

bool flow_busy(const struct stages *m);
/* Messages may be judged: it runs, and nothing is under way. */
bool flow_may_read(const struct stages *m);

/* The last action; what is not durable is given up. */
void flow_end(struct stages *m, int exit_code);
void flow_end_fenced(struct stages *m);

/* What was judged, and what is due by now, to the store, if it runs and nothing is under way. */
void flow_begin_batch(struct stages *m);
/* What comes of a step of the batch, or of the start. */
void flow_follow(struct stages *m, enum committing_step step);
void flow_follow_start(struct stages *m, enum starting_step step);
/* Fires deadlines and sends acks that are due, if nothing is under way; arms the timer for the next. */
void flow_run_due(struct stages *m);

/* What waited at the broker has been read; no more than a claim, it looks at the rest. */
void flow_catch_up(struct stages *m);
void flow_lose_attention(struct stages *m);
/* The broker's connections are closed without a word. */
void flow_leave_broker(struct stages *m);

/* A reload's next step, if it is time for it. */
void flow_step_reload(struct stages *m);
/* The store lost what it had acknowledged: forget, load again, acknowledge backwards. */
void flow_start_over(struct stages *m, const char *reason);

#endif
