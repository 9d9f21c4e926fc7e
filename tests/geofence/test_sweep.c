/* sweep against every pair of edges: whether any cross, and which are named. Coordinates on a coarse grid
 * meet, touch and lie on top of each other. */
#include "../cmocka_all.h"
#include "order.h"
#include "predicate.h"
#include "sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20000, EDGES_MAX = 400 };

static uint64_t seed = 20260503;

static uint32_t below(uint32_t n)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 2685821657736338717u >> 33) % n);
}

static int side(struct geo_xy a, struct geo_xy b, struct geo_xy c)
{
    double o = geo_orient(a, b, c);
    return (o > 0) - (o < 0);
}

static bool cross(const struct geo_edge *e, const struct geo_edge *f)
{
    return side(e->a, e->b, f->a) * side(e->a, e->b, f->b) < 0 &&
           side(f->a, f->b, e->a) * side(f->a, f->b, e->b) < 0;
}

static bool any_cross(const struct geo_edge *edges, uint32_t count)
{
    bool any = false;
    for (uint32_t i = 0; i < count && !any; i++)
        for (uint32_t k = 0; k < i && !any; k++)
            any = cross(&edges[i], &edges[k]);
    return any;
}

/* A walk, so that edges share ends as those of a ring do; short steps keep some free of crossings. */
static uint32_t make(struct geo_edge *edges, uint32_t grid, uint32_t reach)
{
    uint32_t count = 1 + below(below(4) == 0 ? EDGES_MAX : 30);
    struct geo_xy p = {below(grid), below(grid)}, first = p;
    for (uint32_t i = 0; i < count; i++) {
        struct geo_xy q = {p.x + below(2 * reach + 1) - reach, p.y + below(2 * reach + 1) - reach};
        edges[i] = (struct geo_edge){p, i + 1 < count ? q : first, 0, i};
        p = q;
    }
    return count;
}

static void test_finds_what_pairs_find(void **state)
{
    static struct geo_edge edges[EDGES_MAX];
    unsigned crossing = 0;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t count = make(edges, 1 + below(100), 1 + below(20));
        struct geo_rank *ranks = malloc(2 * count * sizeof *ranks); /* to the byte */
        assert_non_null(ranks);
        bool any = any_cross(edges, count);
        const struct geo_edge *e = NULL, *f = NULL;
        bool found = geo_sweep(edges, count, ranks, &e, &f);
        if (found != any || (found && !cross(e, f)))
            fail_msg("round %d: %u edges, %s", round, count, any ? "some cross" : "none cross");
        crossing += any;
        e = f = NULL;
        found = geo_order_crossing(edges, count, (void *)ranks, &e, &f);
        if (found != any || (found && !cross(e, f)))
            fail_msg("round %d: %u edges, %s, in order", round, count, any ? "some cross" : "none cross");
        free(ranks);
    }
    printf("%u of %d cross\n", crossing, ROUNDS);
    assert_true(crossing > ROUNDS / 10 && crossing < ROUNDS - ROUNDS / 10);
}

/* A ring around the origin, sound as it is; one point may be pulled to anywhere. */
static uint32_t make_ring(struct geo_edge *edges, bool pulled)
{
    uint32_t count = 3 + below(below(2) ? EDGES_MAX - 3 : 30), odd = pulled ? below(count) : count;
    struct geo_xy p[EDGES_MAX];
    for (uint32_t i = 0; i < count; i++) {
        double turn = 6.283185307179586 * i / count, radius = 100 + below(30);
        p[i] = (struct geo_xy){radius * cos(turn), radius * sin(turn)};
        if (i == odd)
            p[i] = (struct geo_xy){(double)below(300) - 150, (double)below(300) - 150};
    }
    for (uint32_t i = 0; i < count; i++)
        edges[i] = (struct geo_edge){p[i], p[i + 1 < count ? i + 1 : 0], 0, i};
    return count;
}

static void test_finds_one_point_out_of_place(void **state)
{
    static struct geo_edge edges[EDGES_MAX];
    unsigned crossing = 0;
    for (int round = 0; round < ROUNDS / 10; round++) {
        uint32_t count = make_ring(edges, round % 2);
        struct geo_rank *ranks = malloc(2 * count * sizeof *ranks);
        assert_non_null(ranks);
        bool any = any_cross(edges, count);
        const struct geo_edge *e = NULL, *f = NULL;
        bool found = geo_sweep(edges, count, ranks, &e, &f);
        if (found != any || (found && !cross(e, f)))
            fail_msg("round %d: %u edges, %s", round, count, any ? "some cross" : "none cross");
        crossing += any;
        free(ranks);
    }
    printf("%u of %d cross\n", crossing, ROUNDS / 10);
    assert_true(crossing > ROUNDS / 100 && crossing < ROUNDS / 10 - ROUNDS / 100);
}

