/*
 * The janitor against a store that is made up, with a fleet of many tracks: how long it takes until nothing is
 * kept that may go. XTRIM lets go of at most 10,000 entries in a call, as Redis' does.
 */
#include "../cmocka_all.h"
#include "fake_command.h"
#include "janitor.h"
#include "telemetry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    VEHICLES = 5000,
    TRIM_MAX = 10000,
    OLD = 30000,
    NOW_S = 100000,
    KEEP_S = 1000,
    REJECTS_MAX = 100000,
    HASHES_MAX = OLD + 1
};

/* Streams as numbers of entries: the ids of the old ones are 1-0, 2-0 …, the young ones are not in it. */
static struct store {
    uint32_t violations, trips, warnings, work, collections, coverage, rejects, marks, lives, actions, shifts,
        audit;
    uint32_t worked;     /* each so manyth action is of an alert that is not closed; 0: none is */
    bool acted[OLD + 1]; /* actions that are there, by id */
    uint32_t looks;      /* pages of actions that were looked at */
    uint32_t tracks[VEHICLES], looked[VEHICLES];
    bool hashes[HASHES_MAX];
    uint32_t pending_from; /* a group has not acknowledged this violation; 0: no group */
    uint32_t questions, at_a_time, largest_step;
    bool refuses_unlink;
    bool registered, unknown; /* an archive; what is registered cannot be read */
    uint32_t archived, archived_batch;
    bool keeper, keeper_unknown; /* a keeper of evidence, in the same way */
    uint32_t kept, kept_batch;
    uint32_t told; /* lines of the log */
} store;

static struct janitor janitor;
static struct shared shared;
static struct partition partition;

static struct partition *new_fleet(uint32_t vehicles)
{
    memset(&store, 0, sizeof store);
    memset(&janitor, 0, sizeof janitor);
    memset(&shared, 0, sizeof shared);
    shared.names = names_new(VEHICLES + 1);
    shared.metrics = telemetry_new();
    shared.now.wall.ms = (int64_t)NOW_S * 1000;
    actions_init(&shared.actions);
    const struct partition_options options = {
        .names = shared.names, .vehicle_limit = VEHICLES, .batch_groups = 1};
    assert_true(partition_init(&partition, &options));
    for (uint32_t i = 0; i < vehicles; i++) {
        char id[16];
        uint32_t place;
        snprintf(id, sizeof id, "v%u", i);
        assert_true(fleet_place(partition.fleet, text_of(id), &place));
        assert_int_equal(place, i);
    }
    return &partition;
}

static void free_fleet(void)
{
    partition_fini(&partition);
    actions_fini(&shared.actions);
    metrics_free(shared.metrics);
    names_free(shared.names);
}

static uint32_t *stream_of(struct text key, uint32_t *out_vehicle)
{
    struct text vehicle;
    *out_vehicle = VEHICLES;
    if (text_equal(key, TEXT("muck:{0}:violations")))
        return &store.violations;
    if (text_equal(key, TEXT("muck:{0}:trips")))
        return &store.trips;
    if (text_equal(key, TEXT("muck:{0}:warnings")))
        return &store.warnings;
    if (text_equal(key, TEXT("muck:{0}:work")))
        return &store.work;
    if (text_equal(key, TEXT("muck:{0}:collections")))
        return &store.collections;
    if (text_equal(key, TEXT("muck:{0}:coverage")))
        return &store.coverage;
    if (text_equal(key, TEXT("muck:{0}:rejects")))
        return &store.rejects;
    if (text_equal(key, TEXT("muck:{0}:attended")))
        return &store.marks;
    if (text_equal(key, TEXT("muck:{0}:marks")))
        return &store.lives;
    if (text_equal(key, TEXT("muck:{0}:actions")))
        return &store.actions;
    if (text_equal(key, TEXT("muck:{0}:shifts")))
        return &store.shifts;
    if (text_equal(key, TEXT("muck:{0}:audit")))
        return &store.audit;
    assert_true(command_begins(key, "muck:{0}:track:v", &vehicle));
    *out_vehicle = (uint32_t)atoi(vehicle.data);
    return &store.tracks[*out_vehicle];
}

/* MS-0 */
static bool is_first_of_ms(struct text id)
{
    return id.len > 2 && memcmp(id.data + id.len - 2, "-0", 2) == 0;
}

