/*
 * The fences of a world, of those in force and of former ones, for a map.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_scan.h"
#include "log.h"
#include "ruleset.h"
#include "web_problem.h"
#include "world_then.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <string.h>

#define CANONICAL_MAX ((size_t)256 << 20)

/* ---- on the thread ---- */

static void make(void *arg)
{
    struct gateway *g = arg;
    struct drawing *d = &g->drawing;
    if (d->canonical.len == 0 && d->archive[0] != '\0')
        world_then_read(d->archive, text_of(d->hash), &d->canonical);
    world_free(d->gone);
    d->gone = d->made = NULL;
    problem_set(&d->problem, "it is not kept");
    if (d->canonical.len > 0 && buf_ok(&d->canonical) &&
        !ruleset_load(buf_text(&d->canonical), text_of(d->hash), g->names, &d->made, &d->problem))
        d->made = NULL;
    buf_fini(&d->canonical);
}

static void draw(void *arg)
{
    struct gateway *g = arg;
    struct drawing *d = &g->drawing;
    world_free(d->gone);
    d->gone = NULL;
    d->drawn = fences_page_write(d->world, &d->asked, &d->body);
}

/* ---- on the loop's ---- */

/* Nobody waits while nothing is at work: so each end of a work asks the next one, and no question begins from within another. */
static void next(struct gateway *g);

static void end(struct gateway *g)
{
    struct drawing *d = &g->drawing;
    world_shelf_release(&g->shelf, d->world);
    d->world = NULL;
    d->busy = false;
    buf_fini(&d->canonical);
    buf_fini(&d->body);
    next(g);
}

static void ask_again(struct gateway *g)
{
    struct drawing *d = &g->drawing;
    d->reached = false;
    web_server_ask_again(g->server, d->ticket);
    if (d->busy && !d->reached) /* they have gone, or may not ask any more */
        end(g);
    else if (!d->busy)
        next(g);
}

/* Who has waited for longest, until one is at work. */
static void next(struct gateway *g)
{
    struct drawing *d = &g->drawing;
    while (!d->busy && d->waiting_count > 0) {
        uint64_t ticket = d->waiting[0];
        memmove(d->waiting, d->waiting + 1, --d->waiting_count * sizeof *d->waiting);
        web_server_ask_again(g->server, ticket);
    }
}

static void on_drawn(void *arg)
{
    struct gateway *g = arg;
    struct drawing *d = &g->drawing;
    struct web_answer answer;
    web_answer_init(&answer);
    if (d->drawn) {
        struct buf body = answer.body;
        answer.body = d->body;
        d->body = body;
        answer.status = 200;
        answer.type = "application/json";
        /* Of a world by its hash, at a time that was said, nothing ever changes. */
        if (d->at_said)
            web_answer_field(&answer, "Cache-Control", TEXT("private, max-age=31536000, immutable"));
    } else {
        web_problem(&answer, 422, "these are too many points: ask for a smaller part, or a lower zoom");
    }
    gateway_answer(g, d->ticket, &answer);
    web_answer_fini(&answer);
    end(g);
}

static void on_made(void *arg)
{
    struct gateway *g = arg;
    struct drawing *d = &g->drawing;
    if (d->made != NULL) {
        world_shelf_put(&g->shelf, d->made, &d->gone);
        world_shelf_release(&g->shelf, d->made); /* until the question takes it */
    } else if (strcmp(d->problem.text, "it is not kept") != 0) {
        log_warn("world_refused", LOG_STR("ruleset", d->hash), LOG_STR("reason", d->problem.text));
    }
    d->made = NULL;
    d->sought = true;
    ask_again(g);
}

static void on_canonical(void *arg, const struct redis_reply *reply)
{
    struct gateway *g = arg;
    struct drawing *d = &g->drawing;
    bool told = redis_reply_type(reply) == REDIS_TEXT || redis_reply_type(reply) == REDIS_NIL;
    if (redis_reply_type(reply) == REDIS_TEXT)
        buf_put_text(&d->canonical, redis_reply_text(reply));
    if (told && worker_run(d->worker, make, on_made, g))
        return;
    struct web_answer answer;
    web_answer_init(&answer);
    web_problem(&answer, 503, told ? "there is no thread for it" : "the store is away");
    gateway_answer(g, d->ticket, &answer);
    web_answer_fini(&answer);
    end(g);
}

