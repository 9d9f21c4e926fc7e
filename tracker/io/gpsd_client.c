/*
 * gpsd_client: how this file deals with libgps 3.22.
 *
 *  - gps_open connects in the calling thread, which may hang for minutes if an address does not answer. So a
 *    non-blocking socket of our own tries the port first. gps_open is called only if that one was accepted,
 *    with the address instead of the name.
 *  - gps_read takes one message out of a private buffer. More messages may be in it while the descriptor is
 *    not readable. So the socket is set to non-blocking and read until nothing comes.
 *  - A field that a report lacks is NaN; in classes other than TPV it may be stale from an earlier report. So
 *    only TPV reports are used, every field is tested for being finite, and mode is tested before the
 *    position.
 *  - The number of satellites comes in another report (SKY), just before or after; the last one is kept.
 */
#include "gpsd_client.h"

#include "log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gps.h>

enum {
    CONNECT_TIMEOUT_MS = 5000,
    BACKOFF_MIN_MS = 500,
    BACKOFF_MAX_MS = 15000,
    SILENT_MS = 120000, /* receivers report each second, and gpsd says so even without a fix */
    READ_MAX = 200,     /* messages a turn */
};

struct gpsd_client {
    struct loop *loop;
    const char *host;
    uint16_t port;
    struct gpsd_client_callbacks on;
    void *arg;
    struct loop_timer *timer; /* the next attempt, a connect that takes too long, or silence */
    struct loop_lookup *lookup;
    struct loop_watch *watch;
    int probe; /* a socket that is connecting, or -1 */
    char address[64];
    struct gps_data_t gps;
    bool open;
    uint32_t attempt;
    struct mono heard;
    int sats; /* -1: not known */
};

static void try_later(struct gpsd_client *c)
{
    int64_t wait_ms = c->attempt < 6 ? (int64_t)BACKOFF_MIN_MS << c->attempt : BACKOFF_MAX_MS;
    c->attempt++;
    loop_timer_set(c->timer, wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS);
}

static void drop_probe(struct gpsd_client *c)
{
    loop_watch_free(c->watch);
    c->watch = NULL;
    if (c->probe >= 0)
        close(c->probe);
    c->probe = -1;
}

static void close_gps(struct gpsd_client *c)
{
    loop_watch_free(c->watch);
    c->watch = NULL;
    if (c->open)
        gps_close(&c->gps);
    c->open = false;
}

static void lose(struct gpsd_client *c, const char *reason)
{
    bool was_open = c->open;
    log_warn("gpsd_lost", LOG_STR("host", c->host), LOG_STR("reason", reason));
    close_gps(c);
    try_later(c);
    if (was_open && c->on.state != NULL)
        c->on.state(c->arg, false);
}

struct range {
    double min, max;
};

static void put(struct fix *fix, unsigned bit, float *to, double value, struct range range)
{
    if (!isfinite(value) || value < range.min || value > range.max)
        return;
    *to = (float)value;
    fix->has = (uint16_t)(fix->has | bit);
}

/* Horizontal error, 95 %: gpsd's own value, or computed from the errors to the east and north. */
static double horizontal_error_m(const struct gps_fix_t *g)
{
    if (isfinite(g->eph) && g->eph > 0)
        return g->eph;
    return isfinite(g->epx) && isfinite(g->epy) ? hypot(g->epx, g->epy) : NAN;
}

static struct fix fix_of(const struct gps_fix_t *g, int sats)
{
    struct fix fix = {.has = FIX_HAS_MODE, .sensors = sensors_none()};
    fix.mode = g->mode >= MODE_NOT_SEEN && g->mode <= MODE_3D ? (uint8_t)g->mode : 0;
    if (g->time.tv_sec > 0)
        fix.time.ms = (int64_t)g->time.tv_sec * 1000 + g->time.tv_nsec / 1000000;
    if (fix.mode >= FIX_MODE_2D && isfinite(g->latitude) && isfinite(g->longitude)) {
        fix.lat_deg = g->latitude;
        fix.lon_deg = g->longitude;
        fix.has |= FIX_HAS_POSITION;
    }
    put(&fix, FIX_HAS_SPEED, &fix.speed_mps, g->speed, (struct range){0, 1000});
    double track = g->track >= 360 ? g->track - 360 : g->track;
    put(&fix, FIX_HAS_TRACK, &fix.track_deg, track, (struct range){0, 359.999});
    double altitude = isfinite(g->altMSL) ? g->altMSL : g->altHAE;
    if (fix.mode == FIX_MODE_3D)
        put(&fix, FIX_HAS_ALT, &fix.alt_m, altitude, (struct range){-1000, 20000});
    put(&fix, FIX_HAS_EPH, &fix.eph_m, horizontal_error_m(g), (struct range){0, 100000});
    if (sats >= 0) {
        fix.sats = sats < 255 ? (uint8_t)sats : 255;
        fix.has |= FIX_HAS_SATS;
    }
    return fix;
}

