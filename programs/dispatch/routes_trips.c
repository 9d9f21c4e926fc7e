/*
 * Hauls that ended, from memory, or of what lies behind it.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "past_reading.h"
#include "store_json.h"
#include "trip_query.h"
#include "web_problem.h"

enum { LIMIT_USUAL = 100, FIELD_BYTES_MAX = 65536 };

static void write_trip(const struct trip_book *b, const struct trip_row *row, struct json_writer *w)
{
    struct text packed = {row->packed, row->packed_len};
    struct buf bytes;
    struct field f;
    buf_init(&bytes, FIELD_BYTES_MAX);
    json_write_begin_object(w);
    while (trip_book_field(b, &packed, &bytes, &f)) {
        store_json_write(w, f);
        buf_clear(&bytes);
    }
    json_write_end_object(w);
    buf_fini(&bytes);
}

/* ---- the list ---- */

/* A cursor is the last one of the page: of one outside the scope not even that it is there is told. */
static void write_end(const struct trip_book *b, const struct trip_row *last, struct json_writer *w)
{
    char cursor[TRIP_CURSOR_MAX];
    json_write_end_array(w);
    json_write_key(w, "next");
    if (last == NULL) {
        json_write_null(w);
    } else {
        trip_cursor_write(last, cursor);
        json_write_string(w, text_of(cursor));
    }
    json_write_key(w, "truncated");
    json_write_bool(w, trip_book_truncated(b));
    json_write_end_object(w);
}

static void write_page(const struct trip_query *q, size_t place, struct buf *out)
{
    const struct trip_book *b = q->book;
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
        if (!trip_query_fits(q, row))
            continue;
        more = shown == limit;
        if (more)
            break;
        write_trip(b, row, &w);
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
    const struct trip_book *book = trips_book(g, match, out);
    if (book == NULL)
        return;
    if (!trip_cursor_read(book, web_match_text(match, "cursor", 0), &place)) {
        web_problem_at(out, 400, "bad-cursor", "cursor", TEXT("this cursor is none of ours; begin anew"));
        return;
    }
    if (!trip_query_make(g, book, match, &q)) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    write_page(&q, place, &out->body);
    trip_query_fini(&q);
    out->status = 200;
    out->type = "application/json";
}

/* ---- one ---- */

static bool answer_trip(const struct gateway *g, const struct trip_book *book, const struct web_match *match,
                        struct web_answer *out)
{
    struct json_writer w;
    struct trip_query q;
    const struct trip_row *row = trip_book_find(book, match->ids[0]);
    if (row == NULL)
        return false;
    if (!trip_query_make(g, book, match, &q)) {
        web_problem(out, 503, "there is no memory for it");
        return true;
    }
    bool covered = trip_query_covers(&q, row);
    trip_query_fini(&q);
    if (!covered) {
        web_problem(out, 404, "there is no such trip");
        return true;
    }
    json_writer_init(&w, &out->body);
    write_trip(book, row, &w);
    out->status = 200;
    out->type = "application/json";
    return true;
}

void handle_trip(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    if (!trips_are_known(g, match->request->who, out) || answer_trip(g, g->memory.trips, match, out))
        return;
    const struct past_book *past = past_one_of(g, match, PAST_TRIPS, out);
    if (past != NULL)
        answer_trip(g, past->trips, match, out);
}
