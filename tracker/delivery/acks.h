/*
 * acks: which units are owed an `ack`, and when: at most one a unit and ACK_EVERY_MS.
 *
 * A unit that is owed one gets it at once if its last is long enough ago, and else when that is so; what is
 * owed meanwhile goes with it. The number itself is read from the vehicle's state when it is sent, so acks
 * are only taken out while nothing is evaluated that is not committed.
 */
#ifndef MW_ACKS_H
#define MW_ACKS_H

#include "heap.h"

#include <stdbool.h>
#include <stdint.h>

#define ACK_EVERY_MS 200

struct acks {
    struct heap due;  /* by a vehicle's place */
    int64_t *sent_ms; /* by place; monotonic */
    uint32_t places;
};

void acks_init(struct acks *a);
void acks_fini(struct acks *a);
/* False without memory. */
bool acks_owe(struct acks *a, uint32_t place, int64_t now_ms);
/* Takes the next unit whose ack is due; false when none is. */
bool acks_next(struct acks *a, int64_t now_ms, uint32_t *out_place);
/* When the next is due; INT64_MAX if none waits. */
int64_t acks_due_ms(const struct acks *a);
void acks_clear(struct acks *a);

#endif
