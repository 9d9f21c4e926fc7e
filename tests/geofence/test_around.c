/* Which fences are near a place, against each of them measured by itself. */
#include "shapes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CIRCLES = 300, ROUNDS = 60, PLACES = 40 };

#define DEGREE_M 111000.0

static void add_circle(struct mw_builder *builder, struct mw_point middle, double radius_m)
{
    const struct mw_part part = {.points = &middle, .count = 1};
    const struct mw_shape shape = {MW_SHAPE_CIRCLE, &part, 1, radius_m};
    assert_int_equal(mw_builder_add(builder, &shape, NULL, NULL), MW_OK);
}

static struct mw_index *built(struct mw_builder *builder)
{
    struct mw_index *index = NULL;
    assert_int_equal(mw_builder_build(builder, &index), MW_OK);
    mw_builder_free(builder);
    return index;
}

static struct mw_point moved(struct rng *rng, struct mw_point at, double most_m)
{
    double lat_deg = rng_between(rng, -most_m, most_m) / DEGREE_M;
    double lon_deg = rng_between(rng, -most_m, most_m) / DEGREE_M / cos(at.lat_deg * 0.017453292519943295);
    return (struct mw_point){at.lat_deg + lat_deg, at.lon_deg + lon_deg};
}

static bool tells(const uint32_t *fences, size_t count, uint32_t fence)
{
    size_t times = 0;
    for (size_t i = 0; i < count; i++)
        times += fences[i] == fence;
    assert_true(times <= 1);
    return times == 1;
}

/* All that are near are told where none is smaller than what counts as near, and nothing else ever. */
static void near_ones_are_told(void **state)
{
    static uint32_t fences[MW_AROUND_MAX];
    size_t told = 0, missed = 0;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct rng rng = {seed * 49979687};
        struct mw_point middle = {rng_between(&rng, -65, 65), rng_between(&rng, -170, 170)};
        double reach_m = pow(10, rng_between(&rng, 0.3, 2.3));
        bool small = seed % 3 == 0;
        struct mw_builder *builder = mw_builder_new();
        for (uint32_t i = 0; i < CIRCLES; i++)
            add_circle(builder, moved(&rng, middle, 20 * reach_m),
                       reach_m * rng_between(&rng, small ? 0.01 : 1, 3));
        struct mw_index *index = built(builder);
        for (int k = 0; k < PLACES; k++) {
            struct mw_point at = moved(&rng, middle, 20 * reach_m);
            bool more = true;
            size_t n = mw_index_around(index, at, reach_m, fences, &more);
            assert_false(more);
            for (uint32_t i = 0; i < CIRCLES; i++) {
                bool near = mw_index_near(index, i, at, reach_m), is_told = tells(fences, n, i);
                assert_true(near || !is_told);
                assert_true(is_told || !near || small);
                missed += near && !is_told;
            }
            told += n;
        }
        mw_index_free(index);
    }
    assert_true(told > 10000);
    assert_true(missed > 0 && missed < told / 20);
}

/* However many a line meets, those that are near are told up to the limit, and it is said that there are more. */
static void too_many_are_said(void **state)
{
    static uint32_t fences[MW_AROUND_MAX];
    for (uint32_t count = MW_AROUND_MAX; count <= MW_AROUND_MAX + 1; count++) {
        struct mw_point at = {23, 120};
        struct mw_builder *builder = mw_builder_new();
        for (uint32_t i = 0; i < count; i++)
            add_circle(builder, at, 10 + i);
        struct mw_index *index = built(builder);
        bool more;
        size_t n = mw_index_around(index, at, 5, fences, &more);
        assert_int_equal(n, MW_AROUND_MAX);
        for (uint32_t i = 0; i < n; i++)
            assert_true(tells(fences, n, i));
        assert_int_equal(more, count > MW_AROUND_MAX);
        mw_index_free(index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(near_ones_are_told),
                                       cmocka_unit_test(too_many_are_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
