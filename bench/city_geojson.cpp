// city_geojson FENCES: the city of the geofence benchmark as a GeoJSON file, on standard output, seven decimals.
#include "workload.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

void print_fence(const Fence &fence, uint32_t i)
{
    bool corridor = fence.kind == MW_SHAPE_CORRIDOR;
    std::printf("%s{\"type\": \"Feature\", \"id\": \"f%u\", \"properties\": {\"kind\": \"%s\"", i ? ",\n" : "", i,
                corridor ? "route" : "site");
    if (corridor)
        std::printf(", \"buffer_m\": %.1f", fence.radius_m);
    std::printf("}, \"geometry\": {\"type\": \"%s\", \"coordinates\": %s", corridor ? "LineString" : "Polygon",
                corridor ? "[" : "[[");
    for (size_t p = 0; p < fence.points.size(); p++)
        std::printf("%s[%.7f, %.7f]", p ? ", " : "", fence.points[p].lon_deg, fence.points[p].lat_deg);
    std::printf("%s}}", corridor ? "]" : "]]");
}

} // namespace

int main(int argc, char **argv)
{
    City city = make_city(argc > 1 ? static_cast<uint32_t>(std::strtoul(argv[1], nullptr, 10)) : 10000, 1);
    std::printf("{\"type\": \"FeatureCollection\", \"features\": [\n");
    for (uint32_t i = 0; i < city.fences.size(); i++)
        print_fence(city.fences[i], i);
    std::printf("\n]}\n");
    return 0;
}
