#include "geojson.h"

#include "json_write.h"

#include <muckwatch/coords.h>
#include <stdio.h>

/* A feature being read: its shape as far as it goes, and the JSON each part came from. */
struct feature {
    struct city_load *load;
    struct fence_spec spec;
    struct mw_part *parts;
    const json_t **positions; /* the list of positions of each part */
    const char *part_name;    /* "ring", "line", "point" */
    struct mw_point (*convert)(struct mw_point);
};

static const char *const property_names[] = {
    "kind",       "name",       "buffer_m", "radius_m",        "hours",
    "valid_from", "valid_to",   "classes",  "speed_limit_kmh", "waste",
    "company",    "road_class", "reason",   "jurisdiction",    "crs",
    NULL};

/* ` [112.9, 30.4]`, as the file has it; nothing where it is no position. */
static void write_position(const json_t *position, struct buf *out)
{
    const json_t *lon = json_array_get(position, 0), *lat = json_array_get(position, 1);
    if (!json_is_number(lon) || !json_is_number(lat))
        return;
    buf_puts(out, " [");
    json_put_double(out, json_number_value(lon));
    buf_puts(out, ", ");
    json_put_double(out, json_number_value(lat));
    buf_puts(out, "]");
}

static bool fail_position(struct feature *f, uint32_t part, uint32_t point, const char *reason)
{
    char bytes[96];
    struct buf shown = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    write_position(json_array_get(f->positions[part], point), &shown);
    return city_fail(f->load, "%s %u, position %u%.*s: %s", f->part_name, part + 1, point + 1, (int)shown.len,
                     bytes, reason);
}

static bool read_position(struct feature *f, uint32_t part, uint32_t point, const json_t *v,
                          struct mw_point *out)
{
    const json_t *lon = json_array_get(v, 0), *lat = json_array_get(v, 1);
    if (!json_is_array(v) || !json_is_number(lon) || !json_is_number(lat))
        return fail_position(f, part, point, "expected [longitude, latitude]");
    struct mw_point p = {.lat_deg = json_number_value(lat), .lon_deg = json_number_value(lon)};
    /* What is no place on Earth is left as it is, for the check of the shape to name. */
    bool place = p.lat_deg >= -90 && p.lat_deg <= 90 && p.lon_deg >= -180 && p.lon_deg <= 180;
    *out = f->convert != NULL && place ? f->convert(p) : p;
    return true;
}

/* A list of positions as the next part. */
static bool add_part(struct feature *f, const json_t *list, bool hole)
{
    uint32_t part = f->spec.shape.part_count++;
    if (!json_is_array(list))
        return city_fail(f->load, "%s %u: expected a list of positions", f->part_name, part + 1);
    size_t n = json_array_size(list);
    struct mw_point *points = arena_take(&f->load->scratch, n, sizeof *points);
    if (points == NULL || n > UINT32_MAX)
        return city_fail_memory(f->load);
    f->positions[part] = list;
    for (uint32_t i = 0; i < n; i++)
        if (!read_position(f, part, i, json_array_get(list, i), &points[i]))
            return false;
    f->parts[part] = (struct mw_part){.points = points, .count = (uint32_t)n, .hole = hole};
    return true;
}

static bool make_room(struct feature *f, size_t parts)
{
    f->parts = arena_take(&f->load->scratch, parts, sizeof *f->parts);
    f->positions = arena_take(&f->load->scratch, parts, sizeof *f->positions);
    f->spec.shape.parts = f->parts;
    return (f->parts != NULL && f->positions != NULL) || city_fail_memory(f->load);
}

static bool read_rings(struct feature *f, const json_t *rings)
{
    if (!json_is_array(rings))
        return city_fail(f->load, "geometry.coordinates: expected a list of rings");
    for (size_t i = 0; i < json_array_size(rings); i++)
        if (!add_part(f, json_array_get(rings, i), i > 0))
            return false;
    return true;
}

