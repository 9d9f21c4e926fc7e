/* The grid of kinds never misses a fence: random fences and paths against the index's own answers. */
#include "../cmocka_all.h"

#include "arena.h"
#include "kind_grid.h"

#include <math.h>
#include <stdio.h>

#define SEED UINT64_C(77)

static uint64_t random_state;

static double random_between(double low, double high)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return low + (high - low) * (double)(random_state >> 11) / 9007199254740992.0;
}

static double city_lat_deg = 30;

static struct mw_point random_place(double span_deg)
{
    return (struct mw_point){city_lat_deg + random_between(-span_deg, span_deg),
                             104 + random_between(-span_deg, span_deg)};
}

static struct mw_index *random_fences(size_t count, double span_deg)
{
    struct mw_builder *b = mw_builder_new();
    for (size_t i = 0; i < count; i++) {
        struct mw_point line[2] = {random_place(span_deg), random_place(span_deg)};
        bool circle = i % 2 == 0;
        struct mw_part part = {line, circle ? 1 : 2, false};
        struct mw_shape shape = {circle ? MW_SHAPE_CIRCLE : MW_SHAPE_CORRIDOR, &part, 1,
                                 random_between(5, 300)};
        assert_int_equal(mw_builder_add(b, &shape, NULL, NULL), MW_OK);
    }
    struct mw_index *index;
    assert_int_equal(mw_builder_build(b, &index), MW_OK);
    mw_builder_free(b);
    return index;
}

static unsigned kind_of(uint32_t fence)
{
    return 1 + fence % 12;
}

static void check_place(const struct mw_index *index, const struct kind_grid *grid, struct mw_point p,
                        double margin_m)
{
    uint32_t named = kind_grid_near(grid, p, p, margin_m);
    for (uint32_t i = 0; i < mw_index_fence_count(index); i++) {
        struct mw_distance d;
        if (mw_index_distance(index, i, p, margin_m, &d))
            assert_true(named >> kind_of(i) & 1u);
    }
}

static size_t check_path(const struct mw_index *index, const struct kind_grid *grid, struct mw_point a,
                         struct mw_point b)
{
    struct mw_crossing met[64];
    size_t n = mw_index_path(index, a, b, met, 64);
    uint32_t named = kind_grid_near(grid, a, b, 0);
    for (size_t i = 0; i < n && i < 64; i++)
        assert_true(named >> kind_of(met[i].fence) & 1u);
    return n;
}

/* Fences of one kind that a path meets are among those told alone, or none are told. True: they were told. */
static bool check_lone(const struct mw_index *index, const struct kind_grid *grid, struct mw_point a,
                       struct mw_point b)
{
    struct mw_crossing met[64];
    uint32_t told[KIND_GRID_PATH_CELLS], count = kind_grid_lone(grid, a, b, told);
    size_t n = mw_index_path(index, a, b, met, 64);
    for (size_t i = 0; i < n && i < 64 && count != KIND_GRID_MANY; i++) {
        bool named = kind_of(met[i].fence) != 1;
        for (uint32_t k = 0; k < count; k++)
            named |= told[k] == met[i].fence;
        assert_true(named);
    }
    return count != KIND_GRID_MANY && count > 0;
}

static void put_all(struct kind_grid *grid, const struct mw_index *index, struct arena *arena)
{
    struct kind_grid_boxes boxes;
    assert_true(kind_grid_boxes_init(&boxes));
    for (unsigned kind = 1; kind <= 12; kind++) {
        kind_grid_boxes_clear(&boxes);
        for (uint32_t i = 0; i < mw_index_fence_count(index); i++)
            if (kind_of(i) == kind)
                kind_grid_boxes_add(&boxes, grid, mw_index_fence_bounds(index, i), i);
        kind_grid_put(grid, &boxes, kind);
        if (kind == 1)
            assert_true(kind_grid_put_lone(grid, &boxes, arena));
    }
    kind_grid_boxes_fini(&boxes);
}

