/*
 * fresh_log: a store that has been started anew begins a new append-only file before anything is committed to
 * it.
 *
 * A commit stands in that file as MULTI ... EXEC. A file that ends within one (the power failed, or kill -9
 * met a write) is cut by Redis when it starts: to the last whole command, not to before MULTI. So the
 * beginning of that commit stays, and the EXEC of the next one ends both. In memory nothing shows; at the
 * start after that one, what was never applied is applied as well, and its entries stand twice (7.0.15, seen;
 * docs/DELIVERY.md). BGREWRITEAOF opens a new file before it answers, so nothing stands before what is
 * written from then on, and at its end the old file is gone.
 *
 * What was rejected: ids of our own, so that the same entry is refused the second time (a tracker that was
 * killed together with its store makes other batches of the same fixes); and looking for what stands twice
 * (it comes with any later start, wherever it belongs by its id).
 */
#include "daemon.h"
#include "log.h"

#include <stdio.h>

enum { AGAIN_MS = 500 };

static bool says(struct text text, const char *what)
{
    return text.len > 0 && strstr(text.data, what) != NULL; /* a reply's text ends with a zero */
}

static void go_on(struct daemon *d)
{
    d->store_log = LOG_NEW;
    if (d->stage == STAGE_STARTING)
        starting_go_on(d);
    else
        committing_resume(d);
}

static void ask_again(struct daemon *d)
{
    d->store_log = LOG_OLD;
    loop_timer_set(d->retry, AGAIN_MS);
}

/* A store that does not let us is no reason to stand still: what it costs needs two crashes of the store. */
static void on_refused(struct daemon *d, struct text reply)
{
    if (committing_store_away(reply) && !says(reply, "NOPERM")) {
        ask_again(d);
        return;
    }
    log_warn(
        "store_log_not_begun", LOG_TEXT("reply", reply),
        LOG_STR("meaning", "a commit cut off by a crash of the store may be repeated when it is started"));
    go_on(d);
}

static void on_begun(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    if (reply == NULL)
        return; /* the next connection asks again */
    struct text said = redis_reply_text(reply);
    bool refused = redis_reply_type(reply) == REDIS_ERROR;
    if (refused && !says(said, "already in progress")) {
        on_refused(d, said);
    } else if (says(said, "scheduled")) { /* behind a snapshot that is being written */
        ask_again(d);
    } else {
        log_info("store_log_begun");
        go_on(d);
    }
}

static void on_persistence(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    if (reply == NULL)
        return;
    struct text info = redis_reply_text(reply);
    if (redis_reply_type(reply) == REDIS_ERROR) {
        on_refused(d, info);
        return;
    }
    /* -1: none since the store was started. */
    bool old = says(info, "aof_enabled:1") && says(info, "aof_rewrite_in_progress:0") &&
               says(info, "aof_last_rewrite_time_sec:-1");
    if (!old) {
        go_on(d);
        return;
    }
    if (says(info, "aof_rewrite_scheduled:1")) {
        ask_again(d);
        return;
    }
    static const struct text argv[] = {TEXT("BGREWRITEAOF")};
    if (!redis_send(d->redis, 1, argv, on_begun, d))
        ask_again(d);
}

void fresh_log_begin(struct daemon *d)
{
    static const struct text argv[] = {TEXT("INFO"), TEXT("persistence")};
    if (d->store_log == LOG_ASKED)
        return;
    if (d->store_log == LOG_NEW) {
        go_on(d);
        return;
    }
    d->store_log = LOG_ASKED;
    if (!redis_send(d->redis, sizeof argv / sizeof *argv, argv, on_persistence, d))
        ask_again(d);
}
