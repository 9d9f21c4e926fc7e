/*
 * Fences that lie on each other by the thousand. What belongs together is the same as by holding each against each, which
 * is how it is told here; and how much is looked at is counted, since no real file says how slow a hostile one is.
 */
#include "../cmocka_all.h"

#include "box_tree.h"
#include "fence_near.h"
#include "names.h"
#include "site_wash.h"
#include "things.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED UINT64_C(41)

static uint64_t random_state;

static double random_between(double low, double high)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return low + (high - low) * (double)(random_state >> 11) / 9007199254740992.0;
}

static struct mw_bounds random_box(double lat_deg, double span_deg, double side_deg)
{
    struct mw_point a = {lat_deg + random_between(-span_deg, span_deg),
                         114 + random_between(-span_deg, span_deg)};
    return (struct mw_bounds){
        a, {a.lat_deg + random_between(0, side_deg), a.lon_deg + random_between(0, side_deg)}};
}

static bool is_among(const uint32_t *list, uint32_t count, uint32_t number)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == number)
            return true;
    return false;
}

/* Asks for boxes near random ones while others are taken out. */
static void hold_tree_to_all(uint32_t count, double lat_deg, double near_m)
{
    struct mw_bounds *boxes = malloc(count * sizeof *boxes);
    uint32_t *found = malloc(count * sizeof *found);
    struct box_tree tree;
    assert_true(count > 0 && boxes != NULL && found != NULL);
    for (uint32_t i = 0; i < count; i++)
        boxes[i] = random_box(lat_deg, 0.05, i % 7 == 0 ? 0.05 : 0.003);
    assert_true(box_tree_init(&tree, boxes, count));
    for (uint32_t out = 0; out < count; out++) {
        struct mw_bounds asked = random_box(lat_deg, 0.06, 0.01);
        uint32_t n = box_tree_near(&tree, asked, near_m, found), sure = 0;
        for (uint32_t i = 0; i < count; i++) {
            bool near =
                fence_boxes_near(asked, boxes[i], near_m) || fence_boxes_near(boxes[i], asked, near_m);
            if (near && box_tree_holds(&tree, i))
                assert_true(is_among(found, n, i));
            sure += near && box_tree_holds(&tree, i);
        }
        assert_true(n <= sure + count / 10 + 1); /* it is not all of them */
        box_tree_remove(&tree, out);
        assert_false(box_tree_holds(&tree, out));
    }
    assert_int_equal(box_tree_near(&tree, boxes[0], 1e6, found), 0);
    box_tree_fini(&tree);
    free(boxes);
    free(found);
}

static void test_tree(void **state)
{
    (void)state;
    random_state = SEED;
    for (uint32_t count = 1; count <= 40; count++)
        hold_tree_to_all(count, 30, 50);
    hold_tree_to_all(700, 30, 0);
    hold_tree_to_all(700, -30, 50);
    hold_tree_to_all(700, 79, 50);
}

/* ---- worlds ---- */

struct bench {
    struct names *names;
    struct world_builder *b;
    struct world_error error;
};

