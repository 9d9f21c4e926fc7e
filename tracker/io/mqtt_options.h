/*
 * mqtt_options: what an MQTT client is made with, and what may be wrong with that.
 */
#ifndef MW_MQTT_OPTIONS_H
#define MW_MQTT_OPTIONS_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct mqtt_will {
    const char *topic; /* NULL: none */
    struct text payload;
    int qos;
    bool retain;
};

enum { MQTT_SUBSCRIPTIONS_MAX = 8 };

struct mqtt_subscription {
    const char *filter; /* NULL ends the list, which has MQTT_SUBSCRIPTIONS_MAX of them at most */
    int qos;
    bool no_local;
};

/* Everything is borrowed until mqtt_free, but for the password, which is copied. */
struct mqtt_options {
    const char *host;
    uint16_t port;
    const char *client_id;
    const char *username, *password; /* NULL: none */
    const char *cafile;              /* NULL: no TLS */
    const char *certfile, *keyfile;  /* this client's own certificate and its key; NULL: none */
    uint32_t session_expiry_s;       /* 0: a clean session each time */
    uint16_t receive_max;            /* 1 to 65535; 0: 500 */
    uint16_t keepalive_s;            /* 0: 60 */
    uint32_t burst_max;              /* messages read in a turn; 0: receive_max */
    uint32_t send_max;               /* messages of QoS 1 unacknowledged by the broker; 0: 1000 */
    uint32_t backoff_max_ms;         /* 0: 30 s */
    struct mqtt_will will;
    const struct mqtt_subscription *subscriptions; /* NULL: none */
};

enum mqtt_error {
    MQTT_OK,
    MQTT_NO_MEMORY,
    MQTT_BAD_OPTION, /* an option the library refuses: the log says which */
    MQTT_BAD_CAFILE, /* or certfile, keyfile: the log says which */
    MQTT_OFFLINE,    /* not connected: nothing was queued */
    MQTT_FULL,       /* send_max messages wait for the broker's answer */
    MQTT_BAD_TOPIC,  /* or a payload over the broker's limit */
};

#endif
