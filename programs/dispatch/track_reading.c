#include "track_reading.h"

#include "archive_walk.h"
#include "fields.h"
#include "fix_item.h"
#include "line_fix.h"
#include "vehicle_id.h"
#include "web_problem.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

/* By so much a vehicle's clock may be ahead of the store's. */
#define AHEAD_MS INT64_C(3600000)
enum { PAGE_ENTRIES = 1000, READING_MAX = 8, FOLDER_MAX = 4096 };
#define DAY_MS INT64_C(86400000)

/* One under way. */
struct reading {
    struct gateway *g;
    track_read_done *done;
    void *arg;
    char id[VEHICLE_ID_MAX + 1], after[48]; /* after: the entry to go on behind */
    size_t partition;                       /* place in the list */
    /* Of the archive, the thread's while it reads: what came before the store's first entry. */
    char archive[FOLDER_MAX];
    bool probing; /* its first entry is asked for alone, since what is wanted lies far behind it */
    bool begun;   /* an entry of the store was read, the first of which is */
    struct entry_id first;
    bool failed;
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

/* ---- from the archive, on the thread ---- */

static bool nobody_told(void *arg, const char *file, const char *wrong)
{
    (void)arg, (void)file, (void)wrong;
    return true;
}

static bool is_before(const struct reading *r, const struct archive_position *at)
{
    return !r->begun || at->ms < r->first.ms || (at->ms == r->first.ms && at->seq < r->first.n);
}

static bool on_line(void *arg, const struct archive_line *line)
{
    struct reading *r = arg;
    struct fix_line read;
    if (line->kind != TRACK_LINE_FIX || !is_before(r, &line->at.at))
        return true;
    if (r->points.kept_since_ms == 0 || line->at.received_ms < r->points.kept_since_ms)
        r->points.kept_since_ms = line->at.received_ms;
    if (!line_fix_read(line->line, &read))
        return true;
    r->failed = !track_points_add_fix(&r->points, &read.item.fix, line->at.late != PART_IN_ORDER);
    return !r->failed && !r->points.truncated;
}

/* A fix comes when it was made, or later: days from that of the first on, of which chunks are asked that are partly in the span. */
static void read_archive(void *arg)
{
    struct reading *r = arg;
    struct archive_look *look;
    char why[256];
    const struct archive_look_listener listener = {nobody_told, NULL};
    const struct text id = text_of(r->id);
    struct archive_walk walk = archive_walk_all();
    bool no_memory = false;
    r->failed = archive_look_open(r->archive, listener, &look, why, sizeof why) != ARCHIVE_LOOK_OK;
    if (r->failed)
        return;
    walk.vehicles = &id;
    walk.vehicle_count = 1;
    walk.span = (struct archive_span){r->points.from_ms, r->points.to_ms + 1, NULL};
    walk.first_day = (int32_t)(r->points.from_ms / DAY_MS) - 1;
    walk.each = on_line;
    walk.arg = r;
    archive_walk(look, &walk, &no_memory);
    r->failed = r->failed || no_memory;
    archive_look_close(look);
}

static void on_archive(void *arg)
{
    struct reading *r = arg;
    end(r, r->failed ? "the archive cannot be read" : NULL);
}

/* What is wanted may have come before all that the store has: entries are in the order of arrival, which is not before that of the fix. */
static void read_earlier(struct reading *r)
{
    const struct job job = {read_archive, on_archive, r};
    bool all = r->points.truncated || (r->begun && r->points.from_ms >= r->first.ms);
    if (r->archive[0] == '\0' || all)
        end(r, NULL);
    else if (!jobs_add(&r->g->jobs, &job))
        end(r, "too many are reading the archive");
}

/* ---- from the store ---- */

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

/* Entries are in the order in which they came, which is not before they were made: what came long before is passed over. */
static void pass_over(struct reading *r, size_t count)
{
    int64_t from_ms = r->points.from_ms - AHEAD_MS;
    r->probing = false;
    if (count == 0 || from_ms <= r->first.ms)
        return;
    snprintf(r->after, sizeof r->after, "%lld", (long long)from_ms);
    r->points.hole = false;
}

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
    if (count > 0 && !r->begun)
        r->begun = entry_id_read(redis_reply_text(redis_reply_at(redis_reply_at(reply, 0), 0)), &r->first);
    for (size_t i = 0; i < count; i++) {
        const struct track_row row = row_of(redis_reply_at(reply, i));
        if (!track_points_add(&r->points, &row)) {
            end(r, "there is no memory for it");
            return;
        }
    }
    bool probed = r->probing;
    bool whole = count < (probed ? 1 : PAGE_ENTRIES) || r->points.truncated;
    if (count > 0)
        snprintf(r->after, sizeof r->after, "(%.*s",
                 TEXT_ARG(redis_reply_text(redis_reply_at(redis_reply_at(reply, count - 1), 0))));
    if (probed)
        pass_over(r, count);
    if (whole && r->points.kept_since_ms == 0 && ++r->partition < r->g->config.partitions.count)
        whole = false;
    if (whole)
        read_earlier(r);
    else
        go_on(r);
}

static bool ask_page(struct reading *r)
{
    char key[MW_KEY_MAX], page[16];
    snprintf(key, sizeof key, MW_KEY_TRACK, r->g->config.partitions.items[r->partition],
             TEXT_ARG(text_of(r->id)));
    snprintf(page, sizeof page, "%d", r->probing ? 1 : PAGE_ENTRIES);
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
        r->probing = wanted->from_ms > AHEAD_MS;
        r->points.to_ms = wanted->to_ms;
        snprintf(r->id, sizeof r->id, "%.*s", TEXT_ARG(wanted->id));
        snprintf(r->archive, sizeof r->archive, "%.*s", TEXT_ARG(g->config.archive.dir));
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
