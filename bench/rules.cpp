// Matching and all rules per fix, one thread: 10,000 fences, 10,000 vehicles, every vehicle's fix of one moment
// after all of the moment before, so that states are as cold as in a real fleet.
//
// "on route": trucks drive back and forth along a corridor that their permit names, half of them loaded; this is
// a fleet that keeps the rules. "anywhere": they drive where the geofence benchmark lets them, nearly all of
// them off every route: an episode each, and the distance to the routes at each fix. "matching" is mw_index_point
// alone on the same places.
#define _Static_assert static_assert
extern "C" {
#include "fleet.h"
#include "intake.h"
#include "world.h"
}

#include "workload.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>

namespace
{

constexpr uint32_t VEHICLES = 10000;
constexpr uint32_t MOMENTS = 60;
constexpr int64_t START_MS = 1778205600000; // 8 May 2026, 10:00 at +08:00

struct text text_of_string(const std::string &s)
{
    return {s.data(), s.size()};
}

void must(bool ok, const char *what)
{
    if (ok)
        return;
    std::fprintf(stderr, "bench_rules: %s\n", what);
    std::exit(1);
}

enum fence_kind kind_of(const Fence &f, uint32_t i)
{
    static const enum fence_kind areas[] = {FENCE_DISTRICT,   FENCE_SPEED,    FENCE_SITE,     FENCE_BANNED,
                                            FENCE_DISTRICT,   FENCE_SPEED,    FENCE_BANNED,   FENCE_AREA,
                                            FENCE_NO_TIPPING, FENCE_DISPOSAL, FENCE_DISTRICT, FENCE_SITE,
                                            FENCE_DEPOT,      FENCE_WASH};
    if (f.kind == MW_SHAPE_CORRIDOR)
        return i % 10 == 0 ? FENCE_SPEED : FENCE_ROUTE;
    return areas[i % (sizeof areas / sizeof *areas)];
}

void add_fence(struct world_builder *b, const Fence &f, uint32_t i)
{
    static const char *const hours[] = {"07:00-09:00,17:00-19:00", "22:00-06:00", "Mo-Fr 06:00-22:00", ""};
    std::string id = "f" + std::to_string(i);
    struct mw_part part = {f.points.data(), static_cast<uint32_t>(f.points.size()), false};
    struct fence_spec spec = {};
    spec.id = text_of_string(id);
    spec.kind = kind_of(f, i);
    spec.shape = {f.kind, &part, 1, f.radius_m};
    spec.speed_limit_kmh = spec.kind == FENCE_SPEED ? 60 : 0;
    struct text truck = text_of("muck_truck");
    if (spec.kind == FENCE_BANNED) {
        spec.classes = &truck;
        spec.class_count = 1;
    }
    bool timed = spec.kind == FENCE_BANNED || spec.kind == FENCE_AREA || spec.kind == FENCE_SPEED;
    spec.hours = text_of(timed ? hours[i % 4] : "");
    struct world_error error;
    must(world_builder_fence(b, &spec, &error) == WORLD_OK, error.text);
}

std::vector<uint32_t> routes_of(const City &city)
{
    std::vector<uint32_t> routes;
    for (uint32_t i = 0; i < city.fences.size(); i++)
        if (kind_of(city.fences[i], i) == FENCE_ROUTE)
            routes.push_back(i);
    return routes;
}

void add_vehicle(struct world_builder *b, const std::vector<uint32_t> &routes, uint32_t v)
{
    std::string id = "v" + std::to_string(v), permit = "p" + std::to_string(v);
    struct world_error error;
    struct vehicle_spec vehicle = {};
    vehicle.id = text_of_string(id);
    vehicle.class_name = text_of("muck_truck");
    vehicle.max_load_kg = 16000;
    must(world_builder_vehicle(b, &vehicle, &error) == WORLD_OK, error.text);
    std::string names[3];
    struct text ids[3];
    for (uint32_t k = 0; k < 3; k++) {
        names[k] = "f" + std::to_string(routes[(v + k * 17) % routes.size()]);
        ids[k] = text_of_string(names[k]);
    }
    struct permit_spec spec = {};
    spec.id = text_of_string(permit);
    spec.vehicles = &vehicle.id;
    spec.vehicle_count = 1;
    spec.routes = ids;
    spec.route_count = 3;
    spec.hours = text_of(v % 2 == 0 ? "06:00-22:00" : "");
    must(world_builder_permit(b, &spec, &error) == WORLD_OK, error.text);
}

struct world *make_world(const City &city, struct names *names)
{
    struct world_builder *b = world_builder_new(names);
    must(world_builder_zone(b, text_of("Asia/Shanghai"), mw_zone_fixed(8 * 3600)) == WORLD_OK, "zone");
    for (uint32_t i = 0; i < city.fences.size(); i++)
        add_fence(b, city.fences[i], i);
    std::vector<uint32_t> routes = routes_of(city);
    for (uint32_t v = 0; v < VEHICLES; v++)
        add_vehicle(b, routes, v);
    struct world *world;
    struct world_error error;
    must(world_builder_build(b, &world, &error) == WORLD_OK, error.text);
    world_builder_free(b);
    return world;
}

// The place so many metres along a line, there and back.
struct mw_point along(const Fence &f, double at_m, double length_m)
{
    at_m = std::fmod(at_m, 2 * length_m);
    if (at_m > length_m)
        at_m = 2 * length_m - at_m;
    for (size_t i = 0; i + 1 < f.points.size(); i++) {
        double leg_m = mw_distance_m(f.points[i], f.points[i + 1]);
        if (at_m <= leg_m && leg_m > 0) {
            double s = at_m / leg_m;
            return {f.points[i].lat_deg + (f.points[i + 1].lat_deg - f.points[i].lat_deg) * s,
                    f.points[i].lon_deg + (f.points[i + 1].lon_deg - f.points[i].lon_deg) * s};
        }
        at_m -= leg_m;
    }
    return f.points.back();
}

std::vector<mw_point> drive_routes(const City &city)
{
    std::vector<uint32_t> routes = routes_of(city);
    std::vector<mw_point> places(static_cast<size_t>(VEHICLES) * MOMENTS);
    for (uint32_t v = 0; v < VEHICLES; v++) {
        const Fence &f = city.fences[routes[v % routes.size()]];
        double length_m = 0;
        for (size_t i = 0; i + 1 < f.points.size(); i++)
            length_m += mw_distance_m(f.points[i], f.points[i + 1]);
        for (uint32_t m = 0; m < MOMENTS; m++)
            places[static_cast<size_t>(m) * VEHICLES + v] = along(f, v * 37.0 + m * 120.0, length_m);
    }
    return places;
}

// Where it heads from one place to the next, in degrees; in that of before while it stands.
float heading_deg(struct mw_point from, struct mw_point to, float before_deg)
{
    double north = to.lat_deg - from.lat_deg;
    double east = (to.lon_deg - from.lon_deg) * std::cos(to.lat_deg * (M_PI / 180));
    if (north == 0 && east == 0)
        return before_deg;
    double deg = std::atan2(east, north) * (180 / M_PI);
    return static_cast<float>(deg < 0 ? deg + 360 : deg);
}

struct fix fix_at(struct mw_point p, float track_deg, uint32_t vehicle, uint32_t moment)
{
    struct fix f = {};
    f.time.ms = START_MS + moment * 10000;
    f.lat_deg = p.lat_deg;
    f.lon_deg = p.lon_deg;
    f.speed_mps = 12;
    f.track_deg = track_deg;
    f.eph_m = 5;
    f.mode = FIX_MODE_3D;
    f.has = FIX_HAS_POSITION | FIX_HAS_SPEED | FIX_HAS_TRACK | FIX_HAS_EPH | FIX_HAS_MODE | FIX_HAS_SEQ |
            FIX_HAS_SENSORS;
    f.boot = text_of("4c1dc0de");
    f.seq = moment + 1;
    f.sensors = sensors_none();
    f.sensors.cover = COVER_CLOSED;
    f.sensors.body = BODY_DOWN;
    f.sensors.load = vehicle % 2 == 0 ? LOAD_LOADED : LOAD_EMPTY;
    f.sensors.ignition = FLAG_TRUE;
    f.sensors.power = POWER_MAIN;
    f.sensors.antenna = ANTENNA_OK;
    return f;
}

// CPU time of this thread: other work on the machine does not count.
double seconds()
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

double match_ns(const struct world *world, const std::vector<mw_point> &places)
{
    uint32_t out[64];
    size_t hits = 0;
    double from = seconds();
    for (const mw_point &p : places)
        hits += mw_index_point(world->index, p, out, 64);
    double ns = (seconds() - from) * 1e9 / static_cast<double>(places.size());
    std::printf("  matching      %7.0f ns a fix, %.2f fences hold one\n", ns,
                static_cast<double>(hits) / static_cast<double>(places.size()));
    return ns;
}

void run(const char *name, struct names *names, const struct world *world,
         const std::vector<mw_point> &places)
{
    std::printf("%s\n", name);
    match_ns(world, places);
    struct fleet *fleet = fleet_new(names, {VEHICLES, true});
    must(fleet != nullptr && fleet_set_world(fleet, world), "no memory");
    auto out = std::make_unique<struct outcome>();
    size_t transitions = 0, fires = 0;
    uint32_t place;
    for (uint32_t v = 0; v < VEHICLES; v++) {
        std::string id = "v" + std::to_string(v);
        must(fleet_place(fleet, text_of_string(id), &place), "no place");
    }
    std::vector<float> track_deg(VEHICLES);
    double warm = 0;
    for (uint32_t m = 0; m < MOMENTS; m++) {
        if (m == 6) // tables are warm and what opens at the start is open
            warm = seconds();
        struct arrival arrival = {START_MS + m * 10000, START_MS + m * 10000};
        while (fleet_fire(fleet, arrival.clock_ms, &place, out.get()))
            fires++;
        for (uint32_t v = 0; v < VEHICLES; v++) {
            // The tracker reads the JSON of a fix between these two; here it judges the fix before.
            fleet_expect(fleet, (v + 1) % VEHICLES);
            struct mw_point at = places[static_cast<size_t>(m) * VEHICLES + v];
            if (m > 0)
                track_deg[v] =
                    heading_deg(places[static_cast<size_t>(m - 1) * VEHICLES + v], at, track_deg[v]);
            struct fix f = fix_at(at, track_deg[v], v, m);
            while (fleet_take_fix(fleet, v, &f, arrival, out.get()))
                transitions += out->transition_count;
            transitions += out->transition_count;
        }
    }
    double ns = (seconds() - warm) * 1e9 / ((MOMENTS - 6.0) * VEHICLES);
    std::printf("  with rules    %7.0f ns a fix; %zu transitions, %zu deadlines\n", ns, transitions, fires);
    fleet_free(fleet);
}

} // namespace

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : ""; // "route" or "anywhere"
    struct names *names = names_new(1000000);
    City city = make_city(10000, 1);
    struct world *world = make_world(city, names);
    std::printf("%u fences, %u vehicles, state %zu bytes, of them hot %zu\n", world->fence_count, VEHICLES,
                sizeof(struct vehicle_state), offsetof(struct vehicle_state, journal));
    if (std::strcmp(only, "anywhere") != 0)
        run("on route", names, world, drive_routes(city));
    if (std::strcmp(only, "route") != 0)
        run("anywhere", names, world, make_fixes(city, MOMENTS, 2));
    world_free(world);
    names_free(names);
}
