/*
 * Duties and the calendar, on virtual time through `muckctl replay`'s own machine: weeks of the month, holidays, nights, days on
 * which clocks are changed; a signal that is stuck; files that change in the middle of a day; and what `muckctl explain` says.
 */
#include "cmocka_all.h"

#include "../codec/city_files.h"
#include "replay.h"
#include "tellings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static struct city_files files;
static struct names *names;
static struct buf out;

static const double point_lon = 112.002, away_lon = 112.006;

/* A duty with one point, or one road of 193 m. */
static struct world *load(const char *timezone, const char *duty)
{
    struct problem problem = {""};
    char text[2000];
    city_files_write(
        &files, "g.json",
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":\"c1\",\"properties\":{"
        "\"kind\":\"collection\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[112.002,30]}},{\"type\":"
        "\"Feature\",\"id\":\"c2\",\"properties\":{\"kind\":\"collection\"},\"geometry\":{\"type\":\"Point\","
        "\"coordinates\":[112.012,30]}},{\"type\":\"Feature\",\"id\":\"r1\",\"properties\":{\"kind\":"
        "\"sweep\"},"
        "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[112,30.1],[112.002,30.1]]}}]}");
    city_files_write(&files, "c.json",
                     "{\"year\":2026,\"days\":[{\"name\":\"x\",\"date\":\"2026-05-11\",\"isOffDay\":true}]}");
    snprintf(text, sizeof text,
             "{\"vehicles\":[{\"id\":\"v1\",\"class\":\"compactor\"},{\"id\":\"s1\",\"class\":\"sweeper\"}],"
             "\"duties\":[%s]}",
             duty);
    city_files_write(&files, "f.json", text);
    snprintf(text, sizeof text,
             "city: {fences: [g.json], fleet: [f.json], calendar: [c.json], timezone: %s}\n", timezone);
    struct world *world = city_files_load(&files, text, names, NULL, &problem);
    if (world == NULL)
        fail_msg("%s", problem.text);
    return world;
}

static char collection_text[600];

static const char *collects(const char *days, const char *window)
{
    snprintf(collection_text, sizeof collection_text,
             "{\"id\":\"d\",\"type\":\"collection\",\"vehicles\":[\"v1\"],\"days\":\"%s\",\"points\":[{"
             "\"fence\":\"c1\",\"window\":"
             "\"%s\",\"grace_min\":0}]}",
             days, window);
    return collection_text;
}

static void put(struct replay *r, const char *vehicle, int64_t ms, double lon, double lat, double mps,
                const char *more)
{
    char line[400];
    snprintf(line, sizeof line,
             "{\"time\":%lld.%03lld,\"lat\":%.7f,\"lon\":%.7f,\"speed\":%.1f,\"eph\":4,\"mode\":3%s,"
             "\"vehicle\":\"%s\","
             "\"received\":%lld}",
             (long long)ms / 1000, (long long)ms % 1000, lat, lon, mps, more, vehicle, (long long)ms + 300);
    assert_int_equal(replay_line(r, text_of(line), &out), REPLAY_OK);
}

static void stay(struct replay *r, int64_t from_ms, int64_t to_ms, double lon)
{
    for (int64_t ms = from_ms; ms <= to_ms; ms += 20000)
        put(r, "v1", ms, lon, 30, lon == away_lon ? 8 : 0, "");
}

static int count(const char *stream, const char *one, const char *two)
{
    int n = 0;
    char head[64];
    snprintf(head, sizeof head, "{\"stream\":\"%s\"", stream);
    for (size_t at = 0; at < out.len;) {
        const char *line = out.data + at;
        size_t len = (size_t)((const char *)memchr(line, '\n', out.len - at) - line);
        char *text = strndup(line, len);
        assert_non_null(text);
        n += strncmp(text, head, strlen(head)) == 0 && strstr(text, one) != NULL && strstr(text, two) != NULL;
        free(text);
        at += len + 1;
    }
    return n;
}

static struct replay *begin(struct world *world)
{
    buf_clear(&out);
    struct replay *r = replay_new(names, world, &(struct replay_options){.vehicle_limit = 10});
    assert_non_null(r);
    return r;
}

