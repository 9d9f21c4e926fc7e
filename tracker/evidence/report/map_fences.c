/*
 * map_fences: fences around the track, those of the permit as corridors, each with its name where there is room.
 */
#include "map_private.h"

#include <math.h>
#include <string.h>

struct look {
    const char *kind;
    unsigned rgb;
    bool always; /* drawn whether the violation names it or not */
};

static const struct look looks[] = {
    {"site", 0x8d6e3fu, true},          {"disposal", 0x6d4c9fu, true},    {"wash", 0x1e88c8u, true},
    {"depot", 0x607d8bu, true},         {"banned", 0xd84315u, true},      {"no_tipping", 0xad1457u, true},
    {"route", MAP_RGB_CORRIDOR, false}, {"speed", 0xf9a825u, false},      {"area", 0x90a4aeu, false},
    {"district", 0xb0bec5u, false},     {"collection", 0x00897bu, false}, {"sweep", 0x00897bu, false}};

static const struct look *look_of(struct text kind)
{
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (text_equal(text_of(looks[i].kind), kind))
            return &looks[i];
    return NULL;
}

/* ---- geometry of the canonical world ---- */

static bool is_position(const struct json_node *n)
{
    return json_node_length(n) >= 2 && json_node_is(json_node_first(n), JSON_NODE_NUMBER);
}

struct walk {
    map_visit *visit;
    void *context;
    size_t part;
};

/* Arrays of positions within arrays: a part each. Depth is that of GeoJSON: a multipolygon has four. */
static void each_part(struct walk *w, const struct json_node *n, unsigned depth)
{
    if (is_position(n)) {
        const struct json_node *lon = json_node_first(n);
        w->visit(w->context, w->part, json_node_next(lon)->number, lon->number);
        return;
    }
    uint32_t count = json_node_length(n);
    const struct json_node *one = count > 0 ? json_node_first(n) : NULL;
    w->part += count > 0 && is_position(one);
    for (uint32_t i = 0; i < count && depth < 4; i++, one = json_node_next(one))
        each_part(w, one, depth + 1);
}

const char *map_each_point(const struct json_node *fence, map_visit *visit, void *context)
{
    const struct json_node *geometry = json_node_member(fence, "geometry");
    struct text type = case_field(geometry, "type");
    struct walk w = {visit, context, 0};
    each_part(&w, json_node_member(geometry, "coordinates"), 0);
    return type.len >= 5 && memcmp(type.data + type.len - 5, "Point", 5) == 0           ? "Point"
           : type.len >= 10 && memcmp(type.data + type.len - 10, "LineString", 10) == 0 ? "LineString"
                                                                                        : "Polygon";
}

/* ---- drawing ---- */

struct box {
    double lat[2], lon[2];
};

static void widen(void *context, size_t part, double lat_deg, double lon_deg)
{
    struct box *b = context;
    (void)part;
    b->lat[0] = fmin(b->lat[0], lat_deg);
    b->lat[1] = fmax(b->lat[1], lat_deg);
    b->lon[0] = fmin(b->lon[0], lon_deg);
    b->lon[1] = fmax(b->lon[1], lon_deg);
}

static bool is_shown(const struct map *m, const struct box *b, double buffer_m)
{
    double dy = m->half_y_m + buffer_m, dx = m->half_x_m + buffer_m;
    return (b->lat[0] - m->lat0) * m->north_m < dy && (b->lat[1] - m->lat0) * m->north_m > -dy &&
           (b->lon[0] - m->lon0) * m->east_m < dx && (b->lon[1] - m->lon0) * m->east_m > -dx;
}

struct drawing {
    struct map *m;
    size_t part;
    enum scene_type type;
    struct scene_style style;
    double circle_mm;
};

static void draw_point(void *context, size_t part, double lat_deg, double lon_deg)
{
    struct drawing *d = context;
    struct scene_point p = map_place(d->m, lat_deg, lon_deg);
    if (d->circle_mm > 0) {
        scene_circle(d->m->s, d->style, p, d->circle_mm);
        return;
    }
    if (part != d->part)
        scene_begin(d->m->s, d->type, d->style);
    d->part = part;
    scene_point(d->m->s, p.x, p.y);
}

