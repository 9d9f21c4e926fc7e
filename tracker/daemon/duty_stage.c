#include "duty_stage.h"

#include "duty_bytes.h"
#include "duty_entry.h"
#include "reply_fields.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A page of a ledger, or its head with all points of a duty. */
enum { BYTES_MAX = 64 << 20, FIELD_MAX = WORLD_ID_MAX * 4 + 48 };

static void put_telling(void *context, const struct duty_telling *telling)
{
    struct duty_stage *m = context;
    struct shared *s = m->shared;
    commit_put_duty(&m->group->ops, &s->entry, telling, m->book.judge.world, s->names);
}

void duty_stage_init(struct duty_stage *m, const struct names *names)
{
    *m = (struct duty_stage){.other_world = true};
    duty_book_init(&m->book, names, (struct duty_listener){m, put_telling});
    buf_init(&m->bytes, BYTES_MAX);
}

void duty_stage_fini(struct duty_stage *m)
{
    duty_book_fini(&m->book);
    buf_fini(&m->bytes);
}

void duty_stage_forget(struct duty_stage *m)
{
    duty_book_clear(&m->book);
    m->step = DUTY_STAGE_UNREAD;
    m->other_world = true;
    m->page_count = 0;
    m->cursor = m->page_to = (struct stream_id){0, 0};
    m->stale = m->asked;
}

void duty_stage_note_world(struct duty_stage *m)
{
    m->other_world = true;
}

/* ---- asking ---- */

static void ask_book(struct duty_stage *m, struct shared *s, uint32_t partition)
{
    char key[MW_KEY_MAX];
    snprintf(key, sizeof key, MW_KEY_DUTY, (unsigned)partition);
    const struct text argv[] = {TEXT("HGETALL"), text_of(key)};
    m->step = DUTY_STAGE_ASKED;
    m->asked++;
    actions_send(&s->actions, (struct sending){.ask = ASK_DUTIES}, 2, argv);
}

static void ask_page(struct duty_stage *m, struct shared *s, uint32_t partition)
{
    char key[MW_KEY_MAX], from[52], count[16];
    snprintf(key, sizeof key, MW_KEY_WORK, (unsigned)partition);
    snprintf(from, sizeof from, "(%lld-%llu", (long long)m->cursor.ms, (unsigned long long)m->cursor.seq);
    snprintf(count, sizeof count, "%d", DUTY_STAGE_PAGE);
    const struct text argv[] = {TEXT("XRANGE"), text_of(key),  text_of(from),
                                TEXT("+"),      TEXT("COUNT"), text_of(count)};
    m->step = DUTY_STAGE_LOOKS;
    m->asked++;
    actions_send(&s->actions, (struct sending){.ask = ASK_WORK}, sizeof argv / sizeof *argv, argv);
}

void duty_stage_look(struct duty_stage *m, struct shared *s, uint32_t partition)
{
    if (m->step == DUTY_STAGE_UNREAD)
        ask_book(m, s, partition);
    else if (m->step == DUTY_STAGE_IDLE && (s->world->duty_count > 0 || m->book.count > 0))
        ask_page(m, s, partition);
}

/* ---- the book, as it is stored ---- */

/* `YYYY-MM-DD DUTY` is a head, `YYYY-MM-DD#PAGE DUTY` a page. */
static bool read_name(struct text name, int32_t *out_day, long *out_page, struct text *out_duty)
{
    char date[11] = "";
    int year, month, day;
    *out_page = -1;
    if (name.len < 12)
        return false;
    memcpy(date, name.data, 10);
    if (sscanf(date, "%4d-%2d-%2d", &year, &month, &day) != 3 || !mw_civil_date_valid(year, month, day))
        return false;
    *out_day = mw_civil_to_days(year, month, day);
    struct text rest = {name.data + 10, name.len - 10};
    if (rest.data[0] == '#') {
        rest = (struct text){rest.data + 1, rest.len - 1};
        *out_page = (long)text_whole(rest);
        while (rest.len > 0 && rest.data[0] != ' ')
            rest = (struct text){rest.data + 1, rest.len - 1};
    }
    if (rest.len < 2 || rest.data[0] != ' ')
        return false;
    *out_duty = (struct text){rest.data + 1, rest.len - 1};
    return true;
}

static bool after(struct text name, const char *word, struct text *out_rest)
{
    size_t n = strlen(word);
    if (name.len <= n || memcmp(name.data, word, n) != 0)
        return false;
    *out_rest = (struct text){name.data + n, name.len - n};
    return true;
}

