/*
 * What state_line.h says, done.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "gateway.h"
#include "handlers.h"
#include "vehicle_scope.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

enum { SLICE_ROWS = 4000 };

/* ---- the moment ---- */

/* How far the streams have been read: what is pushed later goes on behind it. */
static void write_place(const struct gateway *g, struct json_writer *w)
{
    char bytes[FEED_PLACE_TEXT_MAX];
    struct buf b = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    feed_place_write(feed_log_end(g->pushing.log), &b);
    json_write_string(w, buf_ok(&b) ? buf_text(&b) : TEXT(""));
}

static bool write_alerts(struct gateway *g, const struct person *who, int64_t now_ms, struct buf *out)
{
    static struct register_found found;
    const struct register_query to_do = {.now_ms = now_ms, .scope = alert_scope(who), .to_do = WHETHER_YES};
    const struct register_page page = {ORDER_TO_DO, ALERTS_LISTED_MAX, {0}, NULL};
    if (register_find(g->memory.book, &to_do, &page, &found) != REGISTER_OK)
        return false;
    alerts_write(g, &found, now_ms, out);
    return true;
}

static bool copy_vehicles(struct gateway *g)
{
    struct states *s = &g->states;
    struct vehicle_now *const *all = fleet_now_all(g->memory.fleet, &s->count);
    s->at = 0;
    s->truncated = fleet_now_figures(g->memory.fleet).truncated;
    s->rows = malloc((s->count + 1) * sizeof *s->rows);
    for (size_t i = 0; i < s->count && s->rows != NULL; i++)
        s->rows[i] = *all[i];
    return s->rows != NULL;
}

/* All that follows is of this moment: nothing is taken between two lines of this. */
static bool begin(struct gateway *g, const struct person *who)
{
    struct states *s = &g->states;
    struct json_writer *w = &s->writer;
    int64_t now_ms = clock_wall().ms;
    s->begun = true;
    s->rebuilt = g->memory.rebuilt;
    if (!write_alerts(g, who, now_ms, &s->alerts) || !copy_vehicles(g))
        return false;
    json_writer_init(w, &s->answer.body);
    json_write_begin_object(w);
    json_write_key(w, "now");
    json_write_i64(w, now_ms);
    json_write_key(w, "world");
    if (g->following.world != NULL)
        json_write_string(w, text_of(g->following.world->hash));
    else
        json_write_null(w);
    json_write_key(w, "after");
    write_place(g, w);
    json_write_key(w, "shift");
    shift_write(&g->memory.shift, w);
    json_write_key(w, "vehicles");
    json_write_begin_object(w);
    json_write_key(w, "items");
    json_write_begin_array(w);
    return true;
}

/* ---- a slice ---- */

static void write_rows(struct gateway *g, const struct person *who)
{
    struct states *s = &g->states;
    for (size_t end = s->at + SLICE_ROWS; s->at < s->count && s->at < end; s->at++)
        if (vehicle_covered(g, who, &s->rows[s->at]))
            vehicle_row_write(g, who, &s->rows[s->at], &s->writer);
}

static void end(struct states *s)
{
    struct json_writer *w = &s->writer;
    json_write_end_array(w);
    json_write_key(w, "truncated");
    json_write_bool(w, s->truncated);
    json_write_end_object(w);
    json_write_key(w, "alerts");
    json_write_raw(w, buf_text(&s->alerts));
    json_write_end_object(w);
    if (!buf_ok(&s->alerts))
        s->answer.body.failed = true;
    s->answer.status = 200;
    s->answer.type = "application/json";
}

/* ---- the line ---- */

static void answer_first(struct gateway *g)
{
    struct states *s = &g->states;
    struct state_asked *asked = s->first;
    gateway_answer(g, asked->ticket, &s->answer);
    web_answer_fini(&s->answer);
    web_answer_init(&s->answer);
    buf_fini(&s->alerts);
    buf_init(&s->alerts, WEB_ANSWER_MAX);
    free(s->rows);
    s->rows = NULL;
    s->begun = false;
    s->first = asked->next;
    if (s->first == NULL)
        s->last = &s->first;
    free(asked);
}

/* Whoever asked may have been put out meanwhile, and what is known may have been forgotten before it was their turn. */
static bool go_on(struct gateway *g)
{
    struct states *s = &g->states;
    const struct person *who = people_find(&g->people, text_of(s->first->who));
    if (who == NULL)
        web_problem(&s->answer, 401, "you are signed out");
    else if ((!s->begun || s->rebuilt != g->memory.rebuilt) && !vehicles_are_known(g, who, &s->answer))
        return false;
    else if (!s->begun && !begin(g, who))
        web_problem(&s->answer, 503, "there is no memory for it");
    else if (s->at < s->count)
        write_rows(g, who);
    if (s->answer.status != 0)
        return false;
    if (s->at < s->count)
        return true;
    end(s);
    return false;
}

static void on_turn(void *arg)
{
    struct gateway *g = arg;
    struct states *s = &g->states;
    if (s->first != NULL && !go_on(g))
        answer_first(g);
    if (s->first != NULL)
        loop_timer_set(s->timer, 0);
}

void handle_state(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    struct states *s = &g->states;
    const struct person *who = match->request->who;
    if (!vehicles_are_known(g, who, out))
        return;
    struct state_asked *asked = calloc(1, sizeof *asked);
    if (asked == NULL) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    asked->ticket = match->request->ticket;
    snprintf(asked->who, sizeof asked->who, "%.*s", TEXT_ARG(who->name));
    *s->last = asked;
    s->last = &asked->next;
    out->later = true;
    if (!loop_timer_pending(s->timer))
        loop_timer_set(s->timer, 0);
}

bool states_make(struct gateway *g)
{
    struct states *s = &g->states;
    web_answer_init(&s->answer);
    buf_init(&s->alerts, WEB_ANSWER_MAX);
    s->last = &s->first;
    s->timer = loop_timer_new(g->loop, on_turn, g);
    return s->timer != NULL;
}

void states_unmake(struct gateway *g)
{
    struct states *s = &g->states;
    while (s->first != NULL) {
        struct state_asked *next = s->first->next;
        free(s->first);
        s->first = next;
    }
    web_answer_fini(&s->answer);
    buf_fini(&s->alerts);
    free(s->rows);
    if (s->timer != NULL)
        loop_timer_free(s->timer);
}
