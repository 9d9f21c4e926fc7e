#include "geojson.h"

#include "canon.h"
#include "city_doubts.h"
#include "geojson_crs.h"
#include "geojson_shape.h"

#include <muckwatch/coords.h>
#include <stdio.h>

/* A feature being read. */
struct feature {
    struct city_load *load;
    struct fence_spec spec;
    struct geojson_shape geometry;
};

static const char *const property_names[] = {
    "kind",       "name",         "name_en", "group",           "buffer_m", "radius_m", "hours",
    "valid_from", "valid_to",     "classes", "speed_limit_kmh", "waste",    "company",  "road_class",
    "reason",     "jurisdiction", "crs",     "oneway",          "width_m",  "level",    NULL};

/* What files need not say: a collection point's circle, and the half-width of a road that is swept. */
static const double collection_radius_m = 30, sweep_buffer_m = 10;
static const double road_width_max_m = 200, road_level_max = 4;

static bool read_width(struct feature *f, const struct json_node *properties)
{
    struct city_load *load = f->load;
    double buffer_m = 0, radius_m = 0;
    if (!city_number(load, properties, "buffer_m", (struct city_range){0.001, MW_RADIUS_MAX_M}, &buffer_m) ||
        !city_number(load, properties, "radius_m", (struct city_range){0.001, MW_RADIUS_MAX_M}, &radius_m))
        return false;
    enum mw_shape_kind kind = f->spec.shape.kind;
    if (f->spec.kind == FENCE_SWEEP &&
        buffer_m == 0) /* of a road it is not asked: its path is matched to the line */
        buffer_m = f->spec.width_m > 0 ? f->spec.width_m / 2 : sweep_buffer_m;
    if (f->spec.kind == FENCE_COLLECTION && radius_m == 0 && kind == MW_SHAPE_CIRCLE)
        radius_m = collection_radius_m;
    if (kind == MW_SHAPE_CORRIDOR && buffer_m == 0)
        return city_fail(load, "buffer_m is missing: a line needs the half-width of its corridor, in metres");
    if (kind == MW_SHAPE_CIRCLE && radius_m == 0)
        return city_fail(load, "radius_m is missing: a point needs the radius of its circle, in metres");
    if (kind != MW_SHAPE_CORRIDOR && f->spec.kind != FENCE_SWEEP && buffer_m != 0)
        city_warn(load, "buffer_m means nothing here: it is for lines");
    if (kind != MW_SHAPE_CIRCLE && radius_m != 0)
        city_warn(load, "radius_m means nothing here: it is for points");
    f->spec.shape.radius_m = kind == MW_SHAPE_CORRIDOR ? buffer_m : kind == MW_SHAPE_CIRCLE ? radius_m : 0;
    return true;
}

static bool read_kind(struct feature *f, const struct json_node *properties)
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

/* What only a road that is swept has. */
static bool read_road(struct feature *f, const struct json_node *properties)
{
    struct city_load *load = f->load;
    struct text oneway = TEXT("no");
    double level = 0;
    if (f->spec.kind != FENCE_SWEEP)
        return true;
    bool ok = city_text(load, properties, "oneway", &oneway);
    f->spec.oneway = text_equal(oneway, TEXT("yes")) ? 1 : text_equal(oneway, TEXT("-1")) ? -1 : 0;
    if (ok && f->spec.oneway == 0 && !text_equal(oneway, TEXT("no")))
        ok = city_fail_at(load, json_node_member(properties, "oneway"),
                          "oneway \"%.*s\": expected no, yes or -1", PROBLEM_ARG(oneway));
    ok = city_step(load, ok) &&
         city_number(load, properties, "width_m", (struct city_range){1, road_width_max_m},
                     &f->spec.width_m) &&
         ok;
    ok = city_step(load, ok) &&
         city_number(load, properties, "level", (struct city_range){1, road_level_max}, &level) && ok;
    f->spec.level = (int)level;
    if (ok && level != f->spec.level)
        ok = city_fail_at(load, json_node_member(properties, "level"), "level: %g, expected 1, 2, 3 or 4",
                          level);
    return ok;
}

static bool read_crs(struct feature *f, const struct json_node *properties)
{
    struct text crs = TEXT("wgs84");
    if (!city_text(f->load, properties, "crs", &crs))
        return false;
    if (text_equal(crs, TEXT("gcj02")))
        f->geometry.convert = mw_coords_wgs84_from_gcj02;
    else if (text_equal(crs, TEXT("bd09")))
        f->geometry.convert = mw_coords_wgs84_from_bd09;
    else if (!text_equal(crs, TEXT("wgs84")))
        return city_fail(f->load, "crs \"%.*s\": expected wgs84, gcj02 or bd09", PROBLEM_ARG(crs));
    return true;
}

