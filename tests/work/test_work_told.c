/* Work as `muckctl replay` tells it: of a sweeper of a duty, and not of a truck of none; stops of one that collects. */
#include "cmocka_all.h"

#include "../codec/city_files.h"
#include "fleet.h"
#include "replay.h"
#include "state_codec.h"

#include <stdio.h>
#include <string.h>

static struct city_files files;

#define FENCES                                                                                               \
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":\"r1\",\"properties\":{"     \
    "\"kind\":\"sweep\"},"                                                                                   \
    "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[112,30],[112.002,30]]}}]}"
#define FLEET(duty)                                                                                          \
    "{\"vehicles\":[{\"id\":\"s1\",\"plate\":\"P1\",\"class\":\"sweeper\",\"company\":\"c\"},{\"id\":"       \
    "\"t1\"}],\"duties\":[" duty "]}"
#define DUTY                                                                                                 \
    "{\"id\":\"d\",\"type\":\"sweeping\",\"classes\":[\"sweeper\"],\"windows\":[\"03:00-06:00\"],"           \
    "\"segments\":[{\"fence\":\"r1\"}]}"

static struct world *load(struct names *names, const char *fleet)
{
    struct problem problem;
    city_files_write(&files, "g.json", FENCES);
    city_files_write(&files, "f.json", fleet);
    struct world *w = city_files_load(&files, "city: {fences: [g.json], fleet: [f.json], timezone: UTC}\n",
                                      names, NULL, &problem);
    assert_non_null(w);
    return w;
}

static void drive(struct replay *r, const char *vehicle, int from, int to, struct buf *out)
{
    for (int i = from; i <= to; i++) {
        char line[400];
        snprintf(line, sizeof line,
                 "{\"time\":\"2026-05-01T04:%02d:%02d.000Z\",\"lat\":29.99998,\"lon\":%.7f,\"speed\":2,"
                 "\"track\":90,\"eph\":4,"
                 "\"mode\":3,\"boot\":\"b\",\"seq\":%d,\"vehicle\":\"%s\",\"received\":%lld}",
                 i / 6, i % 6 * 10, 112.0 + i * 0.0002, i > 12 ? 14 : i + 1, vehicle,
                 1777608000000LL + i * 10000LL);
        assert_int_equal(replay_line(r, text_of(line), out), REPLAY_OK);
    }
}

static void test_lines(void **state)
{
    (void)state;
    struct names *names = names_new(1000);
    struct world *w = load(names, FLEET(DUTY));
    struct replay *r = replay_new(names, w, &(struct replay_options){.vehicle_limit = 10});
    struct buf out;
    buf_init(&out, 1 << 20);
    drive(r, "t1", 0, 12, &out);
    drive(r, "s1", 0, 12, &out);
    assert_int_equal(out.len, 0); /* still on the road, or past its end */
    drive(r, "s1", 20, 20, &out); /* after a pause that is no path */
    struct text line = buf_text(&out);
    static const char want[] = "{\"stream\":\"work\",\"id\":\"";
    assert_true(line.len > sizeof want && memcmp(line.data, want, sizeof want - 1) == 0);
    static const char rest[] =
        "\"rev\":1,\"event\":\"ended\",\"vehicle\":\"s1\",\"plate\":\"P1\",\"company\":\"c\",\"kind\":"
        "\"interval\","
        "\"segment\":\"r1\",\"side\":\"right\",\"from_m\":0.0,\"to_m\":193.0,\"start\":1777608000000,";
    assert_non_null(strstr(line.data, rest));
    assert_non_null(strstr(line.data, "\"mode\":\"sweeping\",\"how\":\"speed\""));
    assert_non_null(strstr(line.data, "\"received\":1777608200000"));
    buf_fini(&out);
    replay_free(r);
    world_free(w);
    names_free(names);
}

#define COLLECTS                                                                                             \
    "{\"id\":\"d\",\"type\":\"collection\",\"vehicles\":[\"s1\"],\"points\":[{\"fence\":\"c1\",\"window\":"  \
    "\"03:00-06:00\"}]}"
#define POINT                                                                                                \
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":\"c1\",\"properties\":{"     \
    "\"kind\":"                                                                                              \
    "\"collection\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[112.002,30]}}]}"

/* A fix of the vehicle that collects, so many seconds after four o'clock and metres east of the point. */
static void tell(struct replay *r, int second, double east_m, double mps, struct buf *out)
{
    static int seq, last;
    char line[400];
    seq = second < last ? 1 : seq + 1;
    last = second;
    snprintf(line, sizeof line,
             "{\"time\":\"2026-05-01T04:%02d:%02d.000Z\",\"lat\":30.00002,\"lon\":%.7f,\"speed\":%.1f,"
             "\"track\":90,\"eph\":4,"
             "\"mode\":3,\"boot\":\"b\",\"seq\":%d,\"vehicle\":\"s1\",\"received\":%lld}",
             second / 60, second % 60, 112.002 + east_m / 96487.0, mps, seq,
             1777608000000LL + second * 1000LL);
    assert_int_equal(replay_line(r, text_of(line), out), REPLAY_OK);
}

static void expect_visit(struct text lines, const char *times, const char *how)
{
    assert_non_null(lines.data);
    assert_non_null(strstr(lines.data, "\"kind\":\"visit\","));
    assert_non_null(strstr(lines.data, times));
    assert_non_null(strstr(lines.data, how));
    assert_null(strstr(lines.data, "segment"));
}

static void test_stops(void **state)
{
    (void)state;
    struct names *names = names_new(1000);
    struct buf out;
    buf_init(&out, 1 << 20);
    city_files_write(&files, "g.json", POINT);
    city_files_write(&files, "f.json", FLEET(COLLECTS));
    struct problem problem;
    struct world *w = city_files_load(&files, "city: {fences: [g.json], fleet: [f.json], timezone: UTC}\n",
                                      names, NULL, &problem);
    assert_non_null(w);
    struct replay *r = replay_new(names, w, &(struct replay_options){.vehicle_limit = 10});
    tell(r, 0, -400, 8, &out);
    tell(r, 10, -320, 0, &out); /* a light, nowhere near the point */
    tell(r, 30, -320, 0, &out);
    tell(r, 40, -280, 8, &out);
    tell(r, 70, -10, 0, &out);
    tell(r, 80, -10, 0.3, &out);
    assert_int_equal(out.len, 0);
    tell(r, 100, 20, 6, &out);
    buf_put_char(&out, '\0');
    expect_visit(buf_text(&out), "\"start\":1777608070000,\"end\":1777608100000", "\"how\":\"stop\"");
    replay_free(r);
    buf_clear(&out);
    r = replay_new(names, w, &(struct replay_options){.vehicle_limit = 10});
    tell(r, 0, -40, 5, &out); /* so rare that the stop itself was not seen */
    tell(r, 30, 40, 5, &out);
    buf_put_char(&out, '\0');
    expect_visit(buf_text(&out), "\"start\":17776080", "\"how\":\"inferred\"");
    replay_free(r);
    buf_clear(&out);
    r = replay_new(names, w, &(struct replay_options){.vehicle_limit = 10});
    tell(r, 0, -40, 5, &out);
    tell(r, 28, 40, 5, &out); /* 10.3 km/h: it drove by */
    assert_int_equal(out.len, 0);
    replay_free(r);
    buf_fini(&out);
    world_free(w);
    names_free(names);
}

static int set_up(void **state)
{
    (void)state;
    city_files_init(&files);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    city_files_fini(&files);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_stops)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
