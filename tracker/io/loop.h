/*
 * loop: the one event loop of a program: descriptors, timers, signals, and names of hosts.
 *
 * Everything that happens, happens in a callback from loop_run, on one thread. This is the only wrapper of
 * libevent's core, and its types do not leave loop.c; the HTTP listeners, which are libevent too, get the
 * base by loop_base.
 *
 * A watch or timer may be freed inside its own callback. A watch must be freed before its descriptor is
 * closed. Otherwise, when the number is used again, the event that is still registered does not fire for the
 * new descriptor, and nothing reports an error.
 */
#ifndef MW_LOOP_H
#define MW_LOOP_H

#include "clock.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_watch;
struct loop_timer;
struct event_base;

typedef void loop_callback(void *arg);

/* NULL without memory. Ignores SIGPIPE for the process: a peer that hangs up is an error value here. */
struct loop *loop_new(void);
/* Frees the loop and its signal handlers; watches and timers must be gone. */
void loop_free(struct loop *loop);
/* Runs until loop_stop. False when the loop itself broke. */
bool loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
struct event_base *loop_base(struct loop *loop);
/* From the next loop_run on `turned` is told of each turn how much processor time it took until sockets and timers are looked at again:
 * for so long nobody else was served. Waiting is not in it. */
typedef void loop_turned(void *arg, int64_t cpu_ns);
void loop_on_turn(struct loop *loop, loop_turned *turned, void *arg);
/* Reads the clock again for this turn, after work that took long. */
struct mono loop_now(struct loop *loop);

/* Calls back at a signal, inside the loop. False without memory. */
bool loop_on_signal(struct loop *loop, int signal, loop_callback *fire, void *arg);

/* A descriptor's readiness to be read, or written; off at first. NULL without memory. */
struct loop_watch *loop_watch_new(struct loop *loop, int fd, bool write, loop_callback *ready, void *arg);
void loop_watch_set(struct loop_watch *watch, bool on);
/* Calls back in the next turn as if it were ready: for bytes that lie in a library's own buffer. */
void loop_watch_wake(struct loop_watch *watch);
void loop_watch_free(struct loop_watch *watch);

/* A timer that fires once each time it is set. NULL without memory. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_callback *fire, void *arg);
void loop_timer_set(struct loop_timer *timer, int64_t after_ms);
void loop_timer_clear(struct loop_timer *timer);
bool loop_timer_pending(const struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/*
 * Looks a host name up without holding up the loop. `found` gets an address as text, or NULL when there is
 * none; never from inside this call. At most one look-up a struct loop_lookup; freeing it calls nothing back.
 */
struct loop_lookup;
typedef void loop_found(void *arg, const char *address);
struct loop_lookup *loop_lookup_new(struct loop *loop, loop_found *found, void *arg);
bool loop_lookup_start(struct loop_lookup *lookup, const char *host);
void loop_lookup_free(struct loop_lookup *lookup);
/* Whether the host is an IP address already, and needs no look-up. */
bool loop_is_address(const char *host);

#endif