static int64_t answer_trim(const struct command *c)
{
    uint32_t vehicle, *entries = stream_of(c->args[1], &vehicle), goes = 0;
    if (vehicle < VEHICLES)
        store.looked[vehicle]++;
    if (command_is(c, 2, "MAXLEN")) {
        uint32_t keep = (uint32_t)command_number(c, 4);
        goes = *entries > keep ? *entries - keep : 0;
    } else if (entries == &store.violations) { /* MINID N-1: what is left begins at OLD - entries + 1 */
        assert_true(command_is(c, 3, "="));
        uint32_t first = OLD - *entries + 1, last = (uint32_t)command_number(c, 4);
        for (uint32_t id = first; id <= last; id++)
            assert_false(store.hashes[id]); /* no hash outlives its entry */
        goes = last >= first ? last - first + 1 : 0;
    } else {
        int64_t before_ms = command_number(c, 4); /* as far as the archive has come, or as old as may go */
        if (entries == &store.shifts) {           /* its newest stays */
            uint32_t first = OLD - *entries + 1, end = (uint32_t)before_ms + !is_first_of_ms(c->args[4]);
            goes = end > first ? end - first : 0;
            assert_true(before_ms <= OLD && goes < *entries);
            *entries -= goes;
            return goes;
        }
        if (entries == &store.audit) {
            assert_true(before_ms == shared.now.wall.ms - 2 * KEEP_S * INT64_C(1000) ||
                        (store.registered && before_ms == store.archived) ||
                        (store.keeper && before_ms == store.kept));
            uint32_t first = OLD - *entries + 1,
                     end = before_ms > OLD ? OLD + 1 : (uint32_t)before_ms + !is_first_of_ms(c->args[4]);
            goes = end > first ? end - first : 0;
            *entries -= goes;
            return goes;
        }
        assert_true(before_ms == shared.now.wall.ms - KEEP_S * INT64_C(1000) || before_ms == store.archived ||
                    before_ms == store.kept);
        uint32_t least =
            store.registered && (!store.keeper || store.archived < store.kept) ? store.archived : store.kept;
        assert_true(before_ms != store.archived || store.archived == least || !store.registered);
        goes = before_ms == least && (store.registered || store.keeper) ? *entries - (OLD - least) : *entries;
    }
    if (command_is(c, 3, "~") && goes > TRIM_MAX)
        goes = TRIM_MAX;
    if (goes > store.largest_step)
        store.largest_step = goes;
    *entries -= goes;
    return goes;
}

enum { PAGE_MAX = 1000 };

static struct reply page[PAGE_MAX], parts[PAGE_MAX][2], fields[PAGE_MAX][4], groups[1], group[4], pending[4];
static char ids[PAGE_MAX][24], hashes[PAGE_MAX][24];

static struct reply a_text(const char *text)
{
    return (struct reply){.type = REPLY_TEXT, .text = text_of(text)};
}

static struct reply an_array(const struct reply *items, size_t count)
{
    return (struct reply){.type = REPLY_ARRAY, .items = items, .count = count};
}

static struct reply an_integer(int64_t n)
{
    return (struct reply){.type = REPLY_INTEGER, .integer = n};
}

static struct reply answer_page(const struct command *c)
{
    uint32_t first = OLD - store.violations + 1, count = (uint32_t)command_number(c, 5), n = 0;
    uint32_t end = (uint32_t)atoi(c->args[3].data + 1); /* (MS-SEQ; behind MS-0 with one above it */
    end += strncmp(strchr(c->args[3].data, '-'), "-0", 2) != 0;
    for (; n < count && n < store.violations && first + n < end; n++) {
        snprintf(ids[n], sizeof ids[n], "%u-0", first + n);
        snprintf(hashes[n], sizeof hashes[n], "%u", first + n);
        /* Over in one way or another: closed, withdrawn, or corrected so. */
        fields[n][0] = a_text((first + n) % 3 == 1 ? "end" : "event");
        fields[n][1] = a_text((first + n) % 3 == 2 ? "withdrawn" : "closed");
        fields[n][2] = a_text("id");
        fields[n][3] = a_text(hashes[n]);
        parts[n][0] = a_text(ids[n]);
        parts[n][1] = an_array(fields[n], 4);
        page[n] = an_array(parts[n], 2);
    }
    return an_array(page, n);
}