/* Two walks over one grid, most of them without a crossing: ends that touch the middle of an edge from either
 * side, bundles of edges on one line, upright ones. */
static void test_touching_is_not_crossing(void **state)
{
    static struct geo_edge edges[EDGES_MAX];
    struct geo_rank ranks[2 * 12];
    unsigned crossing = 0;
    for (int round = 0; round < 10 * ROUNDS; round++) {
        uint32_t count = 2 + below(11), grid = 2 + below(4);
        for (uint32_t i = 0; i < count; i++)
            edges[i] = (struct geo_edge){{below(grid), below(grid)}, {below(grid), below(grid)}, 0, i};
        bool any = any_cross(edges, count);
        const struct geo_edge *e = NULL, *f = NULL;
        bool found = geo_order_crossing(edges, count, (void *)ranks, &e, &f);
        if (found != any || (found && !cross(e, f)))
            fail_msg("round %d: %u edges on %u x %u, %s", round, count, grid, grid,
                     any ? "some cross" : "none");
        crossing += any;
    }
    printf("%u of %d cross\n", crossing, 10 * ROUNDS);
    assert_true(crossing > ROUNDS && crossing < 9 * ROUNDS);
}

/* Teeth of a slanting comb: each lies beside each along both axes. The sweep alone would hold five thousand
 * million pairs against each other. */
static void test_a_slanting_comb(void **state)
{
    enum { TEETH = 100000 };
    struct geo_edge *edges = malloc(TEETH * sizeof *edges);
    struct geo_rank *ranks = malloc(2 * TEETH * sizeof *ranks);
    assert_true(edges != NULL && ranks != NULL);
    for (uint32_t i = 0; i < TEETH; i++)
        edges[i] = (struct geo_edge){{i, TEETH - i}, {i + 1e6, TEETH - i + 1e6}, 0, i};
    const struct geo_edge *e = NULL, *f = NULL;
    assert_false(geo_sweep(edges, TEETH, ranks, &e, &f));
    edges[70000].b = edges[70002].b;
    edges[70000].b.y -= 3;
    assert_true(geo_sweep(edges, TEETH, ranks, &e, &f));
    assert_true(cross(e, f) && (e->point == 70000 || f->point == 70000));
    free(edges);
    free(ranks);
}

/* Far apart along x, where the sweep goes; of those that cross the westernmost is named, and of those that
 * begin where it does the one that was given first. */
static void test_names_the_first(void **state)
{
    const struct geo_edge edges[] = {
        {{9, 0}, {9.5, 1}, 0, 0},   {{9, 1}, {9.5, 0}, 0, 1}, /* a pair in the east */
        {{1, 0}, {2, 1}, 0, 2},     {{5, 0}, {6, 1}, 0, 3},   /* nothing */
        {{3, 1}, {4, 0}, 0, 4},     {{3, 0}, {4, 1}, 0, 5},   /* a pair in the west */
        {{3, 0.4}, {4, 0.6}, 0, 6},
    };
    struct geo_rank ranks[14];
    const struct geo_edge *e, *f;
    assert_true(geo_sweep(edges, 7, ranks, &e, &f));
    assert_int_equal(e->point, 4);
    assert_int_equal(f->point, 5);
}

/* Two of many edges cross, far from all others: whichever they are, and in whichever blocks they stand. */
static void test_screens_every_pair(void **state)
{
    enum { COUNT = 50 };
    float room[8 * COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        for (uint32_t k = 0; k < i; k++) {
            struct geo_edge edges[COUNT];
            for (uint32_t n = 0; n < COUNT; n++)
                edges[n] = (struct geo_edge){{10 * n, 10 * n}, {10 * n + 1, 10 * n + 2}, 0, n};
            edges[i] = (struct geo_edge){{5000, 5000}, {5010, 5010}, 0, i};
            assert_false(geo_screen(edges, COUNT, room));
            edges[k] = (struct geo_edge){{5000, 5010}, {5010, 5000}, 0, k};
            assert_true(geo_screen(edges, COUNT, room));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_the_first),
        cmocka_unit_test(test_finds_what_pairs_find),
        cmocka_unit_test(test_finds_one_point_out_of_place),
        cmocka_unit_test(test_touching_is_not_crossing),
        cmocka_unit_test(test_screens_every_pair),
        cmocka_unit_test(test_a_slanting_comb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
