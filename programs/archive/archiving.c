#include "archiving.h"

#include "array.h"
#include "failpoint.h"
#include "file_text.h"
#include "log.h"
#include "notify.h"
#include "zoneinfo.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { PARTITION = 0, BEAT_MS = 1000, PASSWORD_MAX = 1024 };

/* ---- facts and steps ---- */

static redis_answer on_answer;

static void carry_out(struct archiving *a, struct archive_step step)
{
    switch (step.kind) {
    case ARCHIVE_WAIT:
        break;
    case ARCHIVE_ASK:
        /* Refused only where the connection is going: that is told. */
        if (!redis_send_formatted(a->redis, step.command, on_answer, a))
            redis_drop(a->redis, "a question could not be sent");
        break;
    case ARCHIVE_SLEEP:
        loop_timer_set(a->timer, step.after_ms);
        break;
    case ARCHIVE_END:
        a->exit_code = step.exit_code;
        loop_stop(a->loop);
        break;
    }
}

static void tell(struct archiving *a, enum archive_fact_kind kind, const struct archive_answer *answer)
{
    const struct archive_fact fact = {kind, clock_wall(), loop_now(a->loop), answer};
    carry_out(a, archive_take(a->archive, &fact));
}

static size_t count_items(const struct redis_reply *reply)
{
    size_t count = redis_reply_count(reply);
    for (size_t i = 0; i < redis_reply_count(reply); i++)
        count += count_items(redis_reply_at(reply, i));
    return count;
}

static enum answer_type type_of(const struct redis_reply *reply)
{
    static const enum answer_type types[] = {
        [REDIS_NOTHING] = ANSWER_LOST,    [REDIS_NIL] = ANSWER_NIL,    [REDIS_TEXT] = ANSWER_TEXT,
        [REDIS_INTEGER] = ANSWER_INTEGER, [REDIS_ARRAY] = ANSWER_LIST, [REDIS_ERROR] = ANSWER_ERROR};
    return types[redis_reply_type(reply)];
}

/* Fills in an answer; items of lists are a->items from *used on. */
static void fill(struct archiving *a, const struct redis_reply *from, size_t *used,
                 struct archive_answer *out)
{
    size_t count = redis_reply_count(from), first = *used;
    *out = (struct archive_answer){.type = type_of(from),
                                   .text = redis_reply_text(from),
                                   .integer = redis_reply_integer(from),
                                   .items = count > 0 ? &a->items[first] : NULL,
                                   .count = count};
    *used += count;
    for (size_t i = 0; i < count; i++)
        fill(a, redis_reply_at(from, i), used, &a->items[first + i]);
}

static void on_answer(void *arg, const struct redis_reply *reply)
{
    struct archiving *a = arg;
    struct archive_answer answer = {.type = ANSWER_LOST};
    size_t used = 0;
    failpoint_pass("archive_answered");
    if (array_reserve(&a->items, &a->item_cap, count_items(reply), sizeof *a->items))
        fill(a, reply, &used, &answer);
    else
        redis_drop(a->redis, "out of memory");
    tell(a, ARCHIVE_ANSWERED, &answer);
}

static void on_connected(void *arg)
{
    log_info("redis_connected");
    tell(arg, ARCHIVE_CONNECTED, NULL);
}

static void on_lost(void *arg, const char *reason)
{
    (void)reason;
    tell(arg, ARCHIVE_LOST, NULL);
}

static void on_due(void *arg)
{
    tell(arg, ARCHIVE_DUE, NULL);
}

/* Once a second: the supervisor hears that the loop turns, and the log, now and then, that the archive lags. */
static void on_beat(void *arg)
{
    struct archiving *a = arg;
    struct archive_figures f;
    archive_figures(a->archive, clock_wall(), &f);
    notify_send("WATCHDOG=1");
    archiving_progress(a, &f);
    if (f.lags && f.upto_ms > 0)
        log_warn("archive_lags", LOG_INT("batch", f.batch), LOG_INT("tracker_batch", f.tracker_batch),
                 LOG_INT("behind_s", (clock_wall().ms - f.upto_ms) / 1000));
    loop_timer_set(a->beat, BEAT_MS);
}

static void on_stop(void *arg)
{
    struct archiving *a = arg;
    notify_send("STOPPING=1");
    loop_stop(a->loop);
}

static void write_log(void *context, enum log_level level, const char *event, const struct log_field *fields)
{
    (void)context;
    log_event(level, event, fields);
}

/* ---- making ---- */

static const char *given(struct text t)
{
    return t.len > 0 ? t.data : NULL; /* texts of the configuration end with a zero */
}

static int read_password(struct archiving *a, struct problem *out_problem)
{
    char line[PASSWORD_MAX];
    bool own = a->config.archive.username.len > 0;
    struct text path = own ? a->config.archive.password_file : a->config.redis.password_file;
    if (path.len == 0)
        return EX_OK;
    if (!file_text_read_secret(path.data, line, sizeof line, out_problem))
        return EX_CONFIG;
    a->redis_password = strdup(line);
    explicit_bzero(line, sizeof line);
    return a->redis_password != NULL ? EX_OK : EX_OSERR;
}

