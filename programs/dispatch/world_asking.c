/*
 * A change of the world's files on its way into force: it is in use on the disk, and each partition's tracker is asked to read it
 * (`reload:ask`), and to take nothing but the world that was judged (`expect`).
 *
 *     in use ──► asked ──► all say ok ──► settled
 *                 ▲  └──► one refuses, thrice ──► the former is in use again ──► asked to read that ──► settled
 *                 └── a start of the gateway that finds `asked` in the folder
 *
 * A tracker that has started since the question refuses it unasked (PROTOCOL.md), hence thrice. Whoever asked for the change waits a
 * minute; then they are told that it is asked for, and it goes on without them.
 */
#include "gateway.h"
#include "log.h"
#include "web_problem.h"

#include <muckwatch/contract.h>

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { TRIES = 3, WAIT_MS = 60000, ASK_AGAIN_MS = 10000, ANSWERS_LOOKED_AT = 100, STEP_MS = 200 };

/* ---- jobs ---- */

static void keep(char *out, size_t size, struct text t)
{
    snprintf(out, size, "%.*s", (int)(t.len < size ? t.len : size - 1), t.data);
}

static const char *given(const char *t)
{
    return t[0] != '\0' ? t : NULL;
}

struct world_job *world_new_job(struct gateway *g, enum world_task task)
{
    struct world_job *job = &g->world.job;
    const struct dispatch_config *c = &g->config;
    if (g->world.busy || worker_busy(g->world.worker))
        return NULL;
    world_job_fini(job);
    world_job_init(job);
    job->task = task;
    keep(job->config, sizeof job->config, c->world.config);
    keep(job->dir, sizeof job->dir, c->world.dir);
    job->kept = c->world.kept;
    keep(job->host, sizeof job->host, c->redis.host);
    keep(job->socket, sizeof job->socket, c->redis.unix_socket);
    keep(job->username, sizeof job->username, c->redis.username);
    job->store.options = (struct store_options){given(job->host), (int)c->redis.port, given(job->socket),
                                                given(job->username), text_of(g->redis_password)};
    job->store.count = c->partitions.count;
    job->store.partitions = job->partitions;
    memcpy(job->partitions, c->partitions.items, c->partitions.count * sizeof *job->partitions);
    return job;
}

/* ---- what was asked before the end ---- */

void world_start(struct gateway *g)
{
    struct world_change *c = &g->world.change;
    struct buf words;
    web_answer_init(&c->in_force);
    web_answer_init(&c->asked);
    buf_init(&words, 512);
    for (size_t i = 0; i < WORLD_PARTITIONS_MAX; i++)
        g->world.places[i] = (struct world_place){g, i};
    const char *dir = g->config.world.dir.data;
    if (g->config.world.dir.len > 0 && version_folder_asked(dir, &words) &&
        world_asked_read(buf_text(&words), &c->number, &c->before, c->expect)) {
        c->open = true;
        c->since_ms = loop_now(g->loop).ms;
        c->back = version_folder_now(dir) != c->number;
        snprintf(c->who, sizeof c->who, "muckwatch-dispatch");
        log_info("world_goes_on", LOG_INT("version", (int64_t)c->number), LOG_INT("back", c->back));
        world_go_on(g);
    }
    buf_fini(&words);
}

void world_end(struct gateway *g)
{
    world_job_fini(&g->world.job);
    web_answer_fini(&g->world.change.in_force);
    web_answer_fini(&g->world.change.asked);
}

void world_ask(struct gateway *g, uint64_t ticket)
{
    struct world_change *c = &g->world.change;
    const struct world_job *job = &g->world.job;
    web_answer_clear(&c->in_force);
    web_answer_clear(&c->asked);
    world_write_outcome(job, "in_force", &c->in_force);
    world_write_outcome(job, "asked", &c->asked);
    web_answer_field(&c->in_force, "ETag", text_of(job->tag));
    c->open = true;
    c->back = false;
    c->number = job->number;
    c->before = job->before;
    memcpy(c->expect, job->expect, sizeof c->expect);
    memcpy(c->who, job->who, sizeof c->who);
    c->ticket = ticket;
    c->since_ms = loop_now(g->loop).ms;
    c->question = (struct world_question){0};
    log_info("world_put", LOG_STR("user", c->who), LOG_INT("version", (int64_t)c->number),
             LOG_STR("ruleset", c->expect));
    world_go_on(g);
}

static void answer(struct gateway *g, struct web_answer *out)
{
    struct world_change *c = &g->world.change;
    if (c->ticket != 0)
        gateway_answer(g, c->ticket - 1, out);
    c->ticket = 0;
}

/* ---- asking ---- */

static void on_asked(void *arg, const struct redis_reply *reply)
{
    struct world_question *q = &((struct world_place *)arg)->g->world.change.question;
    q->answers -= q->answers > 0;
    if (redis_reply_type(reply) == REDIS_ERROR)
        log_error("reload_not_asked", LOG_TEXT("said", redis_reply_text(reply)));
    q->lost = q->lost || redis_reply_type(reply) != REDIS_TEXT;
}

