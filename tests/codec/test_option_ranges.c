/*
 * Every range of an option fits what the code behind it bears.
 *
 * The rows come from the tables that files are read by, the bounds from the types, constants and limits of
 * the code that the values are handed to. An option whose bound is not stated here fails: who adds one has to
 * say what it relies on.
 */
#include "cab.h"
#include "common_options.h"
#include "config.h"
#include "dispatch_config.h"
#include "dispatch_options.h"
#include "fix_keys.h"
#include "journal_record.h"
#include "kinds.h"
#include "mqtt_options.h"
#include "onboard_config.h"
#include "redis.h"
#include "rule_options.h"
#include "topics.h"
#include "tracker_options.h"
#include "unit_options.h"
#include "vehicle.h"

#include "cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muckwatch/contract.h>

/* The rows, without a struct to put values into. */
#define ROW(TYPE, path_, member, least, most, initial_, unit_, text_, ...)                                   \
    {.path = path_, .type = OPTION_##TYPE, .min = least, .max = most, .initial = initial_, __VA_ARGS__},
#define COMMON_ROW(TYPE, key, member, most, initial_, unit_, text_)                                          \
    {.path = "rules.common." #key, .type = OPTION_##TYPE, .max = most},

static const struct option tracker[] = {TRACKER_OPTIONS(ROW) COMMON_OPTIONS(COMMON_ROW)};
static const struct option unit[] = {UNIT_OPTIONS(ROW)};
static const struct option gateway[] = {DISPATCH_OPTIONS(ROW)};
static const struct option rule[] = {RULE_OPTIONS(ROW)};

enum { TRACKER_ROWS = sizeof tracker / sizeof *tracker, UNIT_ROWS = sizeof unit / sizeof *unit };
enum { GATEWAY_ROWS = sizeof gateway / sizeof *gateway };
enum { RULE_ROWS = sizeof rule / sizeof *rule };

/* The highest value of a member that is an unsigned integer. */
#define MOST(owner, member) ((double)(UINT64_MAX >> (64 - 8 * sizeof(((owner *)0)->member))))

/* A string of MQTT has two bytes for its length; the tracker's second connection puts "-live" behind its id.
 */
#define MQTT_TEXT_MAX ((double)(UINT16_MAX - sizeof "-live" + 1))
/* A name of the DNS, RFC 1035 2.3.4, and its final dot. */
#define HOST_MAX 255.0
/* What the numbers (",\"boot\":...,\"seq\":...") and a comma add to a fix of the journal. */
#define NUMBERS_BYTES 64

struct bound {
    const char *path; /* or the end of one, behind a star */
    double least, most;
};

/* In the unit of the row; the first that fits counts. */
static const struct bound bounds[] = {
    {"*.host", 1, HOST_MAX},
    {"mqtt.port", 1, MOST(struct mqtt_options, port)},
    {"redis.port", 1, MOST(struct redis_options, port)},
    {"gpsd.port", 1, UINT16_MAX},        /* gpsd_client_new */
    {"http.port", 0, UINT16_MAX},        /* http_status_new, web_server_new */
    {"http.connections", 1, UINT32_MAX}, /* a place is half of a ticket */
    {"partitions", 0, UINT32_MAX},
    {"desk.ack_min", 1, 1e9}, /* in ms beside a time of today */
    {"desk.handle_h", 1, 1e9},
    {"desk.close_h", 1, 1e9},
    {"desk.reasons", 1, 128}, /* DESK_NAME_MAX */
    {"sessions.most", 1, UINT32_MAX},
    {"sessions.tries_per_min", 1, 60000}, /* one a millisecond */
    {"rate.read_per_s", 0.001, 1000},     /* the same */
    {"rate.change_per_s", 0.001, 1000},
    {"rate.heavy_per_s", 0.001, 1000},
    {"basemap.raster", 1, 4096}, /* a field of an answer */
    {"world.kept", 1, 1024},     /* VERSIONS_MAX */
    {"archive.http_port", 0, UINT16_MAX},
    {"mqtt.client_id", 1, MQTT_TEXT_MAX},
    {"mqtt.username", 1, MQTT_TEXT_MAX},
    {"mqtt.keepalive_s", 5, MOST(struct mqtt_options, keepalive_s)}, /* libmosquitto refuses 1 to 4 */
    {"redis.username", 1, 512 << 20},                                /* a string of RESP */
    {"archive.username", 1, 512 << 20},
    {"city.timezone", 1, 255}, /* a name in a folder of zones */
    {"city.day_ends", 1, 255}, /* city_day_ends_read */
    {"retention.rejects_max", 0, UINT32_MAX},
    {"late.horizon_h", 0, 24},       /* of the promise; 97 checkpoints of the default distance */
    {"late.checkpoint_s", 1, 86400}, /* marks are counted from the epoch, so that one a day is the least */
    {"late.share", 0.001, 1},
    {"limits.batch_messages", 1, MOST(struct mqtt_options, receive_max)},
    {"limits.vehicles", 1, UINT32_MAX / 2}, /* tables are powers of two, at most half taken */
    {"limits.fence_points", 4, UINT32_MAX},
    /* The fastest a fix may say to have been, and the largest error it may say to have. */
    {"rules.common.moving_kmh", 0, 150 * 3.6},
    {"rules.common.stopped_kmh", 0, 150 * 3.6},
    {"rules.common.eph_default_m", 0, 1000000},
    {"rules.common.edge_m", 0, 1000000},
    /* A count that stands still at its type's end would never reach what is asked of it. */
    {"confirm_fixes", 0, MOST(struct episode, held_fixes)},
    {"clear_fixes", 0, MOST(struct episode, clear_fixes)},
    {"major", 0, 1e12},          /* seconds, held in milliseconds below 2^53 */
    {"event_code", 0, 64 << 10}, /* an entry is a few kilobytes */
    {"department", 0, 64 << 10},
    {"vehicle", 1, VEHICLE_ID_MAX},
    {"journal.max_mb", 1, 8192}, /* so many are made and kept by a test; each is read at the start */
    /* the longest record has to find room in what waits, whose size in bytes has 32 bits */
    {"journal.memory_kb", (JOURNAL_PAYLOAD_MAX + JOURNAL_RECORD_HEAD + 1023) / 1024, UINT32_MAX >> 10},
    {"sampling.turn_deg", 0, 180},        /* two headings differ by no more */
    {"sampling.distance_m", 0, 20037508}, /* nor two places: half the equator */
    {"sending.batch_fixes", 1, UINT32_MAX},
    /* one fix more is written before it is taken back */
    {"sending.batch_bytes", 1, CAB_PAYLOAD_MAX - JOURNAL_PAYLOAD_MAX - NUMBERS_BYTES},
    {"sending.fixes_per_s", 0, UINT32_MAX},
    {"*.delta_kg", 0, 1 << 24}, /* what a float tells apart by whole units */
    {"*.delta_m", 0, 1 << 24},
    {"warn.command", 1, 128 << 10}, /* an argument of a program, MAX_ARG_STRLEN */
};

static bool fits(const char *pattern, const char *path)
{
    size_t n = strlen(path);
    if (pattern[0] != '*')
        return strcmp(pattern, path) == 0;
    size_t tail = strlen(pattern + 1);
    return n >= tail && strcmp(path + n - tail, pattern + 1) == 0;
}

/* Milliseconds in one unit; 0 for what is no duration. */
static double unit_ms(enum option_type type)
{
    return type == OPTION_SECONDS ? 1000 : type == OPTION_HOURS ? 3600e3 : type == OPTION_DAYS ? 86400e3 : 0;
}

static struct bound bound_of(const struct option *r)
{
    /* A dozen of them and any time of a fix make no sum that 64 bits do not hold, nor a double. */
    if (unit_ms(r->type) > 0)
        return (struct bound){r->path, 0, 0x1p48 / unit_ms(r->type)};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (fits(bounds[i].path, r->path))
            return bounds[i];
    fail_msg("%s: the test does not say what the code behind it bears", r->path);
    return (struct bound){0};
}

static void check(const struct option *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct option *r = &rows[i];
        if (r->type == OPTION_FILE || r->type == OPTION_FILES || r->type == OPTION_BOOL ||
            r->type == OPTION_WORD) {
            assert_true(r->min == 0 && r->max == 0);
            continue;
        }
        struct bound b = bound_of(r);
        if (!(r->min >= b.least && r->max <= b.most && r->min < r->max))
            fail_msg("%s: %g to %g, but the code bears %g to %g", r->path, r->min, r->max, b.least, b.most);
        if (r->initial != NULL && r->type != OPTION_TEXT) {
            char *end;
            double initial = strtod(r->initial, &end);
            assert_true(*end == '\0' && initial >= r->min && initial <= r->max);
        }
        if (r->type == OPTION_WHOLE)
            assert_true(r->min == floor(r->min) && r->max == floor(r->max) && r->max <= UINT32_MAX);
    }
}

static void ranges_of_the_tracker_fit(void **state)
{
    (void)state;
    check(tracker, TRACKER_ROWS);
}

static void ranges_of_the_unit_fit(void **state)
{
    (void)state;
    check(unit, UNIT_ROWS);
}

static void ranges_of_the_gateway_fit(void **state)
{
    (void)state;
    check(gateway, GATEWAY_ROWS);
}

static void ranges_of_rules_fit(void **state)
{
    (void)state;
    check(rule, RULE_ROWS);
}

/* The bounds above that repeat figures of the contract have to be those. */
static void bounds_are_the_contracts(void **state)
{
    char topic[TOPIC_SIZE];
    (void)state;
    assert_true(fix_fields[KEY_SPEED].max == 150);
    assert_true(fix_fields[KEY_EPH].max == 1000000);
    assert_true(MOST(struct breach, fixes) == MOST(struct episode, held_fixes));
    assert_true(topic_write((struct text){topic, 0}, MW_TOPIC_STATUS, topic, sizeof topic) + VEHICLE_ID_MAX <
                sizeof topic);
}

/* Whether `words` are those, in this order: a value is its word's place. */
static void expect_words(const struct option *rows, size_t count, const char *path, const char *words)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].path, path) == 0) {
            assert_int_equal(rows[i].type, OPTION_WORD);
            assert_string_equal(rows[i].words, words);
            return;
        }
    fail_msg("there is no %s", path);
}

