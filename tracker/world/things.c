/*
 * Fences are sorted by their rule and, within it, by their southern edge. A fence is then held against those
 * of its rule that begin before it ends: a handful, as fences are small beside a city. What is already known
 * to be together is not measured again.
 */
#include "things.h"

#include "fence_near.h"

#include <stdlib.h>

/* A degree of latitude is nowhere shorter than this. */
#define DEGREE_MIN_M 110574.0

struct piece {
    const struct fence *fence;
    struct mw_bounds box;
    uint32_t number;
};

struct linking {
    const struct world *world;
    struct piece *pieces;
    uint32_t count;
    uint32_t *roots; /* by fence number: a smaller number of the same thing, or itself */
};

static uint32_t root_of(struct linking *l, uint32_t number)
{
    while (l->roots[number] != number)
        number = l->roots[number] = l->roots[l->roots[number]];
    return number;
}

/* Numbers follow the ids, so the smallest number is the smallest id. */
static void join(struct linking *l, uint32_t a, uint32_t b)
{
    uint32_t x = root_of(l, a), y = root_of(l, b);
    if (x < y)
        l->roots[y] = x;
    else
        l->roots[x] = y;
}

static int order_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int order_i64(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int order_real(double a, double b)
{
    return a < b ? -1 : a > b;
}

/* 0: they are under the same rule. */
static int order_rules(const struct fence *a, const struct fence *b)
{
    int order = order_i64(a->kind, b->kind);
    if (order == 0)
        order = order_real(a->speed_limit_kmh, b->speed_limit_kmh);
    if (order == 0)
        order = order_u64(a->classes, b->classes);
    if (order == 0)
        order = order_u64(a->company, b->company);
    if (order == 0)
        order = order_i64(a->valid_from_ms, b->valid_from_ms);
    if (order == 0)
        order = order_i64(a->valid_to_ms, b->valid_to_ms);
    if (order == 0)
        order = text_compare(a->hours_text, b->hours_text);
    return order != 0 ? order : text_compare(a->reason, b->reason);
}

static int order_by_group(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    int order = order_rules(x->fence, y->fence);
    if (order == 0)
        order = text_compare(x->fence->group, y->fence->group);
    return order != 0 ? order : order_u64(x->number, y->number);
}

static int order_by_place(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    int order = order_rules(x->fence, y->fence);
    if (order == 0)
        order = order_real(x->box.south_west.lat_deg, y->box.south_west.lat_deg);
    return order != 0 ? order : order_u64(x->number, y->number);
}

static void join_groups(struct linking *l)
{
    qsort(l->pieces, l->count, sizeof *l->pieces, order_by_group);
    for (uint32_t i = 1; i < l->count; i++) {
        const struct piece *a = &l->pieces[i - 1], *b = &l->pieces[i];
        if (b->fence->group.len > 0 && order_rules(a->fence, b->fence) == 0 &&
            text_equal(a->fence->group, b->fence->group))
            join(l, a->number, b->number);
    }
}

static void join_near(struct linking *l)
{
    qsort(l->pieces, l->count, sizeof *l->pieces, order_by_place);
    for (uint32_t i = 0; i < l->count; i++) {
        const struct piece *a = &l->pieces[i];
        double until_deg = a->box.north_east.lat_deg + THING_NEAR_M / DEGREE_MIN_M;
        for (uint32_t k = i + 1; k < l->count && l->pieces[k].box.south_west.lat_deg <= until_deg; k++) {
            const struct piece *b = &l->pieces[k];
            if (order_rules(a->fence, b->fence) != 0)
                break;
            if (fence_boxes_near(a->box, b->box, THING_NEAR_M) &&
                root_of(l, a->number) != root_of(l, b->number) &&
                fence_near(l->world->index, a->number, b->number, THING_NEAR_M))
                join(l, a->number, b->number);
        }
    }
}

static bool makes_things(const struct fence *f)
{
    return f->kind == FENCE_BANNED || f->kind == FENCE_AREA || f->speed_limit_kmh > 0;
}

bool things_link(struct world *world)
{
    uint32_t count = world->fence_count;
    struct linking l = {.world = world,
                        .pieces = malloc((count + (size_t)1) * sizeof *l.pieces),
                        .roots = malloc((count + (size_t)1) * sizeof *l.roots)};
    bool ok = l.pieces != NULL && l.roots != NULL;
    for (uint32_t i = 0; i < count && ok; i++) {
        l.roots[i] = i;
        if (makes_things(&world->fences[i]))
            l.pieces[l.count++] =
                (struct piece){&world->fences[i], mw_index_fence_bounds(world->index, i), i};
    }
    if (ok && l.count > 0) {
        join_groups(&l);
        join_near(&l);
    }
    for (uint32_t i = 0; i < count && ok; i++)
        world->fences[i].thing = world->fences[root_of(&l, i)].id;
    free(l.pieces);
    free(l.roots);
    return ok;
}