static void on_readable(void *arg)
{
    struct gpsd_client *c = arg;
    int n = 0;
    for (int i = 0; i < READ_MAX; i++) {
        c->gps.set = 0;
        errno = 0;
        n = gps_read(&c->gps, NULL, 0);
        if (n <= 0)
            break;
        c->heard = loop_now(c->loop);
        c->attempt = 0;
        if ((c->gps.set & SATELLITE_SET) != 0)
            c->sats = c->gps.satellites_used;
        /* STATUS_SET is set for every TPV report and for no other. */
        if ((c->gps.set & STATUS_SET) != 0) {
            struct fix fix = fix_of(&c->gps.fix, c->sats);
            c->on.position(c->arg, &fix);
        }
    }
    if (n < 0)
        lose(c, errno != 0 ? strerror(errno) : "closed");
    else if (n > 0)
        loop_watch_wake(c->watch); /* more messages are in libgps' buffer, which poll does not see */
}

static void open_gps(struct gpsd_client *c)
{
    char port[8];
    snprintf(port, sizeof port, "%u", c->port);
    memset(&c->gps, 0, sizeof c->gps);
    if (gps_open(c->address, port, &c->gps) != 0) {
        lose(c, "cannot open");
        return;
    }
    c->open = true;
    int flags = fcntl(c->gps.gps_fd, F_GETFL);
    c->watch = loop_watch_new(c->loop, c->gps.gps_fd, false, on_readable, c);
    if (flags < 0 || fcntl(c->gps.gps_fd, F_SETFL, flags | O_NONBLOCK) != 0 || c->watch == NULL ||
        gps_stream(&c->gps, WATCH_ENABLE | WATCH_JSON, NULL) != 0) {
        lose(c, "cannot ask for reports");
        return;
    }
    c->sats = -1;
    c->heard = loop_now(c->loop);
    loop_watch_set(c->watch, true);
    loop_timer_set(c->timer, SILENT_MS);
    log_info("gpsd_connected", LOG_STR("host", c->host));
    if (c->on.state != NULL)
        c->on.state(c->arg, true);
}

static void on_probe_done(void *arg)
{
    struct gpsd_client *c = arg;
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(c->probe, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    drop_probe(c);
    if (error != 0)
        lose(c, strerror(error));
    else
        open_gps(c);
}

static int start_connect(const char *address, uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    bool v4 = inet_pton(AF_INET, address, &in.sin_addr) == 1;
    if (!v4 && inet_pton(AF_INET6, address, &in6.sin6_addr) != 1) {
        errno = EINVAL;
        return -1;
    }
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const struct sockaddr *to = v4 ? (const struct sockaddr *)&in : (const struct sockaddr *)&in6;
    if (fd >= 0 && connect(fd, to, v4 ? sizeof in : sizeof in6) != 0 && errno != EINPROGRESS) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static void on_found(void *arg, const char *address)
{
    struct gpsd_client *c = arg;
    if (address == NULL) {
        lose(c, "no address for this host name");
        return;
    }
    snprintf(c->address, sizeof c->address, "%s", address);
    c->probe = start_connect(c->address, c->port);
    c->watch = c->probe >= 0 ? loop_watch_new(c->loop, c->probe, true, on_probe_done, c) : NULL;
    if (c->watch == NULL) {
        const char *reason = c->probe >= 0 ? "out of memory" : strerror(errno);
        drop_probe(c);
        lose(c, reason);
        return;
    }
    loop_watch_set(c->watch, true);
    loop_timer_set(c->timer, CONNECT_TIMEOUT_MS);
}

static void on_timer(void *arg)
{
    struct gpsd_client *c = arg;
    if (c->open) {
        int64_t silent_ms = loop_now(c->loop).ms - c->heard.ms;
        if (silent_ms >= SILENT_MS)
            lose(c, "silent");
        else
            loop_timer_set(c->timer, SILENT_MS - silent_ms);
    } else if (c->probe >= 0) {
        drop_probe(c);
        lose(c, "timed out");
    } else if (loop_is_address(c->host)) {
        on_found(c, c->host);
    } else if (!loop_lookup_start(c->lookup, c->host)) {
        lose(c, "cannot look up host names");
    }
}

struct gpsd_client *gpsd_client_new(struct loop *loop, const char *host, uint16_t port,
                                    const struct gpsd_client_callbacks *callbacks, void *arg)
{
    struct gpsd_client *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->loop = loop;
    c->host = host;
    c->port = port;
    c->on = *callbacks;
    c->arg = arg;
    c->probe = -1;
    c->timer = loop_timer_new(loop, on_timer, c);
    c->lookup = loop_lookup_new(loop, on_found, c);
    if (c->timer == NULL || c->lookup == NULL) {
        gpsd_client_free(c);
        return NULL;
    }
    return c;
}

void gpsd_client_start(struct gpsd_client *c)
{
    loop_timer_set(c->timer, 0);
}

void gpsd_client_free(struct gpsd_client *c)
{
    if (c == NULL)
        return;
    if (c->probe >= 0)
        drop_probe(c);
    close_gps(c);
    if (c->timer != NULL)
        loop_timer_free(c->timer);
    if (c->lookup != NULL)
        loop_lookup_free(c->lookup);
    free(c);
}
