#include "fence_near.h"

#include <math.h>

/* A degree of latitude is nowhere shorter than this. */
#define DEGREE_MIN_M 110574.0

bool fence_boxes_near(struct mw_bounds x, struct mw_bounds y, double near_m)
{
    double lat_deg = near_m / DEGREE_MIN_M;
    double lon_deg = lat_deg / fmax(cos(x.north_east.lat_deg * (M_PI / 180)), 0.01) * 1.1;
    return x.south_west.lat_deg <= y.north_east.lat_deg + lat_deg &&
           y.south_west.lat_deg <= x.north_east.lat_deg + lat_deg &&
           x.south_west.lon_deg <= y.north_east.lon_deg + lon_deg &&
           y.south_west.lon_deg <= x.north_east.lon_deg + lon_deg;
}

struct mw_bounds fence_box_wider(struct mw_bounds box, double far_lat_deg, double near_m)
{
    double slack_deg = 1e-9; /* of rounding, here and in fence_boxes_near */
    double lat_deg = near_m / DEGREE_MIN_M + slack_deg;
    double lon_deg = lat_deg / fmax(cos(far_lat_deg * (M_PI / 180)), 0.01) * 1.1 + slack_deg;
    return (struct mw_bounds){{box.south_west.lat_deg - lat_deg, box.south_west.lon_deg - lon_deg},
                              {box.north_east.lat_deg + lat_deg, box.north_east.lon_deg + lon_deg}};
}

/* Whether a corner of one fence is near the other, or one of its edges runs through it. */
static bool corners_near(const struct mw_index *index, uint32_t fence, uint32_t other, double near_m)
{
    struct mw_fence_info info = mw_index_fence_info(index, fence);
    double reach_m = near_m + (info.kind == MW_SHAPE_POLYGON ? 0 : info.radius_m);
    for (uint32_t part = 0; part < info.part_count; part++) {
        uint32_t n = mw_index_part_count(index, fence, part, NULL);
        for (uint32_t i = 0; i < n; i++) {
            struct mw_distance d;
            struct mw_point at = mw_index_part_point(index, fence, part, i);
            if (mw_index_distance(index, other, at, reach_m, &d))
                return true;
            bool closes = i + 1 == n && info.kind == MW_SHAPE_POLYGON;
            if ((i + 1 < n || closes) &&
                mw_index_path_meets(index, other, at, mw_index_part_point(index, fence, part, (i + 1) % n)))
                return true;
        }
    }
    return false;
}

bool fence_near(const struct mw_index *index, uint32_t a, uint32_t b, double near_m)
{
    return fence_boxes_near(mw_index_fence_bounds(index, a), mw_index_fence_bounds(index, b), near_m) &&
           (corners_near(index, a, b, near_m) || corners_near(index, b, a, near_m));
}
