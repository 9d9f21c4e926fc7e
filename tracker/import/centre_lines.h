/*
 * centre_lines: centre lines of roads, made into segments from junction to junction.
 *
 * A line is cut where an end of another lies within half a metre of it, at that end, so that they meet there; crossings
 * without an end on them (bridges) cut nothing. What is longer than 2 km after that is cut into equal pieces. A line that
 * stays whole keeps its id; pieces are ID/1, ID/2, … along it. A slash within an id is %2F then, so that none meet.
 */
#ifndef MW_CENTRE_LINES_H
#define MW_CENTRE_LINES_H

#include "arena.h"
#include "rejects.h"

#include <muckwatch/geofence.h>

/* Properties of features; NULL: there is none. */
struct line_names {
    const char *id; /* NULL: the feature's own */
    const char *name, *oneway, *width, *level;
    struct text crs; /* of the coordinates, as fences have it; empty: WGS-84 */
    bool bounded;
    double west, south, east, north;
};

struct centre_line {
    struct text id, name;
    const struct mw_point *points; /* none twice in a row */
    const double *along_m;         /* of each point */
    size_t count;
    double width_m; /* 0: not said */
    int oneway;     /* 1 along the line, -1 against it, 0: both ways */
    int level;      /* 0: not said */
    uint32_t feature, line;
    struct text raw;
};

struct centre_lines {
    struct arena texts;
    struct text crs;
    struct centre_line *items;
    size_t count, cap;
    size_t features; /* all that came */
    size_t fallen;   /* of these */
    struct rejects rejects;
};

enum centre_lines_status {
    CENTRE_LINES_OK,
    CENTRE_LINES_WRONG, /* no FeatureCollection: out_problem, "LINE: reason" */
    CENTRE_LINES_NO_MEMORY
};

void centre_lines_init(struct centre_lines *c);
void centre_lines_fini(struct centre_lines *c);
/* `text` has to outlive `c`. Lines whose id stands twice are left out but for the first. */
enum centre_lines_status centre_lines_read(struct centre_lines *c, struct text text,
                                           const struct line_names *names, char out_problem[200]);

struct line_tally {
    size_t segments;
    size_t cuts;   /* at ends of others */
    size_t shorts; /* segments under 20 m, which no duty may name */
    double metres;
};

/* Cuts all and writes them as GeoJSON. `progress` may be NULL. False without memory. */
bool centre_lines_write(const struct centre_lines *c, struct buf *out, struct line_tally *out_tally,
                        void (*progress)(void *context, double share), void *context);

#endif
