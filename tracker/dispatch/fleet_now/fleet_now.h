/*
 * fleet_now: every vehicle as it stands: a row of `live` is a vehicle's newest word, its hash says the same to whoever missed it.
 *
 * A sweep reads all hashes: at start, and whenever rows may have been missed. While it is under way rows go on coming, and a
 * hash may have been read before a row that is here already: so a hash says nothing about a vehicle that a row has told of since the
 * sweep began. What neither told of is gone from the store, and goes here when the sweep ends.
 *
 * A vehicle that moves changes seven numbers in its place; nothing is allocated. They also hang on a chain, who changed last at its end, so
 * that whoever has seen all up to a change finds those since without looking at the others. There are at most `most`; who is one too many is
 * left out, and answers say `truncated`. No clock, no store, no world; one thread.
 */
#ifndef MW_FLEET_NOW_H
#define MW_FLEET_NOW_H

#include "fields.h"
#include "hash.h"
#include "json_write.h"

#include <stdbool.h>
#include <stdint.h>

/* Vehicles of all partitions. */
enum { FLEET_NOW_MAX = 100000, VEHICLE_NOW_ID_MAX = 64 };

/* The flags of a row that are known by name here (docs/PROTOCOL.md); the others pass through. */
enum {
    NOW_ONLINE = 1,
    NOW_PLACED = 4,
    NOW_IGNITION = 8,
    NOW_OPEN_COVER = 16,
    NOW_RAISED = 32,
    NOW_LOADED = 64,
    NOW_SPILL = 128,
    NOW_WORKING = 256,
    NOW_HAULING = 512,
    NOW_LIVE = 1024,
    NOW_WORST_AT = 11, /* two bits */
    NOW_WORST = 3 << NOW_WORST_AT,
    NOW_FAULT = 8192
};

struct vehicle_now {
    char id[VEHICLE_NOW_ID_MAX + 1];
    uint32_t partition, flags;
    double lat_deg, lon_deg, speed_kmh, track_deg; /* NaN: unknown */
    int64_t time_ms;                               /* of its last fix; 0: unknown */
    bool seen, told; /* since its partition's last sweep began: at all; by a row */
    /* Where that is, by the world numbered `place_world`: whoever asks looks it up once a place. 0: not looked up. */
    uint32_t place_world;
    struct text place;
    uint32_t number;  /* below fleet_now_numbers, its own for as long as it is there */
    uint64_t changed; /* the number of the change that it changed with last */
    struct vehicle_now *older, *newer;
};

struct fleet_now;

/* NULL without memory. */
struct fleet_now *fleet_now_new(struct hash_key key, size_t most);
void fleet_now_free(struct fleet_now *f);

/* The `moves` of an entry of `live`. False without memory. */
bool fleet_now_take_moves(struct fleet_now *f, uint32_t partition, struct text moves);
/* The hash of a vehicle; one without fields is none. False without memory. */
bool fleet_now_take_hash(struct fleet_now *f, uint32_t partition, struct text id, struct fields hash);
/* A sweep of a partition's hashes begins; has met all of them. */
void fleet_now_sweep_begin(struct fleet_now *f, uint32_t partition);
void fleet_now_sweep_end(struct fleet_now *f, uint32_t partition);

/* As a hash tells it, without being taken. False: the id is none. */
bool vehicle_now_read_hash(struct text id, struct fields hash, struct vehicle_now *out);

/* Appends the values of a row of `live`, without its brackets; `flags` in place of its own. */
void vehicle_now_write(const struct vehicle_now *v, uint32_t flags, struct json_writer *w);

struct fleet_now_figures {
    size_t vehicles;
    uint64_t strange; /* rows that could not be read */
    bool truncated;   /* there were more vehicles than `most` */
};
struct fleet_now_figures fleet_now_figures(const struct fleet_now *f);

/* NULL: there is none. Good until something is taken. */
struct vehicle_now *fleet_now_find(const struct fleet_now *f, struct text id);
/* All of them by id, bytewise. NULL where there is none. */
struct vehicle_now *const *fleet_now_all(struct fleet_now *f, size_t *out_count);
/* Who changed last; from there `older` leads on. NULL: there is none. */
struct vehicle_now *fleet_now_newest(const struct fleet_now *f);
/* How often vehicles went: what was known of any by its number has to be asked anew. */
uint64_t fleet_now_removals(const struct fleet_now *f);
/* Vehicles by number; NULL where that is nobody's now. */
uint32_t fleet_now_numbers(const struct fleet_now *f);
struct vehicle_now *fleet_now_at(const struct fleet_now *f, uint32_t number);
/* The latest time of the rows taken since this was asked last; 0: there were none, or none that knew it. */
int64_t fleet_now_latest_ms(struct fleet_now *f);
/* The first place in that list whose id is behind `id`. */
size_t fleet_now_behind(struct fleet_now *f, struct text id);

#endif
