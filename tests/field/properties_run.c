/* Texts through the engine, as `muckctl replay` takes files: no file is touched. */
#include "properties.h"

#include "replay.h"
#include "world_load.h"

#include <stdio.h>
#include <string.h>

enum { NAMES = 20000, AFTER_MS = 1200000 };

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

static bool feed(const struct telling_texts *t, struct names *names, const struct world *world,
                 struct buf *out)
{
    struct replay *r = replay_new(names, world, &(struct replay_options){.vehicle_limit = VEHICLES_MAX});
    const char *at = t->fixes.data, *end = at + t->fixes.len;
    bool ok = r != NULL;
    while (ok && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        ok = replay_line(r, (struct text){at, (size_t)(line_end - at)}, out) == REPLAY_OK;
        at = line_end + 1;
    }
    if (ok)
        replay_until(r, t->end_ms + AFTER_MS, out);
    replay_free(r);
    return ok && buf_ok(out);
}

bool texts_run(const struct telling_texts *t, struct buf *out)
{
    struct config config;
    struct problem problem = {"out of memory"};
    struct world *world = NULL;
    struct names *names = names_new(NAMES);
    struct world_load_options options = {.read = file_read, .read_context = (void *)t};
    bool ok = config_init(&config) && names != NULL &&
              config_read(&config, text_of(file_names[0]), buf_text(&t->files[0]), &problem) &&
              world_load(&config, names, options, &world, &problem);
    if (!ok)
        fprintf(stderr, "%s\n", problem.text);
    else if (!(ok = feed(t, names, world, out)))
        fprintf(stderr, "the replay ended early\n");
    world_free(world);
    config_fini(&config);
    names_free(names);
    return ok;
}
