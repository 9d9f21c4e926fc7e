// A city of 100 km by 100 km, made from a fixed seed: sites, districts and corridors, and vehicles that drive
// in it.
#pragma once

#include <muckwatch/geofence.h>

#include <cstdint>
#include <vector>

struct Fence {
    mw_shape_kind kind;
    std::vector<mw_point> points; // one ring, closed, or one line
    double radius_m;
};

struct City {
    std::vector<Fence> fences;
    mw_point centre;
    double metres_per_lat, metres_per_lon;
};

// 70 % polygons of 8 to 64 vertices and 50 to 2000 m radius (logarithmically even), one in twenty of them a
// district of 500 to 2000 vertices and 1 to 2 km radius; 30 % corridors of 20 to 200 points, 30 to 150 m
// apart, with 30 to 50 m half-width. Seven decimals, as files have them.
City make_city(uint32_t fences, uint64_t seed);

// Fixes of 10,000 vehicles, all of one moment after all of the one before, ten seconds apart.
std::vector<mw_point> make_fixes(const City &city, uint32_t moments, uint64_t seed);
