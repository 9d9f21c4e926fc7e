/*
 * stops: planned stops of collecting vehicles, made into circles and duties.
 *
 * Rows come in any order. Stops of one route and trip are put in order (by the order they say, else as they came), and
 * numbered; then the fewest are left out that let the clocks of those that stay run forward. A clock more than twelve
 * hours before that of the stop before it is one of the next day. The stops of a trip with the same weekdays and waste
 * are one duty, since a duty is on for whole days.
 */
#ifndef MW_STOPS_H
#define MW_STOPS_H

#include "arena.h"
#include "plates.h"
#include "rejects.h"

enum stop_column {
    STOP_ROUTE,
    STOP_TRIP,
    STOP_ORDER,
    STOP_TIME,
    STOP_LEAVE,
    STOP_LON,
    STOP_LAT,
    STOP_DAYS,
    STOP_PLATE,
    STOP_WASTE,
    STOP_NAME,
    STOP_COLUMNS
};

enum { STOP_DAY_COLUMNS = 7 };

/* What is said of all stops. */
struct stop_rules {
    bool has[STOP_COLUMNS];      /* columns that the table has; route, time, lon and lat it must */
    bool day_columns;            /* days are seven columns of Y and N, Monday first, not one of lists */
    const struct plates *plates; /* NULL: a plate is the id of its vehicle */
    struct text class_name;      /* whose duties these are where no plate says it; empty: none */
    struct text days;            /* of stops without weekdays, as hours have it; empty: every day */
    struct text crs;             /* of the coordinates, as fences have it; empty: WGS-84 */
    int stay_min;                /* of stops that say no time of leaving */
    bool bounded;
    double west, south, east, north;
};

/* Texts are taken over; `raw` is borrowed. */
struct stop_row {
    uint32_t line;
    struct text raw;
    struct text values[STOP_COLUMNS];
    struct text day_flags[STOP_DAY_COLUMNS];
};

struct stop {
    struct text route, trip, plate, waste, name, raw;
    double order, lon, lat;
    uint32_t line, row;
    uint32_t number; /* in its trip, from 1 */
    int16_t from_min, to_min;
    uint8_t days; /* 0: those of the rules */
    bool kept;
};

struct stops {
    struct stop_rules rules;
    struct arena texts;
    struct stop *items;
    size_t count, cap;
    size_t rows, kept; /* all that came; all that stay, known by stops_settle */
    struct rejects rejects;
    bool no_memory;
};

void stops_init(struct stops *s, const struct stop_rules *rules);
void stops_fini(struct stops *s);
/* False without memory. */
bool stops_add(struct stops *s, const struct stop_row *row);
/* A record that is not even one. */
bool stops_refuse(struct stops *s, uint32_t line, struct text raw, const char *reason);
/* Puts all in order and leaves out what goes back. False without memory. */
bool stops_settle(struct stops *s);
/*
 * The longest run of clocks none of which is before the one before it: keep[i] says whether i is of it. False without
 * memory.
 */
bool stops_longest_forward(const int16_t *clocks, size_t count, bool *keep);
/* The fences as GeoJSON, and the duties as a file of the fleet; after stops_settle. *out_duties: how many. */
bool stops_write(const struct stops *s, struct buf *out_fences, struct buf *out_fleet, size_t *out_duties);

#endif
