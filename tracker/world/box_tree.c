#include "box_tree.h"

#include "fence_near.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many boxes a leaf has at most; a tree of 2^32 boxes is this deep. */
enum { LEAF_BOXES = 8, DEPTH_MAX = 32 };

struct box_node {
    struct mw_bounds box;
    uint32_t left; /* boxes that were not taken out */
};

struct curve_place {
    uint64_t at;
    uint32_t number;
};

/* The bits of a share of 2^32, each followed by one of zero. */
static uint64_t spread(double share)
{
    uint64_t x = (uint64_t)fmin(fmax(share * 4294967296.0, 0), 4294967295.0);
    x = (x | x << 16) & 0x0000ffff0000ffffull;
    x = (x | x << 8) & 0x00ff00ff00ff00ffull;
    x = (x | x << 4) & 0x0f0f0f0f0f0f0f0full;
    x = (x | x << 2) & 0x3333333333333333ull;
    return (x | x << 1) & 0x5555555555555555ull;
}

static uint64_t curve_at(struct mw_bounds b)
{
    double lat_deg = (b.south_west.lat_deg + b.north_east.lat_deg) / 2,
           lon_deg = (b.south_west.lon_deg + b.north_east.lon_deg) / 2;
    return spread((lat_deg + 90) / 180) << 1 | spread((lon_deg + 180) / 360);
}

static int compare_curve(const void *a, const void *b)
{
    const struct curve_place *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static struct mw_bounds around(struct mw_bounds a, struct mw_bounds b)
{
    a.south_west.lat_deg = fmin(a.south_west.lat_deg, b.south_west.lat_deg);
    a.south_west.lon_deg = fmin(a.south_west.lon_deg, b.south_west.lon_deg);
    a.north_east.lat_deg = fmax(a.north_east.lat_deg, b.north_east.lat_deg);
    a.north_east.lon_deg = fmax(a.north_east.lon_deg, b.north_east.lon_deg);
    return a;
}

/* A node with the part of the order that it stands for. */
struct branch {
    uint32_t node, from, to;
};

static bool is_leaf(struct branch b)
{
    return b.to - b.from <= LEAF_BOXES;
}

static struct branch child(struct branch b, unsigned which)
{
    uint32_t middle = b.from + (b.to - b.from) / 2;
    return (struct branch){2 * b.node + which, which == 0 ? b.from : middle, which == 0 ? middle : b.to};
}

static void fill(struct box_tree *t, struct branch b)
{
    struct box_node *node = &t->nodes[b.node];
    node->left = b.to - b.from;
    if (is_leaf(b)) {
        node->box = t->boxes[t->order[b.from]];
        for (uint32_t i = b.from + 1; i < b.to; i++)
            node->box = around(node->box, t->boxes[t->order[i]]);
        return;
    }
    fill(t, child(b, 0));
    fill(t, child(b, 1));
    node->box = around(t->nodes[2 * b.node].box, t->nodes[2 * b.node + 1].box);
}

static bool sort_by_curve(struct box_tree *t)
{
    struct curve_place *places = malloc(t->count * sizeof *places);
    if (places == NULL)
        return false;
    for (uint32_t i = 0; i < t->count; i++)
        places[i] = (struct curve_place){curve_at(t->boxes[i]), i};
    qsort(places, t->count, sizeof *places, compare_curve);
    for (uint32_t i = 0; i < t->count; i++) {
        t->order[i] = places[i].number;
        t->places[places[i].number] = i;
    }
    free(places);
    return true;
}

/* Halving leaves nodes of one depth within one of each other in size, so the deepest has less than this. */
static size_t node_room(uint32_t count)
{
    size_t room = 2;
    for (size_t size = count; size > LEAF_BOXES; size = size - size / 2)
        room *= 2;
    return room;
}

bool box_tree_init(struct box_tree *t, const struct mw_bounds *boxes, uint32_t count)
{
    *t = (struct box_tree){.count = count};
    if (count == 0)
        return true;
    t->boxes = malloc(count * sizeof *t->boxes);
    t->order = malloc(count * sizeof *t->order);
    t->places = malloc(count * sizeof *t->places);
    t->nodes = malloc(node_room(count) * sizeof *t->nodes);
    if (t->boxes == NULL || t->order == NULL || t->places == NULL || t->nodes == NULL)
        return false;
    memcpy(t->boxes, boxes, count * sizeof *boxes);
    for (uint32_t i = 0; i < count; i++)
        t->far_lat_deg =
            fmax(t->far_lat_deg, fmax(fabs(boxes[i].south_west.lat_deg), fabs(boxes[i].north_east.lat_deg)));
    if (!sort_by_curve(t))
        return false;
    fill(t, (struct branch){1, 0, count});
    return true;
}

void box_tree_fini(struct box_tree *t)
{
    free(t->boxes);
    free(t->order);
    free(t->places);
    free(t->nodes);
    *t = (struct box_tree){0};
}

static bool meets(struct mw_bounds a, struct mw_bounds b)
{
    return a.south_west.lat_deg <= b.north_east.lat_deg && b.south_west.lat_deg <= a.north_east.lat_deg &&
           a.south_west.lon_deg <= b.north_east.lon_deg && b.south_west.lon_deg <= a.north_east.lon_deg;
}

bool box_tree_holds(const struct box_tree *t, uint32_t number)
{
    return t->places[number] != UINT32_MAX;
}

uint32_t box_tree_near(struct box_tree *t, struct mw_bounds box, double near_m, uint32_t *out)
{
    struct branch stack[DEPTH_MAX + 2];
    uint32_t depth = 0, found = 0;
    double far_lat_deg =
        fmax(t->far_lat_deg, fmax(fabs(box.south_west.lat_deg), fabs(box.north_east.lat_deg)));
    box = fence_box_wider(box, far_lat_deg, near_m);
    if (t->count > 0)
        stack[depth++] = (struct branch){1, 0, t->count};
    while (depth > 0) {
        struct branch b = stack[--depth];
        if (t->nodes[b.node].left == 0 || !meets(t->nodes[b.node].box, box))
            continue;
        for (uint32_t i = b.from; is_leaf(b) && i < b.to; i++) {
            if (!box_tree_holds(t, t->order[i]))
                continue;
            t->looks++;
            if (meets(t->boxes[t->order[i]], box))
                out[found++] = t->order[i];
        }
        assert(depth + 2 <= DEPTH_MAX + 2);
        for (unsigned which = 0; which < 2 && !is_leaf(b); which++)
            stack[depth++] = child(b, which);
    }
    return found;
}

void box_tree_remove(struct box_tree *t, uint32_t number)
{
    assert(number < t->count && box_tree_holds(t, number));
    struct branch b = {1, 0, t->count};
    for (;;) {
        t->nodes[b.node].left--;
        if (is_leaf(b))
            break;
        struct branch low = child(b, 0);
        b = t->places[number] < low.to ? low : child(b, 1);
    }
    t->places[number] = UINT32_MAX;
}
