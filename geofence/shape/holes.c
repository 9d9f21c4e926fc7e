#include "holes.h"

#include "evenodd.h"
#include "lone.h"

#include <stdlib.h>
#include <string.h>

/* How far up the lines are drawn, as shares of a hole's height. One tells nearly always. */
static const double shares[] = {0.5, 0.29, 0.71};
#define LINES_A_HOLE (sizeof shares / sizeof *shares)
/* Moves for each edge on a line to put the edges in order one by one; beyond that they are sorted anew. */
#define MOVES_PER_EDGE 16u
/* Edges that are looked at on all lines together, a second's work. Five thousand holes spread over a polygon need some
 * hundred thousand even if all of them reach into each other's boxes. */
#define LOOKED_AT_MAX 200000000u

struct edge {
    struct geo_xy a, b;
    uint32_t ring; /* 0 is the outer ring */
};

/* Lines are numbered in the order in which their faults count: by hole, then by share. */
struct line {
    double y;
    uint32_t number;
};

/* Where the present line meets an edge. */
struct met {
    double x;
    uint32_t edge;
};

struct lines {
    struct edge *edges; /* by their southern end */
    struct line *lines; /* by latitude */
    struct met *met;    /* by longitude */
    bool *inside;       /* of each ring: whether the place on the line is in it */
    bool *lone;         /* of each ring: it lies by itself, and is not asked about */
    uint32_t edge_count, line_count, met_count, ring_count;
    uint32_t next; /* the edge that begins next */
};

static double south_of(const struct edge *e)
{
    return e->a.y < e->b.y ? e->a.y : e->b.y;
}

static int compare_edges(const void *a, const void *b)
{
    double x = south_of(a), y = south_of(b);
    return (x > y) - (x < y);
}

static int compare_lines(const void *a, const void *b)
{
    double x = ((const struct line *)a)->y, y = ((const struct line *)b)->y;
    return (x > y) - (x < y);
}

static int compare_met(const void *a, const void *b)
{
    double x = ((const struct met *)a)->x, y = ((const struct met *)b)->x;
    return (x > y) - (x < y);
}

/* An edge along a line of latitude is left out: no line meets it. */
static void take_edges(struct lines *l, const struct geo_store *store, const struct geo_ring *ring,
                       uint32_t number)
{
    struct geo_xy a = geo_ring_point(store, ring, 0);
    for (uint32_t i = 0; i < ring->count; i++) {
        struct geo_xy b = geo_ring_point(store, ring, geo_ring_next(ring, i));
        if (a.y != b.y)
            l->edges[l->edge_count++] = (struct edge){a, b, number};
        a = b;
    }
}

static void draw_lines(struct lines *l, const struct geo_store *store, uint32_t outer)
{
    for (uint32_t ring = 0; ring < l->ring_count; ring++)
        if (!l->lone[ring])
            take_edges(l, store, &store->rings[outer + ring], ring);
    for (uint32_t hole = 1; hole < l->ring_count; hole++) {
        struct geo_span span = geo_ring_span(store, &store->rings[outer + hole]);
        for (size_t k = 0; k < LINES_A_HOLE; k++) {
            double y = span.south + shares[k] * (span.north - span.south);
            l->lines[l->line_count] = (struct line){y, l->line_count};
            l->line_count++;
        }
    }
    qsort(l->edges, l->edge_count, sizeof *l->edges, compare_edges);
    qsort(l->lines, l->line_count, sizeof *l->lines, compare_lines);
}

/* Takes the edge to where the line meets it, if it does. A vertex counts once: an edge has its southern end only. */
static void meet(struct lines *l, uint32_t edge, double y)
{
    struct geo_xy a = l->edges[edge].a, b = l->edges[edge].b;
    if ((a.y > y) != (b.y > y))
        l->met[l->met_count++] = (struct met){a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x), edge};
}

/* Edges that do not cross keep their order, so few of them move unless many begin at once. */
static void restore_order(struct lines *l)
{
    uint64_t moves = (uint64_t)MOVES_PER_EDGE * l->met_count;
    for (uint32_t i = 1; i < l->met_count && moves > 0; i++) {
        struct met met = l->met[i];
        uint32_t to = i;
        for (; to > 0 && l->met[to - 1].x > met.x; to--)
            l->met[to] = l->met[to - 1];
        l->met[to] = met;
        moves -= i - to < moves ? i - to : moves;
    }
    if (moves == 0 && l->met_count > 1)
        qsort(l->met, l->met_count, sizeof *l->met, compare_met);
}