static void tell_damaged(struct shared *s, struct text name)
{
    tell_error(&s->actions, "duty_damaged", LOG_TEXT("field", name),
               LOG_STR("effect", "that day of the duty is summed anew from what comes"));
}

/* Heads and times first. */
static bool read_field(struct duty_stage *m, struct shared *s, struct text name, struct text value)
{
    struct text rest;
    int32_t day;
    long page;
    uint32_t symbol;
    if (text_equal(name, TEXT("cursor")))
        m->cursor = stream_id_read(value);
    else if (after(name, "clock ", &rest))
        return names_intern(s->names, rest, &symbol) &&
               duty_book_restore_clock(&m->book, symbol, text_whole(value));
    else if (after(name, "since ", &rest))
        return names_intern(s->names, rest, &symbol) &&
               duty_book_restore_since(&m->book, symbol, text_whole(value));
    else if (read_name(name, &day, &page, &rest) && page < 0) {
        struct duty_ledger *l = duty_head_read(value, s->names);
        if (l == NULL)
            tell_damaged(s, name);
        return l == NULL || duty_book_restore_ledger(&m->book, l);
    }
    return true;
}

static void read_page(struct duty_stage *m, struct shared *s, struct text name, struct text value)
{
    struct text duty;
    int32_t day;
    long page;
    if (!read_name(name, &day, &page, &duty) || page < 0)
        return;
    struct duty_ledger *l = duty_book_find(&m->book, names_find(s->names, duty), day);
    if (l != NULL && !duty_page_read(l, (size_t)page, value))
        tell_damaged(s, name);
}

static void read_book(struct duty_stage *m, struct shared *s, const struct reply *reply)
{
    bool ok = true;
    if (reply->type != REPLY_ARRAY) {
        m->step = DUTY_STAGE_UNREAD; /* asked again */
        return;
    }
    for (size_t i = 0; i + 1 < reply->count; i += 2)
        ok = ok && read_field(m, s, reply->items[i].text, reply->items[i + 1].text);
    for (size_t i = 0; i + 1 < reply->count; i += 2)
        read_page(m, s, reply->items[i].text, reply->items[i + 1].text);
    uint32_t damaged = 0;
    ok = ok && duty_book_restored(&m->book, &damaged);
    if (damaged > 0)
        tell_error(&s->actions, "duty_damaged", LOG_INT("ledgers", damaged));
    s->actions.failed |= !ok;
    m->step = DUTY_STAGE_IDLE;
}

/* ---- a page of work ---- */

static bool field_of_reply(const void *context, size_t place, struct text *out_name, struct text *out_value)
{
    const struct reply *fields = context;
    if (place * 2 + 1 >= fields->count)
        return false;
    *out_name = fields->items[place * 2].text;
    *out_value = fields->items[place * 2 + 1].text;
    return true;
}

static void take_page(struct duty_stage *m, struct shared *s, const struct reply *reply)
{
    m->step = DUTY_STAGE_IDLE;
    if (reply->type != REPLY_ARRAY || reply->count == 0)
        return;
    m->page_count = 0;
    for (size_t i = 0; i < reply->count && i < DUTY_STAGE_PAGE; i++) {
        const struct reply fields = reply_at(&reply->items[i], 1);
        const struct entry_fields look = {&fields, field_of_reply};
        m->page[m->page_count++] = duty_work_read(&look, s->names);
        m->page_to = stream_id_read(reply_at(&reply->items[i], 0).text);
    }
    m->page_full = reply->count >= DUTY_STAGE_PAGE;
    m->step = DUTY_STAGE_HAS;
    actions_set_timer(&s->actions, TIMER_DEADLINE, 0); /* it has a commit of its own, or goes with the next */
}

void duty_stage_answered(struct duty_stage *m, struct shared *s, const struct reply *reply)
{
    m->asked--;
    if (m->stale > 0) {
        m->stale--;
        return;
    }
    if (m->step == DUTY_STAGE_ASKED)
        read_book(m, s, reply);
    else if (m->step == DUTY_STAGE_LOOKS)
        take_page(m, s, reply);
}

/* ---- writing ---- */

bool duty_stage_owes(const struct duty_stage *m)
{
    return m->step == DUTY_STAGE_HAS;
}

static void put_field(struct duty_stage *m, const char *name, struct text value)
{
    op_begin(&m->group->ops, "HSET", TEXT("duty"), 2);
    op_put_word(&m->group->ops, name);
    op_put(&m->group->ops, value);
}

