/* unit_json: status, ack, numbers put into a fix, sensors from a datagram. */
#include "unit_json.h"

#include "fix_json.h"
#include "fix_write.h"
#include "random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(struct text got, const char *want)
{
    if (!text_equal(got, text_of(want)))
        fail_msg("got %.*s, want %s", TEXT_ARG(got), want);
}

static void status_is_the_contracts(void **state)
{
    struct buf b;
    buf_init(&b, 4096);
    const struct unit_range skipped[] = {{11, 1034}, {2000, 2000}};
    struct status_message status = {true, TEXT("0123456789abcdef"),       7, skipped,
                                    2,    TEXT("muckwatch-onboard/0.1.0")};
    unit_status_write(&status, &b);
    assert_text(buf_text(&b), "{\"online\":true,\"boot\":\"0123456789abcdef\",\"first\":7,"
                              "\"skipped\":[[11,1034],[2000,2000]],\"agent\":\"muckwatch-onboard/0.1.0\"}");
    buf_clear(&b);
    unit_status_write(&(struct status_message){.agent = TEXT("x")}, &b);
    assert_text(buf_text(&b), "{\"online\":false,\"agent\":\"x\"}");
    buf_fini(&b);
}

static void ack_is_read_or_refused(void **state)
{
    static const struct {
        const char *json;
        bool ok;
    } rows[] = {
        {"{\"boot\":\"ab\",\"seq\":7}", true},
        {" { \"seq\" : 7 , \"x\" : [1,{}] , \"boot\" : \"ab\" } ", true},
        {"{\"boot\":\"ab\",\"seq\":9007199254740991}", true},
        {"{\"boot\":\"ab\",\"seq\":9007199254740992}", false},
        {"{\"boot\":\"ab\",\"seq\":0}", true},
        {"{\"boot\":\"ab\",\"seq\":-1}", false},
        {"{\"boot\":\"ab\",\"seq\":1.5}", false},
        {"{\"boot\":\"ab\",\"seq\":\"7\"}", false},
        {"{\"boot\":7,\"seq\":7}", false},
        {"{\"boot\":\"\",\"seq\":7}", false},
        {"{\"seq\":7}", false},
        {"{\"boot\":\"ab\"}", false},
        {"{}", false},
        {"", false},
        {"[]", false},
        {"{\"boot\":\"ab\",\"seq\":7", false},
        {"{\"boot\":\"ab\" \"seq\":7}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct unit_ack ack;
        if (unit_ack_read(text_of(rows[i].json), &ack) != rows[i].ok)
            fail_msg("%s", rows[i].json);
        if (rows[i].ok)
            assert_text(ack.boot, "ab");
    }
}

/* What is journaled without numbers and given them later is what fix_write would have written with them. */
static void numbers_stand_where_the_writer_puts_them(void **state)
{
    uint64_t r = 7;
    struct buf bare, spliced, whole;
    buf_init(&bare, 4096);
    buf_init(&spliced, 4096);
    buf_init(&whole, 4096);
    for (int i = 0; i < 2000; i++) {
        struct fix fix = {.time = {1780000000000 + i * 777},
                          .lat_deg = (double)random_below(&r, 1800) / 10 - 90,
                          .lon_deg = 121.5,
                          .speed_mps = 3,
                          .track_deg = 200,
                          .alt_m = -3,
                          .eph_m = 4.5f,
                          .mode = 3,
                          .sats = 9,
                          .sensors = sensors_none(),
                          .has = (uint16_t)(random_u64(&r) & 0x7f)};
        fix.sensors.cover = (uint8_t)random_below(&r, 4);
        fix.sensors.load_kg = random_below(&r, 2) == 0 ? NAN : 1234.5f;
        fix.has = (uint16_t)(fix.has | (random_below(&r, 2) == 0 ? FIX_HAS_SENSORS : 0));
        buf_clear(&bare);
        buf_clear(&spliced);
        buf_clear(&whole);
        fix_write(&fix, &bare);
        fix.boot = TEXT("0123456789abcdef");
        fix.seq = random_below(&r, FIX_SEQ_MAX) + 1;
        fix.has = (uint16_t)(fix.has | FIX_HAS_SEQ);
        fix_write(&fix, &whole);
        unit_fix_put_numbers(buf_text(&bare), fix.boot, fix.seq, &spliced);
        assert_true(text_equal(buf_text(&spliced), buf_text(&whole)));
    }
    buf_fini(&bare);
    buf_fini(&spliced);
    buf_fini(&whole);
}

static void sensors_are_read_alone(void **state)
{
    struct sensors s = sensors_none();
    assert_true(unit_sensors_read(TEXT("{\"cover\":\"open\",\"load_kg\":12500,\"spill\":true}"), &s));
    assert_int_equal(s.cover, COVER_OPEN);
    assert_int_equal(s.spill, FLAG_TRUE);
    assert_true(s.load_kg == 12500.0f);
    assert_int_equal(s.body, BODY_UNKNOWN);
    assert_true(unit_sensors_read(TEXT(" {\"cover\":null, \"unheard_of\":1}\n"), &s));
    assert_int_equal(s.cover, COVER_UNKNOWN);
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "1",
        "{\"cover\":\"ajar\"}",
        "{\"cover\":1}",
        "{\"load_kg\":\"x\"}",
        "{\"cover\":\"open\"},\"lat\":5",
        "{\"cover\":\"open\"}{}",
        "{\"cover\":\"open\",\"cover\":\"open\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (unit_sensors_read(text_of(bad[i]), &s))
            fail_msg("%s", bad[i]);
    char big[4000];
    memset(big, ' ', sizeof big);
    big[0] = '{';
    big[sizeof big - 1] = '}';
    assert_false(unit_sensors_read((struct text){big, sizeof big}, &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_is_the_contracts),
        cmocka_unit_test(ack_is_read_or_refused),
        cmocka_unit_test(numbers_stand_where_the_writer_puts_them),
        cmocka_unit_test(sensors_are_read_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
