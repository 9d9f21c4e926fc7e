/*
 * http_listener: takes connections of TCP, as many as its owner has room for.
 *
 * At the end of descriptors libevent's own listener would try again at once, each time around the loop; this one says
 * so once and rests for a second. What it hands over is the owner's to close.
 */
#ifndef MW_HTTP_LISTENER_H
#define MW_HTTP_LISTENER_H

#include "loop.h"

#include <stdint.h>

struct sockaddr;
struct http_listener;

typedef void http_accepted(void *arg, int fd, const struct sockaddr *address, int length);

struct http_listener_options {
    const char *host;
    uint16_t port;
    int backlog;
};

/* NULL, with errno, when it cannot listen there, or without memory. Calls nothing back from inside. */
struct http_listener *http_listener_new(struct loop *loop, const struct http_listener_options *options,
                                        http_accepted *accepted, void *arg);
void http_listener_free(struct http_listener *l);

/* The owner has no room, or has some again. */
void http_listener_set_full(struct http_listener *l, bool full);
/* How often no descriptor was to be had. */
uint64_t http_listener_refused(const struct http_listener *l);

/* How many connections the process' limit of descriptors allows, at most `wanted` and at least `least`, when
 * `others` are left for what the program is there for. */
unsigned http_listener_room(unsigned wanted, unsigned least, unsigned others);

#endif