static struct reply answer_unlink(const struct command *c)
{
    struct text id;
    for (size_t i = 1; i < c->count && !store.refuses_unlink; i++) {
        assert_true(command_begins(c->args[i], "muck:{0}:violation:", &id));
        store.hashes[atoi(id.data)] = false;
    }
    return store.refuses_unlink ? (struct reply){.type = REPLY_ERROR, .text = TEXT("NOPERM")}
                                : an_integer((int64_t)c->count - 1);
}

/* A registration: its last ids and time are one number; its batch another. */
static struct reply answer_keeper(bool unknown, bool there, uint32_t last, uint32_t batch)
{
    static char number[3][32];
    static struct reply pairs[26];
    if (unknown)
        return (struct reply){.type = REPLY_ERROR, .text = TEXT("NOPERM")};
    if (!there)
        return an_array(pairs, 0);
    snprintf(number[0], sizeof number[0], "%u-0", last);
    snprintf(number[1], sizeof number[1], "%u", batch);
    snprintf(number[2], sizeof number[2], "%d", batch > 0 ? NOW_S * 1000 : 0); /* it has nothing yet */
    static const char *const names[] = {
        "last:violations", "last:trips",  "last:marks", "last:attended",    "last:warnings",
        "last:actions",    "last:shifts", "last:work",  "last:collections", "last:coverage",
        "last:audit",      "batch",       "upto"};
    for (size_t i = 0; i < 13; i++) {
        pairs[2 * i] = a_text(names[i]);
        pairs[2 * i + 1] = a_text(number[i < 11 ? 0 : i - 10]);
    }
    return an_array(pairs, 26);
}

/* The newest entry that would go: of a track one of batch 70, of others the last. */
static struct reply answer_newest(const struct command *c)
{
    static struct reply entry[2], one[1], pair[2];
    static char id[32];
    uint32_t vehicle, *entries = stream_of(c->args[1], &vehicle);
    snprintf(id, sizeof id, "%u-0", entries == &store.shifts ? OLD : *entries);
    pair[0] = a_text("batch");
    pair[1] = a_text("70");
    entry[0] = a_text(id);
    entry[1] = an_array(pair, 2);
    one[0] = an_array(entry, 2);
    return an_array(one, *entries > 0);
}

/* What let_go.lua does, which tests/dispatch/let_go.py holds to a real store. */
static struct reply answer_let_go(const struct command *c)
{
    static struct reply said[3];
    assert_true(command_is(c, 0, "EVAL") && command_is(c, 3, "muck:{0}:actions") &&
                command_is(c, 4, "muck:{0}:alert:"));
    uint32_t id = command_is(c, 5, "-") ? 1 : (uint32_t)command_number(c, 5) + 1;
    uint32_t end = (uint32_t)command_number(c, 6) + !is_first_of_ms(c->args[6]);
    uint32_t looked = 0, gone = 0, last = 0;
    assert_true(command_number(c, 7) == command_number(c, 6));
    for (; id <= OLD && id < end && looked < (uint32_t)command_number(c, 8); id++) {
        if (!store.acted[id])
            continue;
        last = id;
        looked++;
        if (store.worked > 0 && id % store.worked == 0)
            continue;
        store.acted[id] = false;
        gone++;
    }
    store.actions -= gone;
    store.looks++;
    snprintf(ids[0], sizeof ids[0], "%u-0", last);
    said[0] = an_integer(gone);
    said[1] = an_integer(looked);
    said[2] = a_text(ids[0]);
    return an_array(said, 3);
}

static struct reply answer(const struct command *c)
{
    uint32_t vehicle;
    if (command_is(c, 0, "XREVRANGE"))
        return answer_newest(c);
    if (command_is(c, 0, "EVAL"))
        return answer_let_go(c);
    if (command_is(c, 0, "XTRIM"))
        return an_integer(answer_trim(c));
    if (command_is(c, 0, "XRANGE"))
        return answer_page(c);
    if (command_is(c, 0, "UNLINK"))
        return answer_unlink(c);
    if (command_is(c, 0, "XPENDING")) {
        snprintf(ids[0], sizeof ids[0], "%u-0", store.pending_from);
        pending[0] = an_integer(1);
        pending[1] = pending[2] = a_text(ids[0]);
        return an_array(pending, 4);
    }
    assert_true(command_is(c, 0, "XINFO"));
    if (store.pending_from == 0 || stream_of(c->args[2], &vehicle) != &store.violations)
        return an_array(groups, 0);
    group[0] = a_text("name");
    group[1] = a_text("slow");
    group[2] = a_text("last-delivered-id");
    group[3] = a_text("99999-0");
    groups[0] = an_array(group, 4);
    return an_array(groups, 1);
}

