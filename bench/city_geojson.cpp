// city_geojson FENCES PART PARTS: one part of the city of the geofence benchmark as a GeoJSON file, on
// standard output, seven decimals.
#include "workload.hpp"

#include <cstdio>
#include <cstdlib>

namespace
{

void print_fence(const Fence &fence, uint32_t i, bool first)
{
    bool corridor = fence.kind == MW_SHAPE_CORRIDOR;
    std::printf("%s{\"type\": \"Feature\", \"id\": \"f%u\", \"properties\": {\"kind\": \"%s\"",
                first ? "" : ",\n", i, corridor ? "route" : "site");
    if (corridor)
        std::printf(", \"buffer_m\": %.1f", fence.radius_m);
    std::printf("}, \"geometry\": {\"type\": \"%s\", \"coordinates\": %s",
                corridor ? "LineString" : "Polygon", corridor ? "[" : "[[");
    for (size_t p = 0; p < fence.points.size(); p++)
        std::printf("%s[%.7f, %.7f]", p ? ", " : "", fence.points[p].lon_deg, fence.points[p].lat_deg);
    std::printf("%s}}", corridor ? "]" : "]]");
}

uint32_t number(const char *text)
{
    return static_cast<uint32_t>(std::strtoul(text, nullptr, 10));
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::fprintf(stderr, "usage: city_geojson FENCES PART PARTS\n");
        return 64;
    }
    uint32_t fences = number(argv[1]), part = number(argv[2]), parts = number(argv[3]);
    City city = make_city(fences, 1);
    uint32_t first = fences / parts * part, end = part + 1 == parts ? fences : first + fences / parts;
    std::printf("{\"type\": \"FeatureCollection\", \"features\": [\n");
    for (uint32_t i = first; i < end; i++)
        print_fence(city.fences[i], i, i == first);
    std::printf("\n]}\n");
    return 0;
}
