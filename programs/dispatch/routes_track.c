/*
 * Where a vehicle was, as far as the store keeps it: its track, a page of entries at a time, from the first partition
 * that has any.
 */
#include "fix_item.h"
#include "gateway.h"
#include "handlers.h"
#include "track_points.h"
#include "vehicle_id.h"
#include "web_problem.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum { PAGE_ENTRIES = 1000, READING_MAX = 8, MOST_DEFAULT = 5000 };

/* One question under way. */
struct looking {
    struct gateway *g;
    uint64_t ticket;
    char id[VEHICLE_ID_MAX + 1], who[PERSON_NAME_MAX + 1], after[48]; /* after: the entry to go on behind */
    size_t partition;                                                 /* place in the list */
    size_t most;
    struct track_points points;
};

static void finish(struct looking *l, struct web_answer *answer)
{
    gateway_answer(l->g, l->ticket, answer);
    web_answer_fini(answer);
    l->g->tracks_reading--;
    track_points_fini(&l->points);
    free(l);
}

static void give_up(struct looking *l, const char *why)
{
    struct web_answer answer;
    web_answer_init(&answer);
    web_problem(&answer, 503, "%s", why);
    finish(l, &answer);
}

/* Whether the vehicle's company is one that this person may know of. */
static bool may_know(const struct gateway *g, const struct person *person, struct text id)
{
    const struct scope companies = {.companies = person->scope.companies};
    uint32_t symbol = names_find(g->names, id);
    return scope_covers(&companies, (struct text){0},
                        world_vehicle(g->following.world, symbol)->company_name);
}

static void write_track(struct looking *l, const struct person *person, struct web_answer *answer)
{
    struct json_writer w;
    bool simplified;
    track_points_settle(&l->points, &person->scope, l->g->following.world, l->most, &simplified);
    json_writer_init(&w, &answer->body);
    json_write_begin_object(&w);
    json_write_key(&w, "vehicle");
    json_write_string(&w, text_of(l->id));
    json_write_key(&w, "kept_since");
    if (l->points.kept_since_ms > 0)
        json_write_i64(&w, l->points.kept_since_ms);
    else
        json_write_null(&w);
    json_write_key(&w, "simplified");
    json_write_bool(&w, simplified);
    json_write_key(&w, "truncated");
    json_write_bool(&w, l->points.truncated);
    json_write_key(&w, "withheld");
    json_write_bool(&w, l->points.withheld);
    track_points_write(&l->points, &w);
    json_write_end_object(&w);
    answer->status = 200;
    answer->type = "application/json";
}

/* By what the person may know now: it may have been changed meanwhile. */
static void tell(struct looking *l)
{
    struct web_answer answer;
    const struct person *person = people_find(&l->g->people, text_of(l->who));
    web_answer_init(&answer);
    if (person == NULL || person->role == ROLE_NOBODY)
        web_problem(&answer, 401, "you are signed out");
    else if (l->g->following.world == NULL || !may_know(l->g, person, text_of(l->id)))
        web_problem(&answer, 404, "there is no such vehicle");
    else
        write_track(l, person, &answer);
    finish(l, &answer);
}

static struct track_row row_of(const struct redis_reply *entry)
{
    const struct redis_reply *fields = redis_reply_at(entry, 1);
    struct track_row row = {0};
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2) {
        struct text name = redis_reply_text(redis_reply_at(fields, i));
        struct text value = redis_reply_text(redis_reply_at(fields, i + 1));
        struct text *at = text_equal(name, TEXT("fix"))        ? &row.fix
                          : text_equal(name, TEXT("received")) ? &row.received
                          : text_equal(name, TEXT("late"))     ? &row.late
                          : text_equal(name, TEXT("hole"))     ? &row.hole
                                                               : NULL;
        if (at != NULL)
            *at = value;
    }
    return row;
}

static void ask_page(struct looking *l);

static void on_page(void *arg, const struct redis_reply *reply)
{
    struct looking *l = arg;
    size_t count = redis_reply_count(reply);
    if (redis_reply_type(reply) != REDIS_ARRAY) {
        give_up(l, "the store did not answer");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct track_row row = row_of(redis_reply_at(reply, i));
        if (!track_points_add(&l->points, &row)) {
            give_up(l, "there is no memory for it");
            return;
        }
    }
    bool whole = count < PAGE_ENTRIES || l->points.truncated;
    if (count > 0)
        snprintf(l->after, sizeof l->after, "(%.*s",
                 TEXT_ARG(redis_reply_text(redis_reply_at(redis_reply_at(reply, count - 1), 0))));
    if (whole && l->points.kept_since_ms == 0 && ++l->partition < l->g->config.partitions.count)
        whole = false;
    if (whole)
        tell(l);
    else
        ask_page(l);
}

static void ask_page(struct looking *l)
{
    char key[MW_KEY_MAX], page[16];
    snprintf(key, sizeof key, MW_KEY_TRACK, l->g->config.partitions.items[l->partition],
             TEXT_ARG(text_of(l->id)));
    snprintf(page, sizeof page, "%d", PAGE_ENTRIES);
    const struct text words[] = {TEXT("XRANGE"), text_of(key),  text_of(l->after),
                                 TEXT("+"),      TEXT("COUNT"), text_of(page)};
    if (!redis_send(l->g->redis, 6, words, on_page, l))
        give_up(l, "the store is away");
}

static struct looking *looking_of(struct gateway *g, const struct web_match *match)
{
    const struct web_request *r = match->request;
    struct looking *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->g = g;
    l->ticket = r->ticket;
    l->most = (size_t)web_match_number(match, "max", MOST_DEFAULT);
    l->points.from_ms = (int64_t)web_match_number(match, "from", 0);
    l->points.to_ms = (int64_t)web_match_number(match, "to", (double)FIX_TIME_END_MS);
    snprintf(l->id, sizeof l->id, "%.*s", TEXT_ARG(match->ids[0]));
    snprintf(l->who, sizeof l->who, "%.*s", TEXT_ARG(r->who->name));
    snprintf(l->after, sizeof l->after, "-");
    return l;
}

void handle_track(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    if (g->following.world == NULL || g->tracks_reading == READING_MAX) {
        web_answer_field(out, "Retry-After", TEXT("1"));
        web_problem(out, 503,
                    g->following.world == NULL ? "no world is known yet" : "too many tracks are being read");
        return;
    }
    if (!vehicle_id_valid(match->ids[0]) || !may_know(g, match->request->who, match->ids[0])) {
        web_problem(out, 404, "there is no such vehicle");
        return;
    }
    struct looking *l = looking_of(g, match);
    if (l == NULL) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    g->tracks_reading++;
    out->later = true;
    ask_page(l);
}
