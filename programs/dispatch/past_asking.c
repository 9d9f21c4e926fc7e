/*
 * Which lists are of what lies behind, and the stretch that was asked for last.
 */
#include "past_reading.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

#define KEPT_MS INT64_C(60000)
/* By so much a vehicle's clock may be ahead of the store's. */
#define AHEAD_MS INT64_C(3600000)

/* What began from then on is in memory, all of it. */
static int64_t known_since(const struct gateway *g, enum past_kind kind)
{
    const struct memory *m = &g->memory;
    int64_t since_ms = 0;
    for (size_t i = 0; i < m->count; i++)
        if (m->readers[i].first_ms[kind] > since_ms)
            since_ms = m->readers[i].first_ms[kind];
    int64_t kept_ms = clock_wall().ms - MEMORY_KEEP_MS;
    since_ms = since_ms > kept_ms ? since_ms : kept_ms;
    if (kind == PAST_TRIPS)
        return trip_book_truncated(m->trips) && trip_book_count(m->trips) > 0 &&
                       trip_book_at(m->trips, 0)->departed_ms > since_ms
                   ? trip_book_at(m->trips, 0)->departed_ms
                   : since_ms;
    struct register_figures f;
    register_figures(m->book, &f);
    return f.left_closed + f.left_unclosed > 0 ? INT64_MAX : since_ms;
}

bool past_is_wanted(const struct gateway *g, const struct web_match *match, enum past_kind kind)
{
    struct text archived = web_match_text(match, "archived", 0);
    if (archived.data != NULL)
        return text_equal(archived, TEXT("true"));
    if (g->config.archive.dir.len == 0 || !g->memory.whole || web_match_text(match, "from", 0).data == NULL ||
        web_match_text(match, "to", 0).data == NULL)
        return false;
    int64_t from_ms = (int64_t)web_match_number(match, "from", 0),
            to_ms = (int64_t)web_match_number(match, "to", 0), since_ms = known_since(g, kind);
    return to_ms > from_ms && to_ms - from_ms <= PAST_SPAN_MAX_MS &&
           (since_ms > INT64_MAX - AHEAD_MS || from_ms < since_ms + AHEAD_MS);
}

/* A request that waits for a stretch. */
struct waiting {
    struct gateway *g;
    uint64_t ticket;
    enum past_kind kind;
};

static const char too_many[] = "too many are reading the archive";

/* For now: the archive may be back in a moment. */
static void answer_unread(struct web_answer *out, const char *why)
{
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "%s", why);
}

static void on_read(void *arg, struct past_book *book, const char *why)
{
    const struct waiting waiting = *(struct waiting *)arg;
    struct gateway *g = waiting.g;
    struct past_book *kept = &g->past.books[waiting.kind];
    free(arg);
    if (book != NULL) {
        past_book_fini(kept);
        *kept = *book;
        kept->made_ms = loop_now(g->loop).ms;
        web_server_ask_again(g->server, waiting.ticket);
        return;
    }
    struct web_answer answer;
    web_answer_init(&answer);
    answer_unread(&answer, why);
    gateway_answer(g, waiting.ticket, &answer);
    web_answer_fini(&answer);
}

static void begin(struct gateway *g, uint64_t ticket, const struct past_wanted *wanted,
                  struct web_answer *out)
{
    struct waiting *waiting = malloc(sizeof *waiting);
    if (waiting != NULL)
        *waiting = (struct waiting){g, ticket, wanted->kind};
    out->later = waiting != NULL && past_read(g, wanted, on_read, waiting);
    if (out->later)
        return;
    free(waiting);
    answer_unread(out, too_many);
}

const struct past_book *past_of(struct gateway *g, const struct web_match *match, enum past_kind kind,
                                struct web_answer *out)
{
    struct past_book *past = &g->past.books[kind];
    const struct past_wanted wanted = {.kind = kind,
                                       .from_ms = (int64_t)web_match_number(match, "from", 0),
                                       .to_ms = (int64_t)web_match_number(match, "to", 0)};
    if (g->config.archive.dir.len == 0)
        web_problem_at(out, 400, NULL, "archived", TEXT("there is no archive"));
    else if (wanted.to_ms <= wanted.from_ms || wanted.to_ms - wanted.from_ms > PAST_SPAN_MAX_MS)
        web_problem_at(out, 400, NULL, "to",
                       TEXT("of the archive `from` and `to` are asked, 366 days at most"));
    if (out->status != 0)
        return NULL;
    bool fresh = past_book_is(past) && loop_now(g->loop).ms - past->made_ms <= KEPT_MS;
    if (fresh && past->from_ms == wanted.from_ms && past->to_ms == wanted.to_ms)
        return past;
    begin(g, match->request->ticket, &wanted, out);
    return NULL;
}

/* ---- one ---- */

struct waiting_one {
    struct gateway *g;
    uint64_t ticket;
    enum past_kind kind;
    char id[DESK_ID_LENGTH + 1];
};

