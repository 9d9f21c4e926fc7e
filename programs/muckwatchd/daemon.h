/*
 * daemon: what the parts of muckwatchd share.
 *
 *   MQTT ──► intake ──► batch ──► committing ──► Redis
 *   units ◄── acks, PUBACK ◄─────────┘ when it is durable
 *
 * A turn of work: messages of one burst are judged as they are read, and what they cause is collected in the
 * batch, vehicle by vehicle. Then reading stops, the batch is committed, and only when Redis has said so are
 * units and broker answered and reading goes on. At most one batch is under way, so nothing is ever
 * acknowledged that is not durable, and memory is bounded by one batch.
 *
 * starting.c brings the daemon from nothing, or from a store that went back, to `STAGE_RUNNING`; fresh_log.c
 * sees to it that the store can repeat nothing; janitor.c trims; telemetry.c counts and tells; reload.c
 * exchanges the world. Everything is on the loop's thread, but for the making of a new world and the clearing
 * away of an old one.
 */
#ifndef MW_DAEMON_H
#define MW_DAEMON_H

#include "acks.h"
#include "attended.h"
#include "commit.h"
#include "committer.h"
#include "config.h"
#include "fleet.h"
#include "http_status.h"
#include "loop.h"
#include "metrics.h"
#include "mqtt.h"
#include "names.h"
#include "recording.h"
#include "redis.h"
#include "telemetry.h"
#include "worker.h"
#include "world.h"
#include "world_load.h"

enum {
    PARTITION = 0, /* one process serves one partition; keys always carry its number */
    NAMES_LIMIT = 16777216,
    BEAT_MS = 1000,
    OWNER_HOLD_MS = 5000, /* how long a silent owner keeps its partition */
    /*
     * Warnings that wait for the broker's answer: libmosquitto reads as many packets in one call as there are
     * of them, past a hold, and the broker's count of what we have not acknowledged is not to be trusted
     * while they are under way (2.0.11 sends more than our Receive Maximum). A batch has room for as many.
     */
    WARNINGS_UNANSWERED_MAX = 32,
    EXIT_FENCED = 75, /* EX_TEMPFAIL: someone else owns the partition */
};

enum stage {
    STAGE_STARTING, /* waiting for the store, checking it, claiming, loading */
    STAGE_SETTLING, /* states are there; closing what the world in force no longer has */
    STAGE_RUNNING,
    STAGE_STOPPING, /* the batch in hand is finished, then the loop ends */
};

/* A fix as far as its refusal needs it, should its vehicle's part of the batch turn out to be bad. */
struct batch_item {
    size_t boot_at, payload_at; /* in batch.bytes */
    uint64_t seq;               /* 0: it has none */
    uint32_t next;              /* item of the same group, + 1; 0: none */
    uint16_t payload_len;
    uint8_t boot_len;
};

/* What is told to a cab once the batch is durable. */
struct batch_warning {
    uint32_t group;
    size_t at, len; /* JSON in batch.bytes */
};

struct batch_group {
    uint32_t place;              /* of the vehicle; UINT32_MAX: refusals of nobody we keep */
    struct vehicle_state before; /* as it was when the batch began */
    struct commit_group ops;
    uint32_t items_first, items_last; /* + 1; 0: none */
    uint32_t transitions;
    bool state_changed, ack, shown_changed, quarantined;
};

struct batch {
    struct batch_group *groups;
    /*
     * At `full` groups no more deadlines fire and reading stops. What the library has begun to read may still
     * come, WARNINGS_UNANSWERED_MAX packets at most.
     */
    uint32_t count, full, cap;
    uint32_t *group_of; /* by place: group + 1; 0: not in this batch */
    uint32_t places;
    struct batch_item *items;
    size_t item_count, item_cap;
    struct batch_warning *warnings;
    size_t warning_count, warning_cap;
    struct buf bytes;
    uint32_t messages, fixes, tracked;
    size_t ops_bytes;
    /* When its first message came, for all of it: by both clocks, and by the count of attended time. */
    struct mono begun;
    struct wall received;
    int64_t clock_ms;
    bool attended;
    bool has_ruleset; /* it says which world is in force from it on */
};

/* Whether the store writes to an append-only file that begins with its last start. */
enum store_log { LOG_OLD, LOG_ASKED, LOG_NEW };

