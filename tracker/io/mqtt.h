/*
 * mqtt: an MQTT 5 client on the loop, over libmosquitto without its threads.
 *
 * What it adds to the library:
 *  - Acknowledgements that wait. Whatever is to be sent, PUBACKs first of all, is only queued until the
 * socket is written to, and between mqtt_hold and mqtt_release it is not, nor is anything read. Who receives
 * holds, does what the messages ask for, and releases when that is durable: then all their PUBACKs leave
 * together. mqtt_self_test pins this to the library at hand.
 *  - Bursts. Messages are read until none is there, `burst_max` or 2 ms are reached; then `burst` is called.
 *  - Reconnecting with back-off and jitter, to a name or an address, without ever blocking the loop;
 * subscribing again, always. A persistent session keeps its expiry over reconnects.
 *
 * At most `receive_max` messages are unacknowledged at a time: that bounds what a burst can hold.
 * Everything runs on the loop's thread. Callbacks may call any function here but mqtt_free.
 */
#ifndef MW_MQTT_H
#define MW_MQTT_H

#include "loop.h"
#include "mqtt_options.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct mqtt;

/* Borrowed during the call. */
struct mqtt_message {
    struct text topic;
    struct text payload;
    int qos;
    /*
     * The broker had it in memory before we subscribed. A message that is published with the flag while we
     * are subscribed comes without it: no subscription here asks for "retain as published".
     */
    bool retain;
    bool duplicate;
};

/* All optional. */
struct mqtt_callbacks {
    /* Connected, before any message; the subscriptions are on their way. */
    void (*connected)(void *arg, bool session_present);
    /*
     * Every subscription was answered; false when the broker refused one, or granted less than was asked for
     * (the log says which). It is then asked for again each ten seconds, and this is called once more when
     * all is granted.
     */
    void (*subscribed)(void *arg, bool all_granted);
    /* The connection is gone, or an attempt failed; a new one will be made unless stopped. */
    void (*disconnected)(void *arg, const char *reason);
    void (*message)(void *arg, const struct mqtt_message *message);
    /* A turn's reading ended. `drained`: nothing more was there; else the budget ran out, or mqtt_hold was
     * called. */
    void (*burst)(void *arg, bool drained);
    /* The broker answered a message of QoS 1 with this reason code: below 0x80, it has taken it. */
    void (*published)(void *arg, int message_id, int reason_code);
};

/* Does not connect yet. Options and callbacks are read during the call, see above. */
enum mqtt_error mqtt_new(struct loop *loop, const struct mqtt_options *options,
                         const struct mqtt_callbacks *callbacks, void *arg, struct mqtt **out_mqtt);
/* Closes without a word to the broker, as a crash would: what is held stays unacknowledged. Takes NULL. */
void mqtt_free(struct mqtt *mqtt);

/* Connects, and keeps connecting, until mqtt_stop. */
void mqtt_start(struct mqtt *mqtt);
/*
 * Ends the connection and stops reconnecting. When nothing is held, what is queued is written and a
 * DISCONNECT sent: no will is published. When something is held, the socket is shut down and it stays
 * unacknowledged. `disconnected` is not called.
 */
void mqtt_stop(struct mqtt *mqtt);
/* Shuts the connection down, gives up what is held, and connects anew: the broker will deliver it again. */
void mqtt_drop(struct mqtt *mqtt, const char *reason);

bool mqtt_connected(const struct mqtt *mqtt);

/*
 * Stops reading and writing: acknowledgements of what was read stay here. Also ends the burst under way, but
 * for what the library reads in the same call: it takes as many packets at once as messages of ours wait for
 * the broker's answer. `message` must bear them; of QoS 1 they are within receive_max.
 */
void mqtt_hold(struct mqtt *mqtt);
/* Writes what is queued and reads on. */
void mqtt_release(struct mqtt *mqtt);
bool mqtt_held(const struct mqtt *mqtt);

/*
 * Publishes. The bytes are copied. `expiry_s` 0: never expires. `out_message_id` may be NULL; it names the
 * message in `published`. While held, it leaves with mqtt_release.
 */
struct mqtt_publication {
    const char *topic;
    struct text payload;
    int qos;
    bool retain;
    uint32_t expiry_s;
};
enum mqtt_error mqtt_publish(struct mqtt *mqtt, const struct mqtt_publication *publication,
                             int *out_message_id);
/* Messages of QoS 1 that the broker has not answered. */
uint32_t mqtt_unanswered(const struct mqtt *mqtt);

/*
 * Whether the library at hand keeps PUBACKs back as this adapter needs: talks MQTT to itself over loopback.
 * Takes a few milliseconds, blocks, needs no broker. On failure *out_reason says what was seen (static).
 */
bool mqtt_self_test(const char **out_reason);

/* Once per process, before the first mqtt_new and after the last mqtt_free. */
void mqtt_library_init(void);
void mqtt_library_fini(void);

#endif
