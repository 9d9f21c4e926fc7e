#include "hand_over.h"

#include "json_write.h"

enum { NAMED_MAX = 200 };

static void write_text(struct json_writer *w, const char *key, struct text value)
{
    if (value.len == 0)
        return;
    json_write_key(w, key);
    json_write_string(w, value);
}

static void write_alert(struct register_book *book, uint32_t number, struct json_writer *w)
{
    struct register_alert a;
    register_alert(book, number, &a);
    json_write_begin_object(w);
    write_text(w, "id", (struct text){a.id, DESK_ID_LENGTH});
    write_text(w, "kind", register_of(book, number, COLUMN_KIND));
    write_text(w, "severity", text_of(alert_severity_word(a.severity)));
    write_text(w, "vehicle", register_of(book, number, COLUMN_VEHICLE));
    write_text(w, "assignee", a.work.to);
    write_text(w, "state", text_of(work_state_word(a.work.state)));
    json_write_key(w, "start");
    json_write_i64(w, a.start_ms);
    if (a.work.until_ms != 0) {
        json_write_key(w, "until");
        json_write_i64(w, a.work.until_ms);
    }
    json_write_end_object(w);
}

static void write_list(struct register_book *book, const char *key, const struct register_query *query,
                       struct json_writer *w)
{
    static struct register_found found;
    const struct register_page page = {ORDER_TO_DO, NAMED_MAX, {"", 0}, NULL};
    if (register_find(book, query, &page, &found) != REGISTER_OK) {
        w->out->failed = true;
        return;
    }
    json_write_key(w, key);
    json_write_begin_object(w);
    json_write_key(w, "count");
    json_write_u64(w, found.total);
    json_write_key(w, "items");
    json_write_begin_array(w);
    for (size_t i = 0; i < found.count; i++)
        write_alert(book, found.alerts[i], w);
    json_write_end_array(w);
    json_write_end_object(w);
}

/* `actions`: of all alerts; `count`: of how many alerts. */
static void write_done(const struct hand_over *what, struct json_writer *w)
{
    uint64_t alerts = 0, actions = 0;
    uint32_t count;
    json_write_key(w, "done");
    json_write_begin_object(w);
    json_write_key(w, "since");
    json_write_i64(w, what->since_ms);
    json_write_key(w, "items");
    json_write_begin_array(w);
    for (uint32_t n = 0; register_next_done(what->book, what->since_ms, what->scope, &n, &count); n++) {
        if (alerts++ < NAMED_MAX)
            write_alert(what->book, n, w);
        actions += count;
    }
    json_write_end_array(w);
    json_write_key(w, "count");
    json_write_u64(w, alerts);
    json_write_key(w, "actions");
    json_write_u64(w, actions);
    json_write_end_object(w);
}

void hand_over_write(const struct hand_over *what, struct buf *out)
{
    struct register_book *book = what->book;
    const unsigned in_work = 1u << WORK_ACKNOWLEDGED | 1u << WORK_HANDLED | 1u << WORK_REVIEWED;
    struct register_query q = {
        .now_ms = what->now_ms, .scope = what->scope, .to_do = WHETHER_YES, .work_states = 1u << WORK_OPEN};
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "at");
    json_write_i64(&w, what->now_ms);
    write_list(book, "open", &q, &w);
    q.work_states = 1u << WORK_ASSIGNED;
    write_list(book, "assigned", &q, &w);
    q.work_states = in_work;
    write_list(book, "in_work", &q, &w);
    q.work_states = 0;
    q.overdue = WHETHER_YES;
    write_list(book, "overdue", &q, &w);
    q.overdue = q.to_do = WHETHER_ANY;
    q.shelved = WHETHER_YES;
    write_list(book, "shelved", &q, &w);
    write_done(what, &w);
    json_write_end_object(&w);
}