/* A second: what is asked, and what the answers ask, until all is quiet. */
static void turn(void)
{
    static struct command c;
    const struct retention_config keep = {.track_ms = KEEP_S * 1000,
                                          .violations_ms = KEEP_S * 1000,
                                          .trips_ms = KEEP_S * 1000,
                                          .duties_ms = KEEP_S * 1000,
                                          .audit_ms = 2 * KEEP_S * 1000,
                                          .rejects_max = REJECTS_MAX};
    janitor_run(&janitor, &shared, &partition, &keep);
    for (size_t i = 0; i < shared.actions.count; i++) {
        const struct action a = shared.actions.list[i];
        uint32_t open = 0;
        for (size_t k = i; k < shared.actions.count; k++)
            open += shared.actions.list[k].kind == ACTION_SEND;
        store.at_a_time = open > store.at_a_time ? open : store.at_a_time;
        store.told += a.kind == ACTION_LOG;
        if (a.kind == ACTION_SEND && a.send.ask == ASK_ARCHIVE) {
            const struct reply reply =
                answer_keeper(store.unknown, store.registered, store.archived, store.archived_batch);
            janitor_archived(&janitor, &shared, &reply);
        }
        if (a.kind == ACTION_SEND && a.send.ask == ASK_EVIDENCE) {
            const struct reply reply =
                answer_keeper(store.keeper_unknown, store.keeper, store.kept, store.kept_batch);
            janitor_kept(&janitor, &shared, &partition, &reply);
        }
        if (a.kind != ACTION_SEND || a.send.ask != ASK_CHORE)
            continue;
        store.questions++;
        command_parse(actions_command(&shared.actions, &a), &c);
        const struct reply reply = answer(&c);
        janitor_answered(&janitor, &shared, a.send.slot, &partition, &reply);
    }
    actions_clear(&shared.actions);
}

/* Whatever the fleet: a minute is enough for thirty thousand violations and a million and a half refusals. */
static void shared_streams_do_not_wait_for_the_fleet(void **state)
{
    new_fleet(VEHICLES);
    store.violations = OLD;
    for (uint32_t i = 1; i <= OLD; i++)
        store.hashes[i] = true;
    store.trips = OLD;
    store.work = store.collections = store.coverage = OLD;
    store.rejects = 1500000;
    store.marks = 50000;
    for (int second = 0; second < 60; second++)
        turn();
    assert_int_equal(store.violations, 0);
    assert_int_equal(store.trips, 0);
    assert_int_equal(store.work, 0);
    assert_int_equal(store.collections, 0);
    assert_int_equal(store.coverage, 0);
    assert_int_equal(store.rejects, REJECTS_MAX);
    assert_int_equal(store.marks, 10000);
    assert_true(store.largest_step <= TRIM_MAX);
    assert_true(store.at_a_time <= JANITOR_CHORES + 1);
    free_fleet();
}

/* More comes each second than one call lets go of. */
static void refusals_stay_at_their_cap(void **state)
{
    new_fleet(VEHICLES);
    for (int second = 0; second < 100; second++) {
        store.rejects += 3 * TRIM_MAX;
        turn();
        assert_true(store.rejects <= REJECTS_MAX);
    }
    free_fleet();
}

static void every_track_is_looked_at_in_ten_minutes(void **state)
{
    new_fleet(VEHICLES);
    for (uint32_t i = 0; i < VEHICLES; i++)
        store.tracks[i] = i == 17 ? 10 * TRIM_MAX : 40;
    for (int second = 0; second < 600; second++)
        turn();
    for (uint32_t i = 0; i < VEHICLES; i++) {
        assert_true(store.looked[i] > 0);
        assert_int_equal(store.tracks[i], 0);
    }
    assert_true(store.questions < 600 * (23 + 3 * (1 + VEHICLES / 600)) + 100); /* and not many times over */
    free_fleet();
}

