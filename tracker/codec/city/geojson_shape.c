#include "geojson_shape.h"

#include <stdio.h>

/* Longitude and latitude of a position; false where it is none. More numbers, such as a height, may follow.
 */
static bool position_numbers(const struct json_node *position, const struct json_node **out_lon,
                             const struct json_node **out_lat)
{
    if (json_node_length(position) < 2)
        return false;
    *out_lon = position + 1;
    *out_lat = position + 2; /* right behind a number */
    return json_node_is(*out_lon, JSON_NODE_NUMBER) && json_node_is(*out_lat, JSON_NODE_NUMBER);
}

bool geojson_shape_fail(struct geojson_shape *s, uint32_t part, uint32_t point, const char *reason)
{
    const struct json_node *position = s->positions[part], *lon, *lat;
    for (uint32_t i = 0; i < point; i++)
        position = json_node_next(position);
    struct city_finding place = {.part = s->part_name, .part_number = part + 1, .position = point + 1};
    if (position_numbers(position, &lon, &lat)) {
        place.placed = true;
        place.lon_deg = lon->number;
        place.lat_deg = lat->number;
    }
    return city_fail_placed(s->load, position, place, reason);
}

static inline bool read_position(const struct geojson_shape *s, const struct json_node *position,
                                 struct mw_point *out)
{
    const struct json_node *lon, *lat;
    if (!position_numbers(position, &lon, &lat))
        return false;
    struct mw_point p = {.lat_deg = lat->number, .lon_deg = lon->number};
    /* What is no place on Earth is left as it is, for the check of the shape to name. */
    bool place = p.lat_deg >= -90 && p.lat_deg <= 90 && p.lon_deg >= -180 && p.lon_deg <= 180;
    *out = s->convert != NULL && place ? s->convert(p) : p;
    return true;
}

static bool too_many(struct geojson_shape *s, uint32_t part)
{
    char reason[160];
    snprintf(reason, sizeof reason,
             "the fence has more than %u points (limits.fence_points) up to here: leave out those that no "
             "map shows",
             (unsigned)s->load->fence_points);
    return geojson_shape_fail(s, part, 0, reason);
}

/* `count` positions from `position` on as the next part. */
static bool add_positions(struct geojson_shape *s, const struct json_node *position, uint32_t count,
                          bool hole)
{
    uint32_t part = s->shape.part_count++;
    s->positions[part] = position;
    s->point_count += count;
    if (s->load->fence_points > 0 && s->point_count > s->load->fence_points)
        return too_many(s, part);
    struct mw_point *points = arena_take(&s->load->scratch, count, sizeof *points);
    if (points == NULL)
        return city_fail_memory(s->load);
    for (uint32_t i = 0; i < count; i++, position = json_node_next(position))
        if (!read_position(s, position, &points[i]))
            return geojson_shape_fail(s, part, i, "expected [longitude, latitude], two numbers");
    s->parts[part] = (struct mw_part){.points = points, .count = count, .hole = hole};
    return true;
}

/* A list of positions as the next part. */
static bool add_part(struct geojson_shape *s, const struct json_node *list, bool hole)
{
    if (!json_node_is(list, JSON_NODE_ARRAY))
        return city_fail(s->load, "%s %u: expected a list of positions", s->part_name,
                         s->shape.part_count + 1);
    return add_positions(s, json_node_first(list), list->len, hole);
}

static bool make_room(struct geojson_shape *s, size_t parts)
{
    s->parts = arena_take(&s->load->scratch, parts, sizeof *s->parts);
    s->positions = arena_take(&s->load->scratch, parts, sizeof *s->positions);
    s->shape.parts = s->parts;
    return (s->parts != NULL && s->positions != NULL) || city_fail_memory(s->load);
}

static bool read_rings(struct geojson_shape *s, const struct json_node *rings)
{
    if (!json_node_is(rings, JSON_NODE_ARRAY))
        return city_fail(s->load, "geometry.coordinates: expected a list of rings");
    const struct json_node *ring = json_node_first(rings);
    for (uint32_t i = 0; i < rings->len; i++, ring = json_node_next(ring))
        if (!add_part(s, ring, i > 0))
            return false;
    return true;
}

static bool read_polygon(struct geojson_shape *s, const struct json_node *rings)
{
    s->part_name = "ring";
    s->shape.kind = MW_SHAPE_POLYGON;
    return make_room(s, rings->len) && read_rings(s, rings);
}

static bool read_polygons(struct geojson_shape *s, const struct json_node *polygons)
{
    const struct json_node *polygon = json_node_first(polygons);
    size_t rings = 0;
    for (uint32_t i = 0; i < polygons->len; i++, polygon = json_node_next(polygon))
        rings += json_node_length(polygon);
    s->part_name = "ring";
    s->shape.kind = MW_SHAPE_POLYGON;
    if (!make_room(s, rings))
        return false;
    polygon = json_node_first(polygons);
    for (uint32_t i = 0; i < polygons->len; i++, polygon = json_node_next(polygon))
        if (!read_rings(s, polygon))
            return false;
    return true;
}

static bool read_line(struct geojson_shape *s, const struct json_node *line)
{
    s->part_name = "line";
    s->shape.kind = MW_SHAPE_CORRIDOR;
    return make_room(s, 1) && add_part(s, line, false);
}

static bool read_lines(struct geojson_shape *s, const struct json_node *lines)
{
    const struct json_node *line = json_node_first(lines);
    s->part_name = "line";
    s->shape.kind = MW_SHAPE_CORRIDOR;
    if (!make_room(s, lines->len))
        return false;
    for (uint32_t i = 0; i < lines->len; i++, line = json_node_next(line))
        if (!add_part(s, line, false))
            return false;
    return true;
}

/* A part of one position. */
static bool read_point(struct geojson_shape *s, const struct json_node *position)
{
    s->part_name = "point";
    s->shape.kind = MW_SHAPE_CIRCLE;
    return make_room(s, 1) && add_positions(s, position, 1, false);
}

bool geojson_shape_read(struct geojson_shape *s, const struct json_node *geometry)
{
    static const struct {
        struct text type;
        bool (*read)(struct geojson_shape *s, const struct json_node *coordinates);
    } types[] = {{TEXT("Polygon"), read_polygon},
                 {TEXT("LineString"), read_line},
                 {TEXT("Point"), read_point},
                 {TEXT("MultiPolygon"), read_polygons},
                 {TEXT("MultiLineString"), read_lines}};
    struct text type = {0};
    if (!json_node_is(geometry, JSON_NODE_OBJECT))
        return city_fail_at(s->load, geometry,
                            geometry == NULL || geometry->type == JSON_NODE_NULL
                                ? "geometry: there is none: draw it, or take the feature out"
                                : "geometry: expected a geometry");
    if (!city_text(s->load, geometry, "type", &type))
        return false;
    const struct json_node *coordinates = json_node_member(geometry, "coordinates");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (text_equal(type, types[i].type))
            return json_node_is(coordinates, JSON_NODE_ARRAY)
                       ? types[i].read(s, coordinates)
                       : city_fail(s->load, "geometry.coordinates: expected a list");
    return city_fail_at(
        s->load, geometry,
        "geometry of type \"%.*s\": expected Polygon, MultiPolygon, LineString, MultiLineString or Point",
        PROBLEM_ARG(type));
}
