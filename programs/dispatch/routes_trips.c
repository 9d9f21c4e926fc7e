/*
 * Hauls that ended, from memory. A scope covers one by the company of its vehicle, and by the jurisdiction of its site's or its
 * disposal's fence in the world in force: it is the business of both ends, and of nobody whose district it only passed.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "store_json.h"
#include "vehicle_scope.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

enum { LIMIT_USUAL = 100, FIELD_BYTES_MAX = 65536, CURSOR_MAX = 64 };

static bool are_known(const struct gateway *g, const struct person *who, struct web_answer *out)
{
    if (g->memory.whole && vehicles_can_be_judged(g, who))
        return true;
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, g->memory.whole ? "no world is known yet" : "the streams are being read");
    return false;
}

static struct text jurisdiction_of(const struct gateway *g, struct text fence)
{
    const struct world *world = g->following.world;
    uint32_t number = world_fence_by_id(world, names_find(g->names, fence));
    return number == UINT32_MAX ? (struct text){0} : world->fences[number].jurisdiction;
}

/* What a question finds out about a word is found out once: there are few words and many hauls. */
enum {
    PLACE_KNOWN = 1,
    PLACE_COVERED = 2, /* the fence of this id is within the scope */
    TRUCK_KNOWN = 4,
    TRUCK_COVERED = 8, /* the company of the vehicle of this id is, and is one that is asked for */
};

struct trip_query {
    const struct gateway *g;
    const struct web_match *match;
    struct scope places, companies; /* the two parts of the scope */
    uint8_t *words;
    int64_t from_ms, to_ms;
};

/* False without memory. `words` is to be freed. */
static bool query_make(const struct gateway *g, const struct web_match *match, struct trip_query *q)
{
    const struct scope *scope = &match->request->who->scope;
    *q = (struct trip_query){.g = g,
                             .match = match,
                             .places = {.jurisdictions = scope->jurisdictions},
                             .companies = {.companies = scope->companies},
                             .words = calloc(trip_book_words(g->memory.trips) + 1, 1),
                             .from_ms = (int64_t)web_match_number(match, "from", 0),
                             .to_ms = (int64_t)web_match_number(match, "to", 1e15)};
    return q->words != NULL;
}

static bool is_any(const struct web_match *match, const char *name, struct text value)
{
    struct text said;
    for (size_t n = 0; (said = web_match_text(match, name, n)).data != NULL; n++)
        if (text_equal(said, value))
            return true;
    return web_match_text(match, name, 0).data == NULL;
}

static bool place_covered(const struct trip_query *q, uint32_t word)
{
    if ((q->words[word] & PLACE_KNOWN) == 0) {
        struct text place = {0};
        if (q->places.jurisdictions.count > 0)
            place = jurisdiction_of(q->g, trip_book_word(q->g->memory.trips, word));
        q->words[word] |=
            PLACE_KNOWN | (scope_covers(&q->places, place, (struct text){0}) ? PLACE_COVERED : 0);
    }
    return (q->words[word] & PLACE_COVERED) != 0;
}

static bool truck_covered(const struct trip_query *q, uint32_t word)
{
    if ((q->words[word] & TRUCK_KNOWN) == 0) {
        const struct vehicle_info *info = vehicle_info_of(q->g, trip_book_word(q->g->memory.trips, word));
        struct text company = info != NULL ? info->company_name : (struct text){0};
        bool covered =
            scope_covers(&q->companies, (struct text){0}, company) && is_any(q->match, "company", company);
        q->words[word] |= TRUCK_KNOWN | (covered ? TRUCK_COVERED : 0);
    }
    return (q->words[word] & TRUCK_COVERED) != 0;
}

static bool trip_covered(const struct trip_query *q, const struct trip_row *row)
{
    return truck_covered(q, row->vehicle) && (place_covered(q, row->site) || place_covered(q, row->disposal));
}

