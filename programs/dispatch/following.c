/*
 * The world that the tracker judges by, once more: which it is stands last in `rulesets` of the first partition, what
 * it is in `muck:ruleset:HASH`. It is made on a thread of its own and swapped between two requests.
 *
 * The thread touches `canonical`, `made`, `gone` and `problem` alone, and the names.
 */
#include "gateway.h"
#include "log.h"
#include "ruleset.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- on the thread ---- */

static void make(void *arg)
{
    struct gateway *g = arg;
    struct following *f = &g->following;
    world_free(f->gone);
    f->gone = NULL;
    if (!ruleset_load((struct text){f->canonical, f->canonical_length}, text_of(f->wanted), g->names,
                      &f->made, &f->problem))
        f->made = NULL;
}

/* ---- on the loop's ---- */

static void forget_text(struct following *f)
{
    free(f->canonical);
    f->canonical = NULL;
    f->canonical_length = 0;
    f->asking = false;
}

static void on_made(void *arg)
{
    struct gateway *g = arg;
    struct following *f = &g->following;
    forget_text(f);
    if (f->made == NULL) {
        memcpy(f->refused, f->wanted, sizeof f->refused);
        log_error("world_refused", LOG_STR("ruleset", f->wanted), LOG_STR("reason", f->problem.text));
        return;
    }
    world_shelf_release(&g->shelf, f->world);
    world_shelf_put(&g->shelf, f->made,
                    &f->gone); /* what gives way is freed before the next is made: it is large */
    f->world = f->made;
    f->made = NULL;
    f->number++;
    log_info("world_known", LOG_STR("ruleset", f->world->hash), LOG_INT("fences", f->world->fence_count));
}

static void on_canonical(void *arg, const struct redis_reply *reply)
{
    struct gateway *g = arg;
    struct following *f = &g->following;
    struct text text = redis_reply_text(reply);
    if (redis_reply_type(reply) == REDIS_TEXT && text.len > 0)
        f->canonical = malloc(text.len);
    if (f->canonical == NULL) {
        f->asking = false;
        return;
    }
    memcpy(f->canonical, text.data, text.len);
    f->canonical_length = text.len;
    if (!worker_run(f->worker, make, on_made, g))
        forget_text(f);
}

/* The value of a field of a stream's entry: [id, [field, value, …]]. */
static struct text field_of(const struct redis_reply *entry, const char *name)
{
    const struct redis_reply *fields = redis_reply_at(entry, 1);
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2)
        if (text_equal(redis_reply_text(redis_reply_at(fields, i)), text_of(name)))
            return redis_reply_text(redis_reply_at(fields, i + 1));
    return (struct text){0};
}

static void on_last(void *arg, const struct redis_reply *reply)
{
    struct gateway *g = arg;
    struct following *f = &g->following;
    struct text hash = field_of(redis_reply_at(reply, 0), "ruleset");
    char key[MW_KEY_MAX];
    f->asking = false;
    bool known = f->world != NULL && text_equal(hash, text_of(f->world->hash));
    if (!ruleset_name_valid(hash) || known || text_equal(hash, text_of(f->refused)))
        return;
    snprintf(f->wanted, sizeof f->wanted, "%.*s", TEXT_ARG(hash));
    snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(hash));
    const struct text words[] = {TEXT("HGET"), text_of(key), TEXT("canonical")};
    f->asking = redis_send(g->redis, 3, words, on_canonical, g);
}

void gateway_follow(struct gateway *g)
{
    struct following *f = &g->following;
    char key[MW_KEY_MAX];
    if (f->asking || worker_busy(f->worker) || !redis_connected(g->redis))
        return;
    snprintf(key, sizeof key, MW_KEY_RULESETS, g->config.partitions.items[0]);
    const struct text words[] = {TEXT("XREVRANGE"), text_of(key),  TEXT("+"),
                                 TEXT("-"),         TEXT("COUNT"), TEXT("1")};
    f->asking = redis_send(g->redis, 6, words, on_last, g);
}

void gateway_stop_following(struct gateway *g)
{
    struct following *f = &g->following;
    worker_free(f->worker);
    free(f->canonical);
    world_free(f->made);
    world_free(f->gone);
}