/* Those that are text. */
static const struct {
    const char *key;
    size_t place; /* in fence_spec */
} text_properties[] = {
    {"name", offsetof(struct fence_spec, name)},
    {"name_en", offsetof(struct fence_spec, name_en)},
    {"group", offsetof(struct fence_spec, group)},
    {"hours", offsetof(struct fence_spec, hours)},
    {"company", offsetof(struct fence_spec, company)},
    {"waste", offsetof(struct fence_spec, waste)},
    {"road_class", offsetof(struct fence_spec, road_class)},
    {"jurisdiction", offsetof(struct fence_spec, jurisdiction)},
    {"reason", offsetof(struct fence_spec, reason)},
};

static bool read_texts(struct feature *f, const struct json_node *properties)
{
    bool ok = true;
    for (size_t i = 0; i < sizeof text_properties / sizeof text_properties[0]; i++) {
        struct text *out = (struct text *)(void *)((char *)&f->spec + text_properties[i].place);
        if (!city_text(f->load, properties, text_properties[i].key, out)) {
            ok = false;
            if (!city_goes_on(f->load))
                break;
        }
    }
    return ok;
}

static bool read_properties(struct feature *f, const struct json_node *properties)
{
    struct city_load *load = f->load;
    struct fence_spec *s = &f->spec;
    if (!json_node_is(properties, JSON_NODE_OBJECT))
        return city_fail(load, "properties are missing: expected an object with \"kind\"");
    city_warn_keys(load, properties, property_names);
    bool ok = read_kind(f, properties);
    ok = city_step(load, ok) && read_crs(f, properties) && ok;
    ok = city_step(load, ok) && read_texts(f, properties) && ok;
    ok = city_step(load, ok) && read_road(f, properties) && ok;
    ok = city_step(load, ok) && city_when(load, properties, "valid_from", &s->valid_from) && ok;
    ok = city_step(load, ok) && city_when(load, properties, "valid_to", &s->valid_to) && ok;
    ok = city_step(load, ok) &&
         city_number(load, properties, "speed_limit_kmh", (struct city_range){1, 200}, &s->speed_limit_kmh) &&
         ok;
    return city_step(load, ok) && city_texts(load, properties, "classes", &s->classes, &s->class_count) && ok;
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
        return geojson_shape_fail(&f->geometry, error->part, error->point, reason);
    snprintf(text, sizeof text, "%s at longitude %.7f, latitude %.7f%s", reason, error->at.lon_deg,
             error->at.lat_deg, f->geometry.convert != NULL ? " (WGS-84)" : "");
    return geojson_shape_fail(&f->geometry, error->part, error->point, text);
}

/* Where the id stands where GIS programs put it. */
static bool read_id(struct feature *f, const struct json_node *object)
{
    const struct json_node *inside = json_node_member(json_node_member(object, "properties"), "id");
    bool there = inside != NULL && inside->type != JSON_NODE_NULL;
    bool ok = city_begin_id(
        f->load, object,
        there ? ": expected text beside \"properties\", not in them (ogr2ogr -lco ID_FIELD=id puts it there)"
              : ": expected text (beside \"properties\", not in them)");
    f->spec.id = f->load->id;
    return ok;
}

/* The entry of a feature: geometry, id, and of the properties only those that are known. */
static bool keep_feature(struct feature *f, const struct json_node *object,
                         const struct json_node *properties)
{
    struct buf *out = &f->load->canonicals;
    size_t at = out->len;
    buf_puts(out, "{\"geometry\":");
    bool ok = canon_write(json_node_member(object, "geometry"), NULL, out);
    buf_puts(out, ",\"id\":");
    ok = ok && canon_write(json_node_member(object, "id"), NULL, out);
    buf_puts(out, ",\"properties\":");
    ok = ok && canon_write(properties, property_names, out);
    buf_puts(out, "}");
    return ok ? city_keep_written(f->load, f->spec.id, at) : city_fail_memory(f->load);
}

static bool read_shape(struct feature *f, const struct json_node *object, const struct json_node *properties)
{
    const struct json_node *geometry = json_node_member(object, "geometry");
    if (!geojson_crs_check(f->load, geometry) || !geojson_shape_read(&f->geometry, geometry))
        return false;
    f->spec.shape = f->geometry.shape;
    return read_width(f, properties);
}

static bool build_fence(struct feature *f)
{
    struct world_error error = {0};
    enum world_status status = world_builder_fence(f->load->builder, &f->spec, &error);
    if (f->load->all && status == WORLD_BAD)
        return false; /* told */
    return status == WORLD_BAD && error.shape.problem != MW_SHAPE_FINE ? fail_shape(f, &error.shape)
                                                                       : city_built(f->load, status, &error);
}

