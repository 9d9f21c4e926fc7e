/*
 * correction: each row of its table, by itself: what was said and what was found are put together by hand.
 */
#include "../cmocka_all.h"

#include "correction.h"

#include "late.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define T0     INT64_C(1780000000000)
#define MINUTE INT64_C(60000)

enum { MOST = 8 };

static struct names *names;
static struct redo redo;
static struct said said;
static struct corrections found;
static struct entry entry;
static struct found_episode episodes[MOST];
static struct found_trip trips[MOST];
static struct late_fix fixes[MOST];
static uint32_t vehicle, fence_a, fence_b;

static int setup(void **state)
{
    names = names_new(100);
    names_intern(names, TEXT("truck"), &vehicle);
    names_intern(names, TEXT("fence-a"), &fence_a);
    names_intern(names, TEXT("fence-b"), &fence_b);
    memset(&redo, 0, sizeof redo);
    vehicle_init(&redo.state, vehicle);
    redo.names = names;
    redo.from.upto_ms = TIME_NONE;
    redo.episodes = episodes;
    redo.trips = trips;
    redo.fixes = fixes;
    said_init(&said, 1 << 20);
    memset(&found, 0, sizeof found);
    return 0;
}

static int teardown(void **state)
{
    corrections_fini(&found);
    said_fini(&said);
    names_free(names);
    return 0;
}

/* From minute to minute; `to` 0: it goes on. */
static struct transition episode_of(enum kind kind, uint32_t fence, int from, int to)
{
    struct transition t = {.event = to == 0 ? TRANSITION_OPENED : TRANSITION_CLOSED,
                           .kind = kind,
                           .severity = SEVERITY_MINOR,
                           .reason = to == 0 ? CLOSE_NONE : CLOSE_CLEARED,
                           .rev = to == 0 ? 1 : 2,
                           .vehicle = vehicle,
                           .subject = fence,
                           .fence = fence,
                           .repeat = 1,
                           .start_ms = T0 + from * MINUTE,
                           .at_ms = T0 + (to == 0 ? from + 1 : to) * MINUTE,
                           .end_ms = to == 0 ? TIME_NONE : T0 + to * MINUTE,
                           .received_ms = TIME_NONE,
                           .trip_ms = TIME_NONE,
                           .start_lat_deg = NAN,
                           .start_lon_deg = NAN,
                           .value = NAN,
                           .limit = NAN,
                           .error_m = NAN,
                           .ruleset = "abc"};
    t.told.lat_deg = t.told.lon_deg = NAN;
    t.told.near_ms = t.told.closed_ms = t.told.opens_ms = TIME_NONE;
    return t;
}

static void say(struct transition t)
{
    entry_of_transition(&entry, &t, names);
    assert_true(said_put_entry(&said, &entry, false, t.at_ms));
}

static void find(struct transition t)
{
    struct found_episode *f = &episodes[redo.episode_count++];
    *f = (struct found_episode){.has_opened = true, .opened = t, .last = t};
    f->opened.event = TRANSITION_OPENED;
    f->opened.end_ms = TIME_NONE;
    f->opened.at_ms = t.start_ms + MINUTE;
    f->opened.rev = 1;
    transition_id_write(&t, names, f->id);
}

static struct trip_entry trip_of(int from, int to)
{
    struct trip_entry t = {.vehicle = vehicle,
                           .end_ms = T0 + to * MINUTE,
                           .unloaded_ms = T0 + to * MINUTE,
                           .at_ms = T0 + (to + 1) * MINUTE,
                           .completeness = 1,
                           .rev = 1,
                           .end_reason = "unloaded",
                           .ruleset = "abc"};
    t.trip.start_ms = T0 + from * MINUTE;
    t.trip.loaded_ms = t.trip.arrived_ms = TIME_NONE;
    t.trip.load_kg = NAN;
    return t;
}

static void say_trip(struct trip_entry t)
{
    entry_of_trip(&entry, &t, names);
    assert_true(said_put_entry(&said, &entry, true, t.at_ms));
}

static void find_trip(struct trip_entry t)
{
    struct found_trip *f = &trips[redo.trip_count++];
    f->entry = t;
    trip_id_write(TEXT("truck"), t.trip.start_ms, f->id);
}

