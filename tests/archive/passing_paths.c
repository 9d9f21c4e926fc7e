/*
 * passing and outline on random paths: what is found is what a thousand looks at each way find, and whatever is in a piece of
 * an outline, and the way from there to the next place, lies in its box.
 */
#include "../cmocka_all.h"

#include "outline.h"
#include "passing.h"

#include <math.h>
#include <stdlib.h>

enum { RUNS = 200, FIXES = 300, LOOKS = 1000, PASSES_MAX = 200 };

static uint64_t seed;

static double chance(void)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

struct path {
    struct fix fixes[FIXES];
};

/* A walk with stops, gaps, places that are not known, and fixes under one time. */
static void walk(struct path *p)
{
    double lat = 30.4 + 0.01 * (chance() - 0.5), lon = 112.9 + 0.01 * (chance() - 0.5), course = 7 * chance();
    int64_t ms = INT64_C(1780000000000);
    for (int i = 0; i < FIXES; i++) {
        bool same = i > 0 && chance() < 0.03;
        int64_t step = same ? 0 : chance() < 0.02 ? 400000 : 1000 * (int64_t)(1 + 10 * chance());
        double way = 1e-4 * (double)step / 1000 * chance();
        ms += step;
        course += chance() - 0.5;
        lat += same ? 0.01 : step > 100000 ? 0 : way * cos(course);
        lon += step > 100000 ? 0 : way * sin(course);
        p->fixes[i] = (struct fix){.time = {ms}, .lat_deg = lat, .lon_deg = lon, .sensors = sensors_none()};
        p->fixes[i].has = chance() < 0.95 ? FIX_HAS_POSITION : 0;
        lat -= same ? 0.01 : 0;
    }
}

struct passes {
    struct pass items[PASSES_MAX];
    size_t count;
};

static void found(void *context, const struct pass *pass)
{
    struct passes *p = context;
    assert_true(p->count < PASSES_MAX);
    p->items[p->count++] = *pass;
}

static double distance_m(const struct passing_question *q, double lat, double lon)
{
    return hypot((lat - q->lat_deg) * 110862, (lon - q->lon_deg) * 96098);
}

static bool is_way(const struct passing_question *q, const struct fix *a, const struct fix *b)
{
    double way = hypot((b->lat_deg - a->lat_deg) * 110862, (b->lon_deg - a->lon_deg) * 96098);
    int64_t ms = b->time.ms - a->time.ms;
    if (ms > q->gap_ms) /* who stands on the walk is silent for longer, and is where it was */
        return ms <= 3900000 && way < 49.5;
    return way < 0.99 * PASSING_MOST_MPS * (double)ms / 1000;
}

static bool is_in(const struct passes *p, double ms, double slack_ms)
{
    for (size_t i = 0; i < p->count; i++)
        if (ms >= (double)p->items[i].entered_ms - slack_ms && ms <= (double)p->items[i].left_ms + slack_ms)
            return true;
    return false;
}

/* Each look well within the circle is in a pass, each well outside in none. */
static void check_way(const struct passing_question *q, const struct passes *p, const struct fix *a,
                      const struct fix *b)
{
    for (int k = 0; k <= LOOKS; k++) {
        double s = (double)k / LOOKS, ms = (double)a->time.ms + s * (double)(b->time.ms - a->time.ms);
        double d = distance_m(q, a->lat_deg + s * (b->lat_deg - a->lat_deg),
                              a->lon_deg + s * (b->lon_deg - a->lon_deg));
        if (ms < (double)q->from_ms || ms > (double)q->to_ms)
            continue;
        if (d < 0.995 * q->radius_m)
            assert_true(is_in(p, ms, 1));
        else if (d > 1.005 * q->radius_m)
            assert_false(is_in(p, ms, -1));
    }
}

static void test_passes(void **state)
{
    static struct path path;
    static struct passes passes;
    size_t all = 0;
    (void)state;
    for (seed = 1; seed < RUNS;) {
        uint64_t begun = seed;
        struct passing passing;
        walk(&path);
        struct passing_question q = {
            30.4 + 0.004 * (chance() - 0.5), 112.9 + 0.004 * (chance() - 0.5),     50 + 400 * chance(),
            path.fixes[20].time.ms + 500,    path.fixes[FIXES - 20].time.ms - 500, 300000};
        passes.count = 0;
        passing_begin(&passing, &q, found, &passes);
        for (int i = 0; i < FIXES; i++) {
            const struct passing_fix fix = passing_fix_of(&path.fixes[i]);
            passing_add(&passing, &fix);
        }
        passing_end(&passing);
        const struct fix *last = NULL;
        for (int i = 0; i < FIXES; i++) {
            const struct fix *fix = &path.fixes[i];
            if (!fix_has(fix, FIX_HAS_POSITION) || (last != NULL && fix->time.ms == last->time.ms))
                continue;
            if (last != NULL && is_way(&q, last, fix))
                check_way(&q, &passes, last, fix);
            last = fix;
        }
        for (size_t i = 0; i < passes.count; i++) {
            const struct pass *pass = &passes.items[i];
            assert_true(pass->entered_ms <= pass->nearest_ms && pass->nearest_ms <= pass->left_ms);
            assert_true(pass->nearest_m <= q.radius_m * 1.000001);
            assert_true(fabs(distance_m(&q, pass->lat_deg, pass->lon_deg) - pass->nearest_m) <
                        0.01 * q.radius_m);
            assert_true(i == 0 || passes.items[i - 1].left_ms <= pass->entered_ms);
        }
        all += passes.count;
        seed = begun + 1;
    }
    assert_true(all > RUNS / 4);
}

