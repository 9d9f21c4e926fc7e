/*
 * A turn of work: how far the archive is, what has come in it, and then one case after the other that is due by now, the loop
 * turning in between. What the store is asked is what the archive does not have: how far it is by the store's clock, and the haul a vehicle is on.
 */
#include "keeping.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { AGAIN_MS = 5000 };

void keeping_end(struct keeping *k, int exit_code)
{
    k->exit_code = exit_code;
    loop_stop(k->loop);
}

void keeping_failed(struct keeping *k, const char *what, const char *why)
{
    log_error("keeper_failed", LOG_STR("what", what), LOG_STR("why", why));
    k->count.failed++;
    k->failing_until_ms = loop_now(k->loop).ms + AGAIN_MS;
    if (k->log != NULL && evidence_log_is_lost(k->log)) {
        log_error(
            "log_is_lost",
            LOG_STR("meaning", "nobody knows what of it is on the disk; it is read again at the next start"));
        keeping_end(k, EX_IOERR);
    }
}

static bool is_failing(struct keeping *k)
{
    return loop_now(k->loop).ms < k->failing_until_ms;
}

/* ---- one that is due ---- */

static bool next_due(struct keeping *k, struct evidence_due *out, bool *out_there)
{
    if (evidence_register_next_due(k->reg, k->archive.upto_ms, out, out_there))
        return true;
    keeping_failed(k, "register", evidence_register_why(k->reg));
    return false;
}

/* The haul that the vehicle was on, if it still is. */
static void on_haul(void *arg, const struct redis_reply *reply)
{
    struct keeping *k = arg;
    struct evidence_due due;
    bool there;
    k->working = false;
    if (redis_reply_type(reply) == REDIS_NOTHING || !next_due(k, &due, &there) || !there)
        return;
    struct text trip = redis_reply_text(redis_reply_at(reply, 0));
    const struct keeping_haul haul = {trip, redis_reply_integer(redis_reply_at(reply, 1))};
    if (keeping_seal(k, &due, &haul))
        loop_timer_set(k->work, 0);
}

static void work(struct keeping *k)
{
    struct evidence_due due;
    bool there;
    char key[160];
    if (k->working || is_failing(k) || !k->archive.known || !next_due(k, &due, &there) || !there)
        return;
    snprintf(key, sizeof key, "muck:{0}:trip:%.*s", TEXT_ARG(due.vehicle));
    const struct text words[] = {TEXT("HMGET"), text_of(key), TEXT("trip"), TEXT("loaded_at")};
    k->working = redis_send(k->redis, 4, words, on_haul, k);
}

void keeping_work(struct keeping *k)
{
    work(k);
}

/* ---- how far the archive is ---- */

static struct text field_of(const struct redis_reply *reply, const char *name)
{
    for (size_t i = 0; i + 1 < redis_reply_count(reply); i += 2)
        if (text_equal(redis_reply_text(redis_reply_at(reply, i)), text_of(name)))
            return redis_reply_text(redis_reply_at(reply, i + 1));
    return TEXT("");
}

/* What the tracker and the archive heed: all that the archive has was looked at, up to its last entry of each stream; and from when on
 * tracks are needed. */
static void tell_registration(struct keeping *k, const struct redis_reply *archive)
{
    enum { FIELDS_MAX = 64 };
    struct text words[2 + 2 * FIELDS_MAX + 4] = {TEXT("HSET"), TEXT("muck:{0}:evidence")};
    char turn[24], needs[24];
    int64_t needs_ms;
    size_t count = 2;
    if (!evidence_register_needs(k->reg, &needs_ms))
        return;
    for (size_t i = 0; i + 1 < redis_reply_count(archive) && i < 2 * FIELDS_MAX; i += 2) {
        struct text name = redis_reply_text(redis_reply_at(archive, i));
        if (text_equal(name, TEXT("turn")))
            continue;
        words[count++] = name;
        words[count++] = redis_reply_text(redis_reply_at(archive, i + 1));
    }
    snprintf(turn, sizeof turn, "%lld", (long long)++k->archive.turn);
    snprintf(needs, sizeof needs, "%lld", (long long)(needs_ms == INT64_MAX ? 0 : needs_ms));
    words[count++] = TEXT("turn");
    words[count++] = text_of(turn);
    words[count++] = TEXT("needs");
    words[count++] = text_of(needs);
    redis_send(k->redis, count, words, NULL, NULL);
}

static void on_archive(void *arg, const struct redis_reply *reply)
{
    struct keeping *k = arg;
    k->asking = false;
    if (redis_reply_type(reply) == REDIS_NOTHING)
        return;
    struct text upto = field_of(reply, "upto"), batch = field_of(reply, "batch");
    k->archive.known = upto.len > 0;
    if (!k->archive.known)
        return; /* it is not registered, or has not come to an end yet */
    struct archive_look *look = is_failing(k) ? NULL : keeping_look(k);
    if (look == NULL)
        return;
    bool ok = keeping_scan(k, look);
    archive_look_close(look);
    if (!ok) {
        keeping_failed(k, "scanning", evidence_register_why(k->reg));
        return;
    }
    k->archive.upto_ms = text_whole(upto);
    k->archive.batch = text_whole(batch);
    tell_registration(k, reply);
    work(k);
}

void keeping_ask_archive(struct keeping *k)
{
    const struct text words[] = {TEXT("HGETALL"), TEXT("muck:{0}:archive")};
    if (!k->asking && redis_connected(k->redis))
        k->asking = redis_send(k->redis, 2, words, on_archive, k);
}