/* One of the corrections, as it is written. */
static void assert_told(size_t i, enum correction_type type, const char *event, const char *rev)
{
    assert_true(i < found.count);
    const struct correction *c = &found.list[i];
    assert_int_equal(c->type, type);
    correction_entry(c, &redo, &said, &entry);
    assert_true(text_equal(entry_value(&entry, "event"), text_of(event)));
    assert_true(text_equal(entry_value(&entry, "rev"), text_of(rev)) ||
                (c->trip && text_equal(entry_value(&entry, "rev"), text_of(rev))));
    assert_true(text_equal(entry_value(&entry, c->trip ? "trip" : "id"), text_of(c->id)));
    assert_true(entry_value(&entry, "cause").len > 0);
    assert_int_equal(entry_value(&entry, "replaced_by").len,
                     type == CORRECTION_WITHDRAWN && c->other[0] ? 26 : 0);
}

static void assert_pointer(size_t i, const char *name, const char *id)
{
    correction_entry(&found.list[i], &redo, &said, &entry);
    assert_true(text_equal(entry_value(&entry, name), text_of(id)));
}

static void compare(size_t want)
{
    corrections_find(&found, &redo, &said);
    assert_false(found.failed);
    assert_int_equal(found.count, want);
}

static void test_same(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 5), received = t;
    received.received_ms = T0 + 99 * MINUTE; /* says how it came, not what it is */
    received.rev = 7;
    say(received);
    find(t);
    say_trip(trip_of(0, 20));
    find_trip(trip_of(0, 20));
    compare(0);
}

static void test_other_fields(void **state)
{
    say(episode_of(KIND_BANNED_AREA, fence_a, 0, 5));
    find(episode_of(KIND_BANNED_AREA, fence_a, 0, 6));
    compare(1);
    assert_told(0, CORRECTION_UPDATED, "updated", "3");
    assert_true(text_equal(entry_value(&entry, "cause"), TEXT("late")));
    assert_true(text_equal(entry_value(&entry, "end"), TEXT("1780000360000")));
}

/* A field more or less is a difference too. */
static void test_fewer_fields(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 5), u = t;
    u.permit = fence_b;
    say(u);
    find(t);
    compare(1);
    assert_told(0, CORRECTION_UPDATED, "updated", "3");
    assert_int_equal(entry_value(&entry, "permit").len, 0);
}

/* When it was told is a difference too. */
static void test_other_moment(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 0), u = t;
    u.at_ms += MINUTE;
    say(t);
    find(u);
    compare(1);
    assert_told(0, CORRECTION_UPDATED, "updated", "2");
}

/* One that opened before the stretch, and of which nothing is known to be said: as it stands, and once. */
static void test_opened_before_and_never_said(void **state)
{
    find(episode_of(KIND_BANNED_AREA, fence_a, 0, 5));
    episodes[0].has_opened = false;
    episodes[0].last.rev = 6;
    compare(1);
    assert_told(0, CORRECTION_OPENED, "closed", "6");
}

/* Says the first item once more, with a field more. */
static void say_more(const char *name, const char *value)
{
    struct said_field field;
    said_begin(&said, false);
    for (size_t cursor = 0; said_next(&said, &said.items[0], &cursor, &field);)
        said_add(&said, text_of(field.name), field.value, field.number);
    said_add(&said, text_of(name), text_of(value), false);
    assert_true(said_end(&said));
}

/* A field that there is no more is a difference, whatever the others say. */
static void test_a_field_is_gone(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 5);
    say(t);
    say_more("plate", "A 1");
    find(t);
    compare(1);
    assert_told(0, CORRECTION_UPDATED, "updated", "3");
}

/* What others keep beside an entry is neither a difference nor told again. */
static void test_what_others_keep(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 5);
    say(t);
    say_more("opened_at", "1780000060000");
    find(t);
    compare(0);
    corrections_fini(&found);
    redo.episode_count = 0;
    compare(1);
    assert_told(0, CORRECTION_WITHDRAWN, "withdrawn", "3");
    assert_int_equal(entry_value(&entry, "opened_at").len, 0);
}