static bool read_polygons(struct feature *f, const json_t *coordinates, bool multi)
{
    size_t rings = multi ? 0 : json_array_size(coordinates);
    for (size_t i = 0; multi && i < json_array_size(coordinates); i++)
        rings += json_array_size(json_array_get(coordinates, i));
    f->part_name = "ring";
    f->spec.shape.kind = MW_SHAPE_POLYGON;
    if (!make_room(f, rings))
        return false;
    if (!multi)
        return read_rings(f, coordinates);
    for (size_t i = 0; i < json_array_size(coordinates); i++)
        if (!read_rings(f, json_array_get(coordinates, i)))
            return false;
    return true;
}

static bool read_lines(struct feature *f, const json_t *coordinates, bool multi)
{
    size_t lines = multi ? json_array_size(coordinates) : 1;
    f->part_name = "line";
    f->spec.shape.kind = MW_SHAPE_CORRIDOR;
    if (!make_room(f, lines))
        return false;
    if (!multi)
        return add_part(f, coordinates, false);
    for (size_t i = 0; i < lines; i++)
        if (!add_part(f, json_array_get(coordinates, i), false))
            return false;
    return true;
}

/* A point is a part of one position; its list is made here, and lives as long as `owner`. */
static bool read_point(struct feature *f, const json_t *coordinates, json_t *owner)
{
    f->part_name = "point";
    f->spec.shape.kind = MW_SHAPE_CIRCLE;
    if (json_array_append(owner, (json_t *)(uintptr_t)coordinates) != 0)
        return city_fail_memory(f->load);
    return make_room(f, 1) && add_part(f, owner, false);
}

static bool read_geometry(struct feature *f, const json_t *geometry, json_t *owner)
{
    struct text type = {0};
    if (!json_is_object(geometry))
        return city_fail(f->load, "geometry: expected a geometry");
    if (!city_text(f->load, geometry, "type", &type))
        return false;
    const json_t *coordinates = json_object_get(geometry, "coordinates");
    bool known = true;
    if (text_equal(type, TEXT("Point")) && json_is_array(coordinates))
        return read_point(f, coordinates, owner);
    if (text_equal(type, TEXT("Polygon")) && json_is_array(coordinates))
        return read_polygons(f, coordinates, false);
    if (text_equal(type, TEXT("MultiPolygon")) && json_is_array(coordinates))
        return read_polygons(f, coordinates, true);
    if (text_equal(type, TEXT("LineString")) && json_is_array(coordinates))
        return read_lines(f, coordinates, false);
    if (text_equal(type, TEXT("MultiLineString")) && json_is_array(coordinates))
        return read_lines(f, coordinates, true);
    static const struct text types[] = {TEXT("Point"), TEXT("Polygon"), TEXT("MultiPolygon"),
                                        TEXT("LineString"), TEXT("MultiLineString")};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        known = known && !text_equal(type, types[i]);
    if (!known)
        return city_fail(f->load, "geometry.coordinates: expected a list");
    return city_fail(
        f->load,
        "geometry of type \"%.*s\": expected Polygon, MultiPolygon, LineString, MultiLineString or Point",
        PROBLEM_ARG(type));
}

static bool read_width(struct feature *f, const json_t *properties)
{
    struct city_load *load = f->load;
    double buffer_m = 0, radius_m = 0;
    if (!city_number(load, properties, "buffer_m", 0.001, MW_RADIUS_MAX_M, &buffer_m) ||
        !city_number(load, properties, "radius_m", 0.001, MW_RADIUS_MAX_M, &radius_m))
        return false;
    enum mw_shape_kind kind = f->spec.shape.kind;
    if (kind == MW_SHAPE_CORRIDOR && buffer_m == 0)
        return city_fail(load, "buffer_m is missing: a line needs the half-width of its corridor, in metres");
    if (kind == MW_SHAPE_CIRCLE && radius_m == 0)
        return city_fail(load, "radius_m is missing: a point needs the radius of its circle, in metres");
    if (kind != MW_SHAPE_CORRIDOR && buffer_m != 0)
        city_warn(load, "buffer_m means nothing here: it is for lines");
    if (kind != MW_SHAPE_CIRCLE && radius_m != 0)
        city_warn(load, "radius_m means nothing here: it is for points");
    f->spec.shape.radius_m = kind == MW_SHAPE_CORRIDOR ? buffer_m : kind == MW_SHAPE_CIRCLE ? radius_m : 0;
    return true;
}