/* It is asked again at once, and finds what it asked for; nothing comes between. */
static void on_one(void *arg, struct past_book *book, const char *why)
{
    const struct waiting_one waiting = *(struct waiting_one *)arg;
    struct past *past = &waiting.g->past;
    free(arg);
    past->one = book != NULL ? *book : (struct past_book){0};
    past->one_why = why;
    past->one_kind = waiting.kind;
    snprintf(past->one_id, sizeof past->one_id, "%s", waiting.id);
    web_server_ask_again(waiting.g->server, waiting.ticket);
    past->one_kind = PAST_KIND_COUNT;
    past_book_fini(&past->one);
}

static bool is_read(const struct past *past, enum past_kind kind, struct text id)
{
    return past->one_kind == kind && text_equal(text_of(past->one_id), id);
}

static bool is_there(const struct past *past)
{
    const struct register_scope everything = {NULL, NULL};
    uint32_t number;
    return past->one_kind == PAST_TRIPS
               ? trip_book_find(past->one.trips, text_of(past->one_id)) != NULL
               : register_look(past->one.alerts, text_of(past->one_id), everything, &number);
}

enum past_one_state past_one_state(const struct gateway *g, const struct web_match *match,
                                   enum past_kind kind)
{
    if (!is_read(&g->past, kind, match->ids[0]))
        return PAST_ONE_UNREAD;
    if (g->past.one_why != NULL)
        return PAST_ONE_FAILED;
    return is_there(&g->past) ? PAST_ONE_THERE : PAST_ONE_NOT_THERE;
}

/* There is one archive, of the first tracker. */
bool past_has_archive(const struct gateway *g, uint32_t partition)
{
    return g->config.archive.dir.len > 0 && (uint32_t)g->config.partitions.items[0] == partition;
}

static bool can_be(struct text id)
{
    return id.len == DESK_ID_LENGTH && memchr(id.data, '\0', id.len) == NULL;
}

static bool begin_one(struct gateway *g, const struct web_match *match, enum past_kind kind)
{
    struct waiting_one *waiting = malloc(sizeof *waiting);
    const struct past_wanted wanted = {.kind = kind, .id = match->ids[0]};
    if (waiting == NULL)
        return false;
    *waiting = (struct waiting_one){.g = g, .ticket = match->request->ticket, .kind = kind};
    snprintf(waiting->id, sizeof waiting->id, "%.*s", TEXT_ARG(wanted.id));
    if (past_read(g, &wanted, on_one, waiting))
        return true;
    free(waiting);
    return false;
}

const struct past_book *past_one_of(struct gateway *g, const struct web_match *match, enum past_kind kind,
                                    struct web_answer *out)
{
    enum past_one_state state = past_one_state(g, match, kind);
    bool possible = g->config.archive.dir.len > 0 && can_be(match->ids[0]);
    if (state == PAST_ONE_THERE)
        return &g->past.one;
    if (state == PAST_ONE_FAILED) {
        answer_unread(out, g->past.one_why);
    } else if (state == PAST_ONE_NOT_THERE || !possible) {
        web_problem(out, 404, kind == PAST_TRIPS ? "there is no such trip" : "there is no such alert");
    } else {
        out->later = begin_one(g, match, kind);
        if (!out->later)
            answer_unread(out, too_many);
    }
    return NULL;
}

/* ---- following ---- */

/* Without memory it is let go of, and read anew when it is asked for. */
static void follow_alerts(struct past_book *past, struct register_place place, bool action,
                          struct fields entry)
{
    const struct register_scope everything = {NULL, NULL};
    uint32_t number;
    int64_t start_ms = fields_whole(entry, "start", -1);
    enum register_taken taken = REGISTER_KNOWN;
    if (action && register_look(past->alerts, fields_value(entry, "id"), everything, &number))
        taken = register_take_action(past->alerts, place, entry);
    else if (!action && start_ms >= past->from_ms && start_ms < past->to_ms)
        taken = register_take_violation(past->alerts, place, entry);
    if (taken == REGISTER_FULL)
        past_book_fini(past);
}

void past_follow_alert(struct gateway *g, struct register_place place, bool action, struct fields entry)
{
    struct past_book *past = &g->past.books[PAST_ALERTS];
    past_reading_follow(g, PAST_ALERTS, action, place, entry);
    if (past->alerts != NULL)
        follow_alerts(past, place, action, entry);
}

void past_follow_trip(struct gateway *g, struct register_place place, struct fields entry)
{
    struct past_book *past = &g->past.books[PAST_TRIPS];
    int64_t departed_ms = fields_whole(entry, "departed", -1);
    past_reading_follow(g, PAST_TRIPS, false, place, entry);
    if (past->trips == NULL || departed_ms < past->from_ms || departed_ms >= past->to_ms)
        return;
    if (!trip_book_take(past->trips, place.partition, place.id.ms, entry))
        past_book_fini(past);
}

void gateway_past_beat(struct gateway *g)
{
    for (size_t i = 0; i < PAST_KIND_COUNT; i++)
        if (past_book_is(&g->past.books[i]) && loop_now(g->loop).ms - g->past.books[i].made_ms > KEPT_MS)
            past_book_fini(&g->past.books[i]);
}

void gateway_make_past(struct gateway *g)
{
    g->past.one_kind = PAST_KIND_COUNT;
}

void gateway_unmake_past(struct gateway *g)
{
    for (size_t i = 0; i < PAST_KIND_COUNT; i++)
        past_book_fini(&g->past.books[i]);
}
