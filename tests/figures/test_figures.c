/*
 * Each figure by hand: days and their ends, what fixes give in whatever order they came, what is unknown of a trip, sums and
 * what stands below them, and how all that is written.
 */
#include "../cmocka_all.h"
#include "city_day.h"
#include "day_sum.h"
#include "sheet.h"
#include "tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double METRE_DEG = 1 / 110860.0; /* of latitude, near 30 degrees */

/* ---- days ---- */

static void test_days(void **state)
{
    struct mw_zone *zone = mw_zone_fixed(8 * 3600);
    const struct city_days midnight = {zone, 0}, noon = {zone, 12 * 3600000};
    const int64_t begin_ms = INT64_C(1780243200000); /* 2026-06-01T00:00+08:00 */
    int32_t first, last;
    char name[CITY_DAY_NAME];
    assert_true(city_day_read(TEXT("2026-06"), &first, &last));
    assert_int_equal(last - first, 29);
    assert_int_equal(city_day_start_ms(&midnight, first), begin_ms);
    assert_int_equal(city_day_of(&midnight, begin_ms), first);
    assert_int_equal(city_day_of(&midnight, begin_ms - 1), first - 1);
    assert_int_equal(city_day_of(&noon, begin_ms), first - 1);
    assert_int_equal(city_day_of(&noon, begin_ms + 12 * 3600000), first);
    assert_int_equal(city_day_of(&noon, begin_ms + 36 * 3600000 - 1), first);
    city_day_name(first, name);
    assert_string_equal(name, "2026-06-01");
    const char *const no_days[] = {"2026-02-29", "2026-13", "2026-6", "20260601", "2026-06-1x", ""};
    for (size_t i = 0; i < sizeof no_days / sizeof *no_days; i++)
        assert_false(city_day_read(text_of(no_days[i]), &first, &last));
    int64_t ends_ms;
    assert_true(city_day_ends_read(TEXT("05:30"), &ends_ms));
    assert_int_equal(ends_ms, 19800000);
    const char *const no_ends[] = {"24:00", "12:60", "1:00", "12.00", "12:0x", ""};
    for (size_t i = 0; i < sizeof no_ends / sizeof *no_ends; i++)
        assert_false(city_day_ends_read(text_of(no_ends[i]), &ends_ms));
    mw_zone_free(zone);
}

/* ---- fixes ---- */

struct said {
    int second;
    double north_m;
    float speed_mps; /* below 0: none */
    int mode;        /* below 0: not said; 1: none */
    int cover;       /* enum sensor_cover */
};

static struct day_sum sum_of(const struct said *said, size_t count, bool backwards)
{
    struct day_points points = {0};
    struct day_piece piece;
    for (size_t i = 0; i < count; i++) {
        const struct said *s = &said[backwards ? count - 1 - i : i];
        struct fix fix = {.time = {INT64_C(1770000000000) + s->second * 1000},
                          .lat_deg = 30 + s->north_m * METRE_DEG,
                          .lon_deg = 112,
                          .has = FIX_HAS_POSITION | FIX_HAS_SENSORS,
                          .sensors = sensors_none()};
        fix.sensors.cover = (uint8_t)s->cover;
        if (s->speed_mps >= 0) {
            fix.has |= FIX_HAS_SPEED;
            fix.speed_mps = s->speed_mps;
        }
        if (s->mode >= 0) {
            fix.has |= FIX_HAS_MODE;
            fix.mode = (uint8_t)s->mode;
        }
        const struct day_point point = day_point_of(&fix);
        assert_true(day_points_add(&points, &point));
    }
    assert_true(day_piece_make(&points, 300000, &piece));
    day_points_fini(&points);
    return piece.sum;
}