static int64_t utc(int month, int day, int hour, int minute)
{
    return (int64_t)mw_civil_to_days(2026, month, day) * 24 * HOUR + hour * HOUR + minute * MINUTE;
}

/* Heard of all the time, and never at the point. */
static void pass_month(struct world *world)
{
    struct replay *r = begin(world);
    for (int64_t ms = utc(5, 1, 0, 0); ms < utc(6, 1, 0, 0); ms += 5 * MINUTE)
        put(r, "v1", ms, away_lon, 30, 8, "");
    replay_free(r);
    world_free(world);
}

static void test_weeks_of_the_month(void **state)
{
    (void)state;
    pass_month(load("UTC", collects("Mo[2,4]", "18:05-18:15")));
    assert_int_equal(count("collections", "\"event\":\"missed\"", ""), 2);
    assert_int_equal(count("collections", "\"event\":\"missed\"", "\"day\":\"2026-05-11\""), 1);
    assert_int_equal(count("collections", "\"event\":\"missed\"", "\"day\":\"2026-05-25\""), 1);
}

static void test_holidays(void **state)
{
    (void)state;
    pass_month(load("UTC", collects("Mo; PH off", "18:05-18:15")));
    assert_int_equal(count("collections", "\"event\":\"missed\"", ""), 3);
    assert_int_equal(count("collections", "\"day\":\"2026-05-11\"", ""), 0);
    assert_int_equal(count("violations", "\"kind\":\"missed_collection\"", "\"event\":\"opened\""), 3);
}

/* 00:10 to 00:20 of the day after is of the day on which the duty begins; on the next day there is none. */
static void test_night(void **state)
{
    (void)state;
    struct world *world = load("UTC", collects("Fr", "24:10-24:20"));
    struct replay *r = begin(world);
    stay(r, utc(5, 1, 23, 30), utc(5, 2, 0, 11), away_lon);
    stay(r, utc(5, 2, 0, 12), utc(5, 2, 0, 14), point_lon);
    stay(r, utc(5, 2, 0, 15), utc(5, 3, 1, 0), away_lon);
    assert_int_equal(count("collections", "", ""), 1);
    assert_int_equal(count("collections", "\"day\":\"2026-05-01\"", "\"state\":\"on_time\""), 1);
    replay_free(r);
    world_free(world);
}

/* In Berlin on 29 March 02:00 is 03:00: 26:30 of the 28th is no time, and stands for 03:00; on 25 October there are two, and
 * the first is meant. */
static void test_changed_clocks(void **state)
{
    (void)state;
    struct world *world = load("Europe/Berlin", collects("Sa", "25:30-26:30"));
    struct replay *r = begin(world);
    stay(r, utc(3, 28, 22, 0), utc(3, 29, 0, 49), away_lon);
    stay(r, utc(3, 29, 0, 50), utc(3, 29, 0, 52), point_lon); /* 01:50; ten minutes later it is 03:00 */
    stay(r, utc(3, 29, 0, 53), utc(3, 29, 3, 0), away_lon);
    assert_int_equal(count("collections", "\"day\":\"2026-03-28\"", "\"state\":\"on_time\""), 1);
    assert_int_equal(count("collections", "\"window_start\":1774744200000", "\"window_end\":1774746000000"),
                     1);
    replay_free(r);
    r = begin(world); /* nobody comes, and that is told once */
    stay(r, utc(10, 24, 22, 0), utc(10, 25, 3, 0), away_lon);
    assert_int_equal(count("collections", "\"event\":\"missed\"", "\"day\":\"2026-10-24\""), 1);
    assert_int_equal(count("collections", "\"window_start\":1792884600000", "\"window_end\":1792888200000"),
                     1);
    assert_int_equal(count("collections", "", ""), 1);
    assert_int_equal(count("violations", "\"event\":\"opened\"", "\"kind\":\"missed_collection\""), 1);
    replay_free(r);
    world_free(world);
}

/* Twice along the road and back, the signal off. */
static void sweep(struct replay *r, int64_t at_ms)
{
    for (int i = 0; i <= 40; i++) {
        double way = i % 20 < 10 ? i % 10 : 10 - i % 10;
        put(r, "s1", at_ms + i * 10000, 112 + way * 0.0002, 30.1 + (i % 20 < 10 ? -2e-5 : 2e-5), 2,
            ",\"sensors\":{\"work\":\"off\"}");
    }
}

