/*
 * mqtt_state: a client, and what the files that make it up offer each other. Private to them.
 *
 * Calls go down this list: mqtt (what others call), mqtt_heard (what the library calls), mqtt_link (the
 * connection).
 */
#ifndef MW_MQTT_STATE_H
#define MW_MQTT_STATE_H

#include "backoff.h"
#include "mqtt.h"

struct mosquitto;

enum { MQTT_FAILED_CODE = 0x80 }; /* reason codes from here on are failures */

enum phase { PHASE_STOPPED, PHASE_WAITING, PHASE_LOOKING_UP, PHASE_CONNECTING, PHASE_CONNECTED };

struct mqtt_asked {
    const struct mqtt_subscription *subscription;
    int id;       /* of the question */
    bool open;    /* not answered yet, on this connection */
    bool granted; /* as the last answer said */
};

struct mqtt {
    struct mosquitto *m;
    struct loop *loop;
    struct mqtt_options options;
    struct mqtt_callbacks on;
    void *arg;
    struct loop_watch *readable, *writable;
    struct loop_timer *tick, *retry;
    struct loop_lookup *lookup;
    enum phase phase;
    bool held;
    bool reading;  /* inside mosquitto_loop_read */
    bool stopping; /* inside mqtt_stop: losing the connection is no news */
    struct backoff backoff;
    struct mono attempted;
    uint64_t packets;  /* callbacks of the library, to see that reading made progress */
    uint64_t messages; /* of those, messages */
    uint32_t unanswered;
    struct mqtt_asked asked[MQTT_SUBSCRIPTIONS_MAX];
    uint32_t asked_count;
    struct mono subscribed_at; /* when it was last asked for */
    bool subscribed_told;      /* how it went, on this connection */
};

/* From mqtt_link.c */

/* Timers and look-up of the connection. False without memory; mqtt_link_fini is due either way. */
bool mqtt_link_init(struct mqtt *c);
void mqtt_link_fini(struct mqtt *c);
void mqtt_link_start(struct mqtt *c);
/* Its timers fire no more. */
void mqtt_link_stop(struct mqtt *c);
/* The connection, or an attempt at one, is over. May be called twice for one loss. */
void mqtt_lose(struct mqtt *c, const char *reason);
/* Ends the socket in such a way that the library neither writes nor reads any more. */
void mqtt_cut(struct mqtt *c);
/* Frees both watches: before the descriptor is closed. */
void mqtt_drop_watches(struct mqtt *c);
/* Looks at the socket for what is wanted of it. */
void mqtt_arm(struct mqtt *c);
/* Before every call that may close the socket. */
void mqtt_brace(struct mqtt *c);
/* Writes what is queued, as far as the socket takes it. */
void mqtt_flush(struct mqtt *c);
/* Reads on where bytes wait that no poll sees. */
void mqtt_wake(struct mqtt *c);

/* From mqtt_heard.c */

/* Has the library call back. */
void mqtt_hear(struct mqtt *c);
/* Asks once more for what was refused, now and then. */
void mqtt_subscribe_again(struct mqtt *c);

#endif
