/*
 * reload: a new world from the files, whole, or the old one and the reason why not.
 *
 *   wanted ─► building ─► built ─► recording ─► recorded ─► entering
 *             on a thread          its texts, on a          reading stops
 *                                  connection of their own
 *
 * Fixes are judged under the old world, and committed, until the store has the texts of the new one. Then,
 * between two batches, reading stops, what was due fires under the old world, the pointer is exchanged,
 * episodes are settled under the new world in batches of which the first says that it is in force, and
 * reading goes on. So it is on record before the first fix judged under it.
 *
 * A store that was lost or went back between the texts and the exchange may have lost them: they are recorded
 * again. After the exchange the old world is cleared away by the same thread, and only then is the next one
 * built, so that there are two at most. However often a reload is asked for meanwhile, there is one more. A
 * world being built when the process is to end is left as it is: nobody waits for it.
 *
 * A large text has the store busy for a while, but not us: it goes out in pieces, and batches in between.
 * Connections keep the settings they were made with; changing those takes a restart.
 */
#include "daemon.h"
#include "log.h"
#include "notify.h"

#include <stdio.h>
#include <stdlib.h>

enum { PASSWORD_MAX = 1024, AGAIN_MS = 1000 };

bool reload_read_password(struct text path, char **out, struct problem *out_problem)
{
    char line[PASSWORD_MAX];
    *out = NULL;
    if (path.len == 0)
        return true;
    FILE *f = fopen(path.data, "r");
    bool ok = f != NULL && fgets(line, sizeof line, f) != NULL;
    if (f != NULL)
        fclose(f);
    if (ok) {
        line[strcspn(line, "\r\n")] = '\0';
        *out = strdup(line);
        explicit_bzero(line, sizeof line);
    }
    if (*out == NULL)
        problem_set(out_problem, "%.*s: expected the password in its first line", TEXT_ARG(path));
    return *out != NULL;
}

/* ---- on the worker's thread: of the daemon they touch the work alone ---- */

static void warn(void *context, const char *text)
{
    (void)context;
    log_warn("city", LOG_STR("warning", text));
}

static void build(void *arg)
{
    struct reload_work *w = &((struct daemon *)arg)->reload.work;
    struct world_texts texts;
    const struct world_load_options options = {.warn = warn, .texts = &texts};
    problem_set(&w->problem, "out of memory");
    w->built = config_init(&w->config) && config_read_file(&w->config, w->config_path, &w->problem) &&
               world_load(&w->config, w->names, options, &w->world, &w->problem) &&
               recording_write(w->world->hash, &texts, &w->recording);
}

static void clear(void *arg)
{
    struct reload_work *w = &((struct daemon *)arg)->reload.work;
    config_fini(&w->config);
    world_free(w->world);
    w->world = NULL;
    recording_fini(&w->recording);
}

/* ---- the end ---- */

static void on_cleared(void *daemon)
{
    reload_step(daemon);
}

/* Clears away what is in hand, beside the loop if that can be. */
static void leave(struct daemon *d)
{
    struct reload *r = &d->reload;
    r->phase = RELOAD_NONE;
    metrics_set(d->metrics, METRIC_RELOADING, 0, 0);
    notify_send("READY=1");
    if (!worker_run(r->worker, clear, on_cleared, d))
        clear(d);
}

static double seconds_since_begin(struct daemon *d)
{
    return (double)(loop_now(d->loop).ms - d->reload.begun.ms) / 1000;
}

static void refuse(struct daemon *d, const char *reason)
{
    log_error("reload_failed", LOG_STR("reason", reason));
    metrics_add(d->metrics, METRIC_RELOADS, 1, 1);
    leave(d);
}

static void succeed(struct daemon *d, const char *event)
{
    double seconds = seconds_since_begin(d);
    log_info(event, LOG_STR("ruleset", d->world->hash), LOG_REAL("seconds", seconds));
    if (!d->reload.for_texts)
        d->config.retention = d->reload.work.config.retention;
    metrics_add(d->metrics, METRIC_RELOADS, 0, 1);
    metrics_set(d->metrics, METRIC_RELOAD_SECONDS, 0, seconds);
    leave(d);
}

/* ---- building ---- */

static void take_built(struct daemon *d)
{
    struct reload *r = &d->reload;
    bool same = r->work.built && strcmp(r->work.world->hash, d->world->hash) == 0;
    r->phase = RELOAD_BUILT;
    if (r->for_texts && !same) {
        log_warn("ruleset_lost", LOG_STR("ruleset", d->world->hash),
                 LOG_STR("meaning", "the store lost its texts, and the files are others now"));
        leave(d);
    } else if (!r->work.built) {
        refuse(d, r->work.problem.text);
    } else if (same && !r->texts_lost) {
        succeed(d, "reload_unchanged");
    } else {
        log_info("reload_built", LOG_STR("ruleset", r->work.world->hash),
                 LOG_REAL("seconds", seconds_since_begin(d)));
    }
    r->texts_lost = false;
}

static void on_built(void *daemon)
{
    take_built(daemon);
    reload_step(daemon);
}

