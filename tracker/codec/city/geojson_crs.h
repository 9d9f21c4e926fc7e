/*
 * geojson_crs: the `crs` member that GDAL and QGIS write, as GeoJSON of 2008 had it.
 *
 * RFC 7946 has WGS-84 alone, in the order longitude, latitude, and so do these tools write it whatever the
 * name says: CRS84 and EPSG:4326 say nothing new. Every other system is refused by its name. CGCS2000
 * (EPSG:4490) too, although it lies within a metre: a file says that it is WGS-84 or is not taken for it.
 */
#ifndef MW_GEOJSON_CRS_H
#define MW_GEOJSON_CRS_H

#include "city_load.h"

/* Looks at the member of a collection, feature or geometry. False, after complaining, if it is another. */
bool geojson_crs_check(struct city_load *load, const struct json_node *object);

#endif
