/*
 * roads: the roads of a city that are swept, as lines from junction to junction, and which of them lie near a place.
 *
 * Made once, with a world, and never changed. Lines whose ends lie within half a metre meet there. Each leg of a line
 * stands in every cell of a grid that it, or what lies within ROADS_REACH_M of it, touches: who asks about a place looks
 * into one cell.
 */
#ifndef MW_ROADS_H
#define MW_ROADS_H

#include <muckwatch/geofence.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* No farther is a line from a place looked for. */
#define ROADS_REACH_M 25.0

struct road {
    uint32_t fence; /* number */
    uint32_t first; /* place of its first point */
    uint32_t count;
    uint32_t from, to; /* junctions */
    float length_m, width_m;
    int8_t oneway;       /* 1: along the line, -1: against it, 0: both ways */
    double lat_m, lon_m; /* metres of a degree, here */
};

struct road_point {
    double lat_deg, lon_deg;
    float at_m; /* along the line */
};

/* A leg: from one point of a road to the next. */
struct road_leg {
    uint32_t road, point; /* the place of its first point in all points */
};

struct roads {
    const struct road *list;
    uint32_t count;
    const struct road_point *points;
    uint32_t point_count;
    /* Roads that begin or end at each junction: those of junction j stand from junction_first[j] on. */
    const uint32_t *junction_first, *junction_roads;
    uint32_t junction_count;
    /* The grid. */
    double south_deg, west_deg, cell_lat_deg, cell_lon_deg;
    uint32_t columns, rows;
    const uint32_t *cell_first; /* by cell, and one more */
    const struct road_leg *legs;
};

/* One line to be: its points are borrowed while it is made. */
struct road_spec {
    uint32_t fence, count;
    const struct mw_point *points;
    int8_t oneway;
    float width_m;
};

/* In the arena. NULL without memory. */
const struct roads *roads_make(const struct road_spec *specs, uint32_t count, struct arena *arena);

struct road_legs {
    const struct road_leg *list;
    uint32_t count;
};

/* The legs within ROADS_REACH_M of a place, and others. */
struct road_legs roads_near(const struct roads *roads, struct mw_point at);
/* The shortest road of at most max_m that leads from one junction to the other, in a direction in which it may be
 * driven (*out_dir, 1 or -1). UINT32_MAX: none. */
uint32_t roads_between(const struct roads *roads, uint32_t from, uint32_t to, double max_m, int *out_dir);

/* Where a road is entered, and left, by who drives it along (1) or against (-1) its line. */
static inline uint32_t road_entry(const struct road *s, int dir)
{
    return dir > 0 ? s->from : s->to;
}

static inline uint32_t road_exit(const struct road *s, int dir)
{
    return dir > 0 ? s->to : s->from;
}

/* Whether it may be driven so. */
static inline bool road_allows(const struct road *s, int dir)
{
    return s->oneway == 0 || s->oneway == dir;
}

#endif