static void what_a_group_has_not_acknowledged_stays(void **state)
{
    new_fleet(1);
    store.violations = OLD;
    store.pending_from = 12345;
    for (uint32_t i = 1; i <= OLD; i++)
        store.hashes[i] = true;
    for (int second = 0; second < 60; second++)
        turn();
    assert_int_equal(store.violations, OLD - store.pending_from + 1);
    assert_true(store.hashes[store.pending_from] && !store.hashes[store.pending_from - 1]);
    free_fleet();
}

/* The entry stays with the hash that could not be taken out. */
static void a_hash_that_stays_keeps_its_entry(void **state)
{
    new_fleet(1);
    store.violations = OLD;
    store.refuses_unlink = true;
    for (int second = 0; second < 5; second++)
        turn();
    assert_int_equal(store.violations, OLD);
    store.refuses_unlink = false;
    for (int second = 0; second < 5; second++)
        turn();
    assert_int_equal(store.violations, 0);
    free_fleet();
}

/* Nothing goes that is not archived; refusals keep their cap. */
static void what_is_not_archived_stays(void **state)
{
    new_fleet(2);
    store.registered = true;
    store.archived = 100;
    store.archived_batch = 69; /* tracks have 70 */
    store.violations = store.trips = store.work = store.collections = store.coverage = OLD;
    store.rejects = 200000;
    store.marks = 20000;
    store.tracks[0] = store.tracks[1] = 40;
    for (uint32_t i = 1; i <= OLD; i++)
        store.hashes[i] = true;
    for (int second = 0; second < 60; second++)
        turn();
    assert_int_equal(store.violations, OLD - 100);
    assert_int_equal(store.trips, OLD - 100);
    assert_int_equal(store.work, OLD - 100);
    assert_int_equal(store.collections, OLD - 100);
    assert_int_equal(store.coverage, OLD - 100);
    assert_int_equal(store.rejects, REJECTS_MAX);
    assert_int_equal(store.marks, 20000);
    assert_int_equal(store.tracks[0], 40);
    store.archived_batch = 70;
    for (int second = 0; second < 60; second++)
        turn();
    assert_int_equal(store.tracks[0], 0);
    assert_int_equal(store.tracks[1], 0);
    store.registered = false; /* let go of */
    for (int second = 0; second < 60; second++)
        turn();
    assert_int_equal(store.violations, 0);
    assert_int_equal(store.trips, 0);
    assert_int_equal(store.marks, 10000);
    free_fleet();
}

static void people_did(uint32_t actions, uint32_t worked)
{
    store.actions = actions;
    store.worked = worked;
    for (uint32_t i = 1; i <= actions; i++)
        store.acted[i] = true;
}

/* What people did goes when it is over, archived, and old; the last word on the watch stays; who looked at whom as well. */
static void what_people_did_goes_when_it_is_over(void **state)
{
    new_fleet(1);
    people_did(OLD, 1000);
    store.shifts = OLD;
    store.audit = OLD;
    store.registered = true;
    store.archived = 700;
    store.archived_batch = 70;
    for (int second = 0; second < 60; second++)
        turn();
    assert_int_equal(store.actions, OLD - 700);
    assert_int_equal(store.shifts, OLD - 700);
    assert_int_equal(store.audit, OLD - 700);
    store.registered = false;
    for (int second = 0; second < 60; second++)
        turn();
    assert_int_equal(store.audit, 0);
    assert_int_equal(store.actions, OLD / 1000);
    assert_true(store.acted[1000] && store.acted[OLD]);
    assert_int_equal(store.shifts, 1);
    uint32_t looks = store.looks;
    for (int second = 0; second < 10; second++)
        turn();
    assert_true(store.looks <= looks + 10); /* what stays costs a page a turn */
    store.worked = 0;                       /* all are closed */
    for (int second = 0; second < 5; second++)
        turn();
    assert_int_equal(store.actions, 0);
    free_fleet();
}

/* More than a page of alerts that are worked: those behind them are reached, and the first ones again. */
static void what_stays_is_passed_and_looked_at_again(void **state)
{
    new_fleet(1);
    people_did(1000, 1);
    for (int second = 0; second < 8; second++)
        turn();
    assert_int_equal(store.actions, 1000);
    store.worked = 950; /* only one still is */
    for (int second = 0; second < 30; second++)
        turn();
    assert_int_equal(store.actions, 1);
    free_fleet();
}