static bool read_kind(struct feature *f, const json_t *properties)
{
    struct text kind = {0};
    if (!city_text(f->load, properties, "kind", &kind))
        return false;
    f->spec.kind = fence_kind_find(kind);
    if (f->spec.kind != FENCE_NONE)
        return true;
    char kinds[200];
    struct buf b = {.data = kinds, .cap = sizeof kinds, .limit = sizeof kinds};
    for (enum fence_kind k = FENCE_NONE + 1; k < FENCE_KIND_COUNT; k++)
        buf_printf(&b, "%s%s", k > FENCE_NONE + 1 ? ", " : "", fence_kind_name(k));
    if (kind.len == 0)
        return city_fail(f->load, "kind is missing: expected one of %.*s", (int)b.len, kinds);
    return city_fail(f->load, "kind \"%.*s\": expected one of %.*s", PROBLEM_ARG(kind), (int)b.len, kinds);
}

static bool read_crs(struct feature *f, const json_t *properties)
{
    struct text crs = TEXT("wgs84");
    if (!city_text(f->load, properties, "crs", &crs))
        return false;
    if (text_equal(crs, TEXT("gcj02")))
        f->convert = mw_coords_wgs84_from_gcj02;
    else if (text_equal(crs, TEXT("bd09")))
        f->convert = mw_coords_wgs84_from_bd09;
    else if (!text_equal(crs, TEXT("wgs84")))
        return city_fail(f->load, "crs \"%.*s\": expected wgs84, gcj02 or bd09", PROBLEM_ARG(crs));
    return true;
}

static bool read_properties(struct feature *f, const json_t *properties)
{
    struct city_load *load = f->load;
    struct fence_spec *s = &f->spec;
    city_warn_keys(load, properties, property_names);
    return read_kind(f, properties) && read_crs(f, properties) &&
           city_text(load, properties, "name", &s->name) && city_text(load, properties, "hours", &s->hours) &&
           city_text(load, properties, "company", &s->company) &&
           city_text(load, properties, "waste", &s->waste) &&
           city_text(load, properties, "road_class", &s->road_class) &&
           city_text(load, properties, "jurisdiction", &s->jurisdiction) &&
           city_text(load, properties, "reason", &s->reason) &&
           city_when(load, properties, "valid_from", &s->valid_from) &&
           city_when(load, properties, "valid_to", &s->valid_to) &&
           city_number(load, properties, "speed_limit_kmh", 1, 200, &s->speed_limit_kmh) &&
           city_texts(load, properties, "classes", &s->classes, &s->class_count);
}

/* What the builder says of a shape, with the place as the file has it. */
static bool fail_shape(struct feature *f, const struct mw_shape_error *error)
{
    const char *reason = mw_shape_problem_text(error->problem);
    char text[320];
    if (error->problem == MW_SHAPE_NO_PARTS || error->problem == MW_SHAPE_BAD_RADIUS ||
        error->part >= f->spec.shape.part_count)
        return city_fail(f->load, "%s", reason);
    if (error->problem != MW_SHAPE_SELF_CROSSING)
        return fail_position(f, error->part, error->point, reason);
    snprintf(text, sizeof text, "%s at longitude %.7f, latitude %.7f%s", reason, error->at.lon_deg,
             error->at.lat_deg, f->convert != NULL ? " (WGS-84)" : "");
    return fail_position(f, error->part, error->point, text);
}