static void test_withdrawn(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 5);
    say(t);
    compare(1);
    assert_told(0, CORRECTION_WITHDRAWN, "withdrawn", "3");
    assert_true(text_equal(entry_value(&entry, "end"), TEXT("1780000300000"))); /* as it was said */
    assert_int_equal(late_again(&redo.state, KIND_BANNED_AREA, t.start_ms), 3);
}

static void test_new(void **state)
{
    find(episode_of(KIND_BANNED_AREA, fence_a, 0, 5));
    find(episode_of(KIND_SPEEDING, fence_a, 2, 0));
    compare(3);
    assert_told(0, CORRECTION_OPENED, "opened", "1");
    assert_told(1, CORRECTION_OPENED, "opened", "1");
    assert_told(2, CORRECTION_GOES_ON, "closed", "2");
    assert_string_equal(found.list[0].id, found.list[2].id);
    for (size_t i = 1; i < found.count; i++)
        assert_true(found.list[i - 1].at_ms <= found.list[i].at_ms);
}

/* Withdrawn before, found again: the same id, and its revisions go on. */
static void test_found_again(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 5);
    say(t);
    said_begin(&said, false);
    struct said_field field;
    for (size_t cursor = 0; said_next(&said, &said.items[0], &cursor, &field);)
        if (strcmp(field.name, "event") != 0 && strcmp(field.name, "rev") != 0)
            said_add(&said, text_of(field.name), field.value, field.number);
    said_add(&said, TEXT("event"), TEXT("withdrawn"), false);
    said_add(&said, TEXT("rev"), TEXT("3"), true);
    assert_true(said_end(&said));
    late_withdraw(&redo.state, KIND_BANNED_AREA, t.start_ms, 3);
    compare(0); /* withdrawn, and still not found */
    corrections_fini(&found);
    find(t);
    compare(1);
    assert_told(0, CORRECTION_UPDATED, "updated", "4");
    assert_int_equal(late_again(&redo.state, KIND_BANNED_AREA, t.start_ms), 0);
}

/* One that begins earlier is another: pointers both ways, and of the same subject before one that overlaps more. */
static void test_pointers(void **state)
{
    struct transition was = episode_of(KIND_BANNED_AREA, fence_a, 10, 20);
    say(was);
    find(episode_of(KIND_BANNED_AREA, fence_b, 5, 30));
    find(episode_of(KIND_BANNED_AREA, fence_a, 8, 12));
    find(episode_of(KIND_SPEEDING, fence_a, 5, 30));
    compare(7);
    assert_told(0, CORRECTION_WITHDRAWN, "withdrawn", "3");
    assert_string_equal(found.list[0].other, episodes[1].id);
    assert_pointer(0, "replaced_by", episodes[1].id);
    for (size_t i = 1; i < found.count; i++)
        if (found.list[i].type == CORRECTION_OPENED && strcmp(found.list[i].id, episodes[1].id) == 0)
            assert_pointer(i, "replaces", found.list[0].id);
        else
            assert_string_equal(found.list[i].other, "");
}

/* Touching is overlapping, what lies apart is not. */
static void test_touching(void **state)
{
    say(episode_of(KIND_OVERSTAY, 0, 10, 20));
    say(episode_of(KIND_OVERSTAY, 0, 40, 50));
    find(episode_of(KIND_OVERSTAY, 0, 20, 30));
    compare(4);
    for (size_t i = 0; i < 2; i++) {
        bool touches = said.items[found.list[i].said].start_ms == T0 + 10 * MINUTE;
        assert_string_equal(found.list[i].other, touches ? episodes[0].id : "");
    }
}

/* Two that become one: both point to it, and it names one of them. */
static void test_two_become_one(void **state)
{
    say(episode_of(KIND_OVERSTAY, 0, 10, 20));
    say(episode_of(KIND_OVERSTAY, 0, 30, 40));
    find(episode_of(KIND_OVERSTAY, 0, 5, 45));
    compare(4);
    for (size_t i = 0; i < 2; i++) {
        assert_told(i, CORRECTION_WITHDRAWN, "withdrawn", "3");
        assert_pointer(i, "replaced_by", episodes[0].id);
    }
    assert_told(2, CORRECTION_OPENED, "opened", "1");
    assert_true(entry_value(&entry, "replaces").len == VIOLATION_ID_LENGTH);
}

