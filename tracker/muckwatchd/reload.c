/*
 * reload: a new world from the files, whole, or the old one and the reason why not.
 *
 * The new world is recorded in the store before the first fix is judged under it: reading stops, the record
 * is written, the pointer is exchanged, episodes are settled under the new world, and reading goes on.
 * Connections keep the settings they were made with; changing those takes a restart.
 */
#include "daemon.h"
#include "log.h"
#include "notify.h"

#include <stdio.h>
#include <stdlib.h>

enum { PASSWORD_MAX = 1024 };

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

static void warn(void *context, const char *text)
{
    (void)context;
    log_warn("city", LOG_STR("warning", text));
}

static void on_recorded(void *daemon, const struct redis_reply *reply)
{
    struct daemon *d = daemon;
    if (reply == NULL || d->stage != STAGE_RELOADING)
        return; /* the next connection records it again */
    if (redis_reply_type(reply) == REDIS_ERROR) {
        log_error("store_refuses", LOG_STR("what", "recording the texts of a ruleset"),
                  LOG_TEXT("reply", redis_reply_text(reply)));
        loop_timer_set(d->retry, 1000);
        return;
    }
    world_texts_fini(&d->texts);
    d->texts = (struct world_texts){0};
    starting_switch(d);
}

void reload_record(struct daemon *d)
{
    if (redis_connected(d->redis))
        starting_record_texts(d, on_recorded);
}

static bool build(struct daemon *d, struct config *config, struct world **out_world, struct problem *problem)
{
    const struct world_load_options options = {.warn = warn, .texts = &d->texts};
    return config_init(config) && config_read_file(config, d->config_path, problem) &&
           world_load(config, d->names, options, out_world, problem);
}

bool reload_texts(struct daemon *d)
{
    struct config config;
    struct world *world = NULL;
    struct problem problem = {"out of memory"};
    bool built = build(d, &config, &world, &problem),
         same = built && strcmp(world->hash, d->world->hash) == 0;
    redis_excuse(d->redis);
    config_fini(&config);
    world_free(world);
    if (same)
        return true;
    log_error("ruleset_lost", LOG_STR("ruleset", d->world->hash),
              LOG_STR("reason", built ? "the files have changed since" : problem.text));
    world_texts_fini(&d->texts);
    d->texts = (struct world_texts){0};
    return false;
}

void reload_run(struct daemon *d)
{
    struct config config;
    struct world *world = NULL;
    struct problem problem = {"out of memory"};
    d->reload_wanted = false;
    notify_send("RELOADING=1");
    bool built = build(d, &config, &world, &problem);
    redis_excuse(d->redis); /* a large world takes seconds */
    metrics_add(d->metrics, METRIC_RELOADS, built ? 0 : 1, 1);
    notify_send("READY=1");
    if (!built) {
        log_error("reload_failed", LOG_STR("reason", problem.text));
        config_fini(&config);
        return;
    }
    d->config.retention = config.retention;
    config_fini(&config);
    if (strcmp(world->hash, d->world->hash) == 0) {
        log_info("reload_unchanged", LOG_STR("ruleset", world->hash));
        world_free(world);
        world_texts_fini(&d->texts);
        d->texts = (struct world_texts){0};
        return;
    }
    log_info("reloaded", LOG_STR("ruleset", world->hash));
    daemon_hold(d);
    d->old_world = d->world;
    d->world = world;
    d->stage = STAGE_RELOADING;
    reload_record(d);
}

void reload_on_signal(void *daemon)
{
    struct daemon *d = daemon;
    d->reload_wanted = true;
    if (d->stage == STAGE_RUNNING && !committer_busy(&d->committer) && d->batch.count == 0)
        reload_run(d);
}
