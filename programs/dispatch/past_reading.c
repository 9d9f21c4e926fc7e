/*
 * Alerts of long ago: those that began in a stretch, with all that was told and done about them since: a unit may come back with
 * its journal after weeks, and people close what is old.
 */
#include "gateway.h"
#include "kept.h"
#include "web_problem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { FOLDER_MAX = 4096, FIELDS_MAX = 64, TRIM_ENTRIES = 4096 };
#define KEPT_MS   INT64_C(60000)
#define BYTES_MAX ((size_t)128 << 20)

struct reading {
    struct gateway *g;
    uint64_t ticket;
    char archive[FOLDER_MAX];
    uint32_t partition;
    bool actions; /* the stream in hand */
    uint64_t taken;
    bool whole;
    struct past_book made;
};

/* ---- on the thread ---- */

static int on_entry(void *arg, struct text id, const struct reply *entry)
{
    struct reading *r = arg;
    struct field items[FIELDS_MAX];
    struct register_place place = {.partition = r->partition};
    struct fields fields = {items, 0};
    for (size_t i = 0; i + 1 < entry->count && fields.count < FIELDS_MAX; i += 2)
        items[fields.count++] = (struct field){entry->items[i].text, entry->items[i + 1].text};
    if (!entry_id_read(id, &place.id))
        return EX_OK;
    int64_t start_ms = fields_whole(fields, "start", -1);
    if (!r->actions && (start_ms < r->made.from_ms || start_ms >= r->made.to_ms))
        return EX_OK;
    enum register_taken taken = r->actions ? register_take_action(r->made.book, place, fields)
                                           : register_take_violation(r->made.book, place, fields);
    /* By a clock that stands at 0 none is too old; there may be too many. */
    if (++r->taken % TRIM_ENTRIES == 0)
        register_trim(r->made.book, 0);
    return taken == REGISTER_FULL ? EX_OSERR : EX_OK;
}

static bool read_stream(struct reading *r, struct kept *kept, const char *stream, bool actions)
{
    const struct kept_asked asked = {.stream = stream, .since_ms = r->made.from_ms};
    r->actions = actions;
    return kept_stream(kept, &asked, on_entry, r) == EX_OK;
}

static void read_past(void *arg)
{
    struct reading *r = arg;
    struct kept *kept;
    if (kept_open("muckwatch-dispatch", r->archive, &kept) != EX_OK)
        return;
    r->whole = read_stream(r, kept, "violations", false) && read_stream(r, kept, "actions", true);
    register_trim(r->made.book, 0);
    kept_close(kept);
}

/* ---- on the loop's ---- */

static void let_go(struct past_book *past)
{
    register_free(past->book);
    free(past->desk);
    past->book = NULL;
    past->desk = NULL;
}

static void on_past(void *arg)
{
    struct reading *r = arg;
    struct gateway *g = r->g;
    if (r->whole) {
        let_go(&g->past);
        r->made.key = g->past.key;
        g->past = r->made;
        g->past.used_ms = loop_now(g->loop).ms;
        web_server_ask_again(g->server, r->ticket);
    } else {
        struct web_answer answer;
        let_go(&r->made);
        web_answer_init(&answer);
        web_problem(&answer, 503, "the archive cannot be read");
        gateway_answer(g, r->ticket, &answer);
        web_answer_fini(&answer);
    }
    free(r);
}

static bool make(struct reading *r)
{
    struct past_book *made = &r->made;
    made->desk = malloc(sizeof *made->desk);
    if (made->desk == NULL)
        return false;
    *made->desk = r->g->memory.desk;
    const struct register_settings settings = {BYTES_MAX, REGISTER_KEEP_MS, r->g->past.key, made->desk};
    made->book = register_new(&settings);
    return made->book != NULL;
}

static bool begin(struct gateway *g, uint64_t ticket, int64_t from_ms, int64_t to_ms)
{
    struct reading *r = calloc(1, sizeof *r);
    if (r == NULL)
        return false;
    *r = (struct reading){.g = g,
                          .ticket = ticket,
                          .partition = g->config.partitions.items[0],
                          .made = {.from_ms = from_ms, .to_ms = to_ms}};
    snprintf(r->archive, sizeof r->archive, "%.*s", TEXT_ARG(g->config.archive.dir));
    const struct job job = {read_past, on_past, r};
    if (make(r) && jobs_add(&g->jobs, &job))
        return true;
    let_go(&r->made);
    free(r);
    return false;
}

struct register_book *gateway_past(struct gateway *g, const struct web_match *match, struct web_answer *out)
{
    struct past_book *past = &g->past;
    int64_t from_ms = (int64_t)web_match_number(match, "from", 0),
            to_ms = (int64_t)web_match_number(match, "to", 0);
    if (g->config.archive.dir.len == 0)
        web_problem_at(out, 400, NULL, "archived", TEXT("there is no archive"));
    else if (to_ms <= from_ms || to_ms - from_ms > PAST_SPAN_MAX_MS)
        web_problem_at(out, 400, NULL, "to",
                       TEXT("of the archive `from` and `to` are asked, 31 days at most"));
    if (out->status != 0)
        return NULL;
    if (past->book != NULL && past->from_ms == from_ms && past->to_ms == to_ms) {
        past->used_ms = loop_now(g->loop).ms;
        return past->book;
    }
    out->later = begin(g, match->request->ticket, from_ms, to_ms);
    if (!out->later) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "too many are reading the archive");
    }
    return NULL;
}

void gateway_past_beat(struct gateway *g)
{
    if (g->past.book != NULL && loop_now(g->loop).ms - g->past.used_ms > KEPT_MS)
        let_go(&g->past);
}

void gateway_make_past(struct gateway *g)
{
    randombytes_buf(&g->past.key, sizeof g->past.key);
}

void gateway_unmake_past(struct gateway *g)
{
    let_go(&g->past);
}