static void begin(struct daemon *d)
{
    struct reload *r = &d->reload;
    r->for_texts = !r->wanted;
    r->wanted = false;
    r->phase = RELOAD_BUILDING;
    r->begun = loop_now(d->loop);
    r->work = (struct reload_work){.config_path = d->config_path, .names = d->names};
    log_info("reload_begins");
    notify_send("RELOADING=1");
    metrics_set(d->metrics, METRIC_RELOADING, 0, 1);
    if (!worker_run(r->worker, build, on_built, d))
        refuse(d, "no thread to build the world on");
}

/* ---- recording ---- */

static void record_on(struct daemon *d);

static void on_some_recorded(void *daemon, const struct redis_reply *reply)
{
    struct daemon *d = daemon;
    if (reply == NULL || d->reload.phase != RELOAD_RECORDING)
        return; /* the next connection begins anew */
    if (redis_reply_type(reply) == REDIS_ERROR) {
        log_error("store_refuses", LOG_STR("what", "recording the texts of a ruleset"),
                  LOG_TEXT("reply", redis_reply_text(reply)));
        loop_timer_set(d->reload.turn, AGAIN_MS);
        return;
    }
    d->reload.recorded++;
    record_on(d);
}

static void record_on(struct daemon *d)
{
    struct reload *r = &d->reload;
    if (r->recorded == r->work.recording.count) {
        r->phase = RELOAD_RECORDED;
        loop_timer_set(r->turn, 0); /* the connection is not closed from inside its own callback */
    } else if (!redis_send_borrowed(r->redis, buf_text(&r->work.recording.commands[r->recorded]),
                                    on_some_recorded, d) &&
               redis_connected(r->redis)) {
        loop_timer_set(r->turn, AGAIN_MS);
    }
}

static void on_connected(void *daemon)
{
    struct daemon *d = daemon;
    d->reload.recorded = 0;
    record_on(d);
}

static void close_connection(struct daemon *d)
{
    redis_free(d->reload.redis);
    d->reload.redis = NULL;
    redis_set_patience(d->redis, 0);
}

static void record(struct daemon *d)
{
    static const struct redis_callbacks callbacks = {.connected = on_connected};
    struct reload *r = &d->reload;
    r->redis = daemon_new_redis(d, &callbacks);
    if (r->redis == NULL) {
        loop_timer_set(r->turn, AGAIN_MS);
        return;
    }
    r->phase = RELOAD_RECORDING;
    redis_set_patience(d->redis, redis_digest_ms(r->work.recording.bytes));
    redis_start(r->redis);
}

/* ---- the exchange ---- */

static void enter(struct daemon *d)
{
    struct reload *r = &d->reload;
    if (strcmp(r->work.world->hash, d->world->hash) == 0) { /* only its texts were wanted */
        succeed(d, "ruleset_recorded");
        return;
    }
    daemon_hold(d);
    r->phase = RELOAD_ENTERING;
    d->old_world = d->world;
    d->world = r->work.world;
    r->work.world = NULL;
    starting_switch(d);
}

void reload_entered(struct daemon *d, struct world *gone, bool entered)
{
    d->reload.work.world = gone;
    if (entered)
        succeed(d, "reloaded");
    else
        refuse(d, "out of memory");
}

/* ---- all of it ---- */

void reload_step(struct daemon *d)
{
    struct reload *r = &d->reload;
    if (d->stage != STAGE_RUNNING)
        return;
    bool between = !committer_busy(&d->committer) && d->batch.count == 0;
    if (r->phase == RELOAD_NONE && (r->wanted || r->texts_lost) && !worker_busy(r->worker))
        begin(d);
    else if (r->phase == RELOAD_BUILT)
        record(d);
    else if (r->phase == RELOAD_RECORDED && r->redis == NULL && between)
        enter(d);
}

static void on_turn(void *daemon)
{
    struct daemon *d = daemon;
    struct reload *r = &d->reload;
    if (r->phase == RELOAD_RECORDING && redis_connected(r->redis))
        record_on(d);
    else if (r->phase == RELOAD_RECORDED && r->redis != NULL)
        close_connection(d);
    reload_step(d);
}

void reload_store_lost(struct daemon *d)
{
    struct reload *r = &d->reload;
    if (r->phase != RELOAD_RECORDING && r->phase != RELOAD_RECORDED)
        return;
    if (r->redis != NULL)
        close_connection(d);
    r->phase = RELOAD_BUILT;
    loop_timer_set(r->turn, AGAIN_MS);
}

void reload_on_signal(void *daemon)
{
    struct daemon *d = daemon;
    d->reload.wanted = true;
    reload_step(d);
}

bool reload_init(struct daemon *d)
{
    d->reload.worker = worker_new(d->loop);
    d->reload.turn = loop_timer_new(d->loop, on_turn, d);
    return d->reload.worker != NULL && d->reload.turn != NULL;
}

void reload_fini(struct daemon *d)
{
    worker_free(d->reload.worker);
    loop_timer_free(d->reload.turn);
    redis_free(d->reload.redis);
    clear(d);
}
