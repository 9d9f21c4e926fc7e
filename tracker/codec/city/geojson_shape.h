/*
 * geojson_shape: the geometry of a feature as a shape, and positions as a person finds them again.
 *
 * Coordinates are converted to WGS-84 on the way, once. Whether the shape can be a fence is not judged here.
 */
#ifndef MW_GEOJSON_SHAPE_H
#define MW_GEOJSON_SHAPE_H

#include "city_load.h"

/* A shape being read, and where in the file each part of it stands. */
struct geojson_shape {
    struct city_load *load;
    struct mw_point (*convert)(struct mw_point); /* set by the caller; NULL: coordinates are WGS-84 */
    struct mw_shape shape;                       /* in the scratch of `load`; without a radius */
    struct mw_part *parts;
    uint64_t point_count;               /* of all parts so far */
    const struct json_node **positions; /* the first position of each part */
    const char *part_name;              /* "ring", "line", "point" */
};

/* Reads a GeoJSON geometry (NULL: there is none). False, with the problem set. */
bool geojson_shape_read(struct geojson_shape *s, const struct json_node *geometry);
/* Complains of a position of a part, both from 0. Always false. */
bool geojson_shape_fail(struct geojson_shape *s, uint32_t part, uint32_t point, const char *reason);

#endif
