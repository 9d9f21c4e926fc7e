/*
 * store_options: how the store is reached; the same rows for every program that speaks to it.
 */
#ifndef MW_STORE_OPTIONS_H
#define MW_STORE_OPTIONS_H

#include "option_row.h"

#define STORE_OPTIONS(X)                                                                                     \
    X(TEXT, "redis.host", redis.host, 1, 255, "127.0.0.1", NULL, "the store's name or address")              \
    X(WHOLE, "redis.port", redis.port, 1, UINT16_MAX, "6379", NULL, "the store's port")                      \
    X(FILE, "redis.unix_socket", redis.unix_socket, 0, 0, NULL, NULL,                                        \
      "the store's socket, instead of host and port")                                                        \
    X(TEXT, "redis.username", redis.username, 1, 255, NULL, NULL, "user at the store")                       \
    X(FILE, "redis.password_file", redis.password_file, 0, 0, NULL, NULL,                                    \
      "file whose first line is the password at the store")

#endif
