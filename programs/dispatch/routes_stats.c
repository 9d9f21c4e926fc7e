/*
 * Alerts counted by a value of theirs: how many there are, how many reviews found to be right or not, and how many were worked in time.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "gateway.h"
#include "handlers.h"
#include "json_members.h"
#include "vehicle_scope.h"
#include "web_problem.h"

#include <stdio.h>

enum { COUNTS_MAX = 200 };

static const struct {
    const char *word;
    enum register_column column;
} columns[] = {{"kind", COLUMN_KIND},    {"company", COLUMN_COMPANY}, {"jurisdiction", COLUMN_JURISDICTION},
               {"fence", COLUMN_FENCE},  {"vehicle", COLUMN_VEHICLE}, {"assignee", COLUMN_TO},
               {"reason", COLUMN_REASON}};

/* What counts are made of: of one register, by one word. */
struct counting {
    const struct gateway *g;
    struct register_book *book;
    const struct register_query *question;
    struct json_writer w;
};

static void write_value(struct counting *c, struct text value, struct register_tally tally)
{
    json_write_begin_object(&c->w);
    json_write_table(&c->w, JSON_TEXT("value", value), JSON_WHOLE("alerts", tally.alerts),
                     JSON_WHOLE("approved", tally.approved), JSON_WHOLE("rejected", tally.rejected));
    json_write_end_object(&c->w);
}

/* Who acknowledged how many, and how they came. */
static bool write_paces(struct counting *c)
{
    struct register_pace paces[COUNTS_MAX];
    size_t count = COUNTS_MAX;
    if (register_paces(c->book, c->question, paces, &count) != REGISTER_OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        json_write_begin_object(&c->w);
        json_write_table(&c->w, JSON_TEXT("value", register_value(c->book, COLUMN_TO, paces[i].who)),
                         JSON_WHOLE("alerts", paces[i].alerts), JSON_WHOLE("hours", paces[i].hours),
                         JSON_WHOLE("most", paces[i].most));
        json_write_end_object(&c->w);
    }
    return true;
}

static bool write_column(struct counting *c, enum register_column column)
{
    struct register_count counts[COUNTS_MAX];
    size_t count = COUNTS_MAX;
    if (register_count(c->book, c->question, column, counts, &count) != REGISTER_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        write_value(c, register_value(c->book, column, counts[i].value), counts[i].tally);
    return true;
}

/* By the fleet's file in force: an entry does not say the class of its vehicle. */
struct classes {
    const struct counting *c;
    struct register_tally tallies[WORLD_CLASS_MAX + 1];
};

static void add_vehicle(void *context, const struct register_count *count)
{
    struct classes *classes = context;
    struct text id = register_value(classes->c->book, COLUMN_VEHICLE, count->value);
    struct register_tally *tally = &classes->tallies[vehicle_info_of(classes->c->g, id)->class_number];
    tally->alerts += count->tally.alerts;
    tally->approved += count->tally.approved;
    tally->rejected += count->tally.rejected;
}

static bool write_classes(struct counting *c)
{
    struct classes classes = {.c = c};
    const struct world *world = c->g->following.world;
    if (register_count_each(c->book, c->question, COLUMN_VEHICLE, add_vehicle, &classes) != REGISTER_OK)
        return false;
    for (;;) {
        unsigned most = 0;
        for (unsigned i = 1; i <= WORLD_CLASS_MAX; i++)
            most = classes.tallies[i].alerts > classes.tallies[most].alerts ? i : most;
        if (classes.tallies[most].alerts == 0)
            return true;
        write_value(c, most == 0 ? TEXT("") : world->classes[most], classes.tallies[most]);
        classes.tallies[most].alerts = 0;
    }
}

/* Of the day in the city's time, in which it began. */
static unsigned hour_of(const void *zone, int64_t start_ms)
{
    int64_t local_s = start_ms / 1000 + mw_zone_offset_s(zone, start_ms);
    return (unsigned)((local_s / 3600 % 24 + 24) % 24);
}

static bool write_hours(struct counting *c)
{
    struct register_tally tallies[24];
    const struct register_bins bins = {hour_of, c->g->following.world->zone, tallies, 24};
    char hour[4];
    if (register_bin(c->book, c->question, &bins) != REGISTER_OK)
        return false;
    for (unsigned i = 0; i < 24; i++) {
        snprintf(hour, sizeof hour, "%02u", i);
        if (tallies[i].alerts > 0)
            write_value(c, text_of(hour), tallies[i]);
    }
    return true;
}

static bool write_values(struct counting *c, struct text by)
{
    if (text_equal(by, TEXT("class")))
        return write_classes(c);
    if (text_equal(by, TEXT("hour")))
        return write_hours(c);
    if (text_equal(by, TEXT("acknowledged_by")))
        return write_paces(c);
    size_t i = 0;
    while (!text_equal(by, text_of(columns[i].word)))
        i++; /* the route's row takes no other word */
    return write_column(c, columns[i].column);
}

static void write_steps(struct counting *c, const struct register_steps *steps)
{
    static const char *const words[STEP_COUNT] = {"acknowledge", "handle", "close"};
    json_write_key(&c->w, "on_time");
    json_write_begin_object(&c->w);
    for (int i = 0; i < STEP_COUNT; i++) {
        json_write_key(&c->w, words[i]);
        json_write_begin_object(&c->w);
        json_write_table(&c->w, JSON_WHOLE("in_time", steps->in_time[i]), JSON_WHOLE("late", steps->late[i]),
                         JSON_WHOLE("pending", steps->pending[i]));
        json_write_end_object(&c->w);
    }
    json_write_end_object(&c->w);
}

/* One column a question, and two walks over all alerts: they are counted while nobody else is served. */
void handle_stats(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    static struct alert_query query;
    static struct register_found found;
    struct text by = web_match_text(match, "by", 0);
    struct register_book *book = alerts_book(g, match, out);
    if (book == NULL || !alert_query_read(match, &query, out))
        return;
    if (g->following.world == NULL && (text_equal(by, TEXT("class")) || text_equal(by, TEXT("hour")))) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "no world is known yet");
        return;
    }
    struct counting c = {.g = g, .book = book, .question = &query.question};
    bool on_time = text_equal(web_match_text(match, "on_time", 0), TEXT("true"));
    struct register_steps steps;
    const struct register_page page = {.steps = on_time ? &steps : NULL};
    bool ok = register_find(book, &query.question, &page, &found) == REGISTER_OK;
    json_writer_init(&c.w, &out->body);
    json_write_begin_object(&c.w);
    counts_write(&c.w, &found);
    json_write_key(&c.w, "by");
    json_write_string(&c.w, by);
    json_write_key(&c.w, "items");
    json_write_begin_array(&c.w);
    ok = ok && write_values(&c, by);
    json_write_end_array(&c.w);
    if (ok && on_time)
        write_steps(&c, &steps);
    json_write_key(&c.w, "next");
    json_write_null(&c.w);
    json_write_end_object(&c.w);
    if (ok) {
        out->status = 200;
        out->type = "application/json";
        return;
    }
    buf_clear(&out->body);
    web_problem(out, 503, "there is no memory for it");
}