/* An archive and a keeper of evidence: what goes is what both have, whichever is behind. */
static void what_either_lacks_stays(void **state)
{
    for (int behind = 0; behind < 2; behind++) {
        new_fleet(2);
        store.registered = store.keeper = true;
        store.archived = behind ? 300 : 100;
        store.kept = behind ? 100 : 300;
        store.archived_batch = behind ? 70 : 69;
        store.kept_batch = behind ? 69 : 70;
        store.trips = store.warnings = OLD;
        store.tracks[0] = 40;
        for (int second = 0; second < 60; second++)
            turn();
        assert_int_equal(store.trips, OLD - 100);
        assert_int_equal(store.warnings, OLD - 100);
        assert_int_equal(store.tracks[0], 40);
        store.archived_batch = store.kept_batch = 70;
        store.registered = !behind; /* the one that is behind goes on alone */
        store.keeper = behind;
        for (int second = 0; second < 60; second++)
            turn();
        assert_int_equal(store.trips, OLD - 100);
        assert_int_equal(store.tracks[0], 0);
        store.registered = store.keeper = false;
        for (int second = 0; second < 60; second++)
            turn();
        assert_int_equal(store.trips, 0);
        assert_int_equal(store.warnings, 0);
        free_fleet();
    }
}

/* Whether one is registered cannot be read: there may be one. */
static void nothing_goes_unless_it_is_known(void **state)
{
    new_fleet(1);
    store.unknown = true;
    store.trips = OLD;
    store.tracks[0] = 40;
    for (int second = 0; second < 60; second++)
        turn();
    assert_int_equal(store.trips, OLD);
    assert_int_equal(store.tracks[0], 40);
    store.unknown = false;
    store.keeper_unknown = true;
    for (int second = 0; second < 60; second++)
        turn();
    assert_int_equal(store.trips, OLD);
    assert_int_equal(store.tracks[0], 40);
    free_fleet();
}

static double behind_s(void)
{
    return metrics_get(shared.metrics, METRIC_ARCHIVE_LAG, 0);
}

/* An archive that has nothing yet is behind since it is there; that it lags is told each minute, not each second. */
static void an_empty_archive_is_behind_since_it_is_there(void **state)
{
    new_fleet(1);
    store.registered = true;
    for (int second = 0; second < 200; second++, shared.now.wall.ms += 1000) {
        turn();
        assert_true(behind_s() == second);
        assert_int_equal(archived_lags(&janitor.archived, shared.now), second > 60);
        assert_int_equal(store.told, second > 180 ? 3 : second > 120 ? 2 : second > 60);
    }
    store.unknown = true; /* not to be read for a while: what is known of it stays */
    turn();
    store.unknown = false;
    turn();
    assert_true(behind_s() == 200 && store.told == 3);
    store.archived_batch = 70; /* written when all began */
    turn();
    assert_true(behind_s() == 200);
    store.registered = false;
    turn();
    assert_true(behind_s() == 0);
    store.registered = true; /* another one */
    store.archived_batch = 0;
    turn();
    assert_true(behind_s() == 0);
    shared.now.wall.ms -= 3600000; /* the clock is set back */
    turn();
    assert_true(behind_s() == 0);
    assert_false(archived_lags(&janitor.archived, shared.now));
    free_fleet();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_streams_do_not_wait_for_the_fleet),
        cmocka_unit_test(refusals_stay_at_their_cap),
        cmocka_unit_test(every_track_is_looked_at_in_ten_minutes),
        cmocka_unit_test(what_a_group_has_not_acknowledged_stays),
        cmocka_unit_test(a_hash_that_stays_keeps_its_entry),
        cmocka_unit_test(what_is_not_archived_stays),
        cmocka_unit_test(what_people_did_goes_when_it_is_over),
        cmocka_unit_test(what_stays_is_passed_and_looked_at_again),
        cmocka_unit_test(an_empty_archive_is_behind_since_it_is_there),
        cmocka_unit_test(what_either_lacks_stays),
        cmocka_unit_test(nothing_goes_unless_it_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