static void drop_field(struct duty_stage *m, const char *name)
{
    op_begin(&m->group->ops, "HDEL", TEXT("duty"), 1);
    op_put_word(&m->group->ops, name);
}

static void put_times(struct duty_stage *m, const struct duty_times *t, const char *what)
{
    for (size_t i = 0; i < t->changed_count; i++) {
        char name[FIELD_MAX], value[24];
        struct text id = names_text(m->shared->names, t->changed[i]);
        snprintf(name, sizeof name, "%s %.*s", what, TEXT_ARG(id));
        if (t->of[t->changed[i]].ms == DUTY_NEVER) {
            drop_field(m, name);
            continue;
        }
        snprintf(value, sizeof value, "%lld", (long long)t->of[t->changed[i]].ms);
        put_field(m, name, text_of(value));
    }
}

static void name_field(const struct duty_stage *m, uint32_t duty, int32_t day, long page, char out[FIELD_MAX])
{
    int year, month, date;
    struct text id = names_text(m->shared->names, duty);
    mw_civil_from_days(day, &year, &month, &date);
    if (page < 0)
        snprintf(out, FIELD_MAX, "%04d-%02d-%02d %.*s", year, month, date, TEXT_ARG(id));
    else
        snprintf(out, FIELD_MAX, "%04d-%02d-%02d#%ld %.*s", year, month, date, page, TEXT_ARG(id));
}

static void put_ledger(struct duty_stage *m, const struct duty_ledger *l)
{
    char name[FIELD_MAX];
    for (size_t page = l->changed_from; page < l->changed_to; page++) {
        buf_clear(&m->bytes);
        duty_page_write(l, page, &m->bytes);
        name_field(m, l->duty, l->day, (long)page, name);
        put_field(m, name, buf_text(&m->bytes));
    }
    if (!l->changed)
        return;
    buf_clear(&m->bytes);
    duty_head_write(l, m->shared->names, &m->bytes);
    name_field(m, l->duty, l->day, -1, name);
    put_field(m, name, buf_text(&m->bytes));
}

static void put_gone(struct duty_stage *m, const struct duty_gone *gone)
{
    char name[FIELD_MAX];
    for (long page = -1; page < (long)gone->pages; page++) {
        name_field(m, gone->duty, gone->day, page, name);
        drop_field(m, name);
    }
}

static void put_book(struct duty_stage *m)
{
    char cursor[48];
    struct duty_book *b = &m->book;
    /* Gone first: a day that was ended may have begun anew. */
    for (size_t i = 0; i < b->gone_count; i++)
        put_gone(m, &b->gone[i]);
    for (size_t i = 0; i < b->count; i++)
        put_ledger(m, b->ledgers[i]);
    put_times(m, &b->clocks, "clock");
    put_times(m, &b->since, "since");
    snprintf(cursor, sizeof cursor, "%lld-%llu", (long long)m->page_to.ms,
             (unsigned long long)m->page_to.seq);
    put_field(m, "cursor", text_of(cursor));
    duty_book_written(b);
}

void duty_stage_write(struct duty_stage *m, struct shared *s, struct batch_group *g)
{
    bool ok = true;
    m->shared = s;
    m->group = g;
    if (m->other_world || m->book.judge.world != s->world)
        ok = duty_book_set_world(&m->book, s->world);
    m->other_world = false;
    for (size_t i = 0; i < m->page_count && ok; i++)
        ok = duty_book_take(&m->book, &m->page[i]);
    if (ok)
        put_book(m);
    /* Half of it is in the book and half is not: the process ends as by a kill, and that costs nothing. */
    s->actions.failed |= !ok || !buf_ok(&m->bytes);
    if (m->book.passed_over > m->passed_over)
        tell_warn(&s->actions, "work_passed_over",
                  LOG_INT("entries", (int64_t)(m->book.passed_over - m->passed_over)),
                  LOG_STR("meaning", "their day is over for longer than is kept, or they did not fit"));
    m->passed_over = m->book.passed_over;
    m->cursor = m->page_to;
    m->page_count = 0;
    m->step = DUTY_STAGE_COMMITS;
}

bool duty_stage_durable(struct duty_stage *m)
{
    if (m->step != DUTY_STAGE_COMMITS)
        return false;
    m->step = DUTY_STAGE_IDLE;
    return m->page_full;
}