/* Vehicles whose journals are read from their tracks. */
struct recall {
    uint32_t *places;
    size_t count, cap, next; /* of them, asked for */
    uint32_t open;           /* not answered */
    uint32_t walk;
};

/* How far a new world has come. Fixes are judged under the old one until RELOAD_ENTERING. */
enum reload_phase {
    RELOAD_NONE,
    RELOAD_BUILDING,  /* on the worker's thread */
    RELOAD_BUILT,     /* to be recorded, or once more: the store may have lost it */
    RELOAD_RECORDING, /* its texts are on their way to the store, on a connection of their own */
    RELOAD_RECORDED,  /* waits for the end of the batch in hand */
    RELOAD_ENTERING,  /* what was due fires under the old one */
};

/* What the worker has in hand, and nobody else meanwhile. */
struct reload_work {
    const char *config_path;
    struct names *names;
    bool built;
    struct config config;
    struct world *world;
    struct recording recording;
    struct problem problem;
};

struct reload {
    enum reload_phase phase;
    bool wanted;
    bool texts_lost; /* the store went back: the texts of the world in force are recorded again */
    bool for_texts;  /* the world being made is for that alone */
    struct worker *worker;
    struct reload_work work;
    struct redis *redis; /* while recording */
    size_t recorded;     /* of its commands */
    struct loop_timer *turn;
    struct mono begun;
};

struct daemon {
    const char *config_path;
    bool take_over;
    bool acknowledge_all; /* once it runs: the store went back */
    struct config config;
    char *mqtt_password, *redis_password;
    char instance[256]; /* client_id@host */
    char live_id[256];  /* client id of the connection for live positions */

    struct names *names;
    struct world *world;     /* in force */
    struct world *old_world; /* while entering a new one, until what was due has fired: the one in force */
    bool ruleset_owed;       /* no batch has said yet that `world` is in force */
    struct wall switched;    /* when it came into force, by both clocks, for all batches that settle */
    int64_t switched_ms;
    struct recording recording; /* from the start until it is recorded */
    size_t recording_sent;      /* commands of it */
    struct reload reload;
    struct fleet *fleet;
    uint32_t outdated; /* states of an earlier version, met while loading */
    struct recall recall;
    struct attended attended;
    /*
     * Up to here every deadline has fired; what the store is told of the clock. So whoever goes on from the
     * store, under whatever world, finds nothing that was due under ours.
     */
    int64_t fired_ms;
    struct attended_mark recorded; /* the last mark in the store */
    struct acks acks;
    struct committer committer;
    struct batch batch;
    int64_t epoch;
    enum stage stage;
    int exit_code;

    struct loop *loop;
    struct mqtt *mqtt;
    struct mqtt *live; /* a connection of its own for what may be shed, so that no fix waits behind it */
    struct redis *redis;
    struct http_status *http;
    struct metrics *metrics;
    struct loop_timer *deadline; /* the core's next deadline, or the next ack */
    struct loop_timer *tick;     /* a few times a second: catching up, watchdog */
    struct loop_timer *beat;     /* says to the store that we live */
    struct loop_timer *retry;    /* a commit is sent again */
    struct loop_timer *give_up;  /* a stop that takes too long */
    struct loop_timer *janitor;

    /* Where the hash of each vehicle has which fields, by place. */
    uint16_t *shown;
    uint32_t shown_places;

    /* Catching up after a connect. */
    bool subscribed, caught_up;
    uint32_t small_batches;
    struct mono last_message;

    uint32_t janitor_next, janitor_turn;

    /* The commit in hand. */
    bool waiting_for_store;   /* its last answer was unknown */
    enum store_log store_log; /* nothing is committed before LOG_NEW */
    bool beat_waiting;
    uint32_t retries;
    struct mono commit_begun;
    struct buf command;
    const struct commit_group **pieces;

    struct outcome outcome; /* too large for the stack */
    struct entry entry;
};

/* ---- batch.c ---- */
/* Full at so many groups. */
bool batch_init(struct batch *b, uint32_t full);
void batch_fini(struct batch *b);
void batch_clear(struct batch *b);
/* The group of a vehicle, begun with its state as it is now. NULL without memory or room. */
struct batch_group *batch_group(struct batch *b, const struct fleet *fleet, uint32_t place);
/* The group of those that have no place. */
struct batch_group *batch_nobody(struct batch *b);
bool batch_full(const struct batch *b);
/* Remembers a fix, for its refusal. False without memory: the batch must not grow. */
bool batch_add_item(struct batch *b, struct batch_group *g, struct text boot, uint64_t seq,
                    struct text payload);