static void test_sums(void **state)
{
    static const struct said drive[] = {
        {0, 0, 0, 3, COVER_CLOSED},        {10, 5, 0.2F, 3, COVER_CLOSED}, /* drift of a receiver at rest */
        {20, 105, 10, 3, COVER_OPEN},      {30, 9999, 10, 1, COVER_FAULT}, /* no receiver vouches for that */
        {40, 305, 10, -1, COVER_CLOSED},   {50, 405, -1, 3, COVER_CLOSED},
        {1000, 1405, 10, 3, COVER_CLOSED}, /* a pause, and a way that nobody saw */
        {2000, 1450, 0, 3, COVER_UNKNOWN}, /* a pause, and no way */
    };
    for (int backwards = 0; backwards < 2; backwards++) {
        struct day_sum sum = sum_of(drive, sizeof drive / sizeof *drive, backwards);
        assert_int_equal(sum.fixes, 8);
        assert_int_equal(sum.valid, 7);
        assert_int_equal(sum.heard_ms, 50000);
        assert_int_equal(sum.moving_ms, 40000);
        assert_true(fabs(sum.way_m - 400) < 1);
        assert_true(fabs(sum.gap_m - 1000) < 2);
        /* At fault, and over pauses, nobody knows of the cover. */
        assert_int_equal(sum.cover_count, 2);
        assert_int_equal(sum.cover[0].to_ms - sum.cover[0].from_ms, 20000);
        assert_int_equal(sum.cover[1].to_ms - sum.cover[1].from_ms, 10000);
        struct buf text;
        struct day_sum again = {0};
        buf_init(&text, 1000);
        day_sum_cover_write(&sum, &text);
        assert_true(day_sum_cover_read(&again, buf_text(&text)));
        assert_int_equal(again.cover_count, 2);
        assert_memory_equal(again.cover, sum.cover, 2 * sizeof *sum.cover);
        buf_fini(&text);
        day_sum_fini(&again);
        day_sum_fini(&sum);
    }
    static const struct said silent[] = {{0, 0, -1, 3, 0}, {10, 9, -1, 3, 0}, {20, 20, -1, 3, 0}};
    struct day_sum sum = sum_of(silent, 3, false);
    assert_int_equal(sum.moving_ms, 10000); /* by its way: 0.9 m/s is no movement, 1.1 is */
    day_sum_fini(&sum);
}

/* ---- pieces ---- */

enum { GAP_MS = 300000, TRACK = 200, TRACKS = 2000 };

/* Pauses, fixes at one time, places that are none, covers that nobody knows. */
static void make_track(struct day_point out[TRACK])
{
    int64_t ms = INT64_C(1770000000000);
    for (int i = 0; i < TRACK; i++) {
        ms += rand() % 8 == 0 ? 0 : rand() % 12 == 0 ? 200000 + rand() % 300000 : 1 + rand() % 30000;
        out[i] = (struct day_point){.ms = ms,
                                    .lat_deg = 30 + rand() % 100000 * METRE_DEG / 7,
                                    .lon_deg = 112 + rand() % 100000 * METRE_DEG / 7,
                                    .speed_mps = rand() % 4 == 0 ? NAN : (float)(rand() % 30) / 10,
                                    .valid = rand() % 6 != 0,
                                    .cover_known = rand() % 5 != 0};
    }
}

static void assert_same_sum(const struct day_sum *a, const struct day_sum *b)
{
    assert_int_equal(a->fixes, b->fixes);
    assert_int_equal(a->valid, b->valid);
    assert_int_equal(a->heard_ms, b->heard_ms);
    assert_int_equal(a->moving_ms, b->moving_ms);
    assert_memory_equal(&a->way_m, &b->way_m, sizeof a->way_m);
    assert_memory_equal(&a->gap_m, &b->gap_m, sizeof a->gap_m);
    assert_int_equal(a->cover_count, b->cover_count);
    assert_true(a->cover_count == 0 || memcmp(a->cover, b->cover, a->cover_count * sizeof *a->cover) == 0);
}

static void piece_of(const struct day_point *points, size_t count, struct day_piece *out)
{
    struct day_points all = {0};
    struct buf bytes;
    struct day_piece made;
    for (size_t i = 0; i < count; i++)
        assert_true(day_points_add(&all, &points[i]));
    assert_true(day_piece_make(&all, GAP_MS, &made));
    buf_init(&bytes, 100000);
    day_piece_write(&made, GAP_MS, &bytes);
    assert_true(day_piece_read(buf_text(&bytes), GAP_MS, out));
    buf_fini(&bytes);
    day_piece_fini(&made);
    day_points_fini(&all);
}

/* However a track is cut, also into single fixes and none, its pieces joined are what it is whole. */
static void test_pieces(void **state)
{
    srand(7);
    for (int n = 0; n < TRACKS; n++) {
        struct day_point track[TRACK];
        struct day_piece whole, joined = {0};
        make_track(track);
        piece_of(track, TRACK, &whole);
        for (size_t from = 0, to; from < TRACK; from = to) {
            struct day_piece piece;
            to = from + (size_t)(rand() % (n % 40 + 1));
            to = to > TRACK ? TRACK : to == from && rand() % 2 == 0 ? from + 1 : to;
            while (to > from && to < TRACK && track[to].ms == track[to - 1].ms)
                to++; /* at one time they are of one piece */
            piece_of(&track[from], to - from, &piece);
            assert_true(day_piece_join(&joined, &piece, GAP_MS));
            day_piece_fini(&piece);
        }
        assert_same_sum(&joined.sum, &whole.sum);
        day_piece_fini(&joined);
        day_piece_fini(&whole);
    }
}

