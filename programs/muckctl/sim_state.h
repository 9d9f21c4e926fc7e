/*
 * sim_state: a simulation at work: units, the connections that they share, and the queue of those that may
 * have something to send. For the files of the engine alone.
 */
#ifndef MW_SIM_STATE_H
#define MW_SIM_STATE_H

#include "loop.h"
#include "mqtt.h"
#include "names.h"
#include "sim_options.h"
#include "sim_unit.h"

/* Message ids of MQTT have 16 bits. */
enum { SIM_TOKENS = 65536 };

struct sim_engine;

struct sim_token {
    uint32_t unit;
    uint64_t to; /* 0: nothing waits for it */
};

/* A connection, and the units that share it. */
struct sim_link {
    struct sim_engine *engine;
    struct mqtt *mqtt;
    char client_id[96];
    char filter[128];
    struct mqtt_subscription subscriptions[2];
    uint32_t first_unit, unit_count;
    struct sim_token *tokens; /* by message id */
    bool up, was_up;
};

struct sim_engine {
    const struct sim_trace *trace;
    const struct sim_options *o;
    struct sender_options sender;
    struct loop *loop;
    struct loop_timer *turn, *sweep, *second;
    struct sim_link *links;
    uint32_t link_count;
    struct sim_unit *units; /* those of a vehicle lie together */
    uint32_t unit_count;
    uint32_t *unit_of_vehicle; /* the first, and one more entry for the end */
    struct names *names;
    uint32_t *unit_of_name;
    uint32_t *queue; /* ring */
    uint32_t queue_head, queue_count;
    struct buf payload;
    uint64_t random;
    uint64_t next_line; /* counted on over the end when the trace repeats */
    struct mono started;
    double budget; /* fixes that the rate allows now */
    struct mono budget_at;
    bool begun, making, interrupted;
    struct mono done_making;
    bool complete;
    struct sim_report report;
    uint64_t last_second_fixes, last_second_acked;
};

#endif
