/*
 * Alerts: lists and counts from memory; of one also its entries, as they stand in the store.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "desk_call.h"
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "store_json.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

enum { LIMIT_USUAL = 100, LINES_MAX = 200, COMMAND_MAX = 512 };

bool alerts_are_whole(const struct gateway *g, struct web_answer *out)
{
    if (g->memory.whole)
        return true;
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "the streams are being read");
    return false;
}

static void say_json(struct web_answer *out)
{
    out->status = 200;
    out->type = "application/json";
}

/* ---- counts ---- */

static void write_counts_by(struct json_writer *w, const char *key, const uint64_t *counts, size_t count,
                            const char *(*word)(size_t))
{
    json_write_key(w, key);
    json_write_begin_object(w);
    for (size_t i = 0; i < count; i++) {
        json_write_key(w, word(i));
        json_write_u64(w, counts[i]);
    }
    json_write_end_object(w);
}

static const char *severity_word(size_t i)
{
    return alert_severity_word((enum alert_severity)i);
}

static const char *condition_word(size_t i)
{
    return alert_condition_word((enum alert_condition)i);
}

static const char *state_word(size_t i)
{
    return work_state_word((enum work_state)i);
}

void count_write(struct json_writer *w, const char *key, uint64_t count)
{
    json_write_key(w, key);
    json_write_u64(w, count);
}

void counts_write(struct json_writer *w, const struct register_found *found)
{
    json_write_key(w, "counts");
    json_write_begin_object(w);
    count_write(w, "total", found->total);
    count_write(w, "to_do", found->to_do);
    count_write(w, "overdue", found->overdue);
    count_write(w, "shelved", found->shelved);
    count_write(w, "untouched_critical", found->untouched_critical);
    write_counts_by(w, "severity", found->by_severity, ALERT_SEVERITY_COUNT, severity_word);
    write_counts_by(w, "condition", found->by_condition, CONDITION_COUNT, condition_word);
    write_counts_by(w, "state", found->by_work, WORK_STATE_COUNT, state_word);
    json_write_end_object(w);
    json_write_key(w, "truncated");
    json_write_bool(w, found->truncated);
}

/* ---- the list ---- */

static void write_page(struct register_book *book, const struct register_found *found, int64_t now_ms,
                       struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "items");
    json_write_begin_array(&w);
    for (size_t i = 0; i < found->count; i++) {
        json_write_raw(&w, TEXT("")); /* the comma, where one is due */
        register_write(book, found->alerts[i], now_ms, out);
    }
    json_write_end_array(&w);
    json_write_key(&w, "next");
    if (found->next[0] != '\0')
        json_write_string(&w, text_of(found->next));
    else
        json_write_null(&w);
    counts_write(&w, found);
    json_write_end_object(&w);
}

void alerts_write(struct gateway *g, const struct register_found *found, int64_t now_ms, struct buf *out)
{
    write_page(g->memory.book, found, now_ms, out);
}

struct register_book *alerts_book(struct gateway *g, const struct web_match *match, struct web_answer *out)
{
    if (text_equal(web_match_text(match, "archived", 0), TEXT("true")))
        return gateway_past(g, match, out);
    return alerts_are_whole(g, out) ? g->memory.book : NULL;
}

void handle_violations(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    static struct alert_query query;
    static struct register_found found;
    struct text order = web_match_text(match, "order", 0);
    const struct register_page page = {text_equal(order, TEXT("time")) ? ORDER_TIME : ORDER_TO_DO,
                                       (size_t)web_match_number(match, "limit", LIMIT_USUAL),
                                       web_match_text(match, "cursor", 0)};
    struct register_book *book = alerts_book(g, match, out);
    if (book == NULL || !alert_query_read(match, &query, out))
        return;
    switch (register_find(book, &query.question, &page, &found)) {
    case REGISTER_OK:
        write_page(book, &found, match->request->now.ms, &out->body);
        say_json(out);
        return;
    case REGISTER_CURSOR:
        web_problem_at(out, 400, "bad-cursor", "cursor",
                       TEXT("this cursor is none of ours, or of another order; begin anew"));
        return;
    case REGISTER_NO_MEMORY:
        web_problem(out, 503, "there is no memory for it");
        return;
    }
}