/* A signal that has not changed in a day of movement is broken, and its speed tells; one that has is believed. */
static void test_stuck_signal(void **state)
{
    (void)state;
    struct world *world =
        load("UTC", "{\"id\":\"w\",\"type\":\"sweeping\",\"vehicles\":[\"s1\"],\"windows\":[\"03:00-05:00\"],"
                    "\"segments\":[{\"fence\":\"r1\"}]}");
    struct replay *r = begin(world);
    for (int i = 0; i < 25 * 60; i++)
        put(r, "s1", utc(5, 1, 1, 30) + i * MINUTE, 112.1 + i % 2 * 0.001, 30.2, 8,
            ",\"sensors\":{\"work\":\"off\"}");
    sweep(r, utc(5, 2, 3, 10));
    put(r, "s1", utc(5, 2, 3, 30), 112.1, 30.2, 8, ",\"sensors\":{\"work\":\"sweeping\"}");
    sweep(r, utc(5, 3, 3, 10));
    for (int i = 0; i < 180; i++)
        put(r, "s1", utc(5, 3, 3, 30) + i * MINUTE, 112.1 + i % 2 * 0.001, 30.2, 8,
            ",\"sensors\":{\"work\":\"off\"}");
    assert_true(count("work", "\"kind\":\"interval\"", "\"how\":\"speed\"") > 0);
    assert_int_equal(count("work", "\"kind\":\"interval\"", "\"how\":\"signal\""), 0);
    assert_int_equal(count("coverage", "\"day\":\"2026-05-02\"", "\"unswept_n\":0"), 1);
    assert_int_equal(count("coverage", "\"day\":\"2026-05-03\"", "\"done_m\":0.0"), 1);
    replay_free(r);
    world_free(world);
}

struct two_worlds {
    const struct world *list[2];
};

static bool find_world(void *context, struct text hash, const struct world **out_world)
{
    const struct two_worlds *t = context;
    for (int i = 0; i < 2; i++)
        if (text_equal(hash, text_of(t->list[i]->hash))) {
            *out_world = t->list[i];
            return true;
        }
    return false;
}

#define DAY_DUTY(points)                                                                                     \
    "{\"id\":\"d\",\"type\":\"collection\",\"vehicles\":[\"v1\"],\"points\":[" points "]}"

/* One point was done, one is taken out while it is missed, and one comes: the first is not told again, of the second what is open
 * is closed, and nothing of the third is expected but what begins from then on. */
static void test_reload(void **state)
{
    (void)state;
    struct world *before =
        load("UTC", DAY_DUTY("{\"fence\":\"c1\",\"window\":\"18:05-18:15\"},{\"fence\":\"c2\",\"window\":"
                             "\"18:05-18:15\"}"));
    struct world *after =
        load("UTC", DAY_DUTY("{\"fence\":\"c1\",\"window\":\"18:05-18:15\"},{\"fence\":\"c1\",\"window\":"
                             "\"20:05-20:15\"}"));
    struct two_worlds both = {{before, after}};
    char mark[200];
    struct replay *r = begin(before);
    replay_set_worlds(r, (struct replay_worlds){find_world, &both});
    stay(r, utc(5, 1, 17, 0), utc(5, 1, 18, 6), away_lon);
    stay(r, utc(5, 1, 18, 7), utc(5, 1, 18, 9), point_lon);
    stay(r, utc(5, 1, 18, 10), utc(5, 1, 18, 50), away_lon);
    assert_int_equal(count("violations", "\"event\":\"opened\"", "\"fence\":\"c2\""), 1);
    snprintf(mark, sizeof mark, "{\"ruleset\":\"%s\",\"received\":%lld}", after->hash,
             (long long)utc(5, 1, 19, 0));
    assert_int_equal(replay_line(r, text_of(mark), &out), REPLAY_OK);
    stay(r, utc(5, 1, 19, 1), utc(5, 1, 21, 0), away_lon);
    assert_int_equal(count("violations", "\"event\":\"closed\"", "\"fence\":\"c2\""), 1);
    assert_int_equal(count("collections", "\"event\":\"visited\"", ""), 1);
    assert_int_equal(count("collections", "\"event\":\"missed\"", "\"window_start\":1777665900000"),
                     1); /* 20:05 */
    assert_int_equal(count("collections", "", ""), 3);
    assert_int_equal(count("violations", "\"event\":\"opened\"", "\"kind\":\"missed_collection\""), 2);
    replay_free(r);
    world_free(before);
    world_free(after);
}

