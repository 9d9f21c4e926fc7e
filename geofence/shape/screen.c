#include "screen.h"

#include "predicate.h"

#include <math.h>
#include <string.h>

#define LANES 4u
/* Edges in a block. Polygons of at most two blocks are compared without boxes around blocks. */
#define BLOCK 16u

typedef float lanes __attribute__((vector_size(16)));
typedef int32_t masks __attribute__((vector_size(16)));

/* Boxes as four arrays, so that a vector holds one bound of several boxes. Coordinates are differences from
 * the first point, rounded to floats. Rounding keeps their order, so boxes that overlap still do. */
struct boxes {
    float *west, *east, *south, *north; /* then one vector of boxes that overlap nothing */
};

static bool opposite(double a, double b)
{
    return (a > 0 && b < 0) || (a < 0 && b > 0);
}

/* Neighbouring edges share an end and cannot cross. Without this test they would need exact arithmetic. */
static bool share_end(const struct geo_edge *e, const struct geo_edge *f)
{
    return (e->b.x == f->a.x && e->b.y == f->a.y) || (e->a.x == f->b.x && e->a.y == f->b.y);
}

bool geo_edges_cross(const struct geo_edge *e, const struct geo_edge *f)
{
    return !share_end(e, f) && opposite(geo_orient(e->a, e->b, f->a), geo_orient(e->a, e->b, f->b)) &&
           opposite(geo_orient(f->a, f->b, e->a), geo_orient(f->a, f->b, e->b));
}

static inline float least(float a, float b)
{
    return a < b ? a : b;
}

static inline float most(float a, float b)
{
    return a < b ? b : a;
}

static struct boxes boxes_in(float *room, uint32_t count)
{
    uint32_t row = (count + 2 * LANES - 1) / LANES * LANES;
    for (uint32_t i = count; i < row; i++) {
        room[i] = room[2 * row + i] = HUGE_VALF;
        room[row + i] = room[3 * row + i] = -HUGE_VALF;
    }
    return (struct boxes){room, room + row, room + 2 * row, room + 3 * row};
}

static struct boxes boxes_of_edges(const struct geo_edge *edges, uint32_t count, float *room)
{
    struct boxes boxes = boxes_in(room, count);
    const struct geo_xy first = edges[0].a;
    for (uint32_t i = 0; i < count; i++) {
        float ax = (float)(edges[i].a.x - first.x), bx = (float)(edges[i].b.x - first.x);
        float ay = (float)(edges[i].a.y - first.y), by = (float)(edges[i].b.y - first.y);
        boxes.west[i] = least(ax, bx);
        boxes.east[i] = most(ax, bx);
        boxes.south[i] = least(ay, by);
        boxes.north[i] = most(ay, by);
    }
    return boxes;
}

static struct boxes boxes_of_blocks(const struct boxes *edges, uint32_t count, float *room)
{
    uint32_t blocks = (count + BLOCK - 1) / BLOCK;
    struct boxes boxes = boxes_in(room, blocks);
    for (uint32_t i = 0; i < blocks; i++) {
        uint32_t k = i * BLOCK, end = k + BLOCK < count ? k + BLOCK : count;
        float west = edges->west[k], east = edges->east[k], south = edges->south[k], north = edges->north[k];
        while (++k < end) {
            west = least(west, edges->west[k]);
            east = most(east, edges->east[k]);
            south = least(south, edges->south[k]);
            north = most(north, edges->north[k]);
        }
        boxes.west[i] = west;
        boxes.east[i] = east;
        boxes.south[i] = south;
        boxes.north[i] = north;
    }
    return boxes;
}

static inline lanes all(float x)
{
    return (lanes){x, x, x, x};
}

static inline lanes load(const float *from)
{
    lanes v;
    memcpy(&v, from, sizeof v);
    return v;
}

/* A bit for each box of the vector at `at`: whether it overlaps box i of `others`. */
static inline masks overlapping(const struct boxes *boxes, uint32_t at, const struct boxes *others,
                                uint32_t i)
{
    return (load(boxes->west + at) <= all(others->east[i])) &
           (load(boxes->east + at) >= all(others->west[i])) &
           (load(boxes->south + at) <= all(others->north[i])) &
           (load(boxes->north + at) >= all(others->south[i]));
}

static inline bool any(masks m)
{
    uint64_t halves[2];
    memcpy(halves, &m, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

struct screen {
    const struct geo_edge *edges;
    uint32_t count;
    struct boxes boxes, blocks;
};

/* Whether the edge crosses any of the edges `from` to before `to`. */
static bool crosses(const struct screen *screen, uint32_t edge, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at < to; at += LANES) {
        masks hits = overlapping(&screen->boxes, at, &screen->boxes, edge);
        if (!any(hits))
            continue;
        for (uint32_t k = 0; k < LANES; k++)
            if (hits[k] && geo_edges_cross(&screen->edges[edge], &screen->edges[at + k]))
                return true;
    }
    return false;
}

/* Whether any two of the edges `from` to before `to` cross. An edge and its successor, which begins where the
 * edge ends, are not compared. */
static bool block_crosses(const struct screen *screen, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (crosses(screen, i, i + 2, to))
            return true;
    return false;
}

static bool neighbours_cross(const struct geo_edge *edges, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        bool chained = (edges[i - 1].b.x == edges[i].a.x) & (edges[i - 1].b.y == edges[i].a.y);
        if (!chained && geo_edges_cross(&edges[i - 1], &edges[i]))
            return true;
    }
    return false;
}

/* Whether an edge of one block crosses an edge of another. */
static bool pair_crosses(const struct screen *screen, uint32_t block, uint32_t other)
{
    uint32_t from = other * BLOCK, to = from + BLOCK < screen->count ? from + BLOCK : screen->count;
    const struct boxes *e = &screen->boxes, *b = &screen->blocks;
    for (uint32_t i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
        bool near = (e->west[i] <= b->east[other]) & (e->east[i] >= b->west[other]) &
                    (e->south[i] <= b->north[other]) & (e->north[i] >= b->south[other]);
        if (near && crosses(screen, i, from, to))
            return true;
    }
    return false;
}

static bool blocks_cross(const struct screen *screen)
{
    uint32_t blocks = (screen->count + BLOCK - 1) / BLOCK;
    for (uint32_t block = 0; block < blocks; block++) {
        uint32_t from = block * BLOCK, to = from + BLOCK < screen->count ? from + BLOCK : screen->count;
        bool found = block_crosses(screen, from, to);
        for (uint32_t at = block + 1; at < blocks && !found; at += LANES) {
            masks hits = overlapping(&screen->blocks, at, &screen->blocks, block);
            for (uint32_t k = 0; any(hits) && k < LANES && !found; k++)
                found = hits[k] && pair_crosses(screen, block, at + k);
        }
        if (found)
            return true;
    }
    return false;
}

bool geo_screen(const struct geo_edge *edges, uint32_t count, float *room)
{
    struct screen screen = {.edges = edges, .count = count};
    if (neighbours_cross(edges, count))
        return true;
    screen.boxes = boxes_of_edges(edges, count, room);
    if (count <= 2 * BLOCK)
        return block_crosses(&screen, 0, count);
    float *rest = screen.boxes.north + (screen.boxes.north - screen.boxes.south);
    screen.blocks = boxes_of_blocks(&screen.boxes, count, rest);
    return blocks_cross(&screen);
}
