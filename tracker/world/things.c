/*
 * Fences are sorted by their rule. Of each rule a thing is gone through from neighbour to neighbour, and what belongs to it
 * is taken out of the tree of those that are left: so thousands of pieces on one place are measured once each, not
 * each against each.
 */
#include "things.h"

#include "box_tree.h"
#include "fence_near.h"
#include "world_steps.h"

#include <stdlib.h>

struct piece {
    const struct fence *fence;
    struct mw_bounds box;
    uint32_t number;
};

struct linking {
    const struct world *world;
    struct piece *pieces;
    uint32_t count;
    uint32_t *roots;   /* by fence number: a smaller number of the same thing, or itself */
    uint32_t measured; /* pairs */
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

/* Pieces of one rule by their places in the list, while they are gone through. */
struct spreading {
    const struct piece *pieces;
    struct box_tree left; /* those that no neighbour has led to yet */
    uint32_t *found, *waiting, waiting_count;
};

static bool spreading_init(struct spreading *s, const struct piece *pieces, uint32_t count)
{
    struct mw_bounds *boxes = malloc(count * sizeof *boxes);
    *s = (struct spreading){.pieces = pieces,
                            .found = malloc(count * sizeof *s->found),
                            .waiting = malloc(count * sizeof *s->waiting)};
    for (uint32_t i = 0; i < count && boxes != NULL; i++)
        boxes[i] = pieces[i].box;
    bool ok =
        boxes != NULL && box_tree_init(&s->left, boxes, count) && s->found != NULL && s->waiting != NULL;
    free(boxes);
    return ok;
}

static void spreading_fini(struct spreading *s)
{
    box_tree_fini(&s->left);
    free(s->found);
    free(s->waiting);
}

static void reach(struct spreading *s, uint32_t place)
{
    box_tree_remove(&s->left, place);
    s->waiting[s->waiting_count++] = place;
}

/* Boxes are held against each other from south to north, so that it does not matter where the going began. */
static bool is_joined(struct linking *l, const struct piece *a, const struct piece *b)
{
    if (a > b)
        return is_joined(l, b, a);
    if (!fence_boxes_near(a->box, b->box, THING_NEAR_M))
        return false;
    if (root_of(l, a->number) == root_of(l, b->number))
        return true;
    l->measured++;
    return fence_near(l->world->index, a->number, b->number, THING_NEAR_M);
}

/* All that the piece leads to, in however many steps. */
static void spread_from(struct linking *l, struct spreading *s, uint32_t first)
{
    reach(s, first);
    while (s->waiting_count > 0 && l->measured <= FENCE_PAIRS_MAX) {
        const struct piece *from = &s->pieces[s->waiting[--s->waiting_count]];
        uint32_t count = box_tree_near(&s->left, from->box, THING_NEAR_M, s->found);
        for (uint32_t i = 0; i < count && l->measured <= FENCE_PAIRS_MAX; i++)
            if (is_joined(l, from, &s->pieces[s->found[i]])) {
                join(l, from->number, s->pieces[s->found[i]].number);
                reach(s, s->found[i]);
            }
    }
}

static bool join_rule(struct linking *l, const struct piece *pieces, uint32_t count)
{
    struct spreading s;
    bool ok = spreading_init(&s, pieces, count);
    for (uint32_t i = 0; i < count && ok && l->measured <= FENCE_PAIRS_MAX; i++)
        if (box_tree_holds(&s.left, i))
            spread_from(l, &s, i);
    spreading_fini(&s);
    return ok;
}

static bool join_near(struct linking *l)
{
    bool ok = true;
    qsort(l->pieces, l->count, sizeof *l->pieces, order_by_place);
    for (uint32_t from = 0, to; from < l->count && ok; from = to) {
        for (to = from + 1; to < l->count && order_rules(l->pieces[from].fence, l->pieces[to].fence) == 0;)
            to++;
        ok = join_rule(l, &l->pieces[from], to - from);
    }
    return ok;
}

static bool makes_things(const struct fence *f)
{
    return f->kind == FENCE_BANNED || f->kind == FENCE_AREA || f->speed_limit_kmh > 0;
}

enum world_status things_link(struct world *world, struct world_error *out_error)
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
        ok = join_near(&l);
    }
    for (uint32_t i = 0; i < count && ok; i++)
        world->fences[i].thing = world->fences[root_of(&l, i)].id;
    free(l.pieces);
    free(l.roots);
    if (ok && l.measured > FENCE_PAIRS_MAX)
        return world_fail(
            out_error,
            "fences of one kind and rule lie around each other in heaps: more than %u pairs would have "
            "to be measured",
            FENCE_PAIRS_MAX);
    return ok ? WORLD_OK : WORLD_NO_MEMORY;
}
