/*
 * Where a vehicle was, as far as it is kept.
 */
#include "fix_item.h"
#include "gateway.h"
#include "handlers.h"
#include "track_reading.h"
#include "vehicle_id.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_DEFAULT = 5000 };

/* One question under way. */
struct looking {
    struct gateway *g;
    uint64_t ticket;
    char id[VEHICLE_ID_MAX + 1], who[PERSON_NAME_MAX + 1];
    size_t most;
};

static void write_track(const struct looking *l, const struct person *person, struct track_points *points,
                        struct web_answer *answer)
{
    struct json_writer w;
    bool simplified;
    track_points_settle(points, &person->scope, l->g->following.world, l->most, &simplified);
    json_writer_init(&w, &answer->body);
    json_write_begin_object(&w);
    json_write_key(&w, "vehicle");
    json_write_string(&w, text_of(l->id));
    json_write_key(&w, "kept_since");
    if (points->kept_since_ms > 0)
        json_write_i64(&w, points->kept_since_ms);
    else
        json_write_null(&w);
    json_write_key(&w, "simplified");
    json_write_bool(&w, simplified);
    json_write_key(&w, "truncated");
    json_write_bool(&w, points->truncated);
    json_write_key(&w, "withheld");
    json_write_bool(&w, points->withheld);
    track_points_write(points, &w);
    json_write_end_object(&w);
    answer->status = 200;
    answer->type = "application/json";
}

/* By what the person may know now: it may have been changed meanwhile. */
static void on_read(void *arg, struct track_points *points, const char *why)
{
    struct looking *l = arg;
    struct web_answer answer;
    const struct person *person = people_find(&l->g->people, text_of(l->who));
    web_answer_init(&answer);
    if (points == NULL)
        web_problem(&answer, 503, "%s", why);
    else if (person == NULL || person->role == ROLE_NOBODY)
        web_problem(&answer, 401, "you are signed out");
    else if (l->g->following.world == NULL || !track_may_be_known(l->g, person, text_of(l->id)))
        web_problem(&answer, 404, "there is no such vehicle");
    else
        write_track(l, person, points, &answer);
    gateway_answer(l->g, l->ticket, &answer);
    web_answer_fini(&answer);
    if (points != NULL)
        track_points_fini(points);
    free(l);
}

void handle_track(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    const struct web_request *r = match->request;
    const struct track_wanted wanted = {match->ids[0], (int64_t)web_match_number(match, "from", 0),
                                        (int64_t)web_match_number(match, "to", (double)FIX_TIME_END_MS)};
    if (g->following.world == NULL) {
        web_answer_field(out, "Retry-After", TEXT("1"));
        web_problem(out, 503, "no world is known yet");
        return;
    }
    if (!vehicle_id_valid(wanted.id) || !track_may_be_known(g, r->who, wanted.id)) {
        web_problem(out, 404, "there is no such vehicle");
        return;
    }
    struct looking *l = calloc(1, sizeof *l);
    if (l == NULL) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    *l = (struct looking){
        .g = g, .ticket = r->ticket, .most = (size_t)web_match_number(match, "max", MOST_DEFAULT)};
    snprintf(l->id, sizeof l->id, "%.*s", TEXT_ARG(wanted.id));
    snprintf(l->who, sizeof l->who, "%.*s", TEXT_ARG(r->who->name));
    out->later = track_read(g, &wanted, on_read, l, out);
    if (!out->later)
        free(l);
}
