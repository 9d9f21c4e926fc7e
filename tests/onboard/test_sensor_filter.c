/* sensor_filter: chatter is not believed, silence is not either. */
#include "sensor_filter.h"

#include "random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct sensor_filter f;
static struct mono now;

static int set_up(void **state)
{
    struct sensor_settings settings[SENSOR_COUNT];
    for (int i = 0; i < SENSOR_COUNT; i++)
        settings[i] = (struct sensor_settings){1000, 60000, 0};
    settings[SENSOR_SPILL].debounce_ms = 0;
    settings[SENSOR_LOAD_KG].delta = 200;
    settings[SENSOR_POWER].stale_ms = 0;
    sensor_filter_init(&f, settings);
    now.ms = 5000;
    return 0;
}

static bool hear_cover(enum sensor_cover cover)
{
    struct sensors s = sensors_none();
    s.cover = (uint8_t)cover;
    sensor_filter_hear(&f, &s, now);
    return sensor_filter_settle(&f, now);
}

static bool later(int64_t ms)
{
    now.ms += ms;
    return sensor_filter_settle(&f, now);
}

static void a_value_has_to_last(void **state)
{
    assert_int_equal(sensor_filter_wait_ms(&f, now), -1);
    assert_false(hear_cover(COVER_OPEN));
    assert_int_equal(sensor_filter_wait_ms(&f, now), 1000);
    assert_false(later(999));
    assert_int_equal(sensor_filter_values(&f).cover, COVER_UNKNOWN);
    assert_true(later(1));
    assert_int_equal(sensor_filter_values(&f).cover, COVER_OPEN);
    assert_false(later(1));
}

/* What never settled and falls silent was never known: no news. And what is overdue is due now, not before.
 */
static void a_word_that_came_to_nothing_is_no_news(void **state)
{
    struct sensor_settings settings[SENSOR_COUNT];
    for (int i = 0; i < SENSOR_COUNT; i++)
        settings[i] = (struct sensor_settings){5000, 1000, 0};
    sensor_filter_init(&f, settings);
    assert_false(hear_cover(COVER_OPEN));
    assert_int_equal(sensor_filter_wait_ms(&f, now), 1000);
    now.ms += 4000;
    assert_int_equal(sensor_filter_wait_ms(&f, now), 0);
    assert_false(later(0));
    assert_int_equal(sensor_filter_values(&f).cover, COVER_UNKNOWN);
    assert_int_equal(sensor_filter_wait_ms(&f, now), -1);
}

static void chatter_is_no_news(void **state)
{
    hear_cover(COVER_CLOSED);
    assert_true(later(1000));
    for (int i = 0; i < 20; i++) {
        assert_false(hear_cover(i % 2 == 0 ? COVER_OPEN : COVER_CLOSED));
        assert_false(later(400));
    }
    assert_int_equal(sensor_filter_values(&f).cover, COVER_CLOSED);
    /* Repeating it does not start the time anew. */
    for (int i = 0; i < 3; i++) {
        assert_false(hear_cover(COVER_OPEN));
        now.ms += 300;
    }
    now.ms += 100;
    assert_true(hear_cover(COVER_OPEN));
}

static void without_debounce_it_is_at_once(void **state)
{
    struct sensors s = sensors_none();
    s.spill = FLAG_TRUE;
    sensor_filter_hear(&f, &s, now);
    assert_true(sensor_filter_settle(&f, now));
    assert_int_equal(sensor_filter_values(&f).spill, FLAG_TRUE);
}

static void silence_makes_it_unknown(void **state)
{
    hear_cover(COVER_OPEN);
    later(1000);
    assert_int_equal(sensor_filter_wait_ms(&f, now), 59000);
    assert_false(later(58999));
    assert_true(later(1));
    assert_int_equal(sensor_filter_values(&f).cover, COVER_UNKNOWN);
    struct sensors s = sensors_none();
    s.power = POWER_BACKUP;
    sensor_filter_hear(&f, &s, now);
    later(1000);
    assert_false(later(INT64_C(86400000)));
    assert_int_equal(sensor_filter_values(&f).power, POWER_BACKUP);
}

static void numbers_count_from_delta_on(void **state)
{
    struct sensors s = sensors_none();
    s.load_kg = 10000;
    sensor_filter_hear(&f, &s, now);
    assert_true(later(1000));
    s.load_kg = 10199;
    sensor_filter_hear(&f, &s, now);
    assert_false(later(1000));
    assert_true(sensor_filter_values(&f).load_kg == 10199.0f);
    s.load_kg = 9999;
    sensor_filter_hear(&f, &s, now);
    assert_false(later(999));
    assert_true(later(1));
    assert_true(sensor_filter_values(&f).load_kg == 9999.0f);
    assert_true(isnan(sensor_filter_values(&f).height_m));
}

/* Against the definition: believed is what was heard, unchanged, for the whole of the debounce time. */
static void random_hearing_follows_the_definition(void **state)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        uint64_t r = seed;
        int believed = COVER_UNKNOWN, heard = COVER_UNKNOWN;
        int64_t changed_ms = 0, last_ms = 0;
        set_up(NULL);
        for (int i = 0; i < 300; i++) {
            now.ms += (int64_t)random_below(&r, random_below(&r, 20) == 0 ? 90000 : 700);
            if (heard != COVER_UNKNOWN && now.ms - last_ms >= 60000)
                believed = heard = COVER_UNKNOWN;
            else if (heard != believed && now.ms - changed_ms >= 1000)
                believed = heard;
            sensor_filter_settle(&f, now);
            assert_int_equal(sensor_filter_values(&f).cover, believed);
            int value = (int)random_below(&r, 4);
            if (value != COVER_UNKNOWN && value < 4) {
                changed_ms = value != heard || heard == believed ? now.ms : changed_ms;
                heard = value;
                last_ms = now.ms;
            }
            struct sensors s = sensors_none();
            s.cover = (uint8_t)value;
            sensor_filter_hear(&f, &s, now);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_value_has_to_last, set_up),
        cmocka_unit_test_setup(a_word_that_came_to_nothing_is_no_news, set_up),
        cmocka_unit_test_setup(chatter_is_no_news, set_up),
        cmocka_unit_test_setup(without_debounce_it_is_at_once, set_up),
        cmocka_unit_test_setup(silence_makes_it_unknown, set_up),
        cmocka_unit_test_setup(numbers_count_from_delta_on, set_up),
        cmocka_unit_test_setup(random_hearing_follows_the_definition, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
