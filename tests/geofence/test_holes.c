/* Holes against the plain way to ask about them: each line held against each edge of each ring. And how much is
 * looked at where that would take minutes. */
#include "holes.h"
#include "lone.h"
#include "shape.h"
#include "side.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RINGS_MAX = 8, POINTS_MAX = 8, GRID = 8, ROUNDS = 40000 };

static uint64_t seed = 20261130;

static uint32_t below(uint32_t bound)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % bound;
}

/* ---- the plain way ---- */

struct met {
    double x;
    uint32_t ring;
};

static int compare(const void *a, const void *b)
{
    const struct met *x = a, *y = b;
    return (x->x > y->x) - (x->x < y->x);
}

static struct geo_hole_fault fault_on_line(const struct geo_store *store, uint32_t count, double y)
{
    struct met met[RINGS_MAX * POINTS_MAX];
    uint32_t n = 0, holes = 0;
    bool inside[RINGS_MAX] = {false};
    for (uint32_t r = 0; r < count; r++)
        for (uint32_t i = 0; i < store->rings[r].count; i++) {
            struct geo_xy a = geo_ring_point(store, &store->rings[r], i);
            struct geo_xy b = geo_ring_point(store, &store->rings[r], geo_ring_next(&store->rings[r], i));
            if ((a.y > y) != (b.y > y))
                met[n++] = (struct met){a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x), r};
        }
    qsort(met, n, sizeof *met, compare);
    for (uint32_t i = 0; i + 1 < n; i++) {
        inside[met[i].ring] = !inside[met[i].ring];
        holes += met[i].ring == 0 ? 0 : inside[met[i].ring] ? 1u : UINT32_MAX;
        if (met[i + 1].x - met[i].x <= 1e-9 || (holes <= 1 && (holes == 0 || inside[0])))
            continue;
        uint32_t last = count - 1;
        while (last > 1 && !inside[last])
            last--;
        return (struct geo_hole_fault){inside[0] ? MW_SHAPE_HOLE_IN_HOLE : MW_SHAPE_HOLE_OUTSIDE, last, 0};
    }
    return (struct geo_hole_fault){MW_SHAPE_FINE, 0, 0};
}

static struct geo_hole_fault plain_fault(const struct geo_store *store, uint32_t count)
{
    static const double shares[] = {0.5, 0.29, 0.71};
    for (uint32_t hole = 1; hole < count; hole++)
        for (uint32_t k = 0; k < 3; k++) {
            struct geo_span span = geo_ring_span(store, &store->rings[hole]);
            struct geo_hole_fault fault =
                fault_on_line(store, count, span.south + shares[k] * (span.north - span.south));
            if (fault.problem)
                return fault;
        }
    return (struct geo_hole_fault){MW_SHAPE_FINE, 0, 0};
}

/* ---- random polygons on a coarse grid: they touch, and run on top of each other, more often than not ---- */

static void add_ring(struct geo_store *store, struct geo_edge *edges, uint32_t *edge_count, bool hole)
{
    struct geo_xy points[POINTS_MAX] = {
        {0, 0}, {GRID, 0}, {GRID, GRID}, {below(GRID), below(GRID)}, {0, GRID}};
    uint32_t count = below(3) ? 5 : 3;
    if (hole) {
        double x = below(GRID), y = below(GRID), size = 1 + below(3);
        const struct geo_xy box[] = {{x, y}, {x, y + size}, {x + size, y + size}, {x + size, y}};
        count = 3 + below(2);
        for (uint32_t i = 0; i < count; i++)
            points[i] = box[i];
    }
    assert_int_equal(geo_store_ring(store, points, count, hole ? GEO_RING_HOLE : 0), MW_OK);
    for (uint32_t i = 0; i < count; i++)
        edges[(*edge_count)++] = (struct geo_edge){points[i], points[(i + 1) % count], 0, i};
}

/* What has been made sure of before holes are asked about (shape.c). */
static bool may_be_asked(const struct geo_store *store, const struct geo_edge *edges, uint32_t edge_count)
{
    struct geo_rank ranks[2 * RINGS_MAX * POINTS_MAX];
    const struct geo_edge *e, *f;
    for (uint32_t hole = 1; hole < store->ring_count; hole++) {
        enum geo_side side = GEO_BORDER;
        for (uint32_t i = 0; i < store->rings[hole].count && side == GEO_BORDER; i++)
            side = geo_ring_side(store, &store->rings[0], geo_ring_point(store, &store->rings[hole], i));
        if (side == GEO_OUTSIDE)
            return false;
    }
    return !geo_sweep(edges, edge_count, ranks, &e, &f);
}

