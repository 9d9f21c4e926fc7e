/*
 * feed: who is told what of that which happens: Server-Sent Events as bytes, for streams that somebody else carries.
 *
 *     entry ──► log ──► group, group …  one text for all who see the same (scope, rate and box)
 *                         │ each 100 ms: one piece, referred to by each of its clients
 *                         ▼
 *                       clients         live; or catching up: pieces of the log from a place of their own, as fast as they take them
 *
 * Invariants. A client has been told all that its scope covers up to its place, and nothing behind it, once: while it is live its place is
 * the log's end as of the last tick; while it catches up it is its own, and it goes live in a tick alone, when everything of before has
 * been handed out. The scope's one function is asked about each thing that is told, each time.
 *
 * What has no id (moves, beats) may be missed and is made good: a client that goes live gets all vehicles of its scope and box, in pieces,
 * and from then on what changes. More than PENDING_MAX at once sends a group's clients back to the log; a client that has UNSENT_MAX
 * unsent is dropped. A tick does a bounded amount of work; who is left over comes first in the next.
 *
 * No socket, no clock, no world: the sink has them. Not to be called from within the sink.
 */
#ifndef MW_FEED_H
#define MW_FEED_H

#include "feed_log.h"
#include "fleet_now.h"
#include "people.h"
#include "register.h"
#include "web_chunk.h"

enum {
    FEED_TICK_MS = 100,
    FEED_BEAT_MS = 10000,
    FEED_STREAMS_MAX = 1500,
    FEED_STREAMS_A_USER = 20,
    FEED_UNSENT_MAX = 256 << 10,
};

struct feed_sink {
    /* False: it is gone, and has to be forgotten. */
    bool (*push)(void *arg, uint64_t ticket, struct web_chunk *chunk);
    size_t (*unsent)(void *arg, uint64_t ticket);
    void (*end)(void *arg, uint64_t ticket, bool politely);
    bool (*covers)(void *arg, const struct scope *scope, struct vehicle_now *v);
    /* What a beat says, as members of an object. */
    void (*beat)(void *arg, struct buf *out);
    void *arg;
};

/* What is told. Borrowed; to be said before anything else, and again after feed_forget. */
struct feed_memory {
    struct register_book *book;
    struct fleet_now *fleet;
};

struct feed;

/* NULL without memory. The log is borrowed; at most `most` streams, and FEED_STREAMS_MAX. */
struct feed *feed_new(struct feed_log *log, const struct feed_sink *sink, size_t most);
/* Streams are not ended: whoever carries them goes too. */
void feed_free(struct feed *f);
void feed_use(struct feed *f, const struct feed_memory *memory);

/* ---- clients ---- */

/* South below north; west beyond east: over the date line. */
struct feed_box {
    double west, south, east, north;
};

/* By whose right a stream is open: the session it was opened with, or none, of a token. */
struct feed_owner {
    char name[PERSON_NAME_MAX];
    size_t name_length;
    uint8_t mark[PERSON_MARK_SIZE];
    char session[TOKEN_HASH_SIZE + 1];
};

struct feed_wish {
    struct feed_owner owner;
    const struct scope *scope;     /* copied */
    const struct feed_place *from; /* NULL: from now on */
    bool strange;                  /* the place that was named is none of these partitions */
    unsigned pos_s;                /* 0: no moves */
    bool boxed;
    struct feed_box box;
};

enum feed_opened { FEED_OPENED, FEED_FULL, FEED_USER_FULL, FEED_NO_MEMORY };

/* It is told from the next tick on. */
enum feed_opened feed_open(struct feed *f, uint64_t ticket, const struct feed_wish *wish);
/* All that was pushed to it has been taken. */
void feed_drained(struct feed *f, uint64_t ticket, int64_t now_ms);
void feed_gone(struct feed *f, uint64_t ticket);
/* Ends those that `keeps` does not hold with. */
void feed_settle(struct feed *f, bool (*keeps)(void *arg, const struct feed_owner *owner), void *arg);

/* ---- what happens ---- */

/* An entry that memory has taken. */
void feed_take(struct feed *f, size_t part, enum feed_stream stream, const struct feed_item *item,
               int64_t now_ms);
/* Each FEED_TICK_MS. `world` counts worlds: with another one vehicles may be of other scopes. `ticks_ms` is the loop's time. */
void feed_tick(struct feed *f, uint32_t world, int64_t ticks_ms, int64_t now_ms);
/* The store is another one, or went back: all streams end, and the log is empty. */
void feed_forget(struct feed *f);

struct feed_figures {
    size_t streams, groups, log_bytes;
    uint64_t opened, events, pieces, dropped, resets;
};
struct feed_figures feed_figures(const struct feed *f);

#endif