/* What the builder finds wrong with the fence in hand, one by one. */
static void hear(void *context, const struct world_error *error)
{
    struct feature *f = context;
    if (error->shape.problem != MW_SHAPE_FINE)
        fail_shape(f, &error->shape);
    else
        city_built(f->load, WORLD_BAD, error);
}

static bool read_feature(struct feature *f, const struct json_node *object)
{
    struct city_load *load = f->load;
    const struct json_node *type = json_node_member(object, "type");
    if (!json_node_is(type, JSON_NODE_STRING) || !text_equal(json_node_text(type), TEXT("Feature")))
        return city_fail(load, "expected a Feature");
    const struct json_node *properties = json_node_member(object, "properties");
    bool ok = read_id(f, object);
    ok = city_step(load, ok) && geojson_crs_check(load, object) && ok;
    ok = city_step(load, ok) && read_properties(f, properties) && ok;
    bool shaped = city_step(load, ok) && read_shape(f, object, properties);
    city_facts_fence(load, &f->spec);
    if (!shaped || f->spec.kind == FENCE_NONE || load->id.len == 0 || !city_step(load, ok))
        return false;
    if (load->all)
        world_builder_tell(load->builder, hear, f);
    bool built = build_fence(f);
    world_builder_tell(load->builder, NULL, NULL);
    return built && ok && keep_feature(f, object, properties);
}

static bool load_feature(struct city_load *load, const struct json_node *object, size_t index)
{
    struct feature f = {.load = load, .geometry = {.load = load}};
    arena_clear(&load->scratch);
    city_begin(load, "fence", index, object);
    if (read_feature(&f, object))
        return true;
    if (city_goes_on(load))
        world_builder_lost(load->builder, load->id);
    return city_keep_broken(load);
}

/* A file being read. Its features come one by one, and what is known of the file by then is in `root`. */
struct collection {
    struct city_load *load;
    struct json_tree root;
    bool held;   /* features came before the file said that it is a collection */
    bool looked; /* at its crs */
    bool other;  /* which is another: its features are not looked at */
    bool failed; /* a feature could not be used; the rest is read for its form alone */
};

static bool is_collection(const struct json_node *root)
{
    const struct json_node *type = json_node_member(root, "type");
    return json_node_is(type, JSON_NODE_STRING) &&
           text_equal(json_node_text(type), TEXT("FeatureCollection"));
}

/* As soon as it is known: features of another system would all be complained of. */
static void look_at_crs(struct collection *c)
{
    if (c->looked || json_node_member(c->root.nodes, "crs") == NULL)
        return;
    city_begin_root(c->load, NULL);
    c->looked = true;
    c->other = !geojson_crs_check(c->load, c->root.nodes);
}

static void take_feature(void *context, const struct json_node *object, size_t index)
{
    struct collection *c = context;
    if (index == 0) {
        c->held = !is_collection(c->root.nodes);
        look_at_crs(c);
    }
    if (!c->held && !c->other && city_step(c->load, !c->failed) && !load_feature(c->load, object, index))
        c->failed = true;
}

static bool load_root(struct collection *c, struct text bytes, struct json_stream *stream)
{
    const struct json_node *root = c->root.nodes, *type = json_node_member(root, "type");
    if (!city_step(c->load, !c->failed))
        return false;
    city_begin_root(c->load, NULL);
    if (!json_node_is(type, JSON_NODE_STRING))
        return city_fail_file(c->load, "expected a GeoJSON FeatureCollection");
    if (text_equal(json_node_text(type), TEXT("Feature")))
        return load_feature(c->load, root, 0);
    look_at_crs(c);
    if (c->other)
        return false;
    const struct json_node *features = json_node_member(root, "features");
    if (!is_collection(root) || !json_node_is(features, JSON_NODE_ARRAY))
        return city_fail_file(c->load, "expected a GeoJSON FeatureCollection");
    if (c->held && json_tree_stream(&c->root, features, bytes, stream) != JSON_TREE_OK)
        return city_fail_memory(c->load); /* it has been read before */
    return !c->failed;
}

bool geojson_load(struct city_load *load, struct text bytes)
{
    struct collection c = {.load = load};
    struct json_stream stream = {.key = TEXT("features"), .element = take_feature, .context = &c};
    bool parsed = city_parse(load, bytes, &c.root, &stream);
    bool ok = parsed && load_root(&c, bytes, &stream);
    if (!ok && !(parsed && c.failed) && city_goes_on(load)) /* what else it has is not known */
        world_builder_lost(load->builder, (struct text){0});
    json_tree_fini(&c.root);
    json_tree_fini(&stream.tree);
    return ok;
}
