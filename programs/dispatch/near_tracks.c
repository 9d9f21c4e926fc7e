#include "near_tracks.h"

#include "json_members.h"
#include "track_reading.h"
#include "vehicle_scope.h"

#include <stdio.h>
#include <string.h>

void near_tracks_add(struct near_tracks *t, struct text vehicle)
{
    for (size_t i = 0; i < t->count; i++)
        if (text_equal(text_of(t->ids[i]), vehicle))
            return;
    t->more = t->more || t->count == NEAR_TRACKS_MAX;
    if (t->count < NEAR_TRACKS_MAX)
        snprintf(t->ids[t->count++], sizeof t->ids[0], "%.*s", TEXT_ARG(vehicle));
}

static void write_track(struct near_tracks *t, const struct person *person, struct track_points *points)
{
    struct json_writer w;
    bool simplified;
    struct text vehicle = text_of(t->ids[t->at]);
    track_points_settle(points, &person->scope, t->g->following.world, NEAR_POINTS_MAX / t->count,
                        &simplified);
    if (t->json.len > 0)
        buf_put_char(&t->json, ',');
    json_writer_init(&w, &t->json);
    json_write_begin_object(&w);
    json_write_table(&w, JSON_TEXT("vehicle", vehicle),
                     JSON_TEXT("plate", vehicle_info_of(t->g, vehicle)->plate),
                     JSON_TRUTH("simplified", simplified), JSON_TRUTH("truncated", points->truncated),
                     JSON_TRUTH("withheld", points->withheld));
    track_points_write(points, &w);
    json_write_end_object(&w);
}

/* By what the person may know now: it may have been changed meanwhile. */
static void on_track(void *arg, struct track_points *points, const char *why)
{
    struct near_tracks *t = arg;
    const struct person *person = people_find(&t->g->people, text_of(t->who));
    bool may = person != NULL && person->role != ROLE_NOBODY && t->g->following.world != NULL;
    if (points != NULL && may && track_may_be_known(t->g, person, text_of(t->ids[t->at])))
        write_track(t, person, points);
    if (points != NULL)
        track_points_fini(points);
    t->at++;
    if (why != NULL || !may)
        t->done(t->arg, why != NULL ? why : "you are signed out");
    else
        near_tracks_read(t);
}

void near_tracks_read(struct near_tracks *t)
{
    struct web_answer refusal;
    if (t->at == t->count) {
        t->done(t->arg, NULL);
        return;
    }
    const struct track_wanted wanted = {text_of(t->ids[t->at]), t->from_ms, t->to_ms};
    web_answer_init(&refusal);
    bool under_way = track_read(t->g, &wanted, on_track, t, &refusal);
    web_answer_fini(&refusal);
    if (!under_way)
        t->done(t->arg, "too many tracks are being read");
}
