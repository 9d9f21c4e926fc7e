/* Worlds, and lines through a replay under them. */
#include "late_trial.h"

#include "replay.h"
#include "world_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 20000, PLACES = 64 };

struct town {
    struct names *names;
    struct config configs[TOWNS];
    struct world *worlds[TOWNS];
    int count;
};

static bool file_read(void *context, const char *path, struct buf *out, struct problem *out_problem)
{
    const struct telling_texts *t = context;
    for (int i = 0; i < FILES; i++)
        if (strcmp(path, file_names[i]) == 0) {
            buf_put_text(out, buf_text(&t->files[i]));
            return true;
        }
    problem_set(out_problem, "%s: no such file", path);
    return false;
}

struct town *town_new(void)
{
    struct town *t = calloc(1, sizeof *t);
    if (t == NULL || (t->names = names_new(NAMES)) == NULL)
        abort();
    return t;
}

void town_free(struct town *t)
{
    for (int i = 0; i < t->count; i++) {
        world_free(t->worlds[i]);
        config_fini(&t->configs[i]);
    }
    names_free(t->names);
    free(t);
}

static bool loaded(struct town *t, bool ok, const struct problem *problem)
{
    t->count++;
    if (!ok)
        fprintf(stderr, "%s\n", problem->text);
    return ok;
}

bool town_add(struct town *t, const struct telling_texts *files)
{
    struct problem problem = {"out of memory"};
    struct config *config = &t->configs[t->count];
    struct world_load_options options = {.read = file_read, .read_context = (void *)files};
    bool ok = config_init(config) &&
              config_read(config, text_of(file_names[0]), buf_text(&files->files[0]), &problem) &&
              world_load(config, t->names, options, &t->worlds[t->count], &problem);
    return loaded(t, ok, &problem);
}

bool town_add_sample(struct town *t)
{
    struct problem problem = {"out of memory"};
    struct config *config = &t->configs[t->count];
    bool ok = config_init(config) &&
              config_read_file(config, MW_SOURCE_DIR "/fixtures/city/muckwatch.yaml", &problem) &&
              world_load(config, t->names, (struct world_load_options){0}, &t->worlds[t->count], &problem);
    return loaded(t, ok, &problem);
}

const char *town_hash(const struct town *t, int which)
{
    return t->worlds[which]->hash;
}

void told_init(struct told *t)
{
    *t = (struct told){0};
    buf_init(&t->stream, 256 << 20);
    buf_init(&t->settled, 64 << 20);
}

void told_fini(struct told *t)
{
    buf_fini(&t->stream);
    buf_fini(&t->settled);
}

static bool find_world(void *context, struct text hash, const struct world **out_world)
{
    const struct town *t = context;
    for (int i = 0; i < t->count; i++)
        if (text_equal(hash, text_of(t->worlds[i]->hash))) {
            *out_world = t->worlds[i];
            return true;
        }
    return false;
}

static bool feed(struct replay *r, struct text lines, struct buf *out)
{
    const char *at = lines.data, *end = at + lines.len;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (replay_line(r, (struct text){at, (size_t)(line_end - at)}, out) != REPLAY_OK)
            return false;
        at = line_end + 1;
    }
    return true;
}

bool town_run(const struct town *t, struct text lines, const struct run_wish *wish, struct told *out)
{
    struct replay_options options = {.vehicle_limit = PLACES, .late = wish->late, .settled = !wish->forgets};
    struct replay *r = replay_new(t->names, t->worlds[0], &options);
    buf_clear(&out->stream);
    buf_clear(&out->settled);
    if (r == NULL)
        abort();
    if (t->count > 1)
        replay_set_worlds(r, (struct replay_worlds){find_world, (void *)t});
    bool ok = feed(r, lines, &out->stream);
    if (ok)
        replay_until(r, wish->until_ms, &out->stream);
    ok = ok && replay_end(r, &out->stream);
    if (!wish->forgets)
        replay_settled(r, &out->settled);
    const struct replay_counts *c = replay_counts(r);
    out->corrections = 0;
    for (int i = 0; i < CORRECTION_COUNT; i++)
        out->corrections += c->corrections[i];
    out->redos = c->redos;
    out->late = c->late;
    out->judged_again = c->judged_again;
    out->withdrawn = c->corrections[CORRECTION_WITHDRAWN];
    out->clock = c->clock;
    out->added = c->added;
    out->too_late = c->beyond_horizon;
    replay_free(r);
    return ok && buf_ok(&out->stream) && buf_ok(&out->settled);
}
