/*
 * broker_options: what tracker and unit both say of the broker. A row is written as option_row.h says; what
 * the examples of a sample show is the program's own.
 */
#ifndef MW_BROKER_OPTIONS_H
#define MW_BROKER_OPTIONS_H

#include "option_row.h"

#define BROKER_ADDRESS_OPTIONS(X)                                                                            \
    X(TEXT, "mqtt.host", mqtt.host, 1, 255, "127.0.0.1", NULL, "the broker's name or address")               \
    X(WHOLE, "mqtt.port", mqtt.port, 1, UINT16_MAX, "1883", NULL, "the broker's port")

#define BROKER_ACCESS_OPTIONS(X, user_example, password_example, authority_example)                          \
    X(TEXT, "mqtt.username", mqtt.username, 1, 255, NULL, NULL, "user at the broker",                        \
      .example = user_example)                                                                               \
    X(FILE, "mqtt.password_file", mqtt.password_file, 0, 0, NULL, NULL,                                      \
      "file whose first line is the password at the broker", .example = password_example)                    \
    X(FILE, "mqtt.cafile", mqtt.cafile, 0, 0, NULL, NULL,                                                    \
      "certificates that vouch for the broker; given: the connection is TLS", .example = authority_example)

#endif
