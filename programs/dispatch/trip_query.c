#include "trip_query.h"

#include "past_reading.h"
#include "vehicle_scope.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

bool trips_are_known(const struct gateway *g, const struct person *who, struct web_answer *out)
{
    if (g->memory.whole && vehicles_can_be_judged(g, who))
        return true;
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, g->memory.whole ? "no world is known yet" : "the streams are being read");
    return false;
}

const struct trip_book *trips_book(struct gateway *g, const struct web_match *match, struct web_answer *out)
{
    if (!trips_are_known(g, match->request->who, out))
        return NULL;
    if (!past_is_wanted(g, match, PAST_TRIPS))
        return g->memory.trips;
    const struct past_book *past = past_of(g, match, PAST_TRIPS, out);
    return past != NULL ? past->trips : NULL;
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

bool trip_query_make(const struct gateway *g, const struct trip_book *book, const struct web_match *match,
                     struct trip_query *q)
{
    const struct scope *scope = &match->request->who->scope;
    *q = (struct trip_query){.g = g,
                             .book = book,
                             .match = match,
                             .places = {.jurisdictions = scope->jurisdictions},
                             .companies = {.companies = scope->companies},
                             .words = calloc(trip_book_words(book) + 1, 1),
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
            place = jurisdiction_of(q->g, trip_book_word(q->book, word));
        q->words[word] |=
            PLACE_KNOWN | (scope_covers(&q->places, place, (struct text){0}) ? PLACE_COVERED : 0);
    }
    return (q->words[word] & PLACE_COVERED) != 0;
}

static bool truck_covered(const struct trip_query *q, uint32_t word)
{
    if ((q->words[word] & TRUCK_KNOWN) == 0) {
        const struct vehicle_info *info = vehicle_info_of(q->g, trip_book_word(q->book, word));
        struct text company = info != NULL ? info->company_name : (struct text){0};
        bool covered =
            scope_covers(&q->companies, (struct text){0}, company) && is_any(q->match, "company", company);
        q->words[word] |= TRUCK_KNOWN | (covered ? TRUCK_COVERED : 0);
    }
    return (q->words[word] & TRUCK_COVERED) != 0;
}

void trip_query_fini(struct trip_query *q)
{
    free(q->words);
}

bool trip_query_covers(const struct trip_query *q, const struct trip_row *row)
{
    return truck_covered(q, row->vehicle) && (place_covered(q, row->site) || place_covered(q, row->disposal));
}

bool trip_query_fits(const struct trip_query *q, const struct trip_row *row)
{
    const struct trip_book *b = q->book;
    return row->departed_ms >= q->from_ms && row->departed_ms < q->to_ms && trip_query_covers(q, row) &&
           is_any(q->match, "vehicle", trip_book_word(b, row->vehicle)) &&
           is_any(q->match, "permit", trip_book_word(b, row->permit)) &&
           is_any(q->match, "site", trip_book_word(b, row->site)) &&
           is_any(q->match, "disposal", trip_book_word(b, row->disposal));
}

void trip_cursor_write(const struct trip_row *row, char out[TRIP_CURSOR_MAX])
{
    snprintf(out, TRIP_CURSOR_MAX, "%lld-%s", (long long)row->departed_ms, row->id);
}

bool trip_cursor_read(const struct trip_book *b, struct text cursor, size_t *out_place)
{
    size_t digits = 0;
    *out_place = trip_book_count(b);
    if (cursor.len == 0)
        return true;
    while (digits < cursor.len && digits < 19 && cursor.data[digits] >= '0' && cursor.data[digits] <= '9')
        digits++;
    if (digits == 0 || digits == 19 || cursor.len != digits + 1 + TRIP_ID_LENGTH ||
        cursor.data[digits] != '-')
        return false;
    *out_place = trip_book_before(b, text_whole((struct text){cursor.data, digits}),
                                  (struct text){cursor.data + digits + 1, TRIP_ID_LENGTH});
    return true;
}