/* Withdrawn, updated, then what is new by its time. */
static void test_order(void **state)
{
    find(episode_of(KIND_OVERSTAY, 0, 50, 60));
    say(episode_of(KIND_BANNED_AREA, fence_b, 30, 40));
    find(episode_of(KIND_BANNED_AREA, fence_b, 30, 41));
    say(episode_of(KIND_BANNED_AREA, fence_a, 20, 25));
    find(episode_of(KIND_SPEEDING, fence_a, 1, 2));
    compare(6);
    assert_int_equal(found.list[0].type, CORRECTION_WITHDRAWN);
    assert_int_equal(found.list[1].type, CORRECTION_UPDATED);
    assert_string_equal(found.list[2].id, episodes[2].id);
    assert_string_equal(found.list[3].id, episodes[2].id);
    assert_string_equal(found.list[4].id, episodes[0].id);
    assert_int_equal(found.list[5].type, CORRECTION_GOES_ON);
}

/* What was told up to the checkpoint is no part of the stretch. */
static void test_before_the_checkpoint(void **state)
{
    redo.from.upto_ms = T0 + 5 * MINUTE;
    say(episode_of(KIND_BANNED_AREA, fence_a, 0, 5));
    say(episode_of(KIND_SPEEDING, fence_a, 1, 6));
    compare(1);
    assert_int_equal(said.items[found.list[0].said].kind, KIND_SPEEDING);
}

/* One that is open at the end, and was said to be over: what it was is known from before the checkpoint alone. */
static void test_begins_before(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 9);
    redo.from.upto_ms = T0 + 5 * MINUTE;
    redo.state.episode_count = 1;
    redo.state.episodes[0] = (struct episode){.kind = KIND_BANNED_AREA,
                                              .phase = EPISODE_OPEN,
                                              .subject = fence_a,
                                              .start_ms = t.start_ms,
                                              .trip_ms = TIME_NONE,
                                              .rev = 1};
    say(t);
    compare(0);
    assert_int_equal(found.begin_before_ms, t.start_ms);
    corrections_fini(&found);
    redo.earliest = true; /* nobody remembers: it goes on, and that is all there is to say */
    compare(1);
    assert_told(0, CORRECTION_REOPENED, "updated", "3");
    assert_int_equal(entry_value(&entry, "end").len + entry_value(&entry, "reason").len, 0);
    assert_int_equal(entry_value(&entry, "text").len + entry_value(&entry, "text_en").len, 0);
    assert_true(text_equal(entry_value(&entry, "fence"), TEXT("fence-a")));
    assert_int_equal(redo.state.episodes[0].rev, 3);
}

/* Of several it begins before the first. */
static void test_begins_before_several(void **state)
{
    const enum kind kinds[] = {KIND_SPEEDING, KIND_BANNED_AREA, KIND_OVERSTAY};
    const int starts[] = {2, 1, 3};
    redo.from.upto_ms = T0 + 5 * MINUTE;
    redo.state.episode_count = 3;
    for (int i = 0; i < 3; i++) {
        redo.state.episodes[i] = (struct episode){.kind = (uint8_t)kinds[i],
                                                  .phase = EPISODE_OPEN,
                                                  .subject = fence_a,
                                                  .start_ms = T0 + starts[i] * MINUTE,
                                                  .trip_ms = TIME_NONE,
                                                  .rev = 1};
        say(episode_of(kinds[i], fence_a, starts[i], 9));
    }
    compare(0);
    assert_int_equal(found.begin_before_ms, T0 + MINUTE);
}

/* What is open, and is told no further, keeps the revision that it was told with. */
static void test_revision_stays(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 0);
    redo.state.episode_count = 1;
    redo.state.episodes[0] = (struct episode){.kind = KIND_BANNED_AREA,
                                              .phase = EPISODE_OPEN,
                                              .subject = fence_a,
                                              .start_ms = t.start_ms,
                                              .trip_ms = TIME_NONE,
                                              .rev = 1};
    struct transition before = t;
    before.rev = 4;
    say(before);
    find(t);
    compare(0);
    assert_int_equal(redo.state.episodes[0].rev, 4);
}