static void test_finds_what_plain_lines_find(void **state)
{
    uint32_t of_problem[MW_SHAPE_HOLES_TANGLED + 1] = {0}, lone_holes = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct geo_store store = {0};
        struct geo_edge edges[RINGS_MAX * POINTS_MAX];
        uint32_t edge_count = 0, count = 2 + below(4);
        for (uint32_t i = 0; i < count; i++)
            add_ring(&store, edges, &edge_count, i > 0);
        if (may_be_asked(&store, edges, edge_count)) {
            struct geo_hole_fault want = plain_fault(&store, count), got;
            bool lone[RINGS_MAX];
            assert_int_equal(geo_holes_apart(&store, 0, count, &got), MW_OK);
            assert_int_equal(geo_lone_holes(&store, 0, count, lone), MW_OK);
            if (got.problem != want.problem || got.hole != want.hole)
                fail_msg("round %u: problem %d of hole %u, not %d of %u", round, (int)got.problem, got.hole,
                         (int)want.problem, want.hole);
            of_problem[got.problem]++;
            for (uint32_t i = 1; i < count; i++)
                lone_holes += lone[i];
        }
        geo_store_fini(&store);
    }
    print_message("%u fine, %u outside, %u in another; %u lone\n", of_problem[MW_SHAPE_FINE],
                  of_problem[MW_SHAPE_HOLE_OUTSIDE], of_problem[MW_SHAPE_HOLE_IN_HOLE], lone_holes);
    assert_true(of_problem[MW_SHAPE_FINE] > 1000 && of_problem[MW_SHAPE_HOLE_OUTSIDE] > 50 &&
                of_problem[MW_SHAPE_HOLE_IN_HOLE] > 200 && lone_holes > 1000);
}

/* ---- how much is looked at ---- */

/* Holes in a polygon 100 wide and high, each a slanting strip from (x, y) on, `east` wide, `north` high. */
struct strip {
    double x, y, east, north, width;
};

static void add_strip(struct geo_store *store, struct strip s)
{
    const struct geo_xy points[] = {{s.x, s.y},
                                    {s.x + s.east, s.y + s.north},
                                    {s.x + s.east + s.width, s.y + s.north},
                                    {s.x + s.width, s.y}};
    assert_int_equal(geo_store_ring(store, points, 4, GEO_RING_HOLE), MW_OK);
}

static struct geo_hole_fault ask(struct geo_store *store)
{
    struct geo_hole_fault fault;
    assert_int_equal(geo_holes_apart(store, 0, store->ring_count, &fault), MW_OK);
    geo_store_fini(store);
    return fault;
}

static struct geo_store frame(void)
{
    static const struct geo_xy square[] = {{-1, -1}, {101, -1}, {101, 101}, {-1, 101}};
    struct geo_store store = {0};
    assert_int_equal(geo_store_ring(&store, square, 4, 0), MW_OK);
    return store;
}

static void test_holes_by_themselves_cost_nothing(void **state)
{
    enum { HOLES = 10000 };
    struct geo_store row = frame(), grid = frame();
    for (uint32_t i = 0; i < HOLES; i++) {
        add_strip(&row, (struct strip){i * 0.01, below(50), 0.001, 50, 0.005});
        add_strip(&grid, (struct strip){i % 100, i / 100, 0.3, 0.7, 0.3});
    }
    add_strip(&grid, (struct strip){50.1, 50.1, 0.1, 0.1, 0.1}); /* in the one at 50, 50 */
    struct geo_hole_fault in_row = ask(&row), in_grid = ask(&grid);
    assert_int_equal(in_row.problem, MW_SHAPE_FINE);
    assert_int_equal(in_row.looked_at, 0);
    assert_int_equal(in_grid.problem, MW_SHAPE_HOLE_IN_HOLE);
    assert_int_equal(in_grid.hole, HOLES + 1);
    assert_true(in_grid.looked_at < 10 * HOLES);
}

/* All reach into their neighbours' boxes. Each line through each hole meets one row of them. */
static void test_neighbours_are_met_row_by_row(void **state)
{
    struct geo_store store = frame();
    for (uint32_t i = 0; i < 2500; i++)
        add_strip(&store, (struct strip){i % 50, 2 * (i / 50), 1, 1, 0.5});
    struct geo_hole_fault fault = ask(&store);
    assert_int_equal(fault.problem, MW_SHAPE_FINE);
    assert_true(fault.looked_at > 0 && fault.looked_at <= 3 * 2500 * 102);
}

static void test_too_many_beside_each_other_are_refused(void **state)
{
    enum { HOLES = 8000 };
    struct geo_store store = frame();
    for (uint32_t i = 0; i < HOLES; i++)
        add_strip(&store, (struct strip){i * 0.004, i * 1e-4, 50, 50, 0.002});
    struct geo_hole_fault fault = ask(&store);
    assert_int_equal(fault.problem, MW_SHAPE_HOLES_TANGLED);
    assert_true(fault.looked_at < 250000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_what_plain_lines_find),
        cmocka_unit_test(test_holes_by_themselves_cost_nothing),
        cmocka_unit_test(test_neighbours_are_met_row_by_row),
        cmocka_unit_test(test_too_many_beside_each_other_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
