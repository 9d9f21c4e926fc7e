/*
 * fence_outline: a fence as polygons and as lines, for a map: a circle and a corridor as the outline of all that is within their
 * radius, and a corridor's middle line. What is smaller than a pixel is left out of the outline, never out of the map.
 *
 * The shapes are those of the index, so what is drawn is what is judged: to the fineness of the arcs (an eighth of a per cent of
 * the radius) and, of corridors, to a thousandth of the half-width for each 10 km to the north or south of their middle. Across the antimeridian
 * longitudes count on. Outlines are made by GEOS, whose buffers are valid where a corridor meets itself; this is the only
 * file that knows it.
 */
#ifndef MW_FENCE_OUTLINE_H
#define MW_FENCE_OUTLINE_H

#include "json_write.h"

#include <muckwatch/geofence.h>

struct outliner;

/* For one thread. NULL without memory. */
struct outliner *outliner_new(void);
void outliner_free(struct outliner *o);

/* Appends the members "geometry" (a Polygon or MultiPolygon) and "line" (of a corridor LineString or MultiLineString, of a circle its middle as Point,
 * else null). False without memory. */
bool outline_write(struct outliner *o, const struct mw_index *index, uint32_t fence, double pixel_m,
                   struct json_writer *w);

#endif
