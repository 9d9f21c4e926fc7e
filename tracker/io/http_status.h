/*
 * http_status: a few small pages for machines: /metrics, /healthz, /readyz.
 *
 * GET only, no bodies, headers up to 4 KiB, a connection that is idle for 10 s is closed. Not for the public:
 * it listens where the configuration says, on loopback by default.
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
