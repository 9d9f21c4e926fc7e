#include "path.h"

struct geo_path geo_path_of(struct mw_point from, struct mw_point to)
{
    double x0 = from.lon_deg * GEO_SCALE, x1 = to.lon_deg * GEO_SCALE;
    double y0 = from.lat_deg * GEO_SCALE, y1 = to.lat_deg * GEO_SCALE;
    struct geo_path path = {.a = {from.lon_deg, from.lat_deg},
                            .b = {to.lon_deg, to.lat_deg},
                            .west = geo_least(x0, x1),
                            .east = geo_most(x0, x1),
                            .south = geo_least(y0, y1),
                            .north = geo_most(y0, y1),
                            .metric =
                                geo_metric_at(from.lon_deg, from.lat_deg + (to.lat_deg - from.lat_deg) / 2)};
    double x = (to.lon_deg - from.lon_deg) * path.metric.k0, y = (to.lat_deg - from.lat_deg) * path.metric.m0;
    path.length_m = sqrt(x * x + y * y);
    return path;
}
