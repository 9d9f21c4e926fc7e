/*
 * janitor: lets go of what is older than the configuration keeps, a few streams a second, all of them in
 * turn.
 *
 * By age, as Redis' ids tell it, and never past what a consumer group has not been given or has not
 * acknowledged: XREADGROUP would skip what was trimmed, silently. The ledger of violations takes the hash of
 * each closed violation along. The stream of refusals is trimmed by count; its worth is in being looked at
 * soon.
 */
#include "daemon.h"
#include "log.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum {
    EVERY_MS = 1000,
    PASS_S = 600, /* every track is looked at about once in this time */
    PAGE = 100,   /* violations taken in a step */
    WINDOW = 256, /* commands of the janitor that may wait */
    MEMORY_EVERY = 10,
    MARKS_MAX = 10000,
    MEMORY_ALARM_PERCENT = 80,
};

enum { STREAM_VIOLATIONS, STREAM_TRIPS, STREAM_REJECTS, STREAMS };

/* One stream being looked at. */
struct chore {
    struct daemon *daemon;
    char key[MW_KEY_MAX];
    bool violations;
    int64_t before_ms;  /* entries older than this may go */
    uint64_t seq;       /* with before_ms: the first id that stays */
    size_t groups_open; /* answers that are still to come */
    bool failed;
};

static void id_write(const struct chore *c, char out[48])
{
    snprintf(out, 48, "%lld-%llu", (long long)c->before_ms, (unsigned long long)c->seq);
}

/* Lowers the bound to an id of Redis'. */
static void keep_from(struct chore *c, struct text id, bool itself)
{
    char bytes[48] = "";
    memcpy(bytes, id.data, id.len < sizeof bytes - 1 ? id.len : sizeof bytes - 1);
    char *dash = NULL;
    int64_t ms = strtoll(bytes, &dash, 10);
    uint64_t seq = *dash == '-' ? strtoull(dash + 1, NULL, 10) : 0;
    if (!itself)
        seq++;
    if (ms < c->before_ms || (ms == c->before_ms && seq < c->seq)) {
        c->before_ms = ms;
        c->seq = seq;
    }
}

static void trim(struct chore *c)
{
    char id[48];
    id_write(c, id);
    const struct text argv[] = {TEXT("XTRIM"), text_of(c->key), TEXT("MINID"),
                                c->violations ? TEXT("=") : TEXT("~"), text_of(id)};
    redis_send(c->daemon->redis, sizeof argv / sizeof *argv, argv, NULL, NULL);
}

static struct text field_of(const struct redis_reply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2)
        if (text_equal(redis_reply_text(redis_reply_at(fields, i)), text_of(name)))
            return redis_reply_text(redis_reply_at(fields, i + 1));
    return TEXT("");
}

/* The oldest violations: a closed one takes its hash along. */
static void on_violations(void *arg, const struct redis_reply *reply)
{
    struct chore *c = arg;
    size_t count = redis_reply_count(reply);
    for (size_t i = 0; i < count; i++) {
        const struct redis_reply *fields = redis_reply_at(redis_reply_at(reply, i), 1);
        char key[MW_KEY_MAX];
        struct text id = field_of(fields, "id");
        if (!text_equal(field_of(fields, "event"), TEXT("closed")) || id.len > VIOLATION_ID_LENGTH)
            continue;
        snprintf(key, sizeof key, MW_KEY_VIOLATION, (unsigned)PARTITION, TEXT_ARG(id));
        const struct text argv[] = {TEXT("UNLINK"), text_of(key)};
        redis_send(c->daemon->redis, 2, argv, NULL, NULL);
    }
    if (count > 0) {
        keep_from(c, redis_reply_text(redis_reply_at(redis_reply_at(reply, count - 1), 0)), false);
        trim(c);
    }
    free(c);
}

static void let_go(struct chore *c)
{
    char id[48], page[16];
    id_write(c, id);
    snprintf(page, sizeof page, "%d", PAGE);
    if (c->failed || c->before_ms <= 0 || !c->violations) {
        if (!c->failed && c->before_ms > 0)
            trim(c);
        free(c);
        return;
    }
    char exclusive[52];
    snprintf(exclusive, sizeof exclusive, "(%s", id);
    const struct text argv[] = {TEXT("XRANGE"),     text_of(c->key), TEXT("-"),
                                text_of(exclusive), TEXT("COUNT"),   text_of(page)};
    if (!redis_send(c->daemon->redis, sizeof argv / sizeof *argv, argv, on_violations, c))
        free(c);
}

static void on_pending(void *arg, const struct redis_reply *reply)
{
    struct chore *c = arg;
    if (redis_reply_type(reply) != REDIS_ARRAY)
        c->failed = true;
    /* count, smallest id, largest id, consumers */
    else if (redis_reply_integer(redis_reply_at(reply, 0)) > 0)
        keep_from(c, redis_reply_text(redis_reply_at(reply, 1)), true);
    if (--c->groups_open == 0)
        let_go(c);
}

