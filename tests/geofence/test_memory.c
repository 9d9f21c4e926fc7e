/* Every allocation fails once: a clean error, nothing lost, and the same call succeeds afterwards. The
 * queries allocate nothing. malloc and its like are wrapped by the linker. */
#include "shapes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t allocations, fail_at;

static bool fails(void)
{
    return ++allocations == fail_at;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
int __real_posix_memalign(void **out, size_t align, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

int __wrap_posix_memalign(void **out, size_t align, size_t size)
{
    return fails() ? 12 : __real_posix_memalign(out, align, size);
}

#define FENCES 25

static struct owned_shape shapes[FENCES];
static uint32_t shape_count;

static int make_shapes(void **state)
{
    struct rng rng = {5};
    struct mw_builder *builder = mw_builder_new();
    while (shape_count < FENCES) {
        struct mw_point at = {31 + rng_between(&rng, -0.05, 0.05), 121 + rng_between(&rng, -0.05, 0.05)};
        shape_random(&rng, at, 0.05, &shapes[shape_count]);
        shape_count += mw_builder_add(builder, &shapes[shape_count].shape, NULL, NULL) == MW_OK;
    }
    mw_builder_free(builder);
    return 0;
}

/* Adds and builds, trying again after each error; says whether any call failed. */
static bool build_all(struct mw_index **out_index)
{
    bool failed = false;
    struct mw_builder *builder = mw_builder_new();
    if (builder == NULL) {
        failed = true;
        builder = mw_builder_new();
    }
    for (uint32_t i = 0; i < shape_count; i++) {
        uint32_t fence = 99;
        enum mw_error error = mw_builder_add(builder, &shapes[i].shape, &fence, NULL);
        if (error) {
            assert_int_equal(error, MW_NO_MEMORY);
            assert_int_equal(fence, 99);
            failed = true;
            assert_int_equal(mw_builder_add(builder, &shapes[i].shape, &fence, NULL), MW_OK);
        }
        assert_int_equal(fence, i);
    }
    enum mw_error error = mw_builder_build(builder, out_index);
    if (error) {
        assert_int_equal(error, MW_NO_MEMORY);
        failed = true;
        assert_int_equal(mw_builder_build(builder, out_index), MW_OK);
    }
    mw_builder_free(builder);
    return failed;
}

static void every_allocation_may_fail(void **state)
{
    struct mw_index *whole, *index;
    fail_at = 0;
    build_all(&whole);
    size_t failures = 0, n = 1;
    for (bool reached = true; reached; n++) {
        allocations = 0;
        fail_at = n;
        failures += build_all(&index);
        reached = allocations >= n;
        fail_at = 0;
        assert_int_equal(mw_index_fence_count(index), shape_count);
        struct rng rng = {n};
        for (int i = 0; i < 20; i++) {
            struct mw_point p = point_random(&rng, &shapes[rng_below(&rng, shape_count)]);
            uint32_t a[FENCES], b[FENCES];
            size_t count = mw_index_point(whole, p, a, FENCES);
            assert_int_equal(mw_index_point(index, p, b, FENCES), count);
            assert_memory_equal(a, b, count * sizeof *a);
        }
        mw_index_free(index);
    }
    printf("%zu allocations, %zu of them reported\n", n - 2, failures);
    assert_true(failures > 20);
    mw_index_free(whole);
}

static void queries_allocate_nothing(void **state)
{
    struct mw_index *index;
    fail_at = 0;
    build_all(&index);
    struct rng rng = {77};
    struct mw_point points[500];
    for (int i = 0; i < 500; i++)
        points[i] = point_random(&rng, &shapes[rng_below(&rng, shape_count)]);
    static uint32_t first[501], fences[FENCES * 500];
    allocations = 0;
    mw_index_points(index, points, 500, first, fences, FENCES * 500);
    for (int i = 0; i + 1 < 500; i++) {
        struct mw_hit hits[FENCES];
        struct mw_crossing crossings[FENCES];
        struct mw_distance distance;
        mw_index_point(index, points[i], fences, FENCES);
        mw_index_point_detail(index, points[i], hits, FENCES);
        mw_index_path(index, points[i], points[i + 1], crossings, FENCES);
        mw_index_distance(index, (uint32_t)i % FENCES, points[i], 1e4, &distance);
    }
    assert_int_equal(allocations, 0);
    mw_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(queries_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, make_shapes, NULL);
}