/* What is open goes on with the next revision of its id. */
static void test_revisions_go_on(void **state)
{
    struct transition t = episode_of(KIND_BANNED_AREA, fence_a, 0, 0);
    redo.state.episode_count = 1;
    redo.state.episodes[0] = (struct episode){.kind = KIND_BANNED_AREA,
                                              .phase = EPISODE_OPEN,
                                              .subject = fence_a,
                                              .start_ms = t.start_ms,
                                              .trip_ms = TIME_NONE,
                                              .rev = 1};
    struct transition before = t;
    before.rev = 4;
    before.severity = SEVERITY_MAJOR;
    say(before);
    find(t);
    compare(1);
    assert_told(0, CORRECTION_UPDATED, "updated", "5");
    assert_int_equal(redo.state.episodes[0].rev, 5);
}

static void test_trips(void **state)
{
    say_trip(trip_of(0, 20)); /* becomes two */
    find_trip(trip_of(0, 8));
    find_trip(trip_of(12, 20));
    say_trip(trip_of(40, 60)); /* begins earlier */
    find_trip(trip_of(35, 60));
    compare(4);
    assert_int_equal(found.list[0].type, CORRECTION_WITHDRAWN);
    assert_told(0, CORRECTION_WITHDRAWN, "withdrawn", "2");
    assert_pointer(0, "replaced_by", trips[2].id);
    assert_told(1, CORRECTION_UPDATED, "updated", "2");
    assert_told(2, CORRECTION_OPENED, "", "1");
    assert_told(3, CORRECTION_OPENED, "", "1");
    assert_pointer(3, "replaces", found.list[0].id);
    assert_int_equal(late_again(&redo.state, KIND_NONE, T0 + 40 * MINUTE), 2);
}

/* That data came for a silence is said once; else what depends on arrival stays as it was said. */
static void test_silence(void **state)
{
    struct transition t = episode_of(KIND_OFFLINE, 0, 10, 30);
    t.subject = 0;
    say(t);
    struct transition clock = episode_of(KIND_NO_FIX, 0, 10, 30);
    clock.cause = CAUSE_CLOCK;
    clock.subject = CAUSE_CLOCK;
    say(clock);
    fixes[0] = (struct late_fix){.mark = LATE_LATE};
    fixes[0].fix.time.ms = T0 + 31 * MINUTE;
    redo.count = 1;
    compare(0);
    corrections_fini(&found);
    fixes[0].fix.time.ms = T0 + 20 * MINUTE;
    compare(1);
    assert_told(0, CORRECTION_LATE_DATA, "updated", "3");
    assert_true(text_equal(entry_value(&entry, "late_data"), TEXT("1")));
    assert_true(text_equal(entry_value(&entry, "end"), TEXT("1780001800000")));
    assert_true(said_put_entry(&said, &entry, false, t.at_ms));
    corrections_fini(&found);
    compare(0);
}

/* What another version said of a kind that nobody knows here is left alone. */
static void test_unknown_kind(void **state)
{
    said_begin(&said, false);
    said_add(&said, TEXT("id"), TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaa"), false);
    said_add(&said, TEXT("kind"), TEXT("of_tomorrow"), false);
    said_add(&said, TEXT("at"), TEXT("1780000000000"), true);
    assert_true(said_end(&said));
    compare(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_same),
        TEST(test_other_fields),
        TEST(test_fewer_fields),
        TEST(test_withdrawn),
        TEST(test_new),
        TEST(test_found_again),
        TEST(test_pointers),
        TEST(test_two_become_one),
        TEST(test_order),
        TEST(test_before_the_checkpoint),
        TEST(test_begins_before),
        TEST(test_revisions_go_on),
        TEST(test_trips),
        TEST(test_silence),
        TEST(test_unknown_kind),

        TEST(test_other_moment),
        TEST(test_opened_before_and_never_said),
        TEST(test_touching),
        TEST(test_a_field_is_gone),
        TEST(test_what_others_keep),
        TEST(test_revision_stays),
        TEST(test_begins_before_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
