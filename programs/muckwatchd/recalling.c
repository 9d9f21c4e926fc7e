/*
 * recalling: the journal of a vehicle whose state is missing, damaged, or of too early a version, from its
 * track.
 *
 * What was being judged is gone with the state. Where its journal stands is not: the track says which boot
 * and number came last. Without that its unit would be asked for all it keeps, seven days, and all of it
 * would be tracked again. Vehicles with a track and no state are found by a walk over the keys, once a start.
 */
#include "array.h"
#include "daemon.h"
#include "fix_json.h"
#include "log.h"
#include "owntracks.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum {
    SCAN_COUNT = 10000,
    AT_A_TIME = 64,   /* tracks asked for and not answered */
    ENTRIES_MAX = 64, /* looked at of each: more than what is told apart by its bytes */
    AGAIN_MS = 500,
};

/* One track that was asked for. */
struct asked {
    struct daemon *daemon;
    uint32_t place, walk;
};

static redis_answer on_keys, on_track;

void recalling_forget(struct daemon *d)
{
    d->recall.count = d->recall.next = 0;
    d->recall.open = 0;
    d->recall.walk++; /* answers that are still to come are of another walk */
}

void recalling_fini(struct daemon *d)
{
    free(d->recall.places);
}

bool recalling_add(struct daemon *d, struct text vehicle)
{
    struct recall *r = &d->recall;
    uint32_t place;
    if (!fleet_place(d->fleet, vehicle, &place) ||
        !array_reserve(&r->places, &r->cap, r->count + 1, sizeof *r->places))
        return false;
    r->places[r->count++] = place;
    return true;
}

static void scan(struct daemon *d, struct text cursor)
{
    char match[MW_KEY_MAX], count[16];
    snprintf(match, sizeof match, MW_KEY_TRACK, (unsigned)PARTITION, 1, "*");
    snprintf(count, sizeof count, "%d", SCAN_COUNT);
    const struct text argv[] = {TEXT("SCAN"),   cursor,        TEXT("MATCH"),
                                text_of(match), TEXT("COUNT"), text_of(count)};
    if (!redis_send(d->redis, sizeof argv / sizeof *argv, argv, on_keys, d) && redis_connected(d->redis))
        loop_timer_set(d->retry, AGAIN_MS);
}

void recalling_begin(struct daemon *d)
{
    scan(d, TEXT("0"));
}

static bool ask(struct daemon *d, uint32_t place)
{
    char key[MW_KEY_MAX], count[16];
    struct asked *a = malloc(sizeof *a);
    if (a == NULL)
        return false;
    *a = (struct asked){d, place, d->recall.walk};
    struct text vehicle = names_text(d->names, fleet_state(d->fleet, place)->vehicle);
    snprintf(key, sizeof key, MW_KEY_TRACK, (unsigned)PARTITION, TEXT_ARG(vehicle));
    snprintf(count, sizeof count, "%d", ENTRIES_MAX);
    const struct text argv[] = {TEXT("XREVRANGE"), text_of(key),  TEXT("+"),
                                TEXT("-"),         TEXT("COUNT"), text_of(count)};
    if (redis_send(d->redis, sizeof argv / sizeof *argv, argv, on_track, a))
        return true;
    free(a);
    return false;
}

/* Asks for what is still to be asked for; at the end of all of it starting goes on. */
static void go_on(struct daemon *d)
{
    struct recall *r = &d->recall;
    while (r->next < r->count && r->open < AT_A_TIME) {
        if (!ask(d, r->places[r->next])) {
            if (redis_connected(d->redis))
                loop_timer_set(d->retry, AGAIN_MS); /* the whole walk again */
            return;
        }
        r->next++;
        r->open++;
    }
    if (r->open > 0)
        return;
    if (r->count > 0)
        log_warn("journals_recalled", LOG_INT("vehicles", (int64_t)r->count),
                 LOG_STR("meaning", "their states are missing or damaged: judged as if never seen"));
    starting_loaded(d);
}

static bool is_vehicle_of_track(struct text key, struct text *out)
{
    char prefix[MW_KEY_MAX];
    int n = snprintf(prefix, sizeof prefix, MW_KEY_TRACK, (unsigned)PARTITION, 0, "");
    if (key.len <= (size_t)n || memcmp(key.data, prefix, (size_t)n) != 0)
        return false;
    *out = (struct text){key.data + n, key.len - (size_t)n};
    return vehicle_id_valid(*out);
}

static void on_keys(void *arg, const struct redis_reply *reply)
{
    struct daemon *d = arg;
    if (reply == NULL || d->stage != STAGE_STARTING)
        return;
    if (redis_reply_type(reply) == REDIS_ERROR) {
        log_error("store_refuses", LOG_STR("what", "looking for tracks"),
                  LOG_TEXT("reply", redis_reply_text(reply)));
        loop_timer_set(d->retry, AGAIN_MS);
        return;
    }
    const struct redis_reply *keys = redis_reply_at(reply, 1);
    for (size_t i = 0; i < redis_reply_count(keys); i++) {
        struct text vehicle;
        uint32_t place;
        if (!is_vehicle_of_track(redis_reply_text(redis_reply_at(keys, i)), &vehicle) ||
            fleet_find(d->fleet, vehicle, &place))
            continue;
        if (!recalling_add(d, vehicle))
            log_error("journal_not_recalled", LOG_TEXT("vehicle", vehicle),
                      LOG_STR("reason", "more vehicles than limits.vehicles"));
    }
    struct text cursor = redis_reply_text(redis_reply_at(reply, 0));
    if (text_equal(cursor, TEXT("0")))
        go_on(d);
    else
        scan(d, cursor);
}

static struct text field_of(const struct redis_reply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2)
        if (text_equal(redis_reply_text(redis_reply_at(fields, i)), text_of(name)))
            return redis_reply_text(redis_reply_at(fields, i + 1));
    return TEXT("");
}

static void recall_entry(struct daemon *d, uint32_t place, const struct redis_reply *fields)
{
    struct fix_reader reader;
    struct fix_item item;
    struct text fix = field_of(fields, "fix"), late = field_of(fields, "late");
    if (fix.len == 0)
        return; /* numbers that were given up */
    fix_reader_init(&reader, fix);
    if ((!fix_reader_next(&reader, &item) || item.error != FIX_OK) &&
        (!owntracks_read(fix, &item) || item.error != FIX_OK))
        return;
    fleet_recall(d->fleet, place, &item.fix,
                 text_equal(late, TEXT("1"))       ? VERDICT_LATE
                 : text_equal(late, TEXT("clock")) ? VERDICT_CLOCK
                                                   : VERDICT_JUDGED);
}

/* The newest entries, the newest first. */
static void on_track(void *arg, const struct redis_reply *reply)
{
    struct asked asked = *(struct asked *)arg;
    struct daemon *d = asked.daemon;
    free(arg);
    if (reply == NULL || d->stage != STAGE_STARTING || asked.walk != d->recall.walk)
        return;
    if (redis_reply_type(reply) == REDIS_ERROR && committing_store_away(redis_reply_text(reply))) {
        loop_timer_set(d->retry, AGAIN_MS);
        return;
    }
    for (size_t i = redis_reply_count(reply); i > 0; i--)
        recall_entry(d, asked.place, redis_reply_at(redis_reply_at(reply, i - 1), 1));
    d->recall.open--;
    go_on(d);
}
