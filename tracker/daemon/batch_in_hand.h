/*
 * batch_in_hand: what the messages of a burst cause, collected vehicle by vehicle, until it is durable.
 *
 * A group is one vehicle's part. It knows the vehicle's state as the batch found it, so that the part can be
 * undone, and enough of each fix to record its refusal should the store refuse the part. Memory is kept from
 * batch to batch.
 *
 * A batch is bounded by what it will write, and so is each vehicle's part of it: what comes when it is full
 * waits for the next one (backlog.h), within a message too.
 */
#ifndef MW_BATCH_IN_HAND_H
#define MW_BATCH_IN_HAND_H

#include "clock.h"
#include "commit.h"
#include "commit_vehicle.h"
#include "fleet.h"

#include <stdbool.h>

/*
 * Warnings that wait for the broker's answer: libmosquitto reads as many packets in one call as there are of
 * them, past a hold, and the broker's count of what we have not acknowledged is not to be trusted while they
 * are under way (2.0.11 sends more than our Receive Maximum). A batch has room for as many.
 */
enum { WARNINGS_UNANSWERED_MAX = 32 };

/* What a full batch writes, about: some tens of milliseconds of a store. */
enum { BATCH_FULL_BYTES = 2 << 20 };

/* A fix as far as its refusal needs it, should its vehicle's part of the batch turn out to be bad. */
struct batch_item {
    size_t boot_at, payload_at; /* in batch.bytes */
    uint64_t seq;               /* 0: it has none */
    uint32_t next;              /* item of the same group, + 1; 0: none */
    uint16_t payload_len;
    uint8_t boot_len;
};

/*
 * A vehicle's part of a batch has so many refusals as entries of their own, and one that counts the rest: more
 * than a unit sends in a message that keeps to its own bounds. Without it a message of 256 KiB has 131,071.
 */
enum { REFUSALS_TOLD = 64 };

/* What a warning is about. */
struct batch_warned {
    char id[VIOLATION_ID_LENGTH + 1];
    enum kind kind;
    enum transition_event event; /* TRANSITION_NONE: a warning before anything is opened */
    int64_t at_ms;
};

/* What is told to a cab once the batch is durable. */
struct batch_warning {
    uint32_t group;
    size_t at, len; /* JSON in batch.bytes */
    struct batch_warned about;
};

struct batch_group {
    uint32_t place;              /* of the vehicle; UINT32_MAX: refusals of nobody we keep */
    struct vehicle_state before; /* as it was when the batch began */
    struct commit_group ops;
    size_t weighed;                   /* bytes of it that are in batch.ops_bytes */
    uint32_t items_first, items_last; /* + 1; 0: none */
    uint32_t transitions;
    /* Of its fixes and messages; so many of them are entries of their own; so many are no items. */
    uint32_t refused, refused_told, refused_unkept;
    size_t read;             /* what reading its messages cost, as shares.h weighs it */
    struct commit_live live; /* the newest one shown */
    bool state_changed, ack, quarantined;
    bool clock_told; /* in an entry of `work` */
};

struct batch {
    struct batch_group *groups;
    /*
     * When it is full reading stops, and no more deadlines fire but those due together with the last one. What
     * the library has begun to read may still come, WARNINGS_UNANSWERED_MAX packets at most: to the backlog.
     */
    uint32_t count, full, cap;
    size_t full_bytes;  /* or at so many to write */
    uint32_t *group_of; /* by place: group + 1; 0: not in this batch */
    uint32_t places;
    struct batch_item *items;
    size_t item_count, item_cap;
    struct batch_warning *warnings;
    size_t warning_count, warning_cap;
    struct buf bytes;
    uint32_t messages, fixes, tracked;
    size_t ops_bytes; /* of all groups, as they were weighed */
    /* When its first message came, for all of it: by both clocks, and by the count of attended time. */
    struct mono begun;
    struct wall received;
    int64_t clock_ms;
    bool attended;
    bool has_ruleset; /* it says which world is in force from it on */
};

/* Full at so many groups, or bytes. */
bool batch_init(struct batch *b, uint32_t full, size_t full_bytes);
void batch_fini(struct batch *b);
void batch_clear(struct batch *b);
/* The group of a vehicle, begun with its state as it is now. NULL without memory or room. */
struct batch_group *batch_group(struct batch *b, const struct fleet *fleet, uint32_t place);
/* The group of those that have no place. NULL without room. */
struct batch_group *batch_nobody(struct batch *b);
bool batch_full(const struct batch *b);
/* After something was put into a group. */
void batch_weigh(struct batch *b, struct batch_group *g);
/* Full as it is, it takes more of what must not be parted. */
bool batch_has_spare(const struct batch *b);
/* Remembers a fix, for its refusal. False without memory: the batch must not grow. */
bool batch_add_item(struct batch *b, struct batch_group *g, struct text boot, uint64_t seq,
                    struct text payload);
/* Remembers the warnings of an outcome. */
void batch_add_warnings(struct batch *b, const struct batch_group *g, const struct outcome *o,
                        const struct names *names);
struct text batch_bytes(const struct batch *b, size_t at, size_t len);

#endif