static void ask(struct gateway *g)
{
    struct world_change *c = &g->world.change;
    struct world_question *q = &c->question;
    unsigned char bytes[16];
    char key[MW_KEY_MAX];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(q->request, sizeof q->request, bytes, sizeof bytes);
    q->asked_ms = loop_now(g->loop).ms;
    q->lost = false;
    q->errors[0] = '\0';
    memset(q->said, 0, sizeof q->said);
    for (size_t i = 0; i < g->config.partitions.count; i++) {
        snprintf(key, sizeof key, MW_KEY_RELOAD_ASK, g->config.partitions.items[i]);
        const struct text words[] = {TEXT("XADD"),    text_of(key),        TEXT("*"),
                                     TEXT("request"), text_of(q->request), TEXT("who"),
                                     text_of(c->who), TEXT("expect"),      text_of(c->expect)};
        bool sent = redis_send(g->redis, c->back ? 7 : 9, words, on_asked, &g->world.places[i]);
        q->answers += sent;
        q->lost = q->lost || !sent;
    }
}

static struct text field_of(const struct redis_reply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2)
        if (text_equal(redis_reply_text(redis_reply_at(fields, i)), text_of(name)))
            return redis_reply_text(redis_reply_at(fields, i + 1));
    return (struct text){0};
}

static void on_done_stream(void *arg, const struct redis_reply *reply)
{
    const struct world_place *place = arg;
    struct world_question *q = &place->g->world.change.question;
    q->answers -= q->answers > 0;
    for (size_t i = 0; i < redis_reply_count(reply) && q->request[0] != '\0'; i++) {
        const struct redis_reply *fields = redis_reply_at(redis_reply_at(reply, i), 1);
        if (!text_equal(field_of(fields, "request"), text_of(q->request)))
            continue;
        bool ok = text_equal(field_of(fields, "result"), TEXT("ok"));
        q->said[place->number] = ok ? WORLD_SAID_OK : WORLD_SAID_REFUSED;
        if (!ok)
            keep(q->errors, sizeof q->errors, field_of(fields, "errors"));
        return;
    }
}

static void look(struct gateway *g)
{
    struct world_question *q = &g->world.change.question;
    char key[MW_KEY_MAX], count[16];
    snprintf(count, sizeof count, "%d", ANSWERS_LOOKED_AT);
    for (size_t i = 0; i < g->config.partitions.count; i++) {
        if (q->said[i] != WORLD_SAID_NOTHING)
            continue;
        snprintf(key, sizeof key, MW_KEY_RELOADED, g->config.partitions.items[i]);
        const struct text words[] = {TEXT("XREVRANGE"), text_of(key),  TEXT("+"),
                                     TEXT("-"),         TEXT("COUNT"), text_of(count)};
        q->answers += redis_send(g->redis, 6, words, on_done_stream, &g->world.places[i]);
    }
}

/* ---- settling ---- */

/* What all of them said: NOTHING while one is still to say something. */
static enum world_said all_said(const struct gateway *g)
{
    const struct world_question *q = &g->world.change.question;
    enum world_said sum = WORLD_SAID_OK;
    for (size_t i = 0; i < g->config.partitions.count; i++) {
        if (q->said[i] == WORLD_SAID_NOTHING)
            return WORLD_SAID_NOTHING;
        if (q->said[i] == WORLD_SAID_REFUSED)
            sum = WORLD_SAID_REFUSED;
    }
    return sum;
}

/* `version` is to be used again; 0: what is in use stays, and nothing is open any more. */
static void settle(struct gateway *g, uint64_t version)
{
    struct world_job *job = world_new_job(g, WORLD_SETTLE);
    if (job == NULL)
        return; /* the next beat */
    job->version = version;
    if (!world_run(g, 0))
        log_warn("world_no_thread");
}

void world_settled(struct gateway *g)
{
    struct world_change *c = &g->world.change;
    const struct world_job *job = &g->world.job;
    if (job->failed) {
        log_error("world_not_settled", LOG_STR("dir", job->dir));
        return; /* tried again */
    }
    if (job->version != 0) {
        struct web_answer out;
        log_error("world_put_back", LOG_INT("version", (int64_t)job->version),
                  LOG_STR("reason", c->question.errors));
        web_answer_init(&out);
        web_problem_at(&out, 422, "tracker-refuses", NULL, text_of(c->question.errors));
        answer(g, &out);
        web_answer_fini(&out);
        c->back = true;
        c->question = (struct world_question){0};
        return;
    }
    log_info("world_settled", LOG_INT("version", (int64_t)c->number), LOG_INT("back", c->back));
    answer(g, &c->in_force);
    c->open = false;
}

static void refused(struct gateway *g)
{
    struct world_change *c = &g->world.change;
    struct world_question *q = &c->question;
    if (++q->tries < TRIES)
        q->request[0] = '\0';
    else
        settle(g, c->back ? 0 : c->before);
}

static void step(struct gateway *g)
{
    struct world_change *c = &g->world.change;
    struct world_question *q = &c->question;
    int64_t now_ms = loop_now(g->loop).ms;
    if (c->ticket != 0 && now_ms - c->since_ms >= WAIT_MS)
        answer(g, &c->asked);
    if (!redis_connected(g->redis) || q->answers > 0)
        return;
    if (q->lost && now_ms - q->asked_ms >= ASK_AGAIN_MS)
        q->request[0] = '\0';
    enum world_said said = q->request[0] != '\0' ? all_said(g) : WORLD_SAID_NOTHING;
    if (q->request[0] == '\0')
        ask(g);
    else if (said == WORLD_SAID_OK)
        settle(g, 0);
    else if (said == WORLD_SAID_REFUSED)
        refused(g);
    else
        look(g);
}

void world_go_on(void *arg)
{
    struct gateway *g = arg;
    if (!g->world.change.open)
        return;
    step(g);
    loop_timer_set(g->world.timer, STEP_MS);
}
