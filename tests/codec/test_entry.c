#include "../cmocka_all.h"
#include "entry.h"
#include "phrases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static struct names *names;

static int setup(void **state)
{
    names = names_new(100);
    return names == NULL;
}

static int teardown(void **state)
{
    names_free(names);
    return 0;
}

static uint32_t name(const char *text)
{
    uint32_t symbol = 0;
    assert_true(names_intern(names, text_of(text), &symbol));
    return symbol;
}

static struct transition speeding(void)
{
    return (struct transition){
        .event = TRANSITION_OPENED,
        .kind = KIND_SPEEDING,
        .severity = SEVERITY_MAJOR,
        .rev = 1,
        .vehicle = name("truck-7"),
        .subject = name("zone-1"),
        .fence = name("zone-1"),
        .repeat = 2,
        .start_ms = 1767225600000,
        .at_ms = 1767225610000,
        .end_ms = TIME_NONE,
        .received_ms = 1767225610250,
        .trip_ms = 1767225000000,
        .has_position = true,
        .lat_deg = 31.23045671,
        .lon_deg = -121.5,
        .value = 62.04f,
        .limit = 50,
        .unit = "km/h",
        .plate = TEXT("沪A12345"),
        .company = TEXT("Muck & Co \"1\""),
        .fence_name = TEXT("人民路"),
        .ruleset = "00ff",
    };
}

/* The published example: field by field, in order. */
static void test_transition(void **state)
{
    struct transition t = speeding();
    struct entry e;
    entry_of_transition(&e, &t, names);
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
             "\"lat\":31.2304567,\"lon\":-121.5000000,\"fence\":\"zone-1\",\"trip\":\"%s\",\"value\":62.0,"
             "\"limit\":50.0,\"unit\":\"km/h\",\"repeat\":2,\"ruleset\":\"00ff\",\"received\":1767225610250,"
             "\"text\":\"沪A12345：超速行驶（人民路），62.0 公里/小时，限值 50.0 公里/小时 / "
             "沪A12345: speeding (人民路), 62.0 km/h, limit 50.0 km/h\"}",
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
    entry_of_transition(&e, &t, names);
    assert_true(text_equal(entry_value(&e, "reason"), TEXT("window")));
    assert_true(text_equal(entry_value(&e, "end"), TEXT("1767225610000")));
    const char *const absent[] = {"received", "lat", "lon", "value", "limit", "unit", "permit"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_int_equal(entry_value(&e, absent[i]).len, 0);
}

/* Each kind, each event, both languages: there is something to read, and it fits. */
static void test_every_phrase(void **state)
{
    char longest[400];
    memset(longest, 'x', sizeof longest);
    struct text big = {longest, sizeof longest};
    for (int kind = KIND_NONE + 1; kind < KIND_COUNT; kind++)
        for (int event = TRANSITION_NONE; event <= TRANSITION_CLOSED; event++)
            for (int language = PHRASE_ZH; language <= PHRASE_EN; language++) {
                struct transition t = speeding();
                t.kind = (enum kind)kind;
                t.plate = t.fence_name = big;
                t.value = t.limit = -1e11f;
                struct buf b;
                buf_init(&b, PHRASE_MAX);
                phrase_write(&t, (enum transition_event)event, names, (enum phrase_language)language, false,
                             &b);
                assert_true(buf_ok(&b));
                assert_true(b.len > 20);
                buf_fini(&b);
                t.event = (enum transition_event)event;
                struct entry e;
                entry_of_transition(&e, &t, names);
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
        entry_of_transition(&e, &w.about, names);
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
    warning_write_json(&w, names, NULL, &b);
    json_t *j = json_loadb(b.data, b.len, 0, NULL);
    assert_non_null(j);
    assert_string_equal(json_string_value(json_object_get(j, "event")), "warning");
    assert_string_equal(json_string_value(json_object_get(json_object_get(j, "text"), "en")),
                        "warning, speeding (人民路), 62.0 km/h, limit 50.0 km/h");
    assert_null(json_object_get(j, "vehicle"));
    json_decref(j);
    buf_fini(&b);
}

static void test_trip_and_reject(void **state)
{
    struct trip_entry t = {.vehicle = name("truck-7"),
                           .end_ms = 5000,
                           .unloaded_ms = TIME_NONE,
                           .completeness = 0.98765,
                           .end_reason = "unloaded",
                           .ruleset = "00"};
    t.trip = (struct trip){.start_ms = 1000,
                           .loaded_ms = TIME_NONE,
                           .arrived_ms = 4000,
                           .distance_m = 1234.56,
                           .site = name("site-1"),
                           .load_kg = NAN,
                           .violations = 3};
    struct entry e;
    entry_of_trip(&e, &t, names);
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
        cmocka_unit_test_setup_teardown(test_transition, setup, teardown),
        cmocka_unit_test_setup_teardown(test_closed_by_a_window, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_phrase, setup, teardown),
        cmocka_unit_test_setup_teardown(test_name_is_cut_between_characters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_warning, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trip_and_reject, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
