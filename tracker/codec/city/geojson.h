/*
 * geojson: RFC 7946 files with fences, into a world builder.
 *
 * What a feature has to say is the contract in docs/CONFIGURATION.md. Coordinates are converted to WGS-84
 * here, once; whether a shape can be a fence is decided by the geofence library, and its verdict is told with
 * the ring and the position as the file counts them, from 1. Properties that nobody knows are ignored, with a
 * warning where one looks like a misspelt one.
 */
#ifndef MW_GEOJSON_H
#define MW_GEOJSON_H

#include "city_load.h"

/* Loads the file load->file. False, with the reason in load->problem. */
bool geojson_load(struct city_load *load, struct text bytes);

#endif
