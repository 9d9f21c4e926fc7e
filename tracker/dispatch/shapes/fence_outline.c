#include "fence_outline.h"

#include <geos_c.h>

#include <stdlib.h>

enum { QUARTER_STEPS = 16, DECIMALS = 6 };
#define PROBE_DEG 0.001

struct outliner {
    GEOSContextHandle_t geos;
};

/* Metres east and north of a point; far from the poles, where fences are. */
struct plane {
    struct mw_point origin;
    double per_east, per_north;
};

struct outliner *outliner_new(void)
{
    struct outliner *o = calloc(1, sizeof *o);
    if (o != NULL && (o->geos = GEOS_init_r()) == NULL) {
        free(o);
        return NULL;
    }
    return o;
}

void outliner_free(struct outliner *o)
{
    if (o == NULL)
        return;
    GEOS_finish_r(o->geos);
    free(o);
}

static struct plane plane_of(const struct mw_index *index, uint32_t fence)
{
    struct mw_bounds b = mw_index_fence_bounds(index, fence);
    struct mw_point at = {(b.south_west.lat_deg + b.north_east.lat_deg) / 2,
                          b.south_west.lon_deg + mw_east_deg(b.south_west, b.north_east) / 2};
    struct mw_point north = {at.lat_deg + PROBE_DEG, at.lon_deg}, east = {at.lat_deg, at.lon_deg + PROBE_DEG};
    return (struct plane){at, mw_distance_m(at, east) / PROBE_DEG, mw_distance_m(at, north) / PROBE_DEG};
}

/* ---- into GEOS ---- */

static bool set_point(const struct outliner *o, const struct plane *plane, GEOSCoordSequence *s, unsigned i,
                      struct mw_point p)
{
    return GEOSCoordSeq_setXY_r(o->geos, s, i, mw_east_deg(plane->origin, p) * plane->per_east,
                                (p.lat_deg - plane->origin.lat_deg) * plane->per_north) != 0;
}

static GEOSCoordSequence *points_of(const struct outliner *o, const struct plane *plane,
                                    const struct mw_index *index, uint32_t fence, uint32_t part)
{
    bool ring = mw_index_fence_info(index, fence).kind == MW_SHAPE_POLYGON;
    uint32_t count = mw_index_part_count(index, fence, part, NULL);
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(o->geos, count + (ring ? 1 : 0), 2);
    bool ok = s != NULL;
    for (uint32_t i = 0; ok && i < count + (ring ? 1 : 0); i++)
        ok = set_point(o, plane, s, i, mw_index_part_point(index, fence, part, i % count));
    if (!ok && s != NULL)
        GEOSCoordSeq_destroy_r(o->geos, s);
    return ok ? s : NULL;
}

/* The ring, and the holes that follow it; *part is moved behind them. */
static GEOSGeometry *polygon_of(const struct outliner *o, const struct plane *plane,
                                const struct mw_index *index, uint32_t fence, uint32_t *part)
{
    uint32_t parts = mw_index_fence_info(index, fence).part_count, first = *part, holes = 0, made = 0;
    bool hole = true;
    while (first + 1 + holes < parts && (mw_index_part_count(index, fence, first + 1 + holes, &hole), hole))
        holes++;
    *part = first + 1 + holes;
    GEOSGeometry **rings = calloc((size_t)holes + 1, sizeof(GEOSGeometry *));
    for (; rings != NULL && made <= holes; made++) {
        GEOSCoordSequence *s = points_of(o, plane, index, fence, first + made);
        rings[made] = s != NULL ? GEOSGeom_createLinearRing_r(o->geos, s) : NULL;
        if (rings[made] == NULL)
            break;
    }
    GEOSGeometry *whole = rings != NULL && made == holes + 1
                              ? GEOSGeom_createPolygon_r(o->geos, rings[0], rings + 1, holes)
                              : NULL;
    for (uint32_t i = 0; whole == NULL && i < made; i++)
        GEOSGeom_destroy_r(o->geos, rings[i]);
    free(rings);
    return whole;
}

static GEOSGeometry *line_of(const struct outliner *o, const struct plane *plane,
                             const struct mw_index *index, uint32_t fence, uint32_t *part)
{
    bool point = mw_index_fence_info(index, fence).kind == MW_SHAPE_CIRCLE;
    GEOSCoordSequence *s = points_of(o, plane, index, fence, (*part)++);
    if (s == NULL)
        return NULL;
    return point ? GEOSGeom_createPoint_r(o->geos, s) : GEOSGeom_createLineString_r(o->geos, s);
}

/* All parts of a fence: polygons, lines, or the one point. */
static GEOSGeometry *shape_of(const struct outliner *o, const struct plane *plane,
                              const struct mw_index *index, uint32_t fence)
{
    const struct mw_fence_info info = mw_index_fence_info(index, fence);
    bool polygons = info.kind == MW_SHAPE_POLYGON;
    GEOSGeometry **items = calloc(info.part_count, sizeof(GEOSGeometry *)), *whole = NULL;
    uint32_t part = 0, count = 0;
    bool ok = items != NULL;
    while (ok && part < info.part_count) {
        items[count] =
            polygons ? polygon_of(o, plane, index, fence, &part) : line_of(o, plane, index, fence, &part);
        ok = items[count] != NULL;
        count += ok;
    }
    if (ok && count == 1)
        whole = items[0];
    else if (ok)
        whole = GEOSGeom_createCollection_r(o->geos, polygons ? GEOS_MULTIPOLYGON : GEOS_MULTILINESTRING,
                                            items, count);
    for (uint32_t i = 0; whole == NULL && i < count; i++)
        GEOSGeom_destroy_r(o->geos, items[i]);
    free(items);
    return whole;
}

