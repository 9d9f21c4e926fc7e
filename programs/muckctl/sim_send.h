/*
 * sim_send: lets units send what their senders want, until the connection's window of unanswered messages is
 * full.
 */
#ifndef MW_SIM_SEND_H
#define MW_SIM_SEND_H

#include "sim_state.h"

/* The connection of a unit. */
struct sim_link *sim_link_of(struct sim_engine *e, uint32_t unit);
/* The unit may have something to send; it stands in the queue once. */
void sim_enqueue(struct sim_engine *e, uint32_t unit);
/* Each unit of the queue once. */
void sim_pump(struct sim_engine *e, struct mono now);

#endif
