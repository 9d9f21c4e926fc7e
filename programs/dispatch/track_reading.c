#include "track_reading.h"

#include "fix_item.h"
#include "vehicle_id.h"
#include "web_problem.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum { PAGE_ENTRIES = 1000, READING_MAX = 8 };

/* One under way. */
struct reading {
    struct gateway *g;
    track_read_done *done;
    void *arg;
    char id[VEHICLE_ID_MAX + 1], after[48]; /* after: the entry to go on behind */
    size_t partition;                       /* place in the list */
    struct track_points points;
};

bool track_may_be_known(const struct gateway *g, const struct person *person, struct text id)
{
    const struct scope companies = {.companies = person->scope.companies};
    uint32_t symbol = names_find(g->names, id);
    return scope_covers(&companies, (struct text){0},
                        world_vehicle(g->following.world, symbol)->company_name);
}

static void end(struct reading *r, const char *why)
{
    struct reading ended = *r;
    r->g->tracks_reading--;
    free(r);
    if (why != NULL)
        track_points_fini(&ended.points);
    ended.done(ended.arg, why == NULL ? &ended.points : NULL, why);
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

static bool ask_page(struct reading *r);

static void go_on(struct reading *r)
{
    if (!ask_page(r))
        end(r, "the store is away");
}

static void on_page(void *arg, const struct redis_reply *reply)
{
    struct reading *r = arg;
    size_t count = redis_reply_count(reply);
    if (redis_reply_type(reply) != REDIS_ARRAY) {
        end(r, "the store did not answer");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct track_row row = row_of(redis_reply_at(reply, i));
        if (!track_points_add(&r->points, &row)) {
            end(r, "there is no memory for it");
            return;
        }
    }
    bool whole = count < PAGE_ENTRIES || r->points.truncated;
    if (count > 0)
        snprintf(r->after, sizeof r->after, "(%.*s",
                 TEXT_ARG(redis_reply_text(redis_reply_at(redis_reply_at(reply, count - 1), 0))));
    if (whole && r->points.kept_since_ms == 0 && ++r->partition < r->g->config.partitions.count)
        whole = false;
    if (whole)
        end(r, NULL);
    else
        go_on(r);
}

static bool ask_page(struct reading *r)
{
    char key[MW_KEY_MAX], page[16];
    snprintf(key, sizeof key, MW_KEY_TRACK, r->g->config.partitions.items[r->partition],
             TEXT_ARG(text_of(r->id)));
    snprintf(page, sizeof page, "%d", PAGE_ENTRIES);
    const struct text words[] = {TEXT("XRANGE"), text_of(key),  text_of(r->after),
                                 TEXT("+"),      TEXT("COUNT"), text_of(page)};
    return redis_send(r->g->redis, 6, words, on_page, r);
}

bool track_read(struct gateway *g, const struct track_wanted *wanted, track_read_done *done, void *arg,
                struct web_answer *refusal)
{
    struct reading *r = g->tracks_reading < READING_MAX ? calloc(1, sizeof *r) : NULL;
    if (r != NULL) {
        *r = (struct reading){.g = g, .done = done, .arg = arg, .after = "-"};
        r->points.from_ms = wanted->from_ms;
        r->points.to_ms = wanted->to_ms;
        snprintf(r->id, sizeof r->id, "%.*s", TEXT_ARG(wanted->id));
        if (ask_page(r)) {
            g->tracks_reading++;
            return true;
        }
    }
    web_answer_field(refusal, "Retry-After", TEXT("1"));
    web_problem(refusal, 503, r != NULL ? "the store is away" : "too many tracks are being read");
    free(r);
    return false;
}