/* ---- out of GEOS ---- */

static void write_point(const struct plane *plane, double x, double y, struct json_writer *w)
{
    json_write_begin_array(w);
    json_write_fixed(w, plane->origin.lon_deg + x / plane->per_east, DECIMALS);
    json_write_fixed(w, plane->origin.lat_deg + y / plane->per_north, DECIMALS);
    json_write_end_array(w);
}

static void write_points(const struct outliner *o, const struct plane *plane, const GEOSGeometry *line,
                         struct json_writer *w)
{
    const GEOSCoordSequence *s = GEOSGeom_getCoordSeq_r(o->geos, line);
    unsigned count = 0;
    double x, y;
    GEOSCoordSeq_getSize_r(o->geos, s, &count);
    json_write_begin_array(w);
    for (unsigned i = 0; i < count; i++)
        if (GEOSCoordSeq_getXY_r(o->geos, s, i, &x, &y) != 0)
            write_point(plane, x, y, w);
    json_write_end_array(w);
}

static void write_polygon(const struct outliner *o, const struct plane *plane, const GEOSGeometry *polygon,
                          struct json_writer *w)
{
    int holes = GEOSGetNumInteriorRings_r(o->geos, polygon);
    json_write_begin_array(w);
    write_points(o, plane, GEOSGetExteriorRing_r(o->geos, polygon), w);
    for (int i = 0; i < holes; i++)
        write_points(o, plane, GEOSGetInteriorRingN_r(o->geos, polygon, i), w);
    json_write_end_array(w);
}

static void write_geometry(const struct outliner *o, const struct plane *plane, const GEOSGeometry *shape,
                           struct json_writer *w)
{
    int type = GEOSGeomTypeId_r(o->geos, shape);
    bool polygons = type == GEOS_POLYGON || type == GEOS_MULTIPOLYGON;
    bool many = type == GEOS_MULTIPOLYGON || type == GEOS_MULTILINESTRING;
    int count = many ? GEOSGetNumGeometries_r(o->geos, shape) : 1;
    json_write_begin_object(w);
    json_write_key(w, "type");
    json_write_string(w, polygons ? (many ? TEXT("MultiPolygon") : TEXT("Polygon"))
                                  : (many ? TEXT("MultiLineString") : TEXT("LineString")));
    json_write_key(w, "coordinates");
    if (many)
        json_write_begin_array(w);
    for (int i = 0; i < count; i++) {
        const GEOSGeometry *one = many ? GEOSGetGeometryN_r(o->geos, shape, i) : shape;
        if (polygons)
            write_polygon(o, plane, one, w);
        else
            write_points(o, plane, one, w);
    }
    if (many)
        json_write_end_array(w);
    json_write_end_object(w);
}

static void write_middle(const struct plane *plane, struct mw_point at, struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_key(w, "type");
    json_write_string(w, TEXT("Point"));
    json_write_key(w, "coordinates");
    write_point(plane, mw_east_deg(plane->origin, at) * plane->per_east,
                (at.lat_deg - plane->origin.lat_deg) * plane->per_north, w);
    json_write_end_object(w);
}

/* ---- a fence ---- */

/* Simplified, each by a fence of its own: what is too small for a pixel stays a triangle. */
static bool write_simplified(const struct outliner *o, const struct plane *plane, const GEOSGeometry *shape,
                             double pixel_m, struct json_writer *w)
{
    GEOSGeometry *simple = GEOSTopologyPreserveSimplify_r(o->geos, shape, pixel_m);
    if (simple == NULL)
        return false;
    write_geometry(o, plane, simple, w);
    GEOSGeom_destroy_r(o->geos, simple);
    return true;
}

bool outline_write(struct outliner *o, const struct mw_index *index, uint32_t fence, double pixel_m,
                   struct json_writer *w)
{
    const struct mw_fence_info info = mw_index_fence_info(index, fence);
    const struct plane plane = plane_of(index, fence);
    bool polygon = info.kind == MW_SHAPE_POLYGON;
    GEOSGeometry *shape = shape_of(o, &plane, index, fence);
    GEOSGeometry *around =
        shape != NULL && !polygon ? GEOSBuffer_r(o->geos, shape, info.radius_m, QUARTER_STEPS) : NULL;
    bool ok = shape != NULL && (polygon || around != NULL);
    if (ok) {
        json_write_key(w, "geometry");
        ok = write_simplified(o, &plane, polygon ? shape : around, pixel_m, w);
    }
    if (ok) {
        json_write_key(w, "line");
        if (info.kind == MW_SHAPE_CIRCLE)
            write_middle(&plane, mw_index_part_point(index, fence, 0, 0), w);
        else if (polygon)
            json_write_null(w);
        else
            ok = write_simplified(o, &plane, shape, pixel_m, w);
    }
    if (around != NULL)
        GEOSGeom_destroy_r(o->geos, around);
    if (shape != NULL)
        GEOSGeom_destroy_r(o->geos, shape);
    return ok;
}
