/* feed_state: what a feed is made of; for its own files alone. */
#ifndef MW_FEED_STATE_H
#define MW_FEED_STATE_H

#include "feed.h"
#include "json_write.h"

enum {
    PENDING_MAX = 192 << 10,
    PIECE_BYTES = 64 << 10, /* of the log, to one that catches up */
    PIECE_ITEMS = 16,       /* as many, about */
    MORE_BELOW = 32 << 10,  /* who has less unsent is given the next */
    PIECES_A_STEP = 8,
    KEPT_PIECES = 128,
    KEPT_TICKS = 10,
    /* Of a tick's work, in some microseconds: a row is 1, an event EVENT_COST; half of it is left to those who have taken all meanwhile. */
    BUDGET = 20000,
    EVENT_COST = 4,
    ROWS_A_PIECE = 800, /* of moves: 170 bytes each at most */
};

/* All who see the same. */
struct feed_group {
    struct feed_group *next;
    size_t clients;
    char *key;
    size_t key_len;
    struct scope scope; /* its texts lie in `key` */
    unsigned pos_s;
    bool boxed;
    struct feed_box box;
    struct buf pending;      /* since the last tick; failed: it was too much */
    struct web_chunk *chunk; /* of the tick in hand */
    /* Of moves. */
    int64_t due_ms;
    uint64_t seen, removals; /* changes up to this are told; fleet_now_removals as of then */
    uint32_t world;
    const struct fleet_now *fleet;
    uint64_t *told; /* a bit a vehicle, by number: it is known to clients. NULL where all are covered */
    size_t told_words;
};

struct feed_client {
    uint64_t ticket;
    struct feed_group *group;
    bool live, strange;
    bool sweeps, begins; /* vehicles from `sweep_at` on are to be told yet; none is */
    uint32_t sweep_at;
    struct feed_place at; /* while it is not live */
    struct feed_owner owner;
};

/* A piece of the log that others who are at the same place are likely to want as well. */
struct kept_piece {
    const struct feed_group *group; /* NULL: none */
    struct feed_place from, to;
    struct web_chunk *chunk; /* NULL: nothing there is for this group */
    uint64_t tick;
};

struct feed {
    struct feed_log *log;
    struct feed_sink sink;
    size_t most;
    struct feed_client **clients;
    size_t count, next; /* who is first in the next tick */
    struct feed_group *groups;
    struct feed_place flushed, scratch;
    struct kept_piece pieces[KEPT_PIECES];
    size_t piece_next;
    uint64_t tick;
    struct feed_memory memory;
    uint32_t world;
    int64_t now_ms, beat_ms;
    int budget;
    bool between; /* within a tick, and nothing is pending */
    struct buf event, data;
    struct feed_figures figures;
};

/* ---- feed.c ---- */
bool feed_place_make(const struct feed *f, struct feed_place *out);
void feed_place_copy(struct feed_place *out, const struct feed_place *from);
bool feed_place_same(const struct feed_place *a, const struct feed_place *b);
/* The client at a place of the list goes, and the last one takes its place. */
void feed_forget_client(struct feed *f, size_t i);
/* Pushes bytes, if there are any. False: the client at that place has gone. */
bool feed_push(struct feed *f, size_t i, struct web_chunk *chunk);
void feed_end(struct feed *f, size_t i, bool politely);
/* A client that was live reads the log from the last tick's place on. */
void feed_throw_back(struct feed *f, struct feed_group *group);

/* ---- feed_words.c ---- */
enum feed_told { TOLD_NOTHING, TOLD_GONE, TOLD_WHOLE };
struct feed_telling {
    enum feed_told told;
    uint32_t number; /* of the alert */
};

void feed_begin_event(const char *word, const struct feed_place *id, struct buf *out);
void feed_end_event(struct buf *out);
/* What of an entry a scope is told: of an alert that is not covered any more and was before, that it is gone. */
enum feed_told feed_tells(const struct feed *f, const struct feed_item *item, const struct scope *scope,
                          uint32_t *out_number);
void feed_write_item(struct feed *f, const struct feed_item *item, const struct feed_telling *how,
                     const struct feed_place *id, struct buf *out);
void feed_write_beat(struct feed *f, struct buf *out);

/* ---- feed_moves.c ---- */
void feed_moves(struct feed *f, struct feed_group *group, int64_t ticks_ms);
/* A piece of all vehicles for one that sweeps. False: the client has gone. */
bool feed_sweep(struct feed *f, size_t i);

#endif