static void draw_shape(struct map *m, const struct json_node *fence, const struct look *look, double buffer_m)
{
    struct box ignored = {{0, 0}, {0, 0}};
    const char *shape = map_each_point(fence, widen, &ignored);
    double band = 2 * buffer_m * m->mm_per_m;
    struct drawing d = {.m = m, .part = SIZE_MAX, .type = SCENE_LINE};
    if (strcmp(shape, "Point") == 0) {
        d.circle_mm = fmax(buffer_m * m->mm_per_m, 0.5);
        d.style = (struct scene_style){look->rgb, 0.18, 0, 0};
        map_each_point(fence, draw_point, &d);
    } else if (strcmp(shape, "LineString") == 0) {
        d.style = (struct scene_style){look->rgb, 0.2, fmax(band, 0.4), 0};
        map_each_point(fence, draw_point, &d);
        d.part = SIZE_MAX;
        d.style = (struct scene_style){look->rgb, 0.7, 0.2, 1.2};
        map_each_point(fence, draw_point, &d);
    } else {
        d.type = SCENE_AREA;
        d.style = (struct scene_style){look->rgb, 0.14, 0, 0};
        map_each_point(fence, draw_point, &d);
        d.part = SIZE_MAX;
        d.style = (struct scene_style){look->rgb, 0.8, 0.25, 0};
        map_each_point(fence, draw_point, &d);
    }
}

/* Where the shape's box, as far as it is shown, has its middle. */
static void draw_name(struct map *m, const struct look *look, const struct box *b, struct text name)
{
    double north = m->half_y_m / m->north_m, east = m->half_x_m / m->east_m;
    double lat = (fmax(b->lat[0], m->lat0 - north) + fmin(b->lat[1], m->lat0 + north)) / 2;
    double lon = (fmax(b->lon[0], m->lon0 - east) + fmin(b->lon[1], m->lon0 + east)) / 2;
    double width = map_words_width(name);
    struct scene_point p = map_place(m, lat, lon);
    p.x -= width / 2;
    if (map_take_label(m, &p, width))
        map_put_label(m, look->rgb, p, name);
}

static bool is_of_permit(const struct map *m, struct text id)
{
    const struct json_node *permit = case_world_item(m->f, "permits", case_field(m->f->last, "permit"));
    const struct json_node *routes = json_node_member(permit, "routes");
    const struct json_node *one = json_node_length(routes) > 0 ? json_node_first(routes) : NULL;
    for (uint32_t i = 0; i < json_node_length(routes); i++, one = json_node_next(one))
        if (text_equal(json_node_text(one), id))
            return true;
    return false;
}

static void draw_fence(struct map *m, const struct json_node *fence)
{
    const struct json_node *properties = json_node_member(fence, "properties");
    const struct look *look = look_of(case_field(properties, "kind"));
    struct text id = case_field(fence, "id"), name = case_field(properties, "name");
    struct box box = {{90, -90}, {180, -180}};
    bool named = text_equal(id, case_field(m->f->last, "fence"));
    if (look == NULL || !(look->always || named || is_of_permit(m, id)))
        return;
    double radius = case_number(properties, "radius_m"), buffer = case_number(properties, "buffer_m");
    double buffer_m = !isnan(radius) ? radius : !isnan(buffer) ? buffer : 0;
    map_each_point(fence, widen, &box);
    if (!is_shown(m, &box, buffer_m))
        return;
    draw_shape(m, fence, look, buffer_m);
    draw_name(m, look, &box, name.len > 0 ? name : id);
}

void map_draw_fences(struct map *m)
{
    const struct json_node *fences = json_node_member(m->f->canonical, "fences");
    uint32_t count = json_node_length(fences);
    const struct json_node *fence = count > 0 ? json_node_first(fences) : NULL;
    for (uint32_t i = 0; i < count; i++, fence = json_node_next(fence))
        draw_fence(m, fence);
}
