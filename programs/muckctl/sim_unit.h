/*
 * sim_unit: one simulated onboard unit: a trace for a journal, and the same sender as a real one.
 *
 * Its fix number k (from 0) is line k of its vehicle's trace, counted on over the end when the trace is
 * repeated. Its seq is k + 1 plus what unclean stops have left out. Every fix can be made again at any time,
 * byte for byte, so nothing has to be stored.
 */
#ifndef MW_SIM_UNIT_H
#define MW_SIM_UNIT_H

#include "buf.h"
#include "sender.h"
#include "sim_trace.h"
#include "unit_json.h"

enum { SIM_EPISODES_MAX = 32 };

/* From fix k on: so many numbers left out in all; or a clock that is wrong until fix `until`. */
struct sim_skip {
    uint64_t k, total;
};

struct sim_clock_error {
    uint64_t k, until;
    int64_t off_ms;
};

struct sim_unit {
    char id[80];
    struct text boot;
    char boot_bytes[17];
    const struct sim_trace *trace;
    const struct sim_vehicle *vehicle;
    int64_t shift_ms;  /* added to every time */
    int64_t period_ms; /* added once more each time the trace repeats */
    uint64_t made;     /* fixes made so far */
    struct sender sender;
    struct sim_skip skips[SIM_EPISODES_MAX];
    uint32_t skip_count;
    struct sim_clock_error errors[SIM_EPISODES_MAX];
    uint32_t error_count;
    bool dead; /* in a dead zone */
    bool queued;
    int64_t dead_change_ms, reboot_ms, error_change_ms; /* in trace time; INT64_MAX: never */
};

uint64_t sim_unit_seq(const struct sim_unit *u, uint64_t k);
/* The fix with the lowest seq of `seq` or higher; `made` where there is none. */
uint64_t sim_unit_k(const struct sim_unit *u, uint64_t seq);
struct fix sim_unit_fix(const struct sim_unit *u, uint64_t k, bool numbers);
/* One more fix: what the journal of a real unit would say. */
void sim_unit_make(struct sim_unit *u);
/* An unclean stop: `left_out` numbers are never used; the sender begins anew. False when it had enough of
 * them. */
bool sim_unit_reboot(struct sim_unit *u, uint64_t left_out, const struct sender_options *options);
void sim_unit_status(const struct sim_unit *u, struct buf *out);

/* Fixes in one message. */
struct sim_payload {
    uint64_t to; /* the seq of the last; 0: there are none */
    uint32_t fixes;
};

/* Appends a payload of fixes from the action's seq on, within its bounds. */
struct sim_payload sim_unit_payload(const struct sim_unit *u, const struct sender_action *action,
                                    bool numbers, struct buf *out);

#endif