/* From the line before, which lies farther south, to this one. */
static void advance(struct lines *l, double y)
{
    uint32_t before = l->met_count;
    l->met_count = 0;
    for (uint32_t i = 0; i < before; i++)
        meet(l, l->met[i].edge, y);
    for (; l->next < l->edge_count && south_of(&l->edges[l->next]) <= y; l->next++)
        meet(l, l->next, y);
    restore_order(l);
}

/* The last hole that the place is in. */
static uint32_t hole_inside(const struct lines *l)
{
    uint32_t ring = l->ring_count - 1;
    while (ring > 1 && !l->inside[ring])
        ring--;
    return ring;
}

/* Walks along the line, which enters and leaves the rings, and looks at each stretch between. The place it begins at is
 * in no ring, and so it is left for the next line. */
static struct geo_hole_fault walk(struct lines *l)
{
    struct geo_hole_fault fault = {MW_SHAPE_FINE, 0, 0};
    uint32_t holes = 0;
    for (uint32_t i = 0; i + 1 < l->met_count && !fault.problem; i++) {
        uint32_t ring = l->edges[l->met[i].edge].ring;
        l->inside[ring] = !l->inside[ring];
        holes += ring == 0 ? 0 : l->inside[ring] ? 1u : UINT32_MAX;
        bool wide = l->met[i + 1].x - l->met[i].x > GEO_WIDTH_MIN_DEG;
        if (wide && (holes > 1 || (holes == 1 && !l->inside[0]))) {
            fault.problem = l->inside[0] ? MW_SHAPE_HOLE_IN_HOLE : MW_SHAPE_HOLE_OUTSIDE;
            fault.hole = hole_inside(l);
        }
    }
    for (uint32_t i = 0; i < l->met_count; i++)
        l->inside[l->edges[l->met[i].edge].ring] = false;
    return fault;
}

static struct geo_hole_fault look(struct lines *l)
{
    struct geo_hole_fault first = {MW_SHAPE_FINE, 0, 0};
    uint32_t number = UINT32_MAX; /* of the line with that fault */
    uint64_t looked_at = 0;
    for (uint32_t i = 0; i < l->line_count; i++) {
        if (l->lines[i].number >= number)
            continue;
        if (looked_at > LOOKED_AT_MAX) {
            first.problem = number < UINT32_MAX ? first.problem : MW_SHAPE_HOLES_TANGLED;
            first.hole = number < UINT32_MAX ? first.hole : 1;
            break;
        }
        advance(l, l->lines[i].y);
        looked_at += l->met_count;
        struct geo_hole_fault fault = walk(l);
        if (fault.problem) {
            first = fault;
            number = l->lines[i].number;
        }
    }
    first.looked_at = looked_at;
    return first;
}

static bool any_in_company(const struct lines *l)
{
    for (uint32_t hole = 1; hole < l->ring_count; hole++)
        if (!l->lone[hole])
            return true;
    return false;
}

enum mw_error geo_holes_apart(const struct geo_store *store, uint32_t outer, uint32_t count,
                              struct geo_hole_fault *out_fault)
{
    size_t edges = 0, lines = LINES_A_HOLE * (size_t)(count - 1);
    for (uint32_t ring = 0; ring < count; ring++)
        edges += store->rings[outer + ring].count;
    *out_fault = (struct geo_hole_fault){MW_SHAPE_FINE, 0, 0};
    if (lines >= UINT32_MAX || edges >= UINT32_MAX)
        return MW_TOO_LARGE;
    struct lines l = {.edges = malloc(edges * sizeof *l.edges),
                      .lines = malloc((lines + 1) * sizeof *l.lines),
                      .met = malloc(edges * sizeof *l.met),
                      .inside = calloc(count, sizeof *l.inside),
                      .lone = malloc(count * sizeof *l.lone),
                      .ring_count = count};
    bool ok = l.edges != NULL && l.lines != NULL && l.met != NULL && l.inside != NULL && l.lone != NULL;
    enum mw_error error = ok ? geo_lone_holes(store, outer, count, l.lone) : MW_NO_MEMORY;
    if (!error && any_in_company(&l)) {
        draw_lines(&l, store, outer);
        *out_fault = look(&l);
    }
    free(l.edges);
    free(l.lines);
    free(l.met);
    free(l.inside);
    free(l.lone);
    return error;
}