static void words_stand_in_the_order_of_their_enums(void **state)
{
    char words[64];
    (void)state;
    snprintf(words, sizeof words, "%s|%s|%s", severity_name(SEVERITY_MINOR), severity_name(SEVERITY_MAJOR),
             severity_name(SEVERITY_CRITICAL));
    assert_true(SEVERITY_MINOR == 1 && SEVERITY_MAJOR == 2 && SEVERITY_CRITICAL == 3);
    expect_words(rule, RULE_ROWS, "severity", words);
    assert_true(ONBOARD_CLOCK_SYSTEM == 1 && ONBOARD_CLOCK_RECEIVER == 2);
    expect_words(unit, UNIT_ROWS, "sampling.clock", "system|receiver");
    assert_true(DISPATCH_PROXY_NONE == 1 && DISPATCH_PROXY_HTTP == 2 && DISPATCH_PROXY_HTTPS == 3);
    expect_words(gateway, GATEWAY_ROWS, "http.proxy", "none|http|https");
    assert_true(DISPATCH_CRS_WGS84 == 1 && DISPATCH_CRS_GCJ02 == 2);
    expect_words(gateway, GATEWAY_ROWS, "basemap.crs", "wgs84|gcj02");
}

static void no_option_stands_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRACKER_ROWS; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(tracker[i].path, tracker[k].path);
    for (size_t i = 0; i < UNIT_ROWS; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(unit[i].path, unit[k].path);
    for (size_t i = 0; i < GATEWAY_ROWS; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(gateway[i].path, gateway[k].path);
    assert_true(TRACKER_ROWS <= OPTIONS_ROWS_MAX && UNIT_ROWS <= OPTIONS_ROWS_MAX &&
                GATEWAY_ROWS <= OPTIONS_ROWS_MAX);
    assert_true(RULE_ROWS + KIND_OWN_MAX + 1 <= OPTIONS_ROWS_MAX);
}

/* Every bound above is of some option: what is gone takes its bound along. */
static void no_bound_is_left_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        size_t used = 0;
        for (size_t k = 0; k < TRACKER_ROWS; k++)
            used += fits(bounds[i].path, tracker[k].path);
        for (size_t k = 0; k < UNIT_ROWS; k++)
            used += fits(bounds[i].path, unit[k].path);
        for (size_t k = 0; k < GATEWAY_ROWS; k++)
            used += fits(bounds[i].path, gateway[k].path);
        for (size_t k = 0; k < RULE_ROWS; k++)
            used += fits(bounds[i].path, rule[k].path);
        if (used == 0)
            fail_msg("%s is no option", bounds[i].path);
    }
}

