/*
 * building: a world from the files, and an old one cleared away, on a thread of its own.
 *
 * The thread touches what is in struct building alone, the names, and the log.
 */
#include "daemon.h"
#include "log.h"
#include "world_load.h"

/* ---- on the thread ---- */

static void warn(void *context, const char *text)
{
    (void)context;
    log_warn("city", LOG_STR("warning", text));
}

static void build(void *arg)
{
    struct building *b = &((struct daemon *)arg)->building;
    struct proposal *p = &b->proposal;
    struct config config;
    struct world_texts texts;
    const struct world_load_options options = {.warn = warn, .texts = &texts};
    problem_set(&p->problem, "out of memory");
    if (config_init(&config) && config_read_file(&config, b->config_path, &p->problem) &&
        world_load(&config, b->names, options, &p->world, &p->problem) &&
        !recording_write(p->world->hash, &texts, &p->recording)) {
        world_free(p->world);
        p->world = NULL;
    }
    p->retention = config.retention;
    config_fini(&config);
}

static void clear(void *arg)
{
    proposal_fini(((struct daemon *)arg)->building.gone);
}

/* ---- on the loop's ---- */

static void on_built(void *arg)
{
    struct daemon *d = arg;
    hearing_tell(d, (struct fact){.kind = FACT_BUILT, .take_proposal = &d->building.proposal});
}

static void on_cleared(void *arg)
{
    hearing_tell_kind(arg, FACT_CLEARED);
}

void building_begin(struct daemon *d)
{
    d->building.config_path = d->config_path;
    d->building.names = d->names;
    d->building.proposal = (struct proposal){0};
    if (worker_run(d->worker, build, on_built, d))
        return;
    problem_set(&d->building.proposal.problem, "no thread to build the world on");
    on_built(d);
}

void building_clear(struct daemon *d, struct proposal *gone)
{
    d->building.gone = gone;
    if (worker_run(d->worker, clear, on_cleared, d))
        return;
    clear(d);
    on_cleared(d);
}
