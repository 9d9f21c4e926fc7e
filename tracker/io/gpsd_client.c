/*
 * gpsd_client: how this file deals with libgps 3.22.
 *
 *  - gps_open may hang for minutes if an address does not answer, and gps_read does not come back from a line
 *    that breaks off. So the connection is ours, lines are read by gpsd_line.h, and libgps gets position
 *    reports alone, with nothing in them that it could stumble over.
 *  - A field that a report lacks is NaN. Every field is tested for being finite, and mode is tested before the
 *    position.
 *  - The number of satellites comes in another report (SKY), just before or after; the last one is kept.
 */
#include "gpsd_client.h"

#include "backoff.h"
#include "gpsd_line.h"
#include "log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gps.h>

enum {
    CONNECT_TIMEOUT_MS = 5000,
    BACKOFF_MIN_MS = 500,
    BACKOFF_MAX_MS = 15000,
    SILENT_MS = 120000, /* receivers report each second, and gpsd says so even without a fix */
    READS_MAX = 16,     /* pieces a turn */
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
    int fd;    /* -1: none */
    bool open; /* connected, and asked for reports */
    char address[64];
    struct gps_data_t gps;
    char line[GPSD_LINE_MAX];
    size_t line_len;
    bool line_skipped; /* the rest of one that is too long */
    struct buf report;
    uint64_t bad_lines;
    struct backoff backoff;
    struct mono heard;
    int sats; /* -1: not known */
};

static void try_later(struct gpsd_client *c)
{
    loop_timer_set(c->timer, backoff_next_ms(&c->backoff));
}

static void hang_up(struct gpsd_client *c)
{
    loop_watch_free(c->watch);
    c->watch = NULL;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->open = false;
}

static void lose(struct gpsd_client *c, const char *reason)
{
    bool was_open = c->open;
    log_warn("gpsd_lost", LOG_STR("host", c->host), LOG_STR("reason", reason));
    hang_up(c);
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

static void take_position(struct gpsd_client *c)
{
    c->gps.set = 0;
    gps_unpack(c->report.data, &c->gps);
    /* STATUS_SET is set for every TPV report and for no other. */
    if ((c->gps.set & STATUS_SET) == 0)
        return;
    struct fix fix = fix_of(&c->gps.fix, c->sats);
    c->on.position(c->arg, &fix);
}

static void take_line(struct gpsd_client *c)
{
    struct text line = {c->line, c->line_len};
    switch (gpsd_line_read(line, &c->report, &c->sats)) {
    case GPSD_LINE_POSITION:
        take_position(c);
        break;
    case GPSD_LINE_BAD:
        c->bad_lines++;
        log_warn("gpsd_line_refused", LOG_INT("so_far", (int64_t)c->bad_lines),
                 LOG_INT("bytes", (int64_t)line.len)); /* what it says may be where somebody is */
        return;
    case GPSD_LINE_SKY:
    case GPSD_LINE_OTHER:
        break;
    }
    c->heard = loop_now(c->loop);
    backoff_reset(&c->backoff);
}

static void take_bytes(struct gpsd_client *c, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n') {
            if (!c->line_skipped)
                take_line(c);
            c->line_len = 0;
            c->line_skipped = false;
        } else if (c->line_skipped) {
            continue;
        } else if (c->line_len < sizeof c->line) {
            c->line[c->line_len++] = bytes[i];
        } else {
            c->line_skipped = true;
            c->bad_lines++;
            log_warn("gpsd_line_too_long", LOG_INT("so_far", (int64_t)c->bad_lines));
        }
    }
}

static void on_readable(void *arg)
{
    struct gpsd_client *c = arg;
    char piece[4096];
    for (int i = 0; i < READS_MAX; i++) {
        ssize_t n = recv(c->fd, piece, sizeof piece, 0);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return;
        if (n <= 0) {
            lose(c, n < 0 ? strerror(errno) : "closed");
            return;
        }
        take_bytes(c, piece, (size_t)n);
    }
}

static void ask_for_reports(struct gpsd_client *c)
{
    static const char watch[] = "?WATCH={\"enable\":true,\"json\":true};\n";
    loop_watch_free(c->watch);
    c->watch = loop_watch_new(c->loop, c->fd, false, on_readable, c);
    if (c->watch == NULL ||
        send(c->fd, watch, sizeof watch - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof watch - 1)) {
        lose(c, "cannot ask for reports");
        return;
    }
    c->open = true;
    c->line_len = 0;
    c->line_skipped = false;
    c->sats = -1;
    c->heard = loop_now(c->loop);
    loop_watch_set(c->watch, true);
    loop_timer_set(c->timer, SILENT_MS);
    log_info("gpsd_connected", LOG_STR("host", c->host));
    if (c->on.state != NULL)
        c->on.state(c->arg, true);
}

static void on_connected(void *arg)
{
    struct gpsd_client *c = arg;
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error != 0)
        lose(c, strerror(error));
    else
        ask_for_reports(c);
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
    c->fd = start_connect(c->address, c->port);
    c->watch = c->fd >= 0 ? loop_watch_new(c->loop, c->fd, true, on_connected, c) : NULL;
    if (c->watch == NULL) {
        lose(c, c->fd >= 0 ? "out of memory" : strerror(errno));
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
    } else if (c->fd >= 0) {
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
    c->fd = -1;
    backoff_init(&c->backoff, BACKOFF_MIN_MS, BACKOFF_MAX_MS, (uint64_t)loop_now(loop).ms);
    buf_init(&c->report, GPSD_POSITION_MAX);
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
    hang_up(c);
    buf_fini(&c->report);
    if (c->timer != NULL)
        loop_timer_free(c->timer);
    if (c->lookup != NULL)
        loop_lookup_free(c->lookup);
    free(c);
}
