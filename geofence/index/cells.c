#include "cells.h"

struct cell geo_cell_quarter(struct cell cell, uint32_t quarter)
{
    int shift = cell.shift - 1;
    return (struct cell){cell.x + ((uint64_t)(quarter & 1) << shift),
                         cell.y + ((uint64_t)(quarter >> 1) << shift), shift};
}

struct geo_span geo_cell_span(struct cell cell)
{
    double size = (double)(1ull << cell.shift), margin = size * 16 / TREE_CELL_STEPS;
    return (struct geo_span){(double)cell.x - margin, (double)cell.y - margin, (double)cell.x + size + margin,
                             (double)cell.y + size + margin};
}

struct mw_point geo_cell_corner(const struct geo_tree *tree, struct cell cell, double fx, double fy)
{
    double size = (double)(1ull << cell.shift);
    return (struct mw_point){tree->lat0 + ((double)cell.y + fy * size) / tree->steps_per_lat_deg,
                             tree->lon0 + ((double)cell.x + fx * size) / tree->steps_per_lon_deg};
}

struct geo_span geo_span_of(const struct geo_corner *points, size_t count)
{
    struct geo_span s = {points[0].x, points[0].y, points[0].x, points[0].y};
    for (size_t i = 1; i < count; i++) {
        s.west = points[i].x < s.west ? points[i].x : s.west;
        s.east = points[i].x > s.east ? points[i].x : s.east;
        s.south = points[i].y < s.south ? points[i].y : s.south;
        s.north = points[i].y > s.north ? points[i].y : s.north;
    }
    return s;
}
