/*
 * commit: what a batch writes, as calls of the functions in commit.lua.
 *
 * A group collects what one vehicle's part of a batch writes, as operations in Redis' protocol; groups are
 * put together into one call, any of them, in any number, so that a batch can be halved. The contract of keys
 * and fields is docs/PROTOCOL.md.
 *
 * Bytes in, bytes out; a warm group allocates nothing.
 */
#ifndef MW_COMMIT_H
#define MW_COMMIT_H

#include "attended.h"
#include "commit_group.h"
#include "entry.h"
#include "names.h"
#include "vehicle.h"
#include "world.h"

/* The text of the function library, and what its functions are called. */
extern const char commit_library[];
extern const size_t commit_library_len;
/* let_go.lua: what the janitor has the store do with actions (tracker/daemon/janitor.c). */
extern const char let_go_script[];
extern const size_t let_go_script_len;

/* How a fix stands in the track. */
struct commit_track {
    struct text fix; /* its JSON as received; empty: numbers were given up and no fix was taken with them */
    struct wall received;
    const char *late;            /* "1", "clock", or NULL */
    uint64_t hole_from, hole_to; /* given up with it; 0, 0: none */
    bool hole_seen;              /* one of them had come before its turn */
    uint64_t batch;
};

void commit_put_track(struct commit_group *g, struct text vehicle, const struct commit_track *track);
/* The stream's entry, the violation as it stands, and whether it is open. */
void commit_put_violation(struct commit_group *g, const struct transition *t, const struct entry *entry);
/* The violation alone: its hash has the fields of this entry, and none of those that one before it had. */
void commit_put_as_it_stands(struct commit_group *g, const struct entry *entry);
/* How attended time stands to the arrivals from this batch on, for a replay. */
void commit_put_mark(struct commit_group *g, const struct attended_mark *mark, uint64_t batch);
/* Which world is in force from this batch on: its hash. */
void commit_put_ruleset(struct commit_group *g, struct text hash, struct wall received, uint64_t batch);
/* Appends an entry to a stream: "trips", "rejects", "marks". */
void commit_put_entry(struct commit_group *g, const char *stream, const struct entry *entry);
/* The engine's own state. */
void commit_put_state(struct commit_group *g, const struct vehicle_state *state, const struct names *names);
/* The call that commits groups. */
struct commit_header {
    uint32_t partition;
    int64_t epoch;
    uint64_t number;
    int64_t clock_ms;  /* attended time */
    struct text token; /* of the claim */
};
void commit_write_call(const struct commit_header *header, const struct commit_group *const *groups,
                       size_t count, struct buf *out);
void commit_write_beat(const struct commit_header *header, struct buf *out);
/* The token is this claim's and no other's, of any tracker. */
struct commit_claim {
    uint32_t partition;
    struct text instance, token;
    int64_t hold_ms;
    bool take_over;
};
void commit_write_claim(const struct commit_claim *claim, struct buf *out);

#endif
