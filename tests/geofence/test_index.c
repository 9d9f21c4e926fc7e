/* The index against a scan of every fence: the same answers, bit for bit, for every evaluator the processor
 * runs. */
#include "shapes.h"

#include "eval.h"
#include "index.h"
#include "scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FENCES 60
#define HITS   256
#ifndef SEEDS
#define SEEDS 300
#endif

struct world {
    struct owned_shape shapes[FENCES];
    uint32_t count;
    struct mw_index *index;
};

/* One place on the globe, and fences from centimetres to a few degrees, most of them crowded. */
static void world_make(struct rng *rng, struct world *world)
{
    struct mw_point middle = {rng_between(rng, -70, 70), rng_between(rng, -170, 170)};
    double spread = pow(10, rng_between(rng, -3, -0.5));
    struct mw_builder *builder = mw_builder_new();
    world->count = 0;
    uint32_t wanted = 1 + rng_below(rng, FENCES);
    for (uint32_t tries = 0; world->count < wanted && tries < 10 * FENCES; tries++) {
        struct mw_point at = {middle.lat_deg + rng_between(rng, -spread, spread),
                              middle.lon_deg + rng_between(rng, -spread, spread)};
        double size = spread * pow(10, rng_between(rng, -3, 0.3));
        shape_random(rng, at, size, &world->shapes[world->count]);
        uint32_t fence;
        if (mw_builder_add(builder, &world->shapes[world->count].shape, &fence, NULL) == MW_OK) {
            assert_int_equal(fence, world->count);
            world->count++;
        }
    }
    assert_int_equal(mw_builder_build(builder, &world->index), MW_OK);
    mw_builder_free(builder);
}

static const struct geo_eval *evaluators[GEO_EVALS_MAX];
static uint32_t evaluator_count;

static int find_evaluators(void **state)
{
    evaluator_count = geo_eval_list(evaluators);
    return 0;
}

static void complain(uint64_t seed, struct mw_point p, const char *what)
{
    fail_msg("seed %llu: %s differ at %.17g %.17g", (unsigned long long)seed, what, p.lat_deg, p.lon_deg);
}

static void check_points(const struct world *world, struct rng *rng, uint64_t seed, uint32_t cases)
{
    const struct geo_store *store = &world->index->store;
    uint32_t expected[HITS], found[HITS], first[2];
    struct mw_hit hits[HITS], expected_hits[HITS];
    for (uint32_t i = 0; i < cases; i++) {
        struct mw_point p = point_random(rng, &world->shapes[rng_below(rng, world->count)]);
        size_t count = geo_scan_point(store, p, expected, HITS);
        geo_scan_point_detail(store, p, expected_hits, HITS);
        for (uint32_t e = 0; e < evaluator_count; e++) {
            const struct geo_eval *eval = evaluators[e];
            if (eval->point(world->index, p, found, HITS) != count ||
                memcmp(found, expected, count * sizeof *found) != 0)
                complain(seed, p, "points");
            const struct geo_points one = {&p, 1, first, found, HITS};
            if (eval->points(world->index, &one) != count || first[1] != count ||
                memcmp(found, expected, count * sizeof *found) != 0)
                complain(seed, p, "batches");
            if (eval->detail(world->index, p, hits, HITS) != count ||
                memcmp(hits, expected_hits, count * sizeof *hits) != 0)
                complain(seed, p, "details");
        }
    }
}

/* In batches of any size, with places off the fences, off the globe and no places at all among them; and
 * with less room than the answer takes. */
static void check_batches(const struct world *world, struct rng *rng, uint64_t seed)
{
    enum { POINTS = 300, ROOM = 20000 };
    static struct mw_point points[POINTS];
    static uint32_t expected[ROOM], found[ROOM + 1], expected_first[POINTS + 1], first[POINTS + 1];
    size_t count = rng_below(rng, POINTS + 1), total = 0;
    for (size_t i = 0; i < count; i++) {
        points[i] = point_random(rng, &world->shapes[rng_below(rng, world->count)]);
        switch (rng_below(rng, 12)) {
        case 0:
            points[i].lat_deg += rng_between(rng, -2, 2);
            break;
        case 1:
            points[i] = rng_below(rng, 2) ? (struct mw_point){NAN, 0} : (struct mw_point){1e300, -INFINITY};
            break;
        }
        expected_first[i] = (uint32_t)total;
        total += isfinite(points[i].lat_deg)
                     ? geo_scan_point(&world->index->store, points[i], expected + total, ROOM - total)
                     : 0;
    }
    expected_first[count] = (uint32_t)total;
    assert_true(total <= ROOM);
    for (uint32_t e = 0; e < evaluator_count; e++) {
        size_t cap = rng_below(rng, 3) ? ROOM : rng_below(rng, (uint32_t)total + 20);
        size_t fit = total < cap ? total : cap;
        found[cap] = 4711;
        const struct geo_points many = {points, count, first, found, cap};
        if (evaluators[e]->points(world->index, &many) != total ||
            memcmp(first, expected_first, (count + 1) * sizeof *first) != 0 ||
            memcmp(found, expected, fit * sizeof *found) != 0 || found[cap] != 4711)
            complain(seed, points[0], evaluators[e]->name);
    }
}

static bool same_crossings(const struct mw_crossing *a, const struct mw_crossing *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i].fence != b[i].fence || a[i].inside_from != b[i].inside_from ||
            a[i].inside_to != b[i].inside_to || a[i].enter != b[i].enter || a[i].leave != b[i].leave ||
            a[i].inside_m != b[i].inside_m)
            return false;
    return true;
}

