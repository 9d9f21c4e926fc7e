#include "side.h"

#include "predicate.h"

/* GEO_INSIDE if a ray from p to the east crosses the edge from a to b, GEO_BORDER if p lies on it. An edge
 * includes its southern end but not its northern one, so a vertex counts once. */
static enum geo_side edge_side(struct geo_xy a, struct geo_xy b, struct geo_xy p)
{
    double low = a.y < b.y ? a.y : b.y, high = a.y < b.y ? b.y : a.y;
    double west = a.x < b.x ? a.x : b.x, east = a.x < b.x ? b.x : a.x;
    if (p.y < low || p.y > high || p.x > east)
        return GEO_OUTSIDE;
    if (low == high)
        return p.x >= west ? GEO_BORDER : GEO_OUTSIDE;
    double turn = geo_orient(a, b, p);
    if (turn == 0)
        return GEO_BORDER;
    bool straddles = (a.y > p.y) != (b.y > p.y);
    return straddles && (turn > 0) == (b.y > a.y) ? GEO_INSIDE : GEO_OUTSIDE;
}

/* GEO_INSIDE when the ray crosses an odd number of the ring's edges. */
enum geo_side geo_ring_side(const struct geo_store *store, const struct geo_ring *ring, struct geo_xy p)
{
    uint32_t edges = geo_ring_edges(ring), runs = geo_ring_runs(ring);
    double x = p.x * GEO_SCALE, y = p.y * GEO_SCALE;
    bool odd = false;
    for (uint32_t run = 0; run < runs; run++) {
        if (runs > 1) {
            const struct geo_box *box = &store->blocks[ring->block + run];
            if (y < box->south || y > box->north || x > box->east)
                continue;
        }
        uint32_t first = run * GEO_BLOCK_EDGES;
        uint32_t last = first + GEO_BLOCK_EDGES < edges ? first + GEO_BLOCK_EDGES : edges;
        struct geo_xy a = geo_ring_point(store, ring, first);
        for (uint32_t i = first; i < last; i++) {
            struct geo_xy b = geo_ring_point(store, ring, geo_ring_next(ring, i));
            enum geo_side side = edge_side(a, b, p);
            if (side == GEO_BORDER)
                return GEO_BORDER;
            odd ^= side == GEO_INSIDE;
            a = b;
        }
    }
    return odd ? GEO_INSIDE : GEO_OUTSIDE;
}
