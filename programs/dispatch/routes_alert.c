/*
 * One alert, with all entries about it. Memory knows the ids of those it has met, and the store has their words; where either lacks some, all that
 * there is of the alert is read from the archive and the store behind it.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "gateway.h"
#include "handlers.h"
#include "past_reading.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINES_MAX = 200 };

static void write_lines(const struct past_lines *lines, bool actions, struct buf *out)
{
    bool some = false;
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->items[i].at.action != actions)
            continue;
        if (some)
            buf_put_char(out, ',');
        buf_put_text(out, buf_text(&lines->items[i].json));
        some = true;
    }
}

static void write_answer(struct text alert, const struct past_lines *lines, struct web_answer *out)
{
    buf_puts(&out->body, "{\"alert\":");
    buf_put_text(&out->body, alert);
    buf_puts(&out->body, ",\"revisions\":[");
    write_lines(lines, false, &out->body);
    buf_puts(&out->body, "],\"actions\":[");
    write_lines(lines, true, &out->body);
    buf_puts(&out->body, "]}");
    out->status = 200;
    out->type = "application/json";
}

/* ---- of memory ---- */

/* Answers come in the order of the questions. */
struct looking {
    struct gateway *g;
    uint64_t ticket;
    struct register_line asked[LINES_MAX];
    size_t count, answered;
    bool failed, missing; /* missing: the store has let go of some */
    bool alone;           /* and nobody else has them */
    struct buf alert;
    struct past_lines told;
};

static void finish(struct looking *l, struct web_answer *out)
{
    past_lines_settle(&l->told);
    if (!l->failed && buf_ok(&l->alert)) {
        write_answer(buf_text(&l->alert), &l->told, out);
    } else {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "the store is away");
    }
    buf_fini(&l->alert);
    past_lines_fini(&l->told);
    free(l);
}

static void finish_later(struct looking *l)
{
    struct web_answer answer;
    struct gateway *g = l->g;
    uint64_t ticket = l->ticket;
    web_answer_init(&answer);
    finish(l, &answer);
    gateway_answer(g, ticket, &answer);
    web_answer_fini(&answer);
}

/* It is asked again, and looked for behind memory. */
static void give_up(struct looking *l)
{
    struct gateway *g = l->g;
    uint64_t ticket = l->ticket;
    buf_fini(&l->alert);
    past_lines_fini(&l->told);
    free(l);
    g->past.behind = true;
    web_server_ask_again(g->server, ticket);
    g->past.behind = false;
}

static void on_line(void *arg, const struct redis_reply *reply)
{
    struct looking *l = arg;
    const struct register_line *line = &l->asked[l->answered++];
    const struct redis_reply *entry = redis_reply_at(reply, 0);
    l->failed = l->failed || redis_reply_type(reply) != REDIS_ARRAY;
    if (redis_reply_count(reply) > 0)
        l->failed =
            !past_lines_add(&l->told, *line, memory_fields(l->g, redis_reply_at(entry, 1))) || l->failed;
    else
        l->missing = true;
    if (l->answered < l->count)
        return;
    if (l->missing && !l->failed && !l->alone)
        give_up(l);
    else
        finish_later(l);
}

static bool ask_line(struct looking *l, uint32_t partition, const struct register_line *line)
{
    char key[64], id[48];
    snprintf(key, sizeof key, "muck:{%u}:%s", partition, line->action ? "actions" : "violations");
    snprintf(id, sizeof id, "%lld-%u", (long long)line->ms, line->n);
    const struct text words[] = {TEXT("XRANGE"), text_of(key), text_of(id), text_of(id)};
    l->asked[l->count] = *line;
    if (!redis_send(l->g->redis, 4, words, on_line, l))
        return false;
    l->count++;
    return true;
}

static void look(struct gateway *g, uint32_t number, bool alone, const struct web_match *match,
                 struct web_answer *out)
{
    const struct register_line *lines;
    struct register_alert alert;
    size_t count = register_lines(g->memory.book, number, &lines);
    struct looking *l = calloc(1, sizeof *l);
    if (l == NULL) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    *l = (struct looking){.g = g, .ticket = match->request->ticket, .alone = alone};
    buf_init(&l->alert, WEB_ANSWER_MAX / 4);
    register_alert(g->memory.book, number, &alert);
    register_write(g->memory.book, number, match->request->now.ms, &l->alert);
    /* The newest, where there are many. */
    for (size_t i = count > LINES_MAX ? count - LINES_MAX : 0; i < count && !l->failed; i++)
        l->failed = !ask_line(l, alert.partition, &lines[i]);
    out->later = l->count > 0;
    if (!out->later)
        finish(l, out);
}

/* ---- of what lies behind ---- */

static void look_behind(struct gateway *g, const struct web_match *match, struct web_answer *out)
{
    uint32_t number;
    struct buf alert;
    const struct past_book *past = past_one_of(g, match, PAST_ALERTS, out);
    if (past == NULL)
        return;
    if (!register_look(past->alerts, match->ids[0], alert_scope(match->request->who), &number)) {
        web_problem(out, 404, "there is no such alert");
        return;
    }
    buf_init(&alert, WEB_ANSWER_MAX / 4);
    register_write(past->alerts, number, match->request->now.ms, &alert);
    if (buf_ok(&alert))
        write_answer(buf_text(&alert), &past->lines, out);
    else
        web_problem(out, 503, "there is no memory for it");
    buf_fini(&alert);
}

/* Whether memory has met an entry of each revision, and of each action. */
static bool is_whole(const struct register_book *book, uint32_t number, const struct register_alert *alert)
{
    const struct register_line *lines;
    size_t count = register_lines(book, number, &lines), actions = 0;
    for (size_t i = 0; i < count; i++)
        actions += lines[i].action;
    return alert->known && count - actions >= alert->rev && actions >= alert->work.rev;
}

void handle_violation(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    const struct register_book *book = g->memory.book;
    const struct register_scope everything = {NULL, NULL};
    struct register_alert alert;
    uint32_t number;
    if (!alerts_are_whole(g, out))
        return;
    if (!register_look(book, match->ids[0], everything, &number)) {
        look_behind(g, match, out);
        return;
    }
    register_alert(book, number, &alert);
    enum past_one_state state = past_one_state(g, match, PAST_ALERTS);
    bool archived = past_has_archive(g, alert.partition);
    bool behind = g->past.behind || !is_whole(book, number, &alert);
    if (archived && (state == PAST_ONE_THERE || (state == PAST_ONE_UNREAD && behind)))
        look_behind(g, match, out);
    else if (register_look(book, match->ids[0], alert_scope(match->request->who), &number))
        look(g, number, !archived || state != PAST_ONE_UNREAD, match, out);
    else
        web_problem(out, 404, "there is no such alert");
}
