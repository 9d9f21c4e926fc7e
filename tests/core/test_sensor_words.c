/* sensor_words: a bit for each sensor that spoke, and the time of each one's last word, against a plain list. */
#include "../cmocka_all.h"
#include "../codec/random.h"
#include "sensor_words.h"

/* Any word there is for the sensor, unknown too. */
static struct sensors random_sensors(struct random *r)
{
    static const uint8_t most[10] = {COVER_FAULT, BODY_FAULT, LOAD_FAULT,      FLAG_TRUE,    FLAG_TRUE,
                                     FLAG_TRUE,   FLAG_TRUE,  WORK_COLLECTING, POWER_BACKUP, ANTENNA_SHORT};
    struct sensors s = sensors_none();
    uint8_t *words = &s.cover;
    for (unsigned i = 0; i < 10; i++)
        words[i] = random_below(r, 2) == 0 ? 0 : (uint8_t)random_below(r, most[i] + 1u);
    if (random_below(r, 2) == 0)
        s.load_kg = 0;
    if (random_below(r, 2) == 0)
        s.height_m = 3.5f;
    return s;
}

static uint16_t words_plainly(const struct sensors *s)
{
    const bool spoke[VEHICLE_SENSORS] = {s->cover != 0,    s->body != 0,       s->load != 0,
                                         s->spill != 0,    s->discharge != 0,  s->wash != 0,
                                         s->ignition != 0, s->work != 0,       s->power != 0,
                                         s->antenna != 0,  !isnan(s->load_kg), !isnan(s->height_m)};
    uint16_t words = 0;
    for (unsigned i = 0; i < VEHICLE_SENSORS; i++)
        words |= (uint16_t)(spoke[i] << i);
    return words;
}

static void test_words(void **state)
{
    struct random r = random_seeded(1);
    for (int i = 0; i < 10000; i++) {
        struct sensors s = random_sensors(&r);
        assert_int_equal(sensor_words_of(&s), words_plainly(&s));
    }
}

static void test_times(void **state)
{
    struct random r = random_seeded(2);
    struct vehicle_state s;
    int64_t plain[VEHICLE_SENSORS], now_ms = 1700000000000;
    vehicle_init(&s, 1);
    for (int i = 0; i < VEHICLE_SENSORS; i++)
        plain[i] = TIME_NONE;
    for (int n = 0; n < 20000; n++) {
        struct sensors said = random_below(&r, 4) == 0 ? sensors_none() : random_sensors(&r);
        uint16_t words = sensor_words_of(&said);
        if (random_below(&r, 3) > 0) /* else an addition to the last fix */
            now_ms += 1 + random_below(&r, 100000);
        if (words != s.said)
            sensor_words_follow(&s, words, now_ms);
        s.flags |= VEHICLE_SEEN;
        s.time_ms = now_ms;
        for (unsigned i = 0; i < VEHICLE_SENSORS; i++) {
            if (words >> i & 1)
                plain[i] = now_ms;
            assert_int_equal(sensor_words_ms(&s, i), plain[i]);
        }
    }
}

static void test_faults(void **state)
{
    struct sensors s = sensors_none();
    assert_int_equal(sensor_words_faults(&s), 0);
    s.cover = COVER_FAULT;
    s.body = BODY_RAISED;
    s.load = LOAD_FAULT;
    s.work = WORK_WASHING;
    assert_int_equal(sensor_words_faults(&s), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
