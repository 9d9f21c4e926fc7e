/*
 * memory: what the gateway knows of alerts and of the watch, and those who read it from the store: one connection a
 * partition, which waits for the streams.
 */
#ifndef MW_MEMORY_H
#define MW_MEMORY_H

#include "desk_request.h"
#include "fleet_now.h"
#include "loop.h"
#include "past_book.h"
#include "redis.h"
#include "register.h"
#include "shift.h"
#include "store_walk.h"
#include "trip_book.h"

struct gateway;

/* Reading the hashes of all vehicles of a partition (sweeping.c). */
struct sweep {
    bool wanted, under_way, done, failed; /* done: once, since the store is this one */
    int64_t begun_ms;                     /* by the loop's clock */
    char cursor[24];
    char (*ids)[VEHICLE_NOW_ID_MAX + 1]; /* of a page of keys */
    size_t id_cap, id_count, id_at, answered;
};

struct memory_reader {
    struct gateway *g;
    struct store_walk walk;
    struct redis *redis;
    struct sweep sweep;
    /* Of `live`: the newest batch and when it was written; by how much it was late, at best, of those since. */
    uint64_t batch;
    int64_t batch_ms, lag_ms, lag_since_ms;
    uint32_t unknown; /* the alert whose hash is asked for next */
    int64_t first_ms
        [PAST_KIND_COUNT]; /* the first entry that was read of `violations`, of `trips`; INT64_MAX: none */
};

/* What is over, and was told, is in memory for so long. */
#define MEMORY_KEEP_MS REGISTER_KEEP_MS

struct memory {
    struct hash_key key; /* of its books, and of those of what lies behind: their cursors are the same */
    struct register_book *book;
    struct fleet_now *fleet;
    struct trip_book *trips;
    struct desk_settings desk;
    struct desk_reasons reasons;
    struct memory_reader *readers;
    size_t count;
    struct shift shift; /* its texts are `shift_text` */
    char shift_text[2][DESK_NAME_MAX];
    struct buf command;
    struct field *fields; /* of the entry in hand */
    size_t field_cap;
    uint64_t taken, since_trim;
    int64_t begun_ms, told_ms; /* by the loop's clock */
    bool whole;                /* all streams have been read to their ends once */
    bool given_back;           /* what reading them left free */
    uint64_t rebuilt;
};

/* The desk's settings, as the configuration has them now. */
void memory_take_config(struct gateway *g);
/* False without memory. */
bool memory_make(struct gateway *g);
void memory_unmake(struct gateway *g);
void memory_start(struct gateway *g);
/* Once a beat. */
void memory_beat(struct gateway *g);
/* Whether all is known, and goes on being told. */
bool memory_is_whole(const struct gateway *g);

/* Whether all vehicles have been met once. */
bool memory_knows_vehicles(const struct gateway *g);

/* ---- sweeping.c ---- */
/* Once a beat: begins a sweep where one is due. */
void memory_sweep(struct memory_reader *r);
/* The store is another one: a sweep under way is of the former. */
void memory_sweep_anew(struct memory_reader *r);

/* What an answer says as fields, name and value in turn. They are good until the next one is read. */
struct fields memory_fields(struct gateway *g, const struct redis_reply *list);
/* What was written just now, before the stream tells it. */
void memory_take_action(struct gateway *g, uint32_t partition, struct text entry_id, struct fields entry);
void memory_take_shift(struct gateway *g, struct text entry_id, struct fields entry);

#endif