/* What is no piece, or one by other pauses, is told from one. */
static void test_no_pieces(void **state)
{
    static const struct said drive[] = {{0, 0, 0, 3, COVER_CLOSED}, {10, 50, 5, 3, COVER_CLOSED}};
    struct day_piece piece = {.sum = sum_of(drive, 2, false)};
    struct buf bytes;
    buf_init(&bytes, 10000);
    day_piece_write(&piece, GAP_MS, &bytes);
    for (size_t len = 0; len <= bytes.len; len++) {
        struct day_piece read;
        bool whole = len == bytes.len || len == bytes.len - 16; /* one span of cover less */
        assert_int_equal(day_piece_read((struct text){bytes.data, len}, GAP_MS, &read), whole);
        day_piece_fini(&read);
        assert_false(day_piece_read((struct text){bytes.data, len}, GAP_MS + 1, &read));
        day_piece_fini(&read);
    }
    buf_fini(&bytes);
    day_piece_fini(&piece);
}

/* ---- trips ---- */

static void test_shares(void **state)
{
    const struct trip_seen nothing = {.completeness = NAN, .cover_share = NAN, .ended_ms = -1};
    struct trip_seen all = {.completeness = 0.9,
                            .cover_share = 0.9,
                            .has_permit = true,
                            .permit_has_route = true,
                            .site_has_wash = true};
    for (int i = 0; i < TRIP_SHARE_COUNT; i++) {
        enum trip_share share = (enum trip_share)i;
        struct trip_seen found = nothing;
        assert_int_equal(trip_share_of(&nothing, share), ANSWER_UNKNOWN);
        assert_int_equal(trip_share_of(&all, share), ANSWER_YES);
        found.found[share] = true; /* what was seen was seen, whatever was not */
        assert_int_equal(trip_share_of(&found, share), ANSWER_NO);
    }
    struct trip_seen blind = all;
    blind.cover_share = 0.89;
    blind.completeness = 0.89;
    blind.site_has_wash = false;
    assert_int_equal(trip_share_of(&blind, TRIP_SEALED), ANSWER_UNKNOWN);
    assert_int_equal(trip_share_of(&blind, TRIP_WASHED), ANSWER_UNKNOWN);
    assert_int_equal(trip_share_of(&blind, TRIP_ON_ROUTE), ANSWER_UNKNOWN);
    assert_int_equal(trip_share_of(&blind, TRIP_IN_HOURS), ANSWER_UNKNOWN);
    assert_int_equal(trip_share_of(&blind, TRIP_PERMITTED), ANSWER_YES);
    const struct known_span spans[] = {{0, 100}, {200, 300}};
    assert_true(trip_known_ms(spans, 2, 50, 250) == 100);
    assert_true(trip_known_ms(spans, 2, 100, 200) == 0);
}

/* ---- sums of many ---- */

static struct tally_limits limits(bool worked)
{
    return (struct tally_limits){
        .ack_ms = {60, 60, 10, 2}, .close_ms = {600, 600, 100, 20}, .now_ms = 1000, .worked = worked};
}

static void is_unknown(const struct tally *t, size_t row, enum figure figure)
{
    assert_int_equal(tally_value(t, row, figure).standing, FIGURE_UNKNOWN);
}

static void is_value(const struct tally *t, size_t row, enum figure figure, double value)
{
    const struct figure_value v = tally_value(t, row, figure);
    assert_int_equal(v.standing, FIGURE_KNOWN);
    assert_true(fabs(v.value - value) < 1e-9);
}

static void test_nothing(void **state)
{
    const struct tally_limits l = limits(true);
    struct tally *t = tally_new(TALLY_BY_COMPANY, &l);
    assert_int_equal(tally_count(t), 0);
    for (int f = 0; f < FIGURE_COUNT; f++) {
        bool number = figure_rows[f].form == FIGURE_COUNTED || figure_rows[f].form == FIGURE_SUM;
        assert_int_equal(tally_value(t, 0, (enum figure)f).standing, number ? FIGURE_KNOWN : FIGURE_UNKNOWN);
    }
    tally_free(t);
}

