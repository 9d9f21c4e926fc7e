#include "worlds.h"

#include "ruleset.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <sysexits.h>

enum { CANONICAL_MAX = 1 << 30 };

static bool load_stored(struct worlds *w, struct text hash, struct world **out, struct problem *problem)
{
    char key[MW_KEY_MAX];
    const struct reply *reply;
    snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(hash));
    const struct text words[] = {TEXT("HGET"), text_of(key), TEXT("canonical")};
    if (store_command(w->store, words, 3, 0, &reply) && reply->type == REPLY_TEXT)
        return ruleset_load(reply->text, hash, w->names, out, problem);
    snprintf(problem->text, sizeof problem->text, "ruleset %.*s is not in the store", TEXT_ARG(hash));
    return false;
}

static bool load(struct worlds *w, struct text hash, struct world **out, struct problem *problem)
{
    struct buf canonical;
    if (w->kept == NULL && w->store != NULL)
        return load_stored(w, hash, out, problem);
    if (w->kept == NULL)
        return ruleset_load_file(w->dir, hash, w->names, out, problem);
    buf_init(&canonical, CANONICAL_MAX);
    bool ok = archive_look_world(kept_look(w->kept), hash, &canonical);
    if (ok)
        ok = ruleset_load(buf_text(&canonical), hash, w->names, out, problem);
    else
        snprintf(problem->text, sizeof problem->text, "ruleset %.*s is not in the archive", TEXT_ARG(hash));
    buf_fini(&canonical);
    return ok;
}

static bool find(void *context, struct text hash, const struct world **out_world)
{
    struct worlds *w = context;
    struct problem problem;
    struct world *world;
    if (!load(w, hash, &world, &problem)) {
        fprintf(stderr, "%s: %s\n", w->command, problem.text);
        return false;
    }
    world_free(w->before);
    w->before = w->now;
    w->now = world;
    if (w->found != NULL)
        w->found(w->context, world);
    *out_world = world;
    return true;
}

struct replay_worlds worlds_of(struct worlds *worlds)
{
    return (struct replay_worlds){.find = find, .context = worlds};
}

void worlds_fini(struct worlds *worlds)
{
    world_free(worlds->now);
    world_free(worlds->before);
    worlds->now = worlds->before = NULL;
}

int worlds_line_failed(const char *command, enum replay_status status, uint64_t number)
{
    unsigned long long line = number;
    switch (status) {
    case REPLAY_OK:
        return EX_OK;
    case REPLAY_FULL:
        fprintf(stderr, "%s: line %llu: there are more vehicles than this takes\n", command, line);
        return EX_DATAERR;
    case REPLAY_NO_RULESET:
        fprintf(stderr,
                "%s: line %llu: a fix, and no line before it says which ruleset was in force: give --config "
                "as well\n",
                command, line);
        return EX_DATAERR;
    case REPLAY_NOT_FOUND:
        fprintf(stderr, "%s: line %llu: the ruleset that was in force from here on is not there\n", command,
                line);
        return EX_NOINPUT;
    case REPLAY_NO_MEMORY:
        break;
    }
    fprintf(stderr, "%s: line %llu: out of memory\n", command, line);
    return EX_OSERR;
}
