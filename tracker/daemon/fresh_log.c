#include "fresh_log.h"

#include "refusal.h"

static bool says(struct text text, const char *what)
{
    return text.len > 0 && strstr(text.data, what) != NULL; /* a reply's text ends with a zero */
}

static enum fresh_log_step begun(enum fresh_log *log)
{
    *log = LOG_NEW;
    return FRESH_LOG_BEGUN;
}

enum fresh_log_step fresh_log_unsent(enum fresh_log *log)
{
    *log = LOG_OLD;
    return FRESH_LOG_AGAIN;
}

/* A store that does not let us is no reason to stand still: what it costs needs two crashes of the store. */
static enum fresh_log_step on_refused(enum fresh_log *log, struct shared *s, struct text reply)
{
    if (!refusal_is_for_good(reply))
        return fresh_log_unsent(log);
    tell_warn(
        &s->actions, "store_log_not_begun", LOG_TEXT("reply", reply),
        LOG_STR("meaning", "a commit cut off by a crash of the store may be repeated when it is started"));
    return begun(log);
}

static enum fresh_log_step on_begun(enum fresh_log *log, struct shared *s, const struct reply *reply)
{
    bool refused = reply->type == REPLY_ERROR;
    if (refused && !says(reply->text, "already in progress"))
        return on_refused(log, s, reply->text);
    if (says(reply->text, "scheduled")) /* behind a snapshot that is being written */
        return fresh_log_unsent(log);
    tell_info(&s->actions, "store_log_begun");
    return begun(log);
}

static enum fresh_log_step on_persistence(enum fresh_log *log, struct shared *s, const struct reply *reply)
{
    struct text info = reply->text;
    if (reply->type == REPLY_ERROR)
        return on_refused(log, s, info);
    /* -1: none since the store was started. */
    bool old = says(info, "aof_enabled:1") && says(info, "aof_rewrite_in_progress:0") &&
               says(info, "aof_last_rewrite_time_sec:-1");
    if (!old)
        return begun(log);
    if (says(info, "aof_rewrite_scheduled:1"))
        return fresh_log_unsent(log);
    static const struct text argv[] = {TEXT("BGREWRITEAOF")};
    actions_send(&s->actions, (struct sending){.ask = ASK_REWRITE}, 1, argv);
    return FRESH_LOG_WAITS;
}

enum fresh_log_step fresh_log_answered(enum fresh_log *log, struct shared *s, enum ask ask,
                                       const struct reply *reply)
{
    if (reply->type == REPLY_NOTHING)
        return FRESH_LOG_WAITS; /* the next connection asks again */
    return ask == ASK_PERSISTENCE ? on_persistence(log, s, reply) : on_begun(log, s, reply);
}

enum fresh_log_step fresh_log_begin(enum fresh_log *log, struct shared *s)
{
    static const struct text argv[] = {TEXT("INFO"), TEXT("persistence")};
    if (*log == LOG_NEW)
        return FRESH_LOG_BEGUN;
    if (*log == LOG_OLD)
        actions_send(&s->actions, (struct sending){.ask = ASK_PERSISTENCE}, 2, argv);
    *log = LOG_ASKED;
    return FRESH_LOG_WAITS;
}