static void write_trip(const struct gateway *g, const struct trip_row *row, struct json_writer *w)
{
    struct text packed = {row->packed, row->packed_len};
    struct buf bytes;
    struct field f;
    buf_init(&bytes, FIELD_BYTES_MAX);
    json_write_begin_object(w);
    while (trip_book_field(g->memory.trips, &packed, &bytes, &f)) {
        store_json_write(w, f);
        buf_clear(&bytes);
    }
    json_write_end_object(w);
    buf_fini(&bytes);
}

/* ---- the list ---- */

/* DEPARTED-ID. Whatever it says is a place in the order, and no more. */
static bool read_cursor(const struct web_match *match, const struct trip_book *b, size_t *out_place)
{
    struct text t = web_match_text(match, "cursor", 0);
    size_t digits = 0;
    *out_place = trip_book_count(b);
    if (t.data == NULL)
        return true;
    while (digits < t.len && digits < 19 && t.data[digits] >= '0' && t.data[digits] <= '9')
        digits++;
    if (digits == 0 || digits == 19 || t.len != digits + 1 + TRIP_ID_LENGTH || t.data[digits] != '-')
        return false;
    *out_place = trip_book_before(b, text_whole((struct text){t.data, digits}),
                                  (struct text){t.data + digits + 1, TRIP_ID_LENGTH});
    return true;
}

static bool fits(const struct trip_query *q, const struct trip_row *row)
{
    const struct trip_book *b = q->g->memory.trips;
    return row->departed_ms >= q->from_ms && row->departed_ms < q->to_ms && trip_covered(q, row) &&
           is_any(q->match, "vehicle", trip_book_word(b, row->vehicle)) &&
           is_any(q->match, "permit", trip_book_word(b, row->permit)) &&
           is_any(q->match, "site", trip_book_word(b, row->site)) &&
           is_any(q->match, "disposal", trip_book_word(b, row->disposal));
}

/* A cursor is the last one of the page: of one outside the scope not even that it is there is told. */
static void write_end(const struct trip_book *b, const struct trip_row *last, struct json_writer *w)
{
    char cursor[CURSOR_MAX];
    json_write_end_array(w);
    json_write_key(w, "next");
    if (last == NULL) {
        json_write_null(w);
    } else {
        snprintf(cursor, sizeof cursor, "%lld-%s", (long long)last->departed_ms, last->id);
        json_write_string(w, text_of(cursor));
    }
    json_write_key(w, "truncated");
    json_write_bool(w, trip_book_truncated(b));
    json_write_end_object(w);
}

static void write_page(const struct trip_query *q, size_t place, struct buf *out)
{
    const struct trip_book *b = q->g->memory.trips;
    const struct trip_row *last = NULL;
    size_t shown = 0, limit = (size_t)web_match_number(q->match, "limit", LIMIT_USUAL);
    bool more = false;
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "items");
    json_write_begin_array(&w);
    while (place > 0 && !more) {
        const struct trip_row *row = trip_book_at(b, --place);
        if (!fits(q, row))
            continue;
        more = shown == limit;
        if (more)
            break;
        write_trip(q->g, row, &w);
        last = row;
        shown++;
    }
    write_end(b, more ? last : NULL, &w);
}

void handle_trips(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    struct trip_query q;
    size_t place;
    if (!are_known(g, match->request->who, out))
        return;
    if (!read_cursor(match, g->memory.trips, &place)) {
        web_problem_at(out, 400, "bad-cursor", "cursor", TEXT("this cursor is none of ours; begin anew"));
        return;
    }
    if (!query_make(g, match, &q)) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    write_page(&q, place, &out->body);
    free(q.words);
    out->status = 200;
    out->type = "application/json";
}

/* ---- one ---- */

void handle_trip(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    struct json_writer w;
    struct trip_query q;
    if (!are_known(g, match->request->who, out))
        return;
    if (!query_make(g, match, &q)) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    const struct trip_row *row = trip_book_find(g->memory.trips, match->ids[0]);
    bool covered = row != NULL && trip_covered(&q, row);
    free(q.words);
    if (!covered) {
        web_problem(out, 404, "there is no such trip");
        return;
    }
    json_writer_init(&w, &out->body);
    write_trip(g, row, &w);
    out->status = 200;
    out->type = "application/json";
}
