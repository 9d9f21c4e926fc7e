/*
 * daemon: the adapters of muckwatchd, around the stages that decide everything (../daemon/stages.h).
 *
 *   libraries' callbacks ── hearing.c ──► facts ──► stages ──► actions ── carrying.c ──► libraries
 *
 * Nothing is decided here: hearing.c says what happened, carrying.c does what is asked for, in order.
 * building.c makes worlds and clears them away on a thread of its own; all else is on the loop's thread.
 * making.c makes and frees it all.
 */
#ifndef MW_DAEMON_H
#define MW_DAEMON_H

#include "config.h"
#include "http_status.h"
#include "loop.h"
#include "mqtt.h"
#include "names.h"
#include "recording.h"
#include "redis.h"
#include "stages.h"
#include "worker.h"

#include <stdbool.h>

struct daemon;

/* What a command to the store was sent for; outlives its answer. */
struct asked {
    struct daemon *daemon;
    enum ask ask;
    uint32_t slot;
};

struct due {
    struct daemon *daemon;
    enum timer timer;
    struct loop_timer *loop_timer;
};

/* What the thread has in hand, and nobody else meanwhile. */
struct building {
    const char *config_path;
    struct names *names;
    struct proposal proposal; /* being made */
    struct proposal *gone;    /* being cleared away */
};

struct daemon {
    const char *config_path;
    bool take_over;
    struct config config;
    char *mqtt_password, *redis_password;
    char instance[256]; /* client_id@host */
    char token[33];     /* random, of this process: what it claims with */
    char live_id[256];  /* client id of the connection for live positions */
    struct names *names;
    struct world *world;        /* of the start, until the stages take it */
    struct recording recording; /* and its texts */

    struct stages stages;
    bool carrying; /* out the list of actions */
    int exit_code;

    struct loop *loop;
    struct mqtt *mqtt;
    struct mqtt *live; /* a connection of its own for what may be shed, so that no fix waits behind it */
    struct redis *redis;
    struct redis *recorder; /* while the texts of a new world are recorded */
    struct http_status *http;
    struct worker *worker;
    struct building building;
    struct due due[TIMER_COUNT];
    struct asked asked[ASK_COUNT], asked_chores[JANITOR_CHORES], asked_tracks[RECALLING_AT_A_TIME],
        asked_late[REDOING_AT_A_TIME];
    struct reply *items; /* of the answer in hand */
    size_t item_cap;
};

/* ---- making.c ---- */
/* Everything, from the configuration; nothing is started. EX_OK, or the exit code and what is refused. */
int daemon_make(struct daemon *d, struct problem *out_problem);
void daemon_unmake(struct daemon *d);
/* A connection to the store, not yet started. NULL without memory. */
struct redis *daemon_new_redis(struct daemon *d, const struct redis_callbacks *callbacks);

/* ---- hearing.c ---- */
extern const struct mqtt_callbacks hearing_mqtt, hearing_live;
extern const struct redis_callbacks hearing_redis, hearing_recorder;
/* Tells the stages, and carries out what they ask for. `now` is filled in. */
void hearing_tell(struct daemon *d, struct fact fact);
void hearing_tell_kind(struct daemon *d, enum fact_kind kind);
void hearing_due(void *due);
void hearing_stop(void *daemon);
void hearing_reload(void *daemon);
void hearing_answer(void *asked, const struct redis_reply *reply);
int hearing_page(void *daemon, const char *path, struct buf *out); /* an http_page */

/* ---- carrying.c ---- */
/* Carries out the list, or does nothing where that is being done. */
void carrying_out(struct daemon *d);

/* ---- building.c ---- */
void building_begin(struct daemon *d);
void building_clear(struct daemon *d, struct proposal *gone);

#endif
