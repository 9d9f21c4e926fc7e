#include "../cmocka_all.h"
#include "entry.h"
#include "phrases.h"
#include "sample_transitions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static struct transition speeding(void)
{
    return (struct transition){
        .event = TRANSITION_OPENED,
        .kind = KIND_SPEEDING,
        .severity = SEVERITY_MAJOR,
        .rev = 1,
        .vehicle = sample_name("truck-7"),
        .subject = sample_name("zone-1"),
        .fence = sample_name("zone-1"),
        .repeat = 2,
        .start_ms = 1767225600000,
        .at_ms = 1767225610000,
        .end_ms = TIME_NONE,
        .received_ms = 1767225610250,
        .trip_ms = 1767225000000,
        .has_position = true,
        .lat_deg = 31.23045671,
        .lon_deg = -121.5,
        .start_lat_deg = 31.23,
        .start_lon_deg = -121.5001,
        .error_m = NAN,
        .value = 62.04f,
        .limit = 50,
        .unit = "km/h",
        .plate = TEXT("沪A12345"),
        .company = TEXT("Muck & Co \"1\""),
        .fence_name = TEXT("人民路"),
        .told = {.fence_name_en = TEXT("Renmin Rd"), .near_ms = TIME_NONE},
        .ruleset = "00ff",
    };
}

/* The published example: field by field, in order. */
static void test_transition(void **state)
{
    struct transition t = speeding();
    t.fence_trail[0] = t.fence;
    t.fence_trail[1] = sample_name("a,\"b");
    t.trail_count = 2;
    struct entry e;
    entry_of_transition(&e, &t, sample_names);
    struct buf b;
    buf_init(&b, 4096);
    entry_write_json(&e, "violations", &b);
    buf_put_char(&b, '\0');
    char id[VIOLATION_ID_LENGTH + 1], trip[VIOLATION_ID_LENGTH + 1];
    violation_id_write(TEXT("truck-7"), TEXT("speeding"), TEXT(""), (struct wall){1767225600000}, id);
    violation_id_write(TEXT("truck-7"), TEXT("trip"), TEXT(""), (struct wall){1767225000000}, trip);
    char want[2048];
    snprintf(want, sizeof want,
             "{\"stream\":\"violations\",\"event\":\"opened\",\"id\":\"%s\",\"rev\":1,\"kind\":\"speeding\","
             "\"severity\":\"major\",\"vehicle\":\"truck-7\",\"plate\":\"沪A12345\","
             "\"company\":\"Muck & Co \\\"1\\\"\",\"start\":1767225600000,\"at\":1767225610000,"
             "\"lat\":31.2304567,\"lon\":-121.5000000,\"start_lat\":31.2300000,\"start_lon\":-121.5001000,"
             "\"fence\":\"zone-1\",\"fences\":\"[\\\"zone-1\\\",\\\"a,\\\\\\\"b\\\"]\",\"trip\":\"%s\","
             "\"value\":62.0,"
             "\"limit\":50.0,\"unit\":\"km/h\",\"repeat\":2,\"ruleset\":\"00ff\",\"received\":1767225610250,"
             "\"text\":\"沪A12345：超速行驶（人民路），车速62公里/小时，限速50公里/小时 / "
             "沪A12345: speeding (Renmin Rd), 62 km/h, limit 50 km/h\","
             "\"text_zh\":\"沪A12345（Muck & Co '1'）自2026年1月1日 00:00:00起，限速区段“人民路”超速行驶；"
             "车速62公里/小时，限速50公里/小时，超出24%%；适用规则“超速行驶”；30日内第2次；级别严重。\","
             "\"text_en\":\"沪A12345 (Muck & Co '1'), since 2026-01-01 00:00:00: speeding in the zone "
             "“Renmin Rd”; "
             "62 km/h, limit 50 km/h, 24 %% over; rule speeding; no. 2 of its kind in 30 days; major.\"}",
             id, trip);
    assert_string_equal(b.data, want);
    buf_fini(&b);
}