/* Remembers the warnings of an outcome. */
void batch_add_warnings(struct batch *b, const struct batch_group *g, const struct outcome *o,
                        const struct names *names);

/* ---- intake.c ---- */
void intake_message(void *daemon, const struct mqtt_message *message);
/* Writes what an outcome caused, but for the track, into a group. */
void intake_outcome(struct daemon *d, struct batch_group *g);
/* The group of a place, and room for its hash. */
struct batch_group *intake_group(struct daemon *d, uint32_t place);

/* ---- committing.c ---- */
/* Sends the batch, if there is something in it and nothing under way. */
void committing_begin(struct daemon *d);
void committing_answered(void *daemon, const struct redis_reply *reply);
/* The store is back: what waited is sent again. */
void committing_resume(struct daemon *d);
/* Fires what is due at the batch's clock, into the batch. False: more than it holds. */
bool committing_fire(struct daemon *d);
/* Fires deadlines and sends acks that are due, if nothing is under way; arms the timer for the next. */
void committing_run_due(struct daemon *d);
void committing_on_timer(void *daemon);
/* Whether an error means that the store cannot answer now, and not that the command was bad. */
bool committing_store_away(struct text error);

/* ---- starting.c ---- */
void starting_begin(struct daemon *d);
/* The step after fresh_log. */
void starting_go_on(struct daemon *d);
/* The store lost what it had acknowledged: forget, load again, acknowledge backwards. */
void starting_over(struct daemon *d, const char *reason);
/* From here on, by both clocks, `world` is in force; closes what it no longer has. */
void starting_switch(struct daemon *d);
/* One more step of that. */
void starting_settle(struct daemon *d);
void starting_run(struct daemon *d);

/* All states and journals are there. */
void starting_loaded(struct daemon *d);

/* ---- recalling.c ---- */
/* Its journal is to be read from its track, once all states are there; false: no room. */
bool recalling_add(struct daemon *d, struct text vehicle);
/* Reads them, and those of vehicles that have a track and no state; then calls starting_loaded. */
void recalling_begin(struct daemon *d);
void recalling_forget(struct daemon *d);
void recalling_fini(struct daemon *d);

/* ---- fresh_log.c ---- */
/* Sees to it that the store's file is new, then goes on with starting, or with the commit in hand. */
void fresh_log_begin(struct daemon *d);

/* ---- reload.c ---- */
bool reload_init(struct daemon *d);
void reload_fini(struct daemon *d);
void reload_on_signal(void *daemon);
/* Takes the next step, if it is time for it: between two batches. The stage may be STAGE_SETTLING then. */
void reload_step(struct daemon *d);
/* The new world is in force and the old one gone, or without memory the other way round. Takes what is gone.
 */
void reload_entered(struct daemon *d, struct world *take_gone, bool entered);
/* The store went away, or went back: what it was told of a new world may be lost. */
void reload_store_lost(struct daemon *d);
bool reload_read_password(struct text path, char **out, struct problem *out_problem);

/* ---- janitor.c ---- */
void janitor_run(void *daemon);

/* ---- muckwatchd.c ---- */
/* A connection to the store, not yet started. NULL without memory. */
struct redis *daemon_new_redis(struct daemon *d, const struct redis_callbacks *callbacks);
/* Ends the loop with this exit code, giving up what is not durable. */
void daemon_stop(struct daemon *d, int exit_code);
/* The broker's connections: hears them again, connecting if need be; hears and answers nothing for now;
 * closes them without a word, so that what is not durable stays unacknowledged. */
void daemon_listen(struct daemon *d);
void daemon_hold(struct daemon *d);
void daemon_leave(struct daemon *d);
/* The clock stops: vehicles cannot be heard. */
void daemon_unattended(struct daemon *d);
/* Attended time, now. */
int64_t daemon_clock_ms(struct daemon *d);
/* Sets when the batch was begun: now. */
void daemon_stamp_batch(struct daemon *d);

#endif
