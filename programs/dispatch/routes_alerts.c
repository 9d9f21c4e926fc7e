/*
 * Alerts as lists, from memory, or of what lies behind it.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "past_reading.h"
#include "web_problem.h"

enum { LIMIT_USUAL = 100 };

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
    if (!past_is_wanted(g, match, PAST_ALERTS))
        return alerts_are_whole(g, out) ? g->memory.book : NULL;
    const struct past_book *past = past_of(g, match, PAST_ALERTS, out);
    return past != NULL ? past->alerts : NULL;
}

void handle_violations(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    static struct alert_query query;
    static struct register_found found;
    struct text order = web_match_text(match, "order", 0);
    const struct register_page page = {text_equal(order, TEXT("time")) ? ORDER_TIME : ORDER_TO_DO,
                                       (size_t)web_match_number(match, "limit", LIMIT_USUAL),
                                       web_match_text(match, "cursor", 0), NULL};
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
