#include "world_then.h"

#include "archive_look.h"
#include "gateway.h"
#include "log.h"
#include "ruleset.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

#define CANONICAL_MAX ((size_t)256 << 20)
enum { FOLDER_MAX = 4096 };

struct finding_then {
    struct gateway *g;
    char hash[RULESET_NAME_SIZE], archive[FOLDER_MAX]; /* a folder; empty: none */
    world_then_told *told;
    void *arg;
    /* The thread's while it works. */
    struct buf canonical;
    struct world *made;
    struct problem problem;
};

/* ---- on the thread ---- */

/* What is damaged is missing; who looks after the archive is told by its own program. */
static bool nobody_told(void *arg, const char *file, const char *wrong)
{
    (void)arg, (void)file, (void)wrong;
    return true;
}

void world_then_read(const char *archive, struct text hash, struct buf *out)
{
    struct archive_look *look;
    char why[256];
    const struct archive_look_listener listener = {nobody_told, NULL};
    if (archive_look_open(archive, listener, &look, why, sizeof why) != ARCHIVE_LOOK_OK)
        return;
    if (!archive_look_world(look, hash, out))
        buf_clear(out);
    archive_look_close(look);
}

static void make(void *arg)
{
    struct finding_then *f = arg;
    if (f->canonical.len == 0 && f->archive[0] != '\0')
        world_then_read(f->archive, text_of(f->hash), &f->canonical);
    if (f->canonical.len == 0 || !buf_ok(&f->canonical) ||
        !ruleset_load(buf_text(&f->canonical), text_of(f->hash), f->g->names, &f->made, &f->problem))
        f->made = NULL;
    buf_fini(&f->canonical);
}

/* A world is large: what has to give way for another is freed on the thread too. */
static void let_go(void *arg)
{
    world_free(arg);
}

static void nothing(void *arg)
{
    (void)arg;
}

/* ---- on the loop's ---- */

static void end(struct finding_then *f, const struct world *world)
{
    f->told(f->arg, world);
    buf_fini(&f->canonical);
    free(f);
}

static void drop(struct gateway *g, struct world *gone)
{
    const struct job job = {let_go, nothing, gone};
    if (gone != NULL && !jobs_add(&g->then, &job))
        world_free(gone);
}

static bool tell_from_shelf(struct finding_then *f)
{
    struct world_shelf *shelf = &f->g->shelf;
    const struct world *world = world_shelf_hold(shelf, text_of(f->hash));
    if (world == NULL)
        return false;
    end(f, world);
    world_shelf_release(shelf, world);
    return true;
}

static void on_made(void *arg)
{
    struct finding_then *f = arg;
    struct gateway *g = f->g;
    struct world *made = f->made, *gone = NULL;
    f->made = NULL;
    if (made == NULL && f->problem.text[0] != '\0')
        log_warn("world_refused", LOG_STR("ruleset", f->hash), LOG_STR("reason", f->problem.text));
    if (tell_from_shelf(f)) { /* somebody else had it made meanwhile */
        drop(g, made);
        return;
    }
    if (made != NULL)
        world_shelf_put(&g->shelf, made, &gone);
    end(f, made);
    world_shelf_release(&g->shelf, made);
    drop(g, gone);
}

static void on_canonical(void *arg, const struct redis_reply *reply)
{
    struct finding_then *f = arg;
    const struct job job = {make, on_made, f};
    if (redis_reply_type(reply) == REDIS_TEXT)
        buf_put_text(&f->canonical, redis_reply_text(reply));
    if (!jobs_add(&f->g->then, &job))
        end(f, NULL);
}

static bool ask(struct finding_then *f)
{
    char key[MW_KEY_MAX];
    snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(text_of(f->hash)));
    const struct text words[] = {TEXT("HGET"), text_of(key), TEXT("canonical")};
    return redis_send(f->g->redis, 3, words, on_canonical, f);
}

void world_then_find(struct gateway *g, struct text hash, world_then_told *told, void *arg)
{
    struct finding_then *f = ruleset_name_valid(hash) ? calloc(1, sizeof *f) : NULL;
    if (f == NULL) {
        told(arg, NULL);
        return;
    }
    *f = (struct finding_then){.g = g, .told = told, .arg = arg};
    snprintf(f->hash, sizeof f->hash, "%.*s", TEXT_ARG(hash));
    int n = snprintf(f->archive, sizeof f->archive, "%.*s", TEXT_ARG(g->config.archive.dir));
    if (n < 0 || (size_t)n >= sizeof f->archive)
        f->archive[0] = '\0';
    buf_init(&f->canonical, CANONICAL_MAX);
    if (!tell_from_shelf(f) && !ask(f))
        end(f, NULL);
}
