/*
 * http_status: a few small pages for machines: /metrics, /healthz, /readyz.
 *
 * GET and HEAD, no bodies, a head of up to 4 KiB, one answer a connection, at most 32 connections, and none for
 * longer than 10 s; whoever comes then waits in the kernel's queue. Descriptors are left for store and broker.
 * Not for the public: it listens where the configuration says, on loopback by default.
 */
#ifndef MW_HTTP_STATUS_H
#define MW_HTTP_STATUS_H

#include "buf.h"
#include "loop.h"

struct http_status;

/* Fills in a page and returns its status code; 404 for a path it does not know. */
typedef int http_page(void *arg, const char *path, struct buf *out);

/* NULL when it cannot listen there; errno says why. */
struct http_status *http_status_new(struct loop *loop, const char *host, uint16_t port, http_page *page,
                                    void *arg);
void http_status_free(struct http_status *http);

#endif