/* Settings of a kind's own, and its defaults of those that every kind has. */
static void defaults_of_kinds_lie_in_their_ranges(void **state)
{
    (void)state;
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++) {
        const struct kind_row *row = kind_row(k);
        struct rule_settings s = kind_settings_initial(k);
        for (size_t i = 0; row->own[i].name != NULL; i++) {
            const struct own_setting *o = &row->own[i];
            assert_true(i < KIND_OWN_MAX);
            assert_true(o->min <= o->initial && o->initial <= o->max && o->min < o->max && o->max < 0x1p53);
            for (size_t n = 0; n < RULE_ROWS; n++)
                assert_string_not_equal(o->name, rule[n].path);
        }
        const struct {
            const char *path;
            double value;
        } values[] = {
            {"confirm_fixes", s.confirm_fixes},         {"clear_fixes", s.clear_fixes},
            {"confirm_s", (double)s.confirm_ms / 1000}, {"clear_s", (double)s.clear_ms / 1000},
            {"warn_s", (double)s.warn_ms / 1000},       {"major", s.major},
        };
        for (size_t i = 0; i < sizeof values / sizeof *values; i++)
            for (size_t n = 0; n < RULE_ROWS; n++)
                if (strcmp(rule[n].path, values[i].path) == 0)
                    assert_true(values[i].value >= rule[n].min && values[i].value <= rule[n].max);
    }
}

