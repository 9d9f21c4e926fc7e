/*
 * Work as it is told: a sweeper of a duty and a truck of none drive along a road, in `muckctl replay`'s lines and through
 * the engine, with the state written and read again between any two fixes.
 */
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