static void on_groups(void *arg, const struct redis_reply *reply)
{
    struct chore *c = arg;
    c->failed = redis_reply_type(reply) != REDIS_ARRAY; /* also where there is no such stream */
    c->groups_open = 1;
    for (size_t i = 0; i < redis_reply_count(reply); i++) {
        const struct redis_reply *group = redis_reply_at(reply, i);
        keep_from(c, field_of(group, "last-delivered-id"), false);
        const struct text argv[] = {TEXT("XPENDING"), text_of(c->key), field_of(group, "name")};
        if (redis_send(c->daemon->redis, 3, argv, on_pending, c))
            c->groups_open++;
        else
            c->failed = true;
    }
    if (--c->groups_open == 0)
        let_go(c);
}

static void look_at(struct daemon *d, const char *key, int64_t keep_ms, bool violations)
{
    struct chore *c = calloc(1, sizeof *c);
    if (c == NULL)
        return; /* next time */
    *c = (struct chore){.daemon = d, .violations = violations, .before_ms = clock_wall().ms - keep_ms};
    snprintf(c->key, sizeof c->key, "%s", key);
    const struct text argv[] = {TEXT("XINFO"), TEXT("GROUPS"), text_of(c->key)};
    if (!redis_send(d->redis, 3, argv, on_groups, c))
        free(c);
}

static void trim_by_count(struct daemon *d)
{
    char key[MW_KEY_MAX], max[16];
    snprintf(key, sizeof key, MW_KEY_REJECTS, (unsigned)PARTITION);
    snprintf(max, sizeof max, "%u", d->config.retention.rejects_max);
    const struct text argv[] = {TEXT("XTRIM"), text_of(key), TEXT("MAXLEN"), TEXT("~"), text_of(max)};
    redis_send(d->redis, sizeof argv / sizeof *argv, argv, NULL, NULL);
    /* Marks are written at starts, stops and jumps only; the last ones serve whatever track is left. */
    snprintf(key, sizeof key, MW_KEY_ATTENDED, (unsigned)PARTITION);
    snprintf(max, sizeof max, "%d", MARKS_MAX);
    redis_send(d->redis, sizeof argv / sizeof *argv, argv, NULL, NULL);
}

static void look_at_next(struct daemon *d)
{
    uint32_t count = fleet_count(d->fleet);
    char key[MW_KEY_MAX];
    uint32_t next = d->janitor_next++;
    if (next >= STREAMS + count)
        next = d->janitor_next = 0;
    if (next == STREAM_VIOLATIONS) {
        snprintf(key, sizeof key, MW_KEY_VIOLATIONS, (unsigned)PARTITION);
        look_at(d, key, d->config.retention.violations_ms, true);
    } else if (next == STREAM_TRIPS) {
        snprintf(key, sizeof key, MW_KEY_TRIPS, (unsigned)PARTITION);
        look_at(d, key, d->config.retention.trips_ms, false);
    } else if (next == STREAM_REJECTS) {
        trim_by_count(d);
    } else {
        struct text vehicle = names_text(d->names, fleet_state(d->fleet, next - STREAMS)->vehicle);
        snprintf(key, sizeof key, MW_KEY_TRACK, (unsigned)PARTITION, TEXT_ARG(vehicle));
        look_at(d, key, d->config.retention.track_ms, false);
    }
}

static double number_after(struct text text, const char *key)
{
    const char *at = text.len > 0 ? strstr(text.data, key) : NULL;
    return at != NULL ? (double)strtoll(at + strlen(key), NULL, 10) : 0;
}

static void on_memory(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    struct text info = redis_reply_text(reply);
    if (redis_reply_type(reply) != REDIS_TEXT)
        return;
    double used = number_after(info, "\r\nused_memory:"), limit = number_after(info, "\r\nmaxmemory:");
    metrics_set(d->metrics, METRIC_STORE_MEMORY, 0, used);
    metrics_set(d->metrics, METRIC_STORE_MEMORY_LIMIT, 0, limit);
    if (limit > 0 && used * 100 >= limit * MEMORY_ALARM_PERCENT)
        log_warn("store_memory", LOG_REAL("used_percent", used * 100 / limit));
}

void janitor_run(void *daemon)
{
    struct daemon *d = daemon;
    loop_timer_set(d->janitor, EVERY_MS);
    if (d->stage != STAGE_RUNNING || d->waiting_for_store || !redis_connected(d->redis))
        return;
    uint32_t streams = 4 + fleet_count(d->fleet) / PASS_S;
    for (uint32_t i = 0; i < streams && redis_waiting(d->redis) < WINDOW; i++)
        look_at_next(d);
    if (d->janitor_turn++ % MEMORY_EVERY == 0) {
        const struct text argv[] = {TEXT("INFO"), TEXT("memory")};
        redis_send(d->redis, 2, argv, on_memory, d);
    }
}