/* A vehicle that stands reports each half hour: one pass. So long as it is not silent for more than an hour, and not where it
 * drives. */
static size_t passes_of(int64_t step_ms, double step_m, float speed_mps)
{
    struct passing passing;
    static struct passes passes;
    const struct passing_question q = {30.4, 112.9, 200, 0, INT64_MAX, 300000};
    passes.count = 0;
    passing_begin(&passing, &q, found, &passes);
    for (int i = 0; i < 9; i++) {
        const struct passing_fix fix = {.time_ms = i * step_ms,
                                        .lat_deg = 30.4 + i % 2 * step_m / 110862,
                                        .lon_deg = 112.9,
                                        .speed_mps = speed_mps,
                                        .load_kg = NAN,
                                        .has_position = true};
        passing_add(&passing, &fix);
    }
    passing_end(&passing);
    assert_int_equal(passes.items[0].entered_ms, 0);
    return passes.count;
}

static void test_parked(void **state)
{
    assert_int_equal(passes_of(1800000, 10, NAN), 1);
    assert_int_equal(passes_of(1800000, 10, 0), 1);
    assert_int_equal(passes_of(3700000, 45, 0.4f), 1);
    assert_int_equal(passes_of(1800000, 10, 5), 9);
    assert_int_equal(passes_of(1800000, 60, 0), 9);
    assert_int_equal(passes_of(4000000, 10, 0), 9);
    assert_int_equal(passes_of(200000, 150, 9), 1);
}

static bool holds(const struct outline *o, size_t piece, const struct fix *fix)
{
    struct outline_box box;
    return outline_piece(o, piece, &box) && fix->lat_deg >= box.lat_min - 1e-9 &&
           fix->lat_deg <= box.lat_max + 1e-9 && fix->lon_deg >= box.lon_min - 1e-9 &&
           fix->lon_deg <= box.lon_max + 1e-9;
}

static void test_outlines(void **state)
{
    static struct path path;
    (void)state;
    for (seed = 1; seed < RUNS;) {
        uint64_t begun = seed;
        struct outline_maker maker;
        struct outline o;
        struct buf bytes;
        bool late = false;
        walk(&path);
        buf_init(&bytes, 1 << 16);
        outline_begin(&maker);
        for (int i = 0; i < FIXES; i++) {
            bool comes_late = begun % 10 == 0 && chance() < 0.01;
            late = late || comes_late;
            outline_add(&maker, chance() < 0.01 ? NULL : &path.fixes[i], comes_late);
        }
        assert_true(outline_end(&maker, &bytes));
        assert_true(outline_read(buf_text(&bytes), &o));
        assert_int_equal(o.count, late ? 0 : (FIXES + OUTLINE_LINES - 1) / OUTLINE_LINES);
        buf_fini(&bytes);
        seed = begun + 1;
    }
}

static void test_what_an_outline_holds(void **state)
{
    static struct path path;
    (void)state;
    for (seed = 1; seed < RUNS;) {
        uint64_t begun = seed;
        struct outline_maker maker;
        struct outline o;
        struct buf bytes;
        walk(&path);
        buf_init(&bytes, 1 << 16);
        outline_begin(&maker);
        for (int i = 0; i < FIXES; i++)
            outline_add(&maker, &path.fixes[i], false);
        assert_true(outline_end(&maker, &bytes) && outline_read(buf_text(&bytes), &o));
        size_t last = SIZE_MAX;
        for (size_t i = 0; i < FIXES; i++) {
            if (!fix_has(&path.fixes[i], FIX_HAS_POSITION))
                continue;
            assert_true(holds(&o, i / OUTLINE_LINES, &path.fixes[i]));
            if (last != SIZE_MAX) /* the way here: both its ends are in the box of the piece it begins in */
                assert_true(holds(&o, last / OUTLINE_LINES, &path.fixes[i]));
            last = i;
        }
        buf_fini(&bytes);
        seed = begun + 1;
    }
}

static void test_no_outline(void **state)
{
    struct outline o;
    struct outline_maker maker;
    struct buf bytes;
    (void)state;
    assert_false(outline_read(TEXT(""), &o));
    assert_false(outline_read(TEXT("0123456789abcdefX"), &o));
    buf_init(&bytes, 64);
    outline_begin(&maker);
    outline_add(&maker, NULL, false);
    assert_true(outline_end(&maker, &bytes));
    assert_int_equal(bytes.len, 0);
    buf_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes), cmocka_unit_test(test_parked), cmocka_unit_test(test_outlines),
        cmocka_unit_test(test_what_an_outline_holds), cmocka_unit_test(test_no_outline)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