static int open_folder(struct archiving *a, struct problem *out_problem)
{
    char why[512];
    switch (archive_folder_open(a->config.archive.dir.data, &a->folder, why, sizeof why)) {
    case ARCHIVE_FOLDER_OK:
        return EX_OK;
    case ARCHIVE_FOLDER_TAKEN:
        problem_set(out_problem, "archive.dir: %s", why);
        return EX_TEMPFAIL;
    case ARCHIVE_FOLDER_LATER:
        problem_set(out_problem, "archive.dir: %s", why);
        return EX_DATAERR;
    case ARCHIVE_FOLDER_DISK:
        problem_set(out_problem, "archive.dir: %s", why);
        return EX_IOERR;
    case ARCHIVE_FOLDER_FAILED:
        break;
    }
    problem_set(out_problem, "archive.dir: %s", why);
    return EX_CANTCREAT;
}

static int read_days(struct archiving *a, struct problem *out_problem)
{
    struct text name = a->config.city.timezone;
    enum zoneinfo_status found = zoneinfo_load(ZONEINFO_DIR, name.data, &a->zone);
    if (found != ZONEINFO_OK)
        problem_set(out_problem, "city.timezone: \"%.*s\": %s", PROBLEM_ARG(name),
                    zoneinfo_status_text(found));
    else if (city_day_ends_read(a->config.city.day_ends, &a->days.ends_ms))
        a->days.zone = a->zone;
    else
        problem_set(out_problem, "city.day_ends: \"%.*s\": expected a time from 00:00 to 23:59",
                    PROBLEM_ARG(a->config.city.day_ends));
    return a->days.zone != NULL ? EX_OK : EX_CONFIG;
}

static int make_archive(struct archiving *a, struct problem *out_problem)
{
    const struct archive_disk *disk = archive_folder_disk(a->folder);
    const struct archive_figure_settings figures = {a->config.city.timezone, a->days.ends_ms,
                                                    a->config.common.gap_ms};
    if (!archive_folder_keep_figures(a->folder, &figures, false)) {
        problem_set(out_problem, "archive.dir: %s", disk->why(disk->context));
        return EX_IOERR;
    }
    const struct archive_options options = {.partition = PARTITION,
                                            .disk = disk,
                                            .track_ms = a->config.archive.track_ms,
                                            .findings_ms = a->config.archive.findings_ms,
                                            .days = &a->days,
                                            .gap_ms = a->config.common.gap_ms,
                                            .tell = write_log};
    a->archive = archive_new(&options);
    if (a->archive != NULL)
        return EX_OK;
    problem_set(out_problem, "archive.dir: %s", disk->why(disk->context));
    return EX_IOERR;
}

static int make_loop(struct archiving *a, struct problem *out_problem)
{
    const struct redis_config *c = &a->config.redis;
    const struct text own = a->config.archive.username;
    const struct redis_options options = {.host = given(c->host),
                                          .port = (uint16_t)c->port,
                                          .unix_socket = given(c->unix_socket),
                                          .username = given(own.len > 0 ? own : c->username),
                                          .password = a->redis_password,
                                          .backoff_max_ms = 1500};
    const struct redis_callbacks callbacks = {on_connected, on_lost};
    a->metrics = archiving_metrics();
    a->loop = loop_new();
    if (a->loop != NULL) {
        a->redis = redis_new(a->loop, &options, &callbacks, a);
        a->timer = loop_timer_new(a->loop, on_due, a);
        a->beat = loop_timer_new(a->loop, on_beat, a);
    }
    if (a->metrics == NULL || a->redis == NULL || a->timer == NULL || a->beat == NULL ||
        !loop_on_signal(a->loop, SIGTERM, on_stop, a) || !loop_on_signal(a->loop, SIGINT, on_stop, a)) {
        problem_set(out_problem, "out of memory");
        return EX_OSERR;
    }
    if (a->config.archive.http_port == 0)
        return EX_OK;
    a->http = http_status_new(a->loop, given(a->config.http.host), (uint16_t)a->config.archive.http_port,
                              archiving_page, a);
    if (a->http != NULL)
        return EX_OK;
    problem_set(out_problem, "archive.http_port: %u: %s", a->config.archive.http_port, strerror(errno));
    return EX_UNAVAILABLE;
}

int archiving_make(struct archiving *a, struct problem *out_problem)
{
    if (a->config.archive.dir.len == 0) {
        problem_set(out_problem, "%s: archive.dir: no folder is named, so there is no archive",
                    a->config_path);
        return EX_CONFIG;
    }
    int code = read_password(a, out_problem);
    if (code == EX_OK)
        code = read_days(a, out_problem);
    if (code == EX_OK)
        code = open_folder(a, out_problem);
    if (code == EX_OK)
        code = make_archive(a, out_problem);
    return code == EX_OK ? make_loop(a, out_problem) : code;
}

void archiving_unmake(struct archiving *a)
{
    http_status_free(a->http);
    redis_free(a->redis);
    if (a->timer != NULL)
        loop_timer_free(a->timer);
    if (a->beat != NULL)
        loop_timer_free(a->beat);
    if (a->loop != NULL)
        loop_free(a->loop);
    archive_free(a->archive);
    archive_folder_close(a->folder);
    mw_zone_free(a->zone);
    metrics_free(a->metrics);
    free(a->items);
    free(a->redis_password);
}

int archiving_run(struct archiving *a)
{
    redis_start(a->redis);
    loop_timer_set(a->beat, BEAT_MS);
    notify_send("READY=1");
    log_info("archive_begun", LOG_TEXT("dir", a->config.archive.dir));
    if (!loop_run(a->loop))
        a->exit_code = EX_OSERR;
    log_info("stopped", LOG_INT("exit_code", a->exit_code));
    return a->exit_code;
}
