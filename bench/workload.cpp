#include "workload.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace
{
constexpr double half_side_m = 50000;
constexpr double pi = 3.14159265358979323846;
constexpr uint32_t vehicles = 10000;

double round7(double v)
{
    return std::nearbyint(v * 1e7) / 1e7;
}

mw_point place(const City &city, double x, double y)
{
    return {round7(city.centre.lat_deg + y / city.metres_per_lat),
            round7(city.centre.lon_deg + x / city.metres_per_lon)};
}

using Random = std::mt19937_64;

double even(Random &random, double low, double high)
{
    return std::uniform_real_distribution<double>(low, high)(random);
}

Fence make_polygon(const City &city, Random &random)
{
    bool district = even(random, 0, 1) < 0.05;
    double x = even(random, -half_side_m, half_side_m), y = even(random, -half_side_m, half_side_m);
    double radius =
        district ? even(random, 1000, 2000) : std::exp(even(random, std::log(50.0), std::log(2000.0)));
    int count = static_cast<int>(district ? even(random, 500, 2001) : even(random, 8, 65));
    double stretch = even(random, 0.7, 1), turn = even(random, 0, pi), phase = even(random, 0, 2 * pi);
    Fence fence{MW_SHAPE_POLYGON, {}, 0};
    for (int i = 0; i < count; i++) {
        double angle = 2 * pi * (i + even(random, 0, 0.8)) / count;
        double r =
            radius * (1 + 0.12 * std::sin(3 * angle + phase)) * even(random, district ? 0.97 : 0.88, 1.02);
        double ex = r * std::cos(angle), ey = stretch * r * std::sin(angle);
        fence.points.push_back(place(city, x + ex * std::cos(turn) - ey * std::sin(turn),
                                     y + ex * std::sin(turn) + ey * std::cos(turn)));
    }
    fence.points.push_back(fence.points.front());
    return fence;
}

Fence make_corridor(const City &city, Random &random)
{
    double x = even(random, -half_side_m, half_side_m), y = even(random, -half_side_m, half_side_m);
    double heading = even(random, 0, 2 * pi);
    int count = static_cast<int>(even(random, 20, 201));
    Fence fence{MW_SHAPE_CORRIDOR, {}, even(random, 30, 50)};
    for (int i = 0; i < count; i++) {
        fence.points.push_back(place(city, x, y));
        double step = even(random, 30, 150);
        heading += even(random, 0, 1) < 0.05 ? even(random, -pi / 2, pi / 2) : even(random, -0.2, 0.2);
        x += step * std::cos(heading);
        y += step * std::sin(heading);
        if (std::fabs(x) > half_side_m || std::fabs(y) > half_side_m)
            heading = std::atan2(-y, -x);
    }
    return fence;
}
} // namespace

City make_city(uint32_t fences, uint64_t seed)
{
    Random random(seed);
    City city{{}, {31.2, 121.4}, 110880, 95290};
    for (uint32_t i = 0; i < fences; i++) {
        city.fences.push_back(even(random, 0, 1) < 0.7 ? make_polygon(city, random)
                                                       : make_corridor(city, random));
    }
    return city;
}

std::vector<mw_point> make_fixes(const City &city, uint32_t moments, uint64_t seed)
{
    struct Vehicle {
        double x, y, heading, speed;
    };
    Random random(seed);
    std::vector<Vehicle> fleet(vehicles);
    for (Vehicle &v : fleet) {
        v = {even(random, -half_side_m, half_side_m), even(random, -half_side_m, half_side_m),
             even(random, 0, 2 * pi), even(random, 3, 20)};
    }
    std::vector<mw_point> fixes;
    for (uint32_t moment = 0; moment < moments; moment++) {
        for (Vehicle &v : fleet) {
            fixes.push_back(place(city, v.x, v.y));
            v.heading += even(random, 0, 1) < 0.1 ? even(random, -pi / 2, pi / 2) : even(random, -0.1, 0.1);
            v.speed = std::clamp(v.speed + even(random, -2, 2), 0.0, 25.0);
            v.x += 10 * v.speed * std::cos(v.heading);
            v.y += 10 * v.speed * std::sin(v.heading);
            if (std::fabs(v.x) > half_side_m || std::fabs(v.y) > half_side_m) {
                v.heading += pi;
                v.x = std::clamp(v.x, -half_side_m, half_side_m);
                v.y = std::clamp(v.y, -half_side_m, half_side_m);
            }
        }
    }
    return fixes;
}
