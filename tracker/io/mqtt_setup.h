/*
 * mqtt_setup: tells libmosquitto, before the first connection, how it is to be held (see mqtt.c).
 */
#ifndef MW_MQTT_SETUP_H
#define MW_MQTT_SETUP_H

#include "mqtt_options.h"

struct mosquitto;

/* False after saying which option the library refuses. */
bool mqtt_setup(struct mosquitto *m, const struct mqtt_options *options);
/* Where there is a cafile. NO_MEMORY, BAD_CAFILE, BAD_OPTION. */
enum mqtt_error mqtt_setup_tls(struct mosquitto *m, const struct mqtt_options *options);

#endif
