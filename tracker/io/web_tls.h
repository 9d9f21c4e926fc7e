/*
 * web_tls: a certificate and its key, and connections that speak TLS by them (OpenSSL, 1.2 or later).
 */
#ifndef MW_WEB_TLS_H
#define MW_WEB_TLS_H

#include "loop.h"

#include <stddef.h>

struct web_tls;
struct bufferevent;

/* Reads both files. NULL, with the reason in `why`, where they cannot be used or do not belong together. */
struct web_tls *web_tls_new(const char *cert, const char *key, char *why, size_t why_cap);
void web_tls_free(struct web_tls *tls);

/* A connection that was accepted; closes the descriptor when it is freed. NULL without memory. */
struct bufferevent *web_tls_accept(struct web_tls *tls, struct event_base *base, int fd);

#endif
