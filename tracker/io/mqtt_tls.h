/*
 * mqtt_tls: the TLS of an MQTT client, as OpenSSL wants to be told: which authority, which certificate of our
 * own, and whose name the broker's certificate has to bear.
 *
 * libmosquitto would check that name by what it connects to, which here only ever is an address; so the
 * context is made by us and given to it.
 */
#ifndef MW_MQTT_TLS_H
#define MW_MQTT_TLS_H

#include "mqtt_options.h"

struct ssl_st;
struct ssl_ctx_st;

/* NO_MEMORY, BAD_CAFILE after saying which file, BAD_OPTION for the host. */
enum mqtt_error mqtt_tls_new(const struct mqtt_options *options, struct ssl_ctx_st **out_ctx);
/* Gives up our reference. */
void mqtt_tls_free(struct ssl_ctx_st *ctx);
/* Whether bytes wait inside OpenSSL, where no poll sees them. Takes NULL. */
bool mqtt_tls_pending(const struct ssl_st *ssl);

#endif