/* ---- one alert ---- */

/* Answers come in the order of the questions, so the two lists are written as they come. */
struct looking {
    struct gateway *g;
    uint64_t ticket;
    size_t waiting, count;
    bool action[LINES_MAX], failed;
    struct buf alert, revisions, actions;
};

static void write_entry(struct gateway *g, const struct redis_reply *entry, struct buf *out)
{
    struct json_writer w;
    struct fields fields = memory_fields(g, redis_reply_at(entry, 1));
    if (out->len > 0)
        buf_put_char(out, ',');
    json_writer_init(&w, out);
    store_json_write_entry(&w, redis_reply_text(redis_reply_at(entry, 0)), fields);
}

static void finish_looking(struct looking *l, struct web_answer *out)
{
    if (l->failed || !buf_ok(&l->alert) || !buf_ok(&l->revisions) || !buf_ok(&l->actions)) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "the store is away");
    } else {
        buf_puts(&out->body, "{\"alert\":");
        buf_put_text(&out->body, buf_text(&l->alert));
        buf_puts(&out->body, ",\"revisions\":[");
        buf_put_text(&out->body, buf_text(&l->revisions));
        buf_puts(&out->body, "],\"actions\":[");
        buf_put_text(&out->body, buf_text(&l->actions));
        buf_puts(&out->body, "]}");
        say_json(out);
    }
    buf_fini(&l->alert);
    buf_fini(&l->revisions);
    buf_fini(&l->actions);
    free(l);
}

static void on_line(void *arg, const struct redis_reply *reply)
{
    struct looking *l = arg;
    size_t i = l->count - l->waiting--;
    l->failed = l->failed || redis_reply_type(reply) != REDIS_ARRAY;
    /* An entry that was trimmed is not there any more. */
    if (redis_reply_count(reply) > 0)
        write_entry(l->g, redis_reply_at(reply, 0), l->action[i] ? &l->actions : &l->revisions);
    if (l->waiting > 0)
        return;
    struct web_answer answer;
    struct gateway *g = l->g;
    uint64_t ticket = l->ticket;
    web_answer_init(&answer);
    finish_looking(l, &answer);
    gateway_answer(g, ticket, &answer);
    web_answer_fini(&answer);
}

static bool ask_line(struct looking *l, uint32_t partition, const struct register_line *line)
{
    char key[64], id[48];
    snprintf(key, sizeof key, "muck:{%u}:%s", partition, line->action ? "actions" : "violations");
    snprintf(id, sizeof id, "%lld-%u", (long long)line->ms, line->n);
    const struct text words[] = {TEXT("XRANGE"), text_of(key), text_of(id), text_of(id)};
    l->action[l->count] = line->action;
    if (!redis_send(l->g->redis, 4, words, on_line, l))
        return false;
    l->count++;
    l->waiting++;
    return true;
}

static void look(struct gateway *g, uint32_t number, const struct web_match *match, struct web_answer *out)
{
    const struct register_line *lines;
    struct register_alert alert;
    size_t count = register_lines(g->memory.book, number, &lines);
    struct looking *l = calloc(1, sizeof *l);
    if (l == NULL) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    *l = (struct looking){.g = g, .ticket = match->request->ticket};
    buf_init(&l->alert, WEB_ANSWER_MAX / 4);
    buf_init(&l->revisions, WEB_ANSWER_MAX / 4);
    buf_init(&l->actions, WEB_ANSWER_MAX / 4);
    register_alert(g->memory.book, number, &alert);
    register_write(g->memory.book, number, match->request->now.ms, &l->alert);
    /* The newest, where there are many. */
    for (size_t i = count > LINES_MAX ? count - LINES_MAX : 0; i < count && !l->failed; i++)
        l->failed = !ask_line(l, alert.partition, &lines[i]);
    out->later = l->waiting > 0;
    if (!out->later)
        finish_looking(l, out);
}

void handle_violation(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    uint32_t number;
    if (!alerts_are_whole(g, out))
        return;
    if (register_look(g->memory.book, match->ids[0], alert_scope(match->request->who), &number))
        look(g, number, match, out);
    else
        web_problem(out, 404, "there is no such alert");
}