static void test_closed_by_a_window(void **state)
{
    struct transition t = speeding();
    t.event = TRANSITION_CLOSED;
    t.reason = CLOSE_WINDOW;
    t.end_ms = t.at_ms;
    t.received_ms = TIME_NONE;
    t.has_position = false;
    t.value = t.limit = NAN;
    struct entry e;
    entry_of_transition(&e, &t, sample_names);
    assert_true(text_equal(entry_value(&e, "reason"), TEXT("window")));
    assert_true(text_equal(entry_value(&e, "end"), TEXT("1767225610000")));
    const char *const absent[] = {"received", "lat", "lon", "value", "limit", "unit", "permit"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_int_equal(entry_value(&e, absent[i]).len, 0);
}

static struct text value_of(const struct transition *t, const char *field)
{
    static struct entry e;
    entry_of_transition(&e, t, sample_names);
    return entry_value(&e, field);
}

static void check_field(const struct transition *t, const char *field, const char *want)
{
    struct text value = value_of(t, field);
    if (!text_equal(value, text_of(want)))
        print_error("%s: %.*s\n", field, TEXT_ARG(value));
    assert_true(text_equal(value, text_of(want)));
}

/* Kinds about a time are measured in whole minutes, against what is allowed. */
static void test_minutes(void **state)
{
    struct transition t = sample_transition(KIND_OVERSTAY);
    t.at_ms = t.start_ms + 1859999;
    check_field(&t, "value", "30");
    check_field(&t, "limit", "30");
    check_field(&t, "unit", "min");
    t = sample_turned(t, TRANSITION_CLOSED, CLOSE_CLEARED);
    check_field(&t, "value", "45");
    /* A silence begins before it is too long. */
    t = sample_transition(KIND_OFFLINE);
    t.at_ms = t.start_ms;
    check_field(&t, "value", "10");
    check_field(&t, "limit", "10");
    t.event = TRANSITION_CLOSED;
    t.end_ms = t.start_ms + 240000;
    check_field(&t, "value", "14");
    t = sample_transition(KIND_WRONG_HOURS);
    check_field(&t, "value", "1");
    check_field(&t, "limit", "1");
    check_field(&t, "unit", "min");
}

static void test_off_route(void **state)
{
    struct transition t = sample_transition(KIND_OFF_ROUTE);
    check_field(&t, "value", "85.3");
    check_field(&t, "limit", "40.0");
    check_field(&t, "error", "8.0");
    check_field(&t, "unit", "m");
    t.error_m = NAN;
    check_field(&t, "error", "");
    t.limit = 0; /* the nearest fence of the permit is none */
    check_field(&t, "limit", "");
}

static void test_cause_stays(void **state)
{
    struct transition t = sample_transition(KIND_TAMPER);
    check_field(&t, "reason", "jump");
    check_field(&t, "cause", "jump");
    t = sample_turned(t, TRANSITION_CLOSED, CLOSE_CLEARED);
    check_field(&t, "reason", "cleared");
    check_field(&t, "cause", "jump");
}

static void test_permit_gap(void **state)
{
    struct transition t = sample_transition(KIND_NO_PERMIT);
    check_field(&t, "why", "expired");
    check_field(&t, "near_permit", "P26-0009");
    t.why = GAP_NO_PERMIT;
    t.near_permit = 0;
    check_field(&t, "why", "none");
    check_field(&t, "near_permit", "");
}

/* Sixteen pieces by name, and then how many more. */
static void test_trail(void **state)
{
    struct transition t = sample_transition(KIND_BANNED_AREA);
    check_field(&t, "fences", "");
    for (t.trail_count = 0; t.trail_count < EPISODE_PIECES_MAX; t.trail_count++)
        t.fence_trail[t.trail_count] = t.fence;
    json_t *list = json_loadb(value_of(&t, "fences").data, value_of(&t, "fences").len, 0, NULL);
    assert_int_equal(json_array_size(list), EPISODE_PIECES_MAX);
    json_decref(list);
    t.trail_count = 23;
    list = json_loadb(value_of(&t, "fences").data, value_of(&t, "fences").len, 0, NULL);
    assert_int_equal(json_array_size(list), EPISODE_PIECES_MAX + 1);
    assert_string_equal(json_string_value(json_array_get(list, 0)), "ban-centre");
    assert_int_equal(json_integer_value(json_array_get(list, EPISODE_PIECES_MAX)), 7);
    json_decref(list);
    t.fence_trail[1] = 0;
    t.trail_count = 3;
    check_field(&t, "fences", "[\"ban-centre\",2]");
}

static bool passes(const char *field)
{
    for (const char *const *f = entry_passing_fields; *f != NULL; f++)
        if (strcmp(*f, field) == 0)
            return true;
    return false;
}

/* What an episode's hash keeps of an earlier entry would be wrong: all that is not in every entry is known.
 */
static void test_passing_fields(void **state)
{
    static struct entry e, full;
    struct transition bare = {.event = TRANSITION_OPENED,
                              .kind = KIND_SPILL,
                              .severity = SEVERITY_MINOR,
                              .vehicle = sample_name("truck-7"),
                              .start_ms = TIME_NONE,
                              .at_ms = TIME_NONE,
                              .end_ms = TIME_NONE,
                              .received_ms = TIME_NONE,
                              .trip_ms = TIME_NONE,
                              .start_lat_deg = NAN,
                              .start_lon_deg = NAN,
                              .value = NAN,
                              .limit = NAN,
                              .ruleset = "00"};
    entry_of_transition(&e, &bare, sample_names);
    for (int kind = KIND_NONE + 1; kind < KIND_COUNT; kind++) {
        struct transition t =
            sample_turned(sample_transition((enum kind)kind), TRANSITION_CLOSED, CLOSE_CLEARED);
        t.jurisdiction = t.road_class = t.event_code = t.department = TEXT("x");
        t.trip_ms = t.start_ms;
        t.fence_trail[0] = t.fence;
        t.trail_count = 1;
        entry_of_transition(&full, &t, sample_names);
        for (uint32_t i = 0; i < full.count; i++) {
            const char *field = full.fields[i].name;
            bool always =
                strcmp(field, "start") == 0 || strcmp(field, "at") == 0 || entry_value(&e, field).len > 0;
            if (always == passes(field))
                fail_msg("%s", field);
        }
    }
}

static void test_name_is_cut_between_characters(void **state)
{
    char name_text[200];
    memset(name_text, 'x', sizeof name_text);
    for (size_t i = 0; i + 3 <= 60; i += 3)
        memcpy(name_text + 50 + i, "渣", 3);
    struct transition t = speeding();
    for (size_t shift = 0; shift < 3; shift++) {
        t.plate = (struct text){name_text + shift, 105};
        struct warning w = {.event = TRANSITION_OPENED, .about = t};
        struct entry e;
        entry_of_transition(&e, &w.about, sample_names);
        struct buf b;
        buf_init(&b, 4096);
        entry_write_json(&e, NULL, &b);
        /* json_write would have put U+FFFD for half a character. */
        buf_put_char(&b, '\0');
        const char *text = strstr(b.data, "\"text\"");
        assert_non_null(text);
        assert_null(strstr(text, "\xef\xbf\xbd"));
        buf_fini(&b);
    }
}

static void test_warning(void **state)
{
    struct warning w = {.event = TRANSITION_NONE, .about = speeding()};
    struct buf b;
    buf_init(&b, 4096);
    warning_write_json(&w, sample_names, NULL, &b);
    json_t *j = json_loadb(b.data, b.len, 0, NULL);
    assert_non_null(j);
    assert_string_equal(json_string_value(json_object_get(j, "event")), "warning");
    assert_string_equal(json_string_value(json_object_get(json_object_get(j, "text"), "en")),
                        "You are too fast: please slow down. Now: 62 km/h, limit 50 km/h");
    assert_null(json_object_get(j, "vehicle"));
    json_decref(j);
    buf_fini(&b);
}

static void test_trip_and_reject(void **state)
{
    struct trip_entry t = {.vehicle = sample_name("truck-7"),
                           .end_ms = 5000,
                           .unloaded_ms = TIME_NONE,
                           .completeness = 0.98765,
                           .end_reason = "unloaded",
                           .ruleset = "00"};
    t.trip = (struct trip){.start_ms = 1000,
                           .loaded_ms = TIME_NONE,
                           .arrived_ms = 4000,
                           .distance_m = 1234.56,
                           .site = sample_name("site-1"),
                           .load_kg = NAN,
                           .violations = 3};
    struct entry e;
    entry_of_trip(&e, &t, sample_names);
    assert_true(text_equal(entry_value(&e, "distance_m"), TEXT("1234.6")));
    assert_true(text_equal(entry_value(&e, "completeness"), TEXT("0.988")));
    assert_true(text_equal(entry_value(&e, "violations"), TEXT("3")));
    assert_int_equal(entry_value(&e, "unloaded").len, 0);
    assert_int_equal(entry_value(&e, "load_kg").len, 0);
    assert_int_equal(entry_value(&e, "trip").len, VIOLATION_ID_LENGTH);

    char big[1000];
    memset(big, 'p', sizeof big);
    entry_of_reject(&e, TEXT("truck-7"), (struct wall){77}, "not_json", (struct text){big, sizeof big});
    assert_int_equal(entry_value(&e, "payload").len, REJECT_PAYLOAD_MAX);
    assert_true(text_equal(entry_value(&e, "received"), TEXT("77")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_transition, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_closed_by_a_window, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_minutes, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_off_route, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_cause_stays, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_permit_gap, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_trail, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_passing_fields, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_name_is_cut_between_characters, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_warning, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(test_trip_and_reject, sample_set_up, sample_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
