/*
 * town: units, a broker, the connections to a fake store and one tracker's stages between them, all in
 * virtual time, for stages_test.c. What happens next is the test's to choose; what must never be is asserted
 * here, wherever it would show.
 *
 * What comes of the tracker is looked at from outside: bytes that reach the store, messages, and which of the
 * broker's messages are answered. The broker is as the adapter and libmosquitto make it: what was read is
 * answered as soon as nothing holds it.
 */
#ifndef MW_TEST_TOWN_H
#define MW_TEST_TOWN_H

#include "../codec/random.h"
#include "fake_store.h"
#include "late_settings.h"
#include "stages.h"

enum {
    KEPT_MAX = 8,
    NUMBERED = 3, /* units whose fixes have numbers; the last unit has none, and believes the broker */
    UNITS = NUMBERED + 1,
    FIXES_MAX = 120,
    POSTED_MAX = 400,
    ASKED_MAX = 600,
    GROUPS = 3,            /* of a full batch */
    UNNUMBERED_IN_ONE = 3, /* fixes of one of its messages */
    UNNUMBERED_MAX =
        12, /* that wait at a time: more of them than are remembered would be told apart wrongly */
};

struct unit {
    char id[16];
    uint32_t made; /* fixes so far: 1 to made */
    char fixes[FIXES_MAX + 1][240];
    bool ever[FIXES_MAX + 1];       /* was durable at some time */
    uint8_t tracked[FIXES_MAX + 1]; /* times it is in the store now */
    uint8_t refused[FIXES_MAX + 1];
    uint32_t acked;            /* as it was last told; may go back */
    int64_t time_ms;           /* of the newest */
    int64_t kept_ms[KEPT_MAX]; /* fixes that it has not sent, but newer ones */
    uint32_t kept;
    bool backwards; /* it sends the newest of those first */
};

struct posted {
    char topic[64];
    char payload[1024];
    int qos;
    bool retain;
    uint32_t unit, fix, to; /* fix: 0, or the first and the last of the unit without numbers */
};

struct broker {
    bool started, connected, subscribed, held;
    struct posted queue[POSTED_MAX];
    size_t count, delivered; /* the first ones: unanswered on this connection */
};

struct asked {
    enum ask ask;
    uint32_t slot, more_ms;
    struct text command;
    char *owned;
    bool served;
    struct fake_reply reply;
};

/* A connection to the store. */
struct lane {
    bool wanted, up, dropping;
    struct asked queue[ASKED_MAX];
    size_t count;
};

struct town {
    struct random random;
    int64_t mono_ms, wall_ms;
    struct fake_store *store, *backup;
    struct unit units[UNITS];
    struct broker broker;
    struct lane lanes[2];

    /* The process, while there is one. */
    bool running;
    char token[24];
    struct stages stages;
    struct names *names;
    int64_t due_ms[TIMER_COUNT]; /* -1: not set */
    bool carrying, dying;
    bool building, clearing;
    unsigned city; /* which world the files say */

    size_t batch_bytes; /* that fill a batch */
    struct late_settings late;
    bool live_first;                    /* units keep fixes, and send them after newer ones */
    bool spoils;                        /* units make fixes that are refused */
    unsigned refuse_sends, die, starve; /* one in so many; 0: never */
    bool lenient;                       /* it need not be durable */
    bool hungry;                        /* it starved at some time */
    bool nonsense;                      /* the next commit is answered with it */
    bool looking_back;
    bool reading_on;          /* the broker's library brings what was on its way, held or not */
    bool keys_broken;         /* a key had a foreign type, at some time: only that is a vehicle's fault */
    bool damaged;             /* the store lost states, at some time */
    bool restored, forgotten; /* the store went back, or the broker lost its queue, at some time */
    bool ended;
    int exit_code;
    int64_t stop_asked_ms; /* -1: not asked */
    size_t tracks_seen, rejects_seen, violations_seen, rulesets_seen;
    bool parted;     /* it died between two batches of one switch, at some time */
    unsigned handed; /* warnings */
    uint64_t lives;  /* signs of life that were played again */
    uint64_t facts, acks, answered, restarts, reloads; /* so that a run can be seen to have done something */
};

void town_init(struct town *t, uint64_t seed);
void town_fini(struct town *t);

/* The process: begins; dies as by kill -9. */
void town_start(struct town *t);
void town_kill(struct town *t);
void town_tell(struct town *t, struct fact fact);
void town_tell_kind(struct town *t, enum fact_kind kind);
/* Ends the process if it is to be ended, by itself or by a death in the middle of its list. */
void town_reap(struct town *t);
/* A world of that city; its hash says which. */
struct proposal town_world(struct names *names, unsigned city);

/* The store: takes the next command of a lane; answers the next one it has taken; the lane is lost. */
bool lane_serve(struct town *t, enum link link);
bool lane_answer(struct town *t, enum link link);
bool lane_lose(struct town *t, enum link link);
/* The store's is lost before anything more was taken. */
void town_lose_unserved(struct town *t);
void town_restore(struct town *t);
/* Looks at what is new in the store. */
void town_look(struct town *t);

/* Whether a fix of a unit is one that is refused. */
bool unit_spoils_fix(const struct town *t, const struct unit *u, uint32_t k);
/* units.c: what a message to a unit says; what the broker's answer to a message costs. */
void unit_hears(struct town *t, struct text topic, struct text payload);
void broker_answers(struct town *t);
/* Posts to the broker. False: its queue is full. */
bool unit_makes_fix(struct town *t, uint32_t unit);
bool unit_sends_again(struct town *t, uint32_t unit);
bool unit_tells_status(struct town *t, uint32_t unit);
void broker_loses_connection(struct town *t);
bool broker_delivers(struct town *t);
/* The same past a hold, or after the end of the connection: the library was in the middle of reading. */
bool broker_reads_on(struct town *t);

#endif