static bool fetch(struct gateway *g)
{
    struct drawing *d = &g->drawing;
    char key[MW_KEY_MAX];
    snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(text_of(d->hash)));
    const struct text words[] = {TEXT("HGET"), text_of(key), TEXT("canonical")};
    return redis_send(g->redis, 3, words, on_canonical, g);
}

/* ---- the question ---- */

/* "west,south,east,north" */
static bool read_box(struct text t, struct fences_asked *out)
{
    double *const sides[] = {&out->west, &out->south, &out->east, &out->north};
    struct json_scan s = json_scan_of(t);
    struct json_number number;
    for (int i = 0; i < 4; i++) {
        if (i > 0 && (s.at == s.end || *s.at++ != ','))
            return false;
        if (!json_scan_at_number(&s) || json_scan_number(&s, &number) != JSON_FAULT_NONE)
            return false;
        *sides[i] = json_number_double(&number);
    }
    return s.at == s.end && out->west >= -180 && out->west <= 180 && out->east >= -180 && out->east <= 180 &&
           out->south >= -90 && out->north <= 90 && out->south <= out->north;
}

static bool wait_for_it(struct drawing *d, uint64_t ticket, struct web_answer *out)
{
    if (d->waiting_count == DRAWING_WAITING_MAX) {
        web_answer_field(out, "Retry-After", TEXT("1"));
        web_problem(out, 503, "too many maps are being drawn");
        return false;
    }
    d->waiting[d->waiting_count++] = ticket;
    return true;
}

static void begin(struct gateway *g, const struct web_match *match)
{
    struct drawing *d = &g->drawing;
    d->busy = true;
    d->sought = false;
    d->ticket = match->request->ticket;
    snprintf(d->hash, sizeof d->hash, "%.*s", TEXT_ARG(match->ids[0]));
    int n = snprintf(d->archive, sizeof d->archive, "%.*s", TEXT_ARG(g->config.archive.dir));
    if (n < 0 || (size_t)n >= sizeof d->archive)
        d->archive[0] = '\0';
    buf_init(&d->canonical, CANONICAL_MAX);
    buf_init(&d->body, WEB_ANSWER_MAX);
}

/* What is in memory is drawn, what is not is sought. False, with a problem: neither is possible. */
static bool go_on(struct gateway *g, struct web_answer *out)
{
    struct drawing *d = &g->drawing;
    d->world = world_shelf_hold(&g->shelf, text_of(d->hash));
    if (d->world != NULL && worker_run(d->worker, draw, on_drawn, g))
        return true;
    if (d->world == NULL && !d->sought && fetch(g))
        return true;
    if (d->world == NULL && d->sought)
        web_problem(out, 404, "there is no such world");
    else
        web_problem(out, 503, "the store is away");
    return false;
}

void handle_fences(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    struct drawing *d = &g->drawing;
    struct fences_asked asked = {.zoom = web_match_number(match, "zoom", 0),
                                 .at_ms =
                                     (int64_t)web_match_number(match, "at", (double)match->request->now.ms)};
    if (!read_box(web_match_text(match, "bbox", 0), &asked)) {
        web_problem_at(out, 400, NULL, "bbox", TEXT("expected WEST,SOUTH,EAST,NORTH in degrees"));
        return;
    }
    if (!ruleset_name_valid(match->ids[0])) {
        web_problem(out, 404, "there is no such world");
        return;
    }
    if (d->busy && d->ticket != match->request->ticket) {
        out->later = wait_for_it(d, match->request->ticket, out);
        return;
    }
    if (!d->busy)
        begin(g, match);
    d->reached = true;
    d->asked = asked;
    d->at_said = web_match_text(match, "at", 0).data != NULL;
    out->later = go_on(g, out);
    if (!out->later) {
        world_shelf_release(&g->shelf, d->world);
        d->world = NULL;
        d->busy = false; /* whoever waits is asked by whoever has asked this again; else nobody waits */
    }
}

bool gateway_make_drawing(struct gateway *g)
{
    g->drawing.worker = worker_new(g->loop);
    return g->drawing.worker != NULL;
}

void gateway_unmake_drawing(struct gateway *g)
{
    struct drawing *d = &g->drawing;
    worker_free(d->worker);
    world_free(d->made);
    world_free(d->gone);
    buf_fini(&d->canonical);
    buf_fini(&d->body);
}