static void add_track(struct tally *t, const char *key, const char *vehicle, bool drove)
{
    const struct tally_track row = {text_of(vehicle),
                                    {.fixes = 10,
                                     .valid = 9,
                                     .heard_ms = 7200000,
                                     .moving_ms = drove ? 3600000 : 0,
                                     .way_m = drove ? 9000 : 0,
                                     .gap_m = drove ? 1000 : 0},
                                    true};
    assert_true(tally_add_track(t, text_of(key), &row));
}

static void test_tracks(void **state)
{
    const struct tally_limits l = limits(true);
    struct tally *t = tally_new(TALLY_BY_COMPANY, &l);
    add_track(t, "a", "v1", true); /* two days of one vehicle, which changed its company in between */
    add_track(t, "b", "v1", true);
    add_track(t, "b", "v2", false);
    assert_true(tally_add_fleet(t, TEXT("a"), 1));
    assert_true(tally_add_fleet(t, TEXT("b"), 4));
    assert_int_equal(tally_count(t), 2);
    assert_true(text_equal(tally_key(t, 1), TEXT("b")));
    is_value(t, 0, FIGURE_VEHICLES, 1);
    is_value(t, 1, FIGURE_VEHICLES, 1);
    is_value(t, 2, FIGURE_VEHICLES, 1); /* one vehicle, not two */
    is_value(t, 2, FIGURE_VEHICLE_DAYS, 2);
    is_value(t, 1, FIGURE_ONLINE, 50);
    assert_int_equal(tally_value(t, 1, FIGURE_ONLINE).of, 4);
    is_value(t, 2, FIGURE_DRIVEN_H, 2);
    is_value(t, 2, FIGURE_HEARD_H, 6);
    is_value(t, 2, FIGURE_WAY_KM, 18);
    is_value(t, 2, FIGURE_VALID, 90);
    is_value(t, 2, FIGURE_COMPLETE, 90);
    tally_free(t);
    t = tally_new(TALLY_BY_KIND, &l);
    add_track(t, "", "v2", false);
    assert_int_equal(tally_count(t), 0); /* no row for what has no kind */
    is_unknown(t, 0, FIGURE_ONLINE);
    is_unknown(t, 0, FIGURE_COMPLETE);
    tally_free(t);
}

static void test_trips(void **state)
{
    const struct tally_limits l = limits(true);
    struct tally *t = tally_new(TALLY_BY_SITE, &l);
    struct tally_trip row = {.answers = {ANSWER_YES, ANSWER_NO, ANSWER_UNKNOWN, ANSWER_YES, ANSWER_YES}};
    assert_true(tally_add_trip(t, TEXT("s"), &row));
    assert_int_equal(tally_count(t), 1);
    is_unknown(t, 0, FIGURE_TONNES);
    is_unknown(t, 0, FIGURE_ON_ROUTE);
    assert_int_equal(tally_value(t, 0, FIGURE_ON_ROUTE).unknown, 1);
    row = (struct tally_trip){.weighed = true,
                              .load_kg = 15500,
                              .answers = {ANSWER_NO, ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN, ANSWER_YES}};
    assert_true(tally_add_trip(t, TEXT("s"), &row));
    assert_true(tally_add_trip(t, TEXT(""), &row));
    assert_int_equal(tally_count(t), 2); /* what has no site is a row of its own, the first */
    assert_int_equal(tally_key(t, 0).len, 0);
    is_value(t, 1, FIGURE_TRIPS, 2);
    is_value(t, 1, FIGURE_TONNES, 15.5);
    assert_int_equal(tally_value(t, 1, FIGURE_TONNES).of, 1);
    assert_int_equal(tally_value(t, 1, FIGURE_TONNES).unknown, 1);
    is_value(t, 1, FIGURE_SEALED, 50);
    is_value(t, 1, FIGURE_WASHED, 0);
    is_value(t, 1, FIGURE_ON_ROUTE, 100);
    is_value(t, 1, FIGURE_PERMITTED, 100);
    assert_int_equal(tally_value(t, 1, FIGURE_VEHICLES).standing, FIGURE_NONE);
    tally_free(t);
}

static void add_finding(struct tally *t, const char *vehicle, enum tally_severity severity, int64_t ack_ms,
                        int64_t close_ms)
{
    const struct tally_finding row = {text_of(vehicle), severity, 900, ack_ms, close_ms};
    assert_true(tally_add_finding(t, TEXT("k"), &row));
}