static void expect_told(struct text told, const char *what)
{
    char *copy = strndup(told.data, told.len);
    assert_non_null(copy);
    if (strstr(copy, what) == NULL)
        fail_msg("not told: %s\nin:\n%s", what, copy);
    free(copy);
}

/* A stop that was too short, one that was another point's, and who came in the end. */
static void tell_day(enum phrase_language language, struct buf *told)
{
    struct world *world =
        load("UTC", DAY_DUTY("{\"fence\":\"c1\",\"window\":\"18:05-18:15\"},{\"fence\":\"c2\",\"window\":"
                             "\"18:05-18:15\",\"min_stop_s\":200}"));
    const struct tellings_options options = {.id = TEXT(""), .language = language};
    struct tellings *t = tellings_new(names, world, &options);
    struct replay *r = begin(world);
    bool ok;
    assert_non_null(t);
    tellings_follow(t, r);
    stay(r, utc(5, 1, 17, 0), utc(5, 1, 18, 6), away_lon);
    stay(r, utc(5, 1, 18, 7), utc(5, 1, 18, 9), 112.012);
    stay(r, utc(5, 1, 18, 10), utc(5, 1, 19, 0), away_lon);
    stay(r, utc(5, 1, 19, 1), utc(5, 1, 19, 6), point_lon);
    stay(r, utc(5, 1, 19, 7), utc(5, 1, 19, 20), away_lon);
    assert_int_equal(tellings_finish(t, told, &ok) >= 2 && ok, 1);
    tellings_free(t);
    replay_free(r);
    world_free(world);
}

static void test_explained(void **state)
{
    (void)state;
    struct buf told;
    buf_init(&told, 1 << 20);
    tell_day(PHRASE_EN, &told);
    expect_told(
        buf_text(&told),
        "missed_collection of duty d, 2026-05-01, at c1, no. 1\n  expected from 2026-05-01 18:05:00 to "
        "2026-05-01 18:15:00, with 300 s of grace\n  by any of v1\n    no stop of theirs is known");
    expect_told(buf_text(&told), "at c2, no. 2\n");
    expect_told(
        buf_text(&told),
        "    2026-05-01 18:07:00 v1 stood 180 s, 0 m away within 4 m: shorter than 200 s\n  2026-05-01 "
        "18:35:00  opened as ");
    expect_told(buf_text(&told), "closed, end 2026-05-01 19:01:00: v1 came\n");
    buf_clear(&told);
    tell_day(PHRASE_ZH, &told);
    expect_told(buf_text(&told),
                "收集点漏收，任务 d，2026-05-01，收集点 c1，第1点\n  应作业时段 2026-05-01 18:05:00 至 "
                "2026-05-01 18:15:00，宽限300秒\n  由以下任一车辆：v1\n    200米内没有其停留记录\n");
    expect_told(buf_text(&told), "    2026-05-01 18:07:00 v1 停留180秒，相距0米（误差4米）：不足200秒\n  "
                                 "2026-05-01 18:35:00  认定 ");
    expect_told(buf_text(&told), "结束，止于 2026-05-01 19:01:00：v1 已到达\n");
    buf_fini(&told);
}

static int set_up(void **state)
{
    (void)state;
    city_files_init(&files);
    names = names_new(1000);
    buf_init(&out, 64 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_fini(&out);
    names_free(names);
    city_files_fini(&files);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_weeks_of_the_month),
                                       cmocka_unit_test(test_holidays),
                                       cmocka_unit_test(test_night),
                                       cmocka_unit_test(test_changed_clocks),
                                       cmocka_unit_test(test_stuck_signal),
                                       cmocka_unit_test(test_reload),
                                       cmocka_unit_test(test_explained)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