static void bench_init(struct bench *t)
{
    t->names = names_new(50000);
    t->b = world_builder_new(t->names);
    assert_int_equal(world_builder_zone(t->b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
}

static void bench_fini(struct bench *t)
{
    world_builder_free(t->b);
    names_free(t->names);
}

static void add(struct bench *t, uint32_t number, struct fence_spec spec)
{
    char id[16];
    snprintf(id, sizeof id, "f%06u", number);
    spec.id = text_of(id);
    spec.speed_limit_kmh = spec.kind == FENCE_SPEED ? 40 : 0;
    assert_int_equal(world_builder_fence(t->b, &spec, &t->error), WORLD_OK);
}

static void add_square(struct bench *t, uint32_t number, enum fence_kind kind, struct mw_point at,
                       double side_deg)
{
    struct mw_point ring[5] = {at,
                               {at.lat_deg, at.lon_deg + side_deg},
                               {at.lat_deg + side_deg, at.lon_deg + side_deg},
                               {at.lat_deg + side_deg, at.lon_deg},
                               at};
    struct mw_part part = {ring, 5, false};
    add(t, number,
        (struct fence_spec){.kind = kind,
                            .shape = {.kind = MW_SHAPE_POLYGON, .parts = &part, .part_count = 1}});
}

/* A corridor, a circle or a triangle, of one of three rules and sometimes of a group. */
static void add_random(struct bench *t, uint32_t number, enum fence_kind kind, struct mw_point centre,
                       double span_deg)
{
    static const char *const groups[] = {"", "", "", "", "g", "h"};
    struct mw_point p[4];
    double far = span_deg / 8;
    p[0].lat_deg = centre.lat_deg + random_between(-span_deg, span_deg);
    p[0].lon_deg = centre.lon_deg + random_between(-span_deg, span_deg);
    for (int i = 1; i < 3; i++) {
        p[i].lat_deg = p[0].lat_deg + random_between(-far, far);
        p[i].lon_deg = p[0].lon_deg + random_between(-far, far);
    }
    p[3] = p[0];
    struct mw_part part = {p, number % 3 == 0 ? 2 : number % 3 == 1 ? 1 : 4, false};
    struct mw_shape shape = {.kind = number % 3 == 0   ? MW_SHAPE_CORRIDOR
                                     : number % 3 == 1 ? MW_SHAPE_CIRCLE
                                                       : MW_SHAPE_POLYGON,
                             .parts = &part,
                             .part_count = 1,
                             .radius_m = number % 3 == 2 ? 0 : random_between(2, 60)};
    add(t, number,
        (struct fence_spec){
            .kind = kind, .shape = shape, .group = text_of(groups[(int)random_between(0, 6)])});
}

static struct world *build(struct bench *t)
{
    struct world *w;
    if (world_builder_build(t->b, &w, &t->error) != WORLD_OK)
        fail_msg("%s", t->error.text);
    return w;
}

static bool same_rule(const struct world *w, uint32_t a, uint32_t b)
{
    const struct fence *x = &w->fences[a], *y = &w->fences[b];
    return x->kind == y->kind && x->speed_limit_kmh == y->speed_limit_kmh;
}

static double south(const struct world *w, uint32_t fence)
{
    return mw_index_fence_bounds(w->index, fence).south_west.lat_deg;
}

static bool belong(const struct world *w, uint32_t a, uint32_t b)
{
    const struct fence *x = &w->fences[a], *y = &w->fences[b];
    if (!same_rule(w, a, b))
        return false;
    if (x->group.len > 0 && text_equal(x->group, y->group))
        return true;
    bool first = south(w, a) < south(w, b) || (south(w, a) == south(w, b) && a < b);
    return fence_near(w->index, first ? a : b, first ? b : a, THING_NEAR_M);
}

/* Each thing is named by the smallest id of all that hang together, told by holding each against each. */
static unsigned hold_things_to_pairs(const struct world *w)
{
    uint32_t *root = malloc(w->fence_count * sizeof *root);
    unsigned joined = 0;
    for (uint32_t i = 0; i < w->fence_count; i++)
        root[i] = i;
    for (uint32_t a = 0; a < w->fence_count; a++)
        for (uint32_t b = a + 1; b < w->fence_count; b++) {
            uint32_t low = root[a] < root[b] ? root[a] : root[b], high = root[a] + root[b] - low;
            if (low == high || !belong(w, a, b))
                continue;
            joined++;
            for (uint32_t i = 0; i < w->fence_count; i++)
                root[i] = root[i] == high ? low : root[i];
        }
    for (uint32_t i = 0; i < w->fence_count; i++)
        assert_int_equal(w->fences[i].thing, w->fences[root[i]].id);
    free(root);
    return joined;
}

static void test_things_as_by_pairs(void **state)
{
    static const enum fence_kind kinds[] = {FENCE_BANNED, FENCE_AREA, FENCE_SPEED};
    unsigned joined = 0, fences = 0;
    (void)state;
    random_state = SEED;
    for (int round = 0; round < 60; round++) {
        struct bench t;
        bench_init(&t);
        uint32_t count = (uint32_t)random_between(2, 90);
        double span_deg = round % 3 == 0 ? 0.001 : round % 3 == 1 ? 0.02 : 0.05;
        for (uint32_t i = 0; i < count; i++)
            add_random(&t, i, kinds[(int)random_between(0, 3)], (struct mw_point){round % 2 ? 30 : -62, 114},
                       span_deg);
        struct world *w = build(&t);
        joined += hold_things_to_pairs(w);
        fences += w->fence_count;
        world_free(w);
        bench_fini(&t);
    }
    assert_true(joined > fences / 4 && joined < fences * 9 / 10); /* neither none nor all */
}

/* Whether a wash has a tie to a site is what being near says; nobody else has one. */
static void hold_ties_to_pairs(const struct world *w, unsigned *ties)
{
    const struct fence_list *sites = &w->of_kind[FENCE_SITE], *washes = &w->of_kind[FENCE_WASH];
    for (uint32_t i = 0; i < sites->count; i++) {
        const struct fence *site = &w->fences[sites->numbers[i]];
        uint32_t seen = 0;
        for (uint32_t k = 0; k < washes->count; k++) {
            bool near = fence_near(w->index, washes->numbers[k], sites->numbers[i], SITE_WASH_NEAR_M);
            if (near)
                assert_true(seen < site->wash_tie_count && site->wash_ties[seen]->wash == washes->numbers[k]);
            seen += near;
        }
        assert_int_equal(seen, site->wash_tie_count);
        for (uint32_t k = 1; k < site->wash_lenders.count; k++)
            assert_true(site->wash_lenders.numbers[k - 1] < site->wash_lenders.numbers[k]);
        *ties += seen;
    }
}

static void test_washes_as_by_pairs(void **state)
{
    unsigned ties = 0;
    (void)state;
    random_state = SEED;
    for (int round = 0; round < 60; round++) {
        struct bench t;
        bench_init(&t);
        for (uint32_t i = 0; i < 40; i++)
            add_random(&t, i, i % 2 ? FENCE_SITE : FENCE_WASH, (struct mw_point){30, 114},
                       round % 2 ? 0.002 : 0.03);
        struct world *w = build(&t);
        hold_ties_to_pairs(w, &ties);
        world_free(w);
        bench_fini(&t);
    }
    assert_true(ties > 1000);
}

/* ---- work ---- */

enum { HEAP = 3000 };

/* Going from neighbour to neighbour sees each once, whether all lie on one place or in a row. */
static void test_looks_at_a_heap(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        struct mw_bounds *boxes = malloc(HEAP * sizeof *boxes);
        uint32_t *found = malloc(HEAP * sizeof *found), *waiting = malloc(HEAP * sizeof *waiting), count = 1,
                 reached = 1;
        struct box_tree tree;
        for (uint32_t i = 0; i < HEAP; i++) {
            double lat_deg = 30 + (way == 0 ? 0 : i * 2e-4);
            boxes[i] = (struct mw_bounds){{lat_deg, 114}, {lat_deg + 1e-4, 114.0001}};
        }
        assert_true(box_tree_init(&tree, boxes, HEAP));
        box_tree_remove(&tree, waiting[0] = 0);
        while (count > 0) {
            uint32_t n = box_tree_near(&tree, boxes[waiting[--count]], 50, found);
            for (uint32_t i = 0; i < n; i++, reached++)
                box_tree_remove(&tree, waiting[count++] = found[i]);
        }
        assert_int_equal(reached, HEAP);
        assert_true(tree.looks < 40 * HEAP); /* each against each: 4.5 million */
        box_tree_fini(&tree);
        free(boxes);
        free(found);
        free(waiting);
    }
}

/* Of these no two belong together though each box lies in all larger ones. */
static void test_heaps_are_refused(void **state)
{
    (void)state;
    struct bench t;
    struct world *w;
    bench_init(&t);
    for (uint32_t i = 0; i < 1100; i++) {
        double far_deg = 0.0012 * (i + 1);
        struct mw_point line[3] = {
            {30 - far_deg, 114 + far_deg}, {30 - far_deg, 114 - far_deg}, {30 + far_deg, 114 - far_deg}};
        struct mw_part part = {line, 3, false};
        add(&t, i,
            (struct fence_spec){
                .kind = FENCE_SPEED,
                .shape = {.kind = MW_SHAPE_CORRIDOR, .parts = &part, .part_count = 1, .radius_m = 1}});
    }
    assert_int_equal(world_builder_build(t.b, &w, &t.error), WORLD_BAD);
    assert_non_null(strstr(t.error.text, "more than 500000 pairs"));
    bench_fini(&t);
    bench_init(&t);
    for (uint32_t i = 0; i < 1500; i++)
        add_square(&t, i, i % 2 ? FENCE_SITE : FENCE_WASH, (struct mw_point){30, 114}, 0.001);
    assert_int_equal(world_builder_build(t.b, &w, &t.error), WORLD_BAD);
    assert_non_null(strstr(t.error.text, "sites and washes"));
    bench_fini(&t);
}

/* All on one place, and one thing. */
static void test_a_heap_of_bans(void **state)
{
    (void)state;
    struct bench t;
    bench_init(&t);
    for (uint32_t i = 0; i < HEAP; i++)
        add_square(&t, i, FENCE_BANNED, (struct mw_point){30, 114}, 0.001);
    struct world *w = build(&t);
    for (uint32_t i = 0; i < HEAP; i++)
        assert_int_equal(w->fences[i].thing, w->fences[0].id);
    world_free(w);
    bench_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_things_as_by_pairs),
        cmocka_unit_test(test_washes_as_by_pairs),
        cmocka_unit_test(test_looks_at_a_heap),
        cmocka_unit_test(test_heaps_are_refused),
        cmocka_unit_test(test_a_heap_of_bans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