static void test_findings(void **state)
{
    const struct tally_trip trip = {0};
    for (int worked = 0; worked < 2; worked++) {
        const struct tally_limits l = limits(worked == 1);
        struct tally *t = tally_new(TALLY_BY_KIND, &l);
        add_finding(t, "v1", TALLY_SEVERITY_MAJOR, 910, 1100); /* in time, and not */
        add_finding(t, "v1", TALLY_SEVERITY_MAJOR, 911, -1);   /* late; may yet be closed */
        add_finding(t, "v1", TALLY_SEVERITY_CRITICAL, -1, -1); /* both are over */
        add_finding(t, "v2", TALLY_SEVERITY_UNKNOWN, -1, -1);  /* its time to be acknowledged is over */
        assert_int_equal(tally_count(t), 1);
        is_unknown(t, 0, FIGURE_PER_100);
        assert_true(tally_add_trip(t, TEXT(""), &trip));
        assert_int_equal(tally_count(t), 1);
        is_value(t, 0, FIGURE_PER_100, 400); /* of all trips */
        is_value(t, 0, FIGURE_FINDINGS, 4);
        is_value(t, 0, FIGURE_MAJOR, 2);
        is_value(t, 0, FIGURE_REPEAT, 1);
        assert_int_equal(tally_value(t, 0, FIGURE_REPEAT).of, 2);
        is_value(t, 0, FIGURE_ACK_MIN, 10.5 / 60000);
        is_value(t, 0, FIGURE_CLOSE_H, 200 / 3600000.0);
        if (worked == 1) {
            is_value(t, 0, FIGURE_ACK_ON_TIME, 25);
            is_value(t, 0, FIGURE_CLOSE_ON_TIME, 0);
            assert_int_equal(tally_value(t, 0, FIGURE_CLOSE_ON_TIME).of, 2);
            assert_int_equal(tally_value(t, 0, FIGURE_CLOSE_ON_TIME).unknown, 2);
        } else {
            is_unknown(t, 0, FIGURE_ACK_ON_TIME); /* nobody works here: not late, unknown */
            is_unknown(t, 0, FIGURE_CLOSE_ON_TIME);
        }
        tally_free(t);
    }
}

/* ---- written ---- */

static void test_written(void **state)
{
    const struct tally_limits l = limits(true);
    struct tally *t = tally_new(TALLY_BY_VEHICLE, &l);
    struct buf out;
    buf_init(&out, 1 << 20);
    add_track(t, "=1+\"2\"", "v1", true);
    add_track(t, "宏运公司", "v2", true);
    const struct sheet sheet = {t, TALLY_BY_VEHICLE, FIGURE_ZH, tally_count(t)};
    sheet_put_csv(&sheet, &out);
    buf_put_char(&out, '\0');
    assert_memory_equal(out.data, "\xef\xbb\xbf\"车辆\",", 12);
    assert_non_null(strstr(out.data, "\r\n\"'=1+\"\"2\"\"\",\"1\","));
    assert_non_null(strstr(out.data, "\"未知\""));
    assert_null(strstr(out.data, "\"nan\""));
    buf_clear(&out);
    sheet_put_table(&sheet, &out);
    /* All rows of a table are as wide, whatever they are written in. */
    const char *p = out.data, *end = out.data + out.len;
    size_t width = 0;
    for (const char *feed; p < end && (feed = memchr(p, '\n', (size_t)(end - p))) != NULL; p = feed + 1) {
        size_t now = sheet_width((struct text){p, (size_t)(feed - p)});
        assert_true(now == 0 || width == 0 || now == width);
        width = now;
    }
    assert_int_equal(sheet_width(TEXT("ab宏（é")), 2 + 2 + 2 + 1);
    buf_clear(&out);
    sheet_put_json(&sheet, &out);
    buf_put_char(&out, '\0');
    assert_non_null(strstr(out.data, "{\"vehicle\":\"=1+\\\"2\\\"\",\"vehicles\":{\"value\":1}"));
    assert_non_null(strstr(out.data, "\"online\":{\"value\":null,\"of\":0,\"unknown\":0}"));
    buf_fini(&out);
    tally_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),      cmocka_unit_test(test_sums),   cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_no_pieces), cmocka_unit_test(test_shares), cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_tracks),    cmocka_unit_test(test_trips),  cmocka_unit_test(test_findings),
        cmocka_unit_test(test_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