/* Cell by cell as boxes cover them, one after the other. */
static void check_cells(const struct kind_grid *grid, const struct mw_index *index)
{
    for (int y = 0; y < KIND_GRID_SIDE; y++)
        for (int x = 0; x < KIND_GRID_SIDE; x++) {
            uint16_t kinds = 0;
            uint32_t lone = KIND_GRID_NONE;
            for (uint32_t i = 0; i < mw_index_fence_count(index); i++) {
                struct mw_bounds b = mw_index_fence_bounds(index, i);
                int south = (int)((b.south_west.lat_deg - grid->lat0_deg) * grid->cells_per_lat),
                    north = (int)((b.north_east.lat_deg - grid->lat0_deg) * grid->cells_per_lat),
                    west = (int)((b.south_west.lon_deg - grid->lon0_deg) * grid->cells_per_lon),
                    east = (int)((b.north_east.lon_deg - grid->lon0_deg) * grid->cells_per_lon);
                if (y < south - (south == KIND_GRID_SIDE) || y > north ||
                    x < west - (west == KIND_GRID_SIDE) || x > east)
                    continue;
                kinds |= (uint16_t)(1u << kind_of(i));
                if (kind_of(i) == 1)
                    lone = lone == KIND_GRID_NONE ? i : KIND_GRID_MANY;
            }
            assert_int_equal(grid->cells[y * KIND_GRID_SIDE + x], kinds);
            assert_int_equal(grid->lone[y * KIND_GRID_SIDE + x], lone);
        }
}

static void check_city(size_t fences, double span_deg)
{
    struct mw_index *index = random_fences(fences, span_deg);
    struct arena arena;
    arena_init(&arena);
    struct kind_grid grid;
    assert_true(kind_grid_make(&grid, index, &arena));
    put_all(&grid, index, &arena);
    check_cells(&grid, index);
    size_t met = 0, empty = 0, lone = 0;
    for (int i = 0; i < 3000; i++) {
        struct mw_point a = random_place(span_deg * 1.2), b = a;
        b.lat_deg += random_between(-0.003, 0.003);
        b.lon_deg += random_between(-0.003, 0.003);
        check_place(index, &grid, a, random_between(0, 60));
        met += check_path(index, &grid, a, b);
        lone += check_lone(index, &grid, a, b);
        empty += kind_grid_near(&grid, a, a, 0) == 0;
    }
    assert_true(met > 0);
    assert_true(empty > 0); /* it does rule places out */
    assert_true(lone > 0);
    mw_index_free(index);
    arena_fini(&arena);
}

static void test_never_misses(void **state)
{
    random_state = SEED;
    print_message("seed %llu\n", (unsigned long long)SEED);
    check_city(1, 0.02);
    check_city(20, 0.05);
    check_city(60, 0.5);
}

/* Where a degree of longitude is less than half of one of latitude. */
static void test_never_misses_in_the_north(void **state)
{
    random_state = SEED;
    city_lat_deg = 68;
    check_city(20, 0.02);
    check_city(60, 0.05);
    city_lat_deg = 30;
}

static void test_no_fences(void **state)
{
    struct mw_index *index = random_fences(0, 1);
    struct kind_grid grid;
    struct arena arena;
    arena_init(&arena);
    assert_true(kind_grid_make(&grid, index, &arena));
    assert_int_equal(kind_grid_near(&grid, (struct mw_point){0, 0}, (struct mw_point){1, 1}, 10), 0);
    uint32_t told[KIND_GRID_PATH_CELLS];
    assert_int_equal(kind_grid_lone(&grid, (struct mw_point){0, 0}, (struct mw_point){1, 1}, told), 0);
    arena_fini(&arena);
    mw_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_never_misses),
                                       cmocka_unit_test(test_never_misses_in_the_north),
                                       cmocka_unit_test(test_no_fences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
