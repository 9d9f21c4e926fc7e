/*
 * Alerts that are behind one of their times: each of these is an entry of `overdue`, written once, whoever is killed, since the store has
 * which were written in `hooks` (overdue.lua). Of an alert that is overdue no more, or behind its next time, the field goes or is
 * another one.
 */
#include "gateway.h"
#include "log.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum { LOOK_EACH_MS = 2000, ASKED_AT_ONCE = 64 };

struct asked {
    struct gateway *g;
    struct overdue_alert alert;
};

static void on_told(void *arg, const struct redis_reply *reply)
{
    struct asked *a = arg;
    struct hooking *h = &a->g->hooking;
    h->overdue_asked--;
    if (redis_reply_type(reply) == REDIS_INTEGER)
        overdue_told_put(&h->overdue, &a->alert);
    else if (redis_reply_type(reply) == REDIS_ERROR)
        log_error("overdue_refused", LOG_TEXT("said", redis_reply_text(reply)));
    free(a);
}

static struct field field(const char *name, struct text value)
{
    return (struct field){text_of(name), value};
}

static bool tell(struct gateway *g, uint32_t number, const struct register_alert *a)
{
    struct hooking *h = &g->hooking;
    struct register_book *book = g->memory.book;
    char due[24];
    snprintf(due, sizeof due, "%lld", (long long)a->due_ms);
    const struct field all[] = {field("id", (struct text){a->id, DESK_ID_LENGTH}),
                                field("due", text_of(due)),
                                field("state", text_of(work_state_word(a->work.state))),
                                field("kind", register_of(book, number, COLUMN_KIND)),
                                field("severity", text_of(alert_severity_word(a->severity))),
                                field("vehicle", register_of(book, number, COLUMN_VEHICLE)),
                                field("company", register_of(book, number, COLUMN_COMPANY)),
                                field("jurisdiction", register_of(book, number, COLUMN_JURISDICTION)),
                                field("fence", register_of(book, number, COLUMN_FENCE)),
                                field("to", a->work.to)};
    struct field said[sizeof all / sizeof *all];
    size_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].value.len > 0)
            said[count++] = all[i];
    struct asked *asked = malloc(sizeof *asked);
    if (asked == NULL)
        return false;
    *asked = (struct asked){g, {.partition = a->partition, .due_ms = a->due_ms}};
    memcpy(asked->alert.id, a->id, DESK_ID_LENGTH);
    buf_clear(&h->command);
    overdue_call_write(&asked->alert, (struct fields){said, count}, &h->command);
    if (buf_ok(&h->command) && redis_send_formatted(g->redis, buf_text(&h->command), on_told, asked)) {
        h->overdue_asked++;
        return true;
    }
    free(asked);
    return false;
}

static bool is_overdue(const struct gateway *g, const struct overdue_alert *t, int64_t now_ms)
{
    struct register_alert a;
    uint32_t number;
    if (!register_look(g->memory.book, (struct text){t->id, DESK_ID_LENGTH},
                       (struct register_scope){NULL, NULL}, &number))
        return false;
    register_alert(g->memory.book, number, &a);
    return a.due_ms < now_ms; /* behind another time by now: its field is written over */
}

/* What is closed, or let go of, is told no more; shelved ones stay told. */
static void forget(struct gateway *g, int64_t now_ms)
{
    struct hooking *h = &g->hooking;
    char key[MW_KEY_MAX], name[OVERDUE_FIELD_SIZE];
    for (size_t i = h->overdue.count, gone = 0; i-- > 0 && gone < ASKED_AT_ONCE;) {
        if (is_overdue(g, &h->overdue.items[i], now_ms))
            continue;
        snprintf(key, sizeof key, MW_KEY_HOOKS, h->overdue.items[i].partition);
        overdue_field(h->overdue.items[i].id, name);
        const struct text words[] = {TEXT("HDEL"), text_of(key), text_of(name)};
        if (!redis_send(g->redis, 3, words, NULL, NULL))
            return;
        overdue_told_remove(&h->overdue, i);
        gone++;
    }
}

void overdue_look(struct gateway *g)
{
    struct hooking *h = &g->hooking;
    int64_t ticks_ms = loop_now(g->loop).ms, now_ms = clock_wall().ms;
    struct register_alert a;
    if (!memory_is_whole(g) || h->overdue_asked > 0 || ticks_ms - h->overdue_at_ms < LOOK_EACH_MS)
        return;
    h->overdue_at_ms = ticks_ms;
    for (uint32_t number = 0;
         h->overdue_asked < ASKED_AT_ONCE && register_next_overdue(g->memory.book, now_ms, &number);
         number++) {
        register_alert(g->memory.book, number, &a);
        if (!overdue_told_has(&h->overdue, a.id, a.due_ms) && !tell(g, number, &a))
            break;
    }
    forget(g, now_ms);
}