/* Texts are as they are; whole numbers, which RFC 7946 allows too, become their digits. */
static bool read_id(struct feature *f, const json_t *object)
{
    const json_t *id = json_object_get(object, "id");
    if (json_is_string(id)) {
        f->spec.id = (struct text){json_string_value(id), json_string_length(id)};
    } else if (json_is_integer(id)) {
        char *digits = arena_take(&f->load->scratch, 24, 1);
        if (digits == NULL)
            return city_fail_memory(f->load);
        f->spec.id =
            (struct text){digits, (size_t)snprintf(digits, 24, "%lld", (long long)json_integer_value(id))};
    }
    if (f->spec.id.len == 0)
        return city_fail(f->load, "id is missing: expected text (beside \"properties\", not in them)");
    city_begin_id(f->load, f->spec.id);
    return true;
}

/* The entry of a feature: geometry, id, and of the properties only those that are known. */
static bool keep_feature(struct feature *f, const json_t *object, const json_t *properties)
{
    json_t *known = json_object();
    bool ok = known != NULL;
    for (const char *const *name = property_names; ok && *name != NULL; name++) {
        json_t *value = json_object_get(properties, *name);
        ok = value == NULL || json_object_set(known, *name, value) == 0;
    }
    json_t *whole = ok ? json_pack("{s:O, s:O, s:O}", "geometry", json_object_get(object, "geometry"), "id",
                                   json_object_get(object, "id"), "properties", known)
                       : NULL;
    ok = whole != NULL ? city_keep(f->load, f->spec.id, whole, NULL) : city_fail_memory(f->load);
    json_decref(whole);
    json_decref(known);
    return ok;
}

static bool read_feature(struct feature *f, const json_t *object, json_t *owner)
{
    struct city_load *load = f->load;
    struct text type = {0};
    if (!json_is_object(object) || !city_text(load, object, "type", &type) ||
        !text_equal(type, TEXT("Feature")))
        return city_fail(load, "expected a Feature");
    if (!read_id(f, object))
        return false;
    const json_t *properties = json_object_get(object, "properties");
    if (!json_is_object(properties))
        return city_fail(load, "properties are missing");
    if (!read_properties(f, properties) || !read_geometry(f, json_object_get(object, "geometry"), owner) ||
        !read_width(f, properties))
        return false;
    struct world_error error = {0};
    enum world_status status = world_builder_fence(load->builder, &f->spec, &error);
    if (status == WORLD_BAD && error.shape.problem != MW_SHAPE_FINE)
        return fail_shape(f, &error.shape);
    if (!city_built(load, status, &error))
        return false;
    return keep_feature(f, object, properties);
}

static bool load_feature(struct city_load *load, const json_t *object, size_t index)
{
    struct feature f = {.load = load};
    json_t *owner = json_array(); /* of a point's list of positions */
    arena_init(&load->scratch);
    city_begin(load, "fence", index);
    bool ok = owner != NULL ? read_feature(&f, object, owner) : city_fail_memory(load);
    arena_fini(&load->scratch);
    json_decref(owner);
    return ok;
}

static bool load_root(struct city_load *load, const json_t *root)
{
    const char *type = json_string_value(json_object_get(root, "type"));
    if (type == NULL)
        return city_fail_file(load, "expected a GeoJSON FeatureCollection");
    /* GeoJSON of 2008 could name another system here; RFC 7946 has only WGS-84. */
    if (json_object_get(root, "crs") != NULL)
        return city_fail_file(load,
                              "crs: RFC 7946 has none; say \"crs\": \"gcj02\" in each feature's properties");
    if (strcmp(type, "Feature") == 0)
        return load_feature(load, root, 0);
    const json_t *features = json_object_get(root, "features");
    if (strcmp(type, "FeatureCollection") != 0 || !json_is_array(features))
        return city_fail_file(load, "expected a GeoJSON FeatureCollection");
    for (size_t i = 0; i < json_array_size(features); i++)
        if (!load_feature(load, json_array_get(features, i), i))
            return false;
    return true;
}

bool geojson_load(struct city_load *load, struct text bytes)
{
    json_t *root = city_parse(load, bytes);
    bool ok = root != NULL && load_root(load, root);
    json_decref(root);
    return ok;
}
