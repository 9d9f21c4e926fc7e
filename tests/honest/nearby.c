#include "nearby.h"

#include "street_net.h"

#include <stdlib.h>

/* 40 m cells over the town and some way around it. */
enum { CELL_M = 40, SIDE = 256 };

static int cell_of(double m)
{
    int c = (int)floor(m / CELL_M) + SIDE / 2;
    return c < 0 ? 0 : c >= SIDE ? SIDE - 1 : c;
}

static uint32_t cell_at(struct spot s)
{
    return (uint32_t)(cell_of(s.north_m) * SIDE + cell_of(s.east_m));
}

void nearby_free(struct nearby *n)
{
    free(n->spots);
    free(n->first);
    *n = (struct nearby){0};
}

void nearby_add_line(struct nearby *n, struct spot a, struct spot b)
{
    uint32_t steps = (uint32_t)ceil(spot_distance_m(a, b) / 2) + 1;
    must_reserve(&n->spots, &n->cap, n->count + steps + 1, sizeof *n->spots);
    for (uint32_t i = 0; i <= steps; i++)
        n->spots[n->count++] = spot_between(a, b, (double)i / steps);
}

void nearby_sort(struct nearby *n)
{
    struct spot *sorted = malloc((n->count + 1) * sizeof *sorted);
    free(n->first);
    n->first = calloc(SIDE * SIDE + 2, sizeof *n->first);
    if (n->first == NULL || sorted == NULL)
        abort();
    for (size_t i = 0; i < n->count; i++)
        n->first[cell_at(n->spots[i]) + 2]++;
    for (size_t c = 2; c < SIDE * SIDE + 2; c++)
        n->first[c] += n->first[c - 1];
    for (size_t i = 0; i < n->count; i++)
        sorted[n->first[cell_at(n->spots[i]) + 1]++] = n->spots[i];
    free(n->spots);
    n->spots = sorted;
    n->cap = n->count + 1;
}

double nearby_distance_m(const struct nearby *n, struct spot p, double max_m)
{
    double best = max_m;
    int n0 = cell_of(p.north_m - max_m), n1 = cell_of(p.north_m + max_m);
    int e0 = cell_of(p.east_m - max_m), e1 = cell_of(p.east_m + max_m);
    for (int row = n0; row <= n1; row++)
        for (uint32_t i = n->first[row * SIDE + e0]; i < n->first[row * SIDE + e1 + 1]; i++) {
            double e = n->spots[i].east_m - p.east_m, m = n->spots[i].north_m - p.north_m;
            if (e * e + m * m < best * best)
                best = sqrt(e * e + m * m);
        }
    return best;
}

double nearby_line_m(const struct nearby *n, struct spot a, struct spot b, double max_m)
{
    double best = max_m;
    uint32_t steps = (uint32_t)ceil(spot_distance_m(a, b) / 4) + 1;
    for (uint32_t i = 0; i <= steps; i++)
        best = nearby_distance_m(n, spot_between(a, b, (double)i / steps), best);
    return best;
}
