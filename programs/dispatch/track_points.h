/*
 * track_points: the fixes of a vehicle's track as a page shows them: where it was, in the order of event time.
 *
 * Entries come in the order they were written, which is that of arrival; what came late is put in its place and
 * marked. Sensors stand as they were said last by then, so that what a list of changes leaves out is as before. Of whoever may know a part of the city alone, positions elsewhere are left out, and it is said that some
 * are.
 */
#ifndef MW_TRACK_POINTS_H
#define MW_TRACK_POINTS_H

#include "fix.h"
#include "json_write.h"
#include "scope.h"
#include "world.h"

#include <stdint.h>

/* Points that are held of one track. */
enum { TRACK_POINTS_MAX = 50000 };

/* Of which changes are told: sensor_load, sensor_cover, sensor_body, sensor_flag. */
enum track_sensor { TRACK_LOAD, TRACK_COVER, TRACK_BODY, TRACK_IGNITION, TRACK_SENSOR_COUNT };

struct track_point {
    int64_t time_ms;
    double lat_deg, lon_deg;
    float speed_mps, track_deg; /* NaN: not said */
    uint32_t order;             /* of arrival */
    bool late, hole;            /* came late; numbers before it were given up */
    uint8_t said[TRACK_SENSOR_COUNT];
};

struct track_points {
    struct track_point *items;
    size_t count, cap;
    int64_t from_ms, to_ms; /* that are wanted, both included */
    int64_t kept_since_ms;  /* the first entry there is came then; 0: there is none */
    bool withheld, truncated, hole;
};

/* An entry's fields. False without memory. */
struct track_row {
    struct text fix, received, late, hole;
};
bool track_points_add(struct track_points *points, const struct track_row *row);
/* A fix of it. False without memory. */
bool track_points_add_fix(struct track_points *points, const struct fix *fix, bool late);
void track_points_fini(struct track_points *points);

/* The word of a sensor that has such; NULL: it was not said. */
const char *track_point_word(const struct track_point *point, enum track_sensor sensor);
/* NaN: not said. */
double track_point_kmh(const struct track_point *point);
/* In order of time, without what the scope does not cover, thinned out to so many: those at which a sensor changed stay, unless these are
 * more than half of them. *out_simplified: some are gone. */
void track_points_settle(struct track_points *points, const struct scope *scope, const struct world *world,
                         size_t most, bool *out_simplified);
/* As columns, and of each sensor the places at which it changed. */
void track_points_write(const struct track_points *points, struct json_writer *w);

#endif