static void check_paths(const struct world *world, struct rng *rng, uint64_t seed, uint32_t cases)
{
    struct mw_crossing expected[HITS], found[HITS];
    for (uint32_t i = 0; i < cases; i++) {
        struct mw_point from = point_random(rng, &world->shapes[rng_below(rng, world->count)]), to = from;
        if (rng_below(rng, 2)) {
            to.lat_deg += rng_between(rng, -0.001, 0.001);
            to.lon_deg += rng_between(rng, -0.001, 0.001);
        } else if (rng_below(rng, 10)) {
            to = point_random(rng, &world->shapes[rng_below(rng, world->count)]);
        }
        size_t count = geo_scan_path(&world->index->store, from, to, expected, HITS);
        const struct geo_eval *best = world->index->eval;
        for (uint32_t e = 0; e < evaluator_count; e++) {
            world->index->eval = evaluators[e];
            size_t got = mw_index_path(world->index, from, to, found, HITS);
            if (got != count || !same_crossings(found, expected, count)) {
                printf("to %.17g %.17g: %zu, not %zu\n", to.lat_deg, to.lon_deg, got, count);
                complain(seed, from, "paths");
            }
        }
        world->index->eval = best;
        for (uint32_t fence = 0, k = 0; fence < world->count; fence++) {
            bool meets = k < count && k < HITS && expected[k].fence == fence;
            k += meets;
            if (mw_index_path_meets(world->index, fence, from, to) != meets)
                complain(seed, from, "paths against one fence");
        }
    }
}

static void check_seed(struct world *world, uint64_t seed)
{
    struct rng rng = {seed};
    world_make(&rng, world);
    if (world->count) {
        check_points(world, &rng, seed, 300);
        check_batches(world, &rng, seed);
        check_paths(world, &rng, seed, 200);
    }
    mw_index_free(world->index);
}

/* Found by longer runs: 18 runs of two corridors in one leaf. */
static const uint64_t failed_once[] = {3447};

static void index_equals_scan(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        check_seed(world, seed);
    for (size_t i = 0; i < sizeof failed_once / sizeof *failed_once; i++)
        check_seed(world, failed_once[i]);
    free(world);
    printf("%u evaluators, seeds 1 to %d\n", evaluator_count, SEEDS);
}

enum { CROWD = 1200, EQUAL = 20000 };

/* Circles or squares about one place, each larger by so much than the one before. */
static struct mw_index *crowd(struct mw_point middle, bool squares, int count, double larger_m)
{
    struct mw_builder *builder = mw_builder_new();
    for (int i = 0; i < count; i++) {
        double m = 500 + i * larger_m, deg = m / 111000;
        double south = middle.lat_deg - deg, west = middle.lon_deg - deg;
        double north = middle.lat_deg + deg, east = middle.lon_deg + deg;
        const struct mw_point ring[] = {
            {south, west}, {south, east}, {north, east}, {north, west}, {south, west}};
        struct mw_part part = {squares ? ring : &middle, squares ? 5 : 1, false};
        struct mw_shape shape = {squares ? MW_SHAPE_POLYGON : MW_SHAPE_CIRCLE, &part, 1, m};
        assert_int_equal(mw_builder_add(builder, &shape, NULL, NULL), MW_OK);
    }
    struct mw_index *index;
    assert_int_equal(mw_builder_build(builder, &index), MW_OK);
    mw_builder_free(builder);
    return index;
}

/* More fences at one place than any list on the way has room for. */
static void crowds_are_answered_whole(void **state)
{
    static struct mw_crossing expected[CROWD + 1], found[CROWD + 1];
    const double lengths_deg[] = {0.0001, 0.002, 0.0045, 0.006, 0.01};
    struct mw_point middle = {31.2, 121.5};
    for (int squares = 0; squares < 2; squares++) {
        struct mw_index *index = crowd(middle, squares, CROWD, 0.1);
        for (size_t k = 0; k < sizeof lengths_deg / sizeof lengths_deg[0]; k++) {
            struct mw_point far = {middle.lat_deg + lengths_deg[k], middle.lon_deg};
            size_t count = geo_scan_path(&index->store, middle, far, expected, CROWD + 1);
            assert_int_equal(count, CROWD);
            assert_int_equal(mw_index_path(index, middle, far, found, CROWD + 1), CROWD);
            assert_true(same_crossings(found, expected, count));
            assert_int_equal(mw_index_path(index, far, middle, found, CROWD + 1), CROWD);
        }
        mw_index_free(index);
    }
}

/* Cutting cells further would repeat all of them in each, for no question's good. Each takes 884 bytes. */
static void equal_fences_take_no_more_than_others(void **state)
{
    struct mw_point middle = {31.2, 121.5};
    struct mw_index *index = crowd(middle, true, EQUAL, 0);
    uint32_t *found = calloc(EQUAL, sizeof *found);
    assert_int_equal(mw_index_point(index, middle, found, EQUAL), EQUAL);
    assert_true(mw_index_memory_bytes(index) / EQUAL < 1000);
    free(found);
    mw_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_equals_scan),
        cmocka_unit_test(crowds_are_answered_whole),
        cmocka_unit_test(equal_fences_take_no_more_than_others),
    };
    return cmocka_run_group_tests(tests, find_evaluators, NULL);
}