/* The same of rules.common, by the value that each member has. */
static void defaults_of_rules_common_lie_in_their_ranges(void **state)
{
    struct common_settings c = common_settings_initial();
    (void)state;
#define SCALE_SECONDS 1000.0
#define SCALE_NUMBER  1.0
#define SCALE_BOOL    1.0
#define CHECK(TYPE, key, member, most, initial, unit_, text)                                                 \
    assert_true((double)c.member == SCALE_##TYPE * (initial));                                               \
    assert_true(OPTION_##TYPE == OPTION_BOOL || ((initial) >= 0 && (initial) <= (most)));
    COMMON_OPTIONS(CHECK)
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_of_the_tracker_fit),
        cmocka_unit_test(ranges_of_the_unit_fit),
        cmocka_unit_test(ranges_of_the_gateway_fit),
        cmocka_unit_test(ranges_of_rules_fit),
        cmocka_unit_test(bounds_are_the_contracts),
        cmocka_unit_test(words_stand_in_the_order_of_their_enums),
        cmocka_unit_test(no_option_stands_twice),
        cmocka_unit_test(no_bound_is_left_over),
        cmocka_unit_test(defaults_of_kinds_lie_in_their_ranges),
        cmocka_unit_test(defaults_of_rules_common_lie_in_their_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
