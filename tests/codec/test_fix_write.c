/* fix_write: what it writes, fix_json reads back to the same fix, to the decimals written. */
#include "fix_json.h"
#include "fix_write.h"

#include "../cmocka_all.h"
#include "random.h"

#include <math.h>

static float on_grid(struct random *r, double lo, double hi, double step)
{
    return (float)(round(random_between(r, lo, hi) / step) * step);
}

static struct fix random_fix(struct random *r)
{
    struct fix f = {.time = {(int64_t)random_between(r, 1262304000000.0, 4133980000000.0)},
                    .has = (uint16_t)(random_next(r) & 0x1ff),
                    .sensors = sensors_none()};
    f.lat_deg = random_between(r, -90, 90);
    f.lon_deg = random_between(r, -180, 180);
    f.speed_mps = on_grid(r, 0, 40, 0.01);
    f.track_deg = on_grid(r, 0, 359.9, 0.1);
    f.alt_m = on_grid(r, -100, 5000, 0.1);
    f.eph_m = on_grid(r, 0, 100, 0.1);
    f.mode = (uint8_t)(fix_has(&f, FIX_HAS_POSITION) ? random_below(r, 4) : random_below(r, 2));
    if (!fix_has(&f, FIX_HAS_POSITION))
        f.has |= FIX_HAS_MODE;
    f.sats = (uint8_t)random_below(r, 256);
    f.boot = TEXT("0f9c2e1a-1111-4222-8333-944455556666");
    f.seq = 1 + random_next(r) % FIX_SEQ_MAX;
    struct sensors *s = &f.sensors;
    s->cover = (uint8_t)random_below(r, 4);
    s->body = (uint8_t)random_below(r, 4);
    s->load = (uint8_t)random_below(r, 5);
    s->spill = (uint8_t)random_below(r, 3);
    s->discharge = (uint8_t)random_below(r, 3);
    s->wash = (uint8_t)random_below(r, 3);
    s->ignition = (uint8_t)random_below(r, 3);
    s->work = (uint8_t)random_below(r, 6);
    s->power = (uint8_t)random_below(r, 3);
    s->antenna = (uint8_t)random_below(r, 4);
    s->load_kg = random_below(r, 2) ? NAN : on_grid(r, 0, 30000, 0.5);
    s->height_m = random_below(r, 2) ? NAN : on_grid(r, 0, 5, 0.01);
    return f;
}

/* The same number, or absent in both. */
static void check_float(const struct fix *a, unsigned bit, float x, float y)
{
    if (fix_has(a, bit))
        assert_true(x == y);
}

static void check_same(const struct fix *a, const struct fix *b)
{
    assert_int_equal(a->has, b->has);
    assert_int_equal(a->time.ms, b->time.ms);
    if (fix_has(a, FIX_HAS_POSITION))
        assert_true(fabs(a->lat_deg - b->lat_deg) <= 5.001e-8 && fabs(a->lon_deg - b->lon_deg) <= 5.001e-8);
    check_float(a, FIX_HAS_SPEED, a->speed_mps, b->speed_mps);
    check_float(a, FIX_HAS_TRACK, a->track_deg, b->track_deg);
    check_float(a, FIX_HAS_ALT, a->alt_m, b->alt_m);
    check_float(a, FIX_HAS_EPH, a->eph_m, b->eph_m);
    if (fix_has(a, FIX_HAS_MODE))
        assert_int_equal(a->mode, b->mode);
    if (fix_has(a, FIX_HAS_SATS))
        assert_int_equal(a->sats, b->sats);
    if (fix_has(a, FIX_HAS_SEQ)) {
        assert_true(text_equal(a->boot, b->boot));
        assert_int_equal(a->seq, b->seq);
    }
    if (!fix_has(a, FIX_HAS_SENSORS))
        return;
    const struct sensors *s = &a->sensors, *t = &b->sensors;
    assert_memory_equal(s, t, offsetof(struct sensors, load_kg));
    assert_true(isnan(s->load_kg) ? isnan(t->load_kg) : s->load_kg == t->load_kg);
    assert_true(isnan(s->height_m) ? isnan(t->height_m) : s->height_m == t->height_m);
}

static void test_round_trip(void **state)
{
    struct random r = random_seeded(5);
    struct buf b;
    buf_init(&b, 4096);
    for (int i = 0; i < 50000; i++) {
        struct fix fix = random_fix(&r);
        struct fix_reader reader;
        struct fix_item item;
        buf_clear(&b);
        fix_write(&fix, &b);
        assert_true(buf_ok(&b));
        fix_reader_init(&reader, buf_text(&b));
        assert_true(fix_reader_next(&reader, &item));
        if (item.error != FIX_OK)
            fail_msg("%.*s: %s %s", (int)b.len, b.data, fix_error_name(item.error), item.field);
        check_same(&fix, &item.fix);
        assert_false(fix_reader_next(&reader, &item));
    }
    buf_fini(&b);
}

static void test_line_round_trip(void **state)
{
    struct random r = random_seeded(6);
    struct buf b;
    buf_init(&b, 4096);
    for (int i = 0; i < 5000; i++) {
        struct fix fix = random_fix(&r);
        struct wall received = {fix.time.ms + 250};
        struct fix_line line;
        buf_clear(&b);
        fix_write_line(TEXT("truck-7"), &fix, i % 2 ? &received : NULL, &b);
        assert_true(buf_ok(&b) && b.data[b.len - 1] == '\n');
        assert_int_equal(fix_line_read(buf_text(&b), &line), FIX_OK);
        assert_true(text_equal(line.vehicle, TEXT("truck-7")));
        assert_int_equal(line.has_received, i % 2);
        if (line.has_received)
            assert_int_equal(line.received.ms, received.ms);
        check_same(&fix, &line.item.fix);
    }
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip),
                                       cmocka_unit_test(test_line_round_trip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
