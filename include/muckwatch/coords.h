/* The two shifted coordinate systems of Chinese maps.
 *
 * GCJ-02 (Amap, Tencent) lies 30 to 700 m from WGS-84, BD-09 (Baidu) about 1 to 1.4 km. Formula: the one that
 * every open implementation uses (eviltransform, coordtransform, gcoord). The inverse iterates until it moves
 * by less than 1e-10 degrees (10 micrometres); the one-step inverse that is common is off by up to 5 m.
 * Outside the box of China (latitude 0.8293 to 55.8271, longitude 72.004 to 137.8347) all are the identity.
 * The box takes in parts of neighbouring countries, where maps may not be shifted. Pure functions. */
#ifndef MUCKWATCH_COORDS_H
#define MUCKWATCH_COORDS_H

#include <muckwatch/geofence.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mw_point mw_coords_gcj02_from_wgs84(struct mw_point wgs84);
struct mw_point mw_coords_wgs84_from_gcj02(struct mw_point gcj02);
struct mw_point mw_coords_bd09_from_gcj02(struct mw_point gcj02);
struct mw_point mw_coords_gcj02_from_bd09(struct mw_point bd09);
struct mw_point mw_coords_bd09_from_wgs84(struct mw_point wgs84);
struct mw_point mw_coords_wgs84_from_bd09(struct mw_point bd09);

#ifdef __cplusplus
}
#endif

#endif
