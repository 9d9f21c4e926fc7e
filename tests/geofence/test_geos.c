/* A million random questions put to GEOS as well, and the metric put to PROJ's geodesic. Built optimised, so
 * that it stays within seconds. */
#include "shapes.h"

#include <geodesic.h>
#include <geos_c.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SHAPES         1000
#define POINTS_A_SHAPE 1001
#define PATHS_A_SHAPE  20
#define HAIR_DEG       1e-13 /* GEOS and we see a place on an edge alike only as far as it can be written */

static GEOSGeometry *sequence_of(const struct mw_part *part, bool ring)
{
    GEOSCoordSequence *sequence = GEOSCoordSeq_create(part->count, 2);
    for (unsigned i = 0; i < part->count; i++)
        GEOSCoordSeq_setXY(sequence, i, part->points[i].lon_deg, part->points[i].lat_deg);
    return ring ? GEOSGeom_createLinearRing(sequence) : GEOSGeom_createLineString(sequence);
}

/* The polygons of a fence, each with its holes; they may overlap, which GEOS takes in a collection. */
static GEOSGeometry *polygons_of(const struct mw_shape *shape)
{
    GEOSGeometry *polygons[SHAPE_PARTS_MAX];
    unsigned count = 0;
    for (uint32_t p = 0; p < shape->part_count;) {
        GEOSGeometry *outer = sequence_of(&shape->parts[p++], true), *holes[SHAPE_PARTS_MAX];
        unsigned hole_count = 0;
        while (p < shape->part_count && shape->parts[p].hole)
            holes[hole_count++] = sequence_of(&shape->parts[p++], true);
        polygons[count++] = GEOSGeom_createPolygon(outer, holes, hole_count);
    }
    return GEOSGeom_createCollection(GEOS_GEOMETRYCOLLECTION, polygons, count);
}

struct oracle {
    const GEOSPreparedGeometry *polygons[SHAPE_PARTS_MAX];
    int count;
};

static struct oracle oracle_of(const GEOSGeometry *polygons)
{
    struct oracle oracle = {.count = GEOSGetNumGeometries(polygons)};
    for (int i = 0; i < oracle.count; i++)
        oracle.polygons[i] = GEOSPrepare(GEOSGetGeometryN(polygons, i));
    return oracle;
}

static void oracle_free(struct oracle *oracle)
{
    for (int i = 0; i < oracle->count; i++)
        GEOSPreparedGeom_destroy(oracle->polygons[i]);
}

static bool oracle_holds(const struct oracle *oracle, struct mw_point p)
{
    GEOSGeometry *point = GEOSGeom_createPointFromXY(p.lon_deg, p.lat_deg);
    bool holds = false;
    for (int i = 0; i < oracle->count && !holds; i++)
        holds = GEOSPreparedIntersects(oracle->polygons[i], point) == 1;
    GEOSGeom_destroy(point);
    return holds;
}

/* Degrees to the nearest border. */
static double hair(const GEOSGeometry *polygons, struct mw_point p)
{
    GEOSGeometry *point = GEOSGeom_createPointFromXY(p.lon_deg, p.lat_deg);
    double least = HUGE_VAL;
    for (int i = 0; i < GEOSGetNumGeometries(polygons); i++) {
        GEOSGeometry *border = GEOSBoundary(GEOSGetGeometryN(polygons, i));
        double distance;
        GEOSDistance(border, point, &distance);
        GEOSGeom_destroy(border);
        least = fmin(least, distance);
    }
    GEOSGeom_destroy(point);
    return least;
}

static struct mw_index *index_of(const struct mw_shape *shape)
{
    struct mw_builder *builder = mw_builder_new();
    struct mw_index *index = NULL;
    if (mw_builder_add(builder, shape, NULL, NULL) == MW_OK)
        assert_int_equal(mw_builder_build(builder, &index), MW_OK);
    mw_builder_free(builder);
    return index;
}

/* Nobody but us defines what a ring that touches itself holds; GEOS has to call the shape valid. */
static bool valid(const GEOSGeometry *polygons)
{
    for (int i = 0; i < GEOSGetNumGeometries(polygons); i++)
        if (GEOSisValid(GEOSGetGeometryN(polygons, i)) != 1)
            return false;
    return true;
}

static void compare_points(struct rng *rng, const struct owned_shape *s, const struct mw_index *index,
                           const GEOSGeometry *polygons, uint64_t seed)
{
    struct oracle oracle = oracle_of(polygons);
    for (uint32_t k = 0; k < POINTS_A_SHAPE; k++) {
        struct mw_point p = point_random(rng, s);
        bool theirs = oracle_holds(&oracle, p), ours = mw_index_point(index, p, NULL, 0) == 1;
        if (theirs != ours && hair(polygons, p) >= HAIR_DEG) {
            fail_msg("seed %llu: %.17g %.17g is %d, not %d", (unsigned long long)seed, p.lat_deg, p.lon_deg,
                     ours, theirs);
        }
    }
    oracle_free(&oracle);
}

/* Length of the path inside, against the length of the intersection. The room is for paths that run within
 * the last bit of an edge, which GEOS takes for running on it. */
static void compare_paths(struct rng *rng, const struct owned_shape *s, const struct mw_index *index,
                          const GEOSGeometry *polygons, uint64_t seed)
{
    for (uint32_t k = 0; k < PATHS_A_SHAPE && GEOSGetNumGeometries(polygons) == 1; k++) {
        struct mw_point from = point_random(rng, s), to = point_random(rng, s);
        if (hair(polygons, from) < 1e-12 && hair(polygons, to) < 1e-12)
            continue; /* it may run along an edge, on which side is chance */
        struct mw_point ends[2] = {from, to};
        struct mw_part part = {ends, 2, false};
        GEOSGeometry *path = sequence_of(&part, false);
        GEOSGeometry *inside = GEOSIntersection(path, GEOSGetGeometryN(polygons, 0));
        double whole = 0, theirs = 0, ours = 0;
        GEOSLength(path, &whole);
        if (inside == NULL || whole < 1e-9 || GEOSLength(inside, &theirs) != 1) {
            GEOSGeom_destroy(path);
            GEOSGeom_destroy(inside);
            continue;
        }
        GEOSGeometry *border = GEOSBoundary(GEOSGetGeometryN(polygons, 0)),
                     *shared = border != NULL ? GEOSIntersection(path, border) : NULL;
        double along = 0;
        if (shared != NULL)
            GEOSLength(shared, &along); /* a path that runs on the border may count on either side */
        struct mw_crossing crossing;
        if (mw_index_path(index, from, to, &crossing, 1)) {
            ours = crossing.inside_m / mw_distance_m(from, to);
            assert_true(crossing.enter >= 0 && crossing.enter <= 1 && crossing.leave >= 0 &&
                        crossing.leave <= 1);
        }
        if (fabs(ours - theirs / whole) > along / whole + 2e-5) {
            fail_msg("seed %llu: from %.17g %.17g to %.17g %.17g: %.9f inside, not %.9f",
                     (unsigned long long)seed, from.lat_deg, from.lon_deg, to.lat_deg, to.lon_deg, ours,
                     theirs / whole);
        }
        GEOSGeom_destroy(border);
        GEOSGeom_destroy(shared);
        GEOSGeom_destroy(path);
        GEOSGeom_destroy(inside);
    }
}

static void polygons_agree_with_geos(void **state)
{
    struct owned_shape *s = calloc(1, sizeof *s);
    uint64_t cases = 0;
    for (uint64_t seed = 1; cases < (uint64_t)SHAPES * POINTS_A_SHAPE; seed++) {
        struct rng rng = {seed * 7919};
        struct mw_point middle = {rng_between(&rng, -80, 80), rng_between(&rng, -170, 170)};
        shape_random(&rng, middle, pow(10, rng_between(&rng, -5, 0.3)), s);
        struct mw_index *index = s->shape.kind == MW_SHAPE_POLYGON ? index_of(&s->shape) : NULL;
        if (index == NULL)
            continue;
        GEOSGeometry *polygons = polygons_of(&s->shape);
        if (valid(polygons)) {
            compare_points(&rng, s, index, polygons, seed);
            compare_paths(&rng, s, index, polygons, seed);
            cases += POINTS_A_SHAPE;
        }
        GEOSGeom_destroy(polygons);
        mw_index_free(index);
    }
    free(s);
    printf("%llu points\n", (unsigned long long)cases);
}

/* A line in the plane around one point: what GEOS measures there is off from the ellipsoid by the change of
 * scale. */
static void line_distances_agree_with_geos(void **state)
{
    struct owned_shape *s = calloc(1, sizeof *s);
    uint32_t lines = 0;
    for (uint64_t seed = 1; lines < 300; seed++) {
        struct rng rng = {seed * 104729};
        struct mw_point middle = {rng_between(&rng, -70, 70), rng_between(&rng, -170, 170)};
        shape_random(&rng, middle, 0.01, s);
        struct mw_index *index = s->shape.kind == MW_SHAPE_CORRIDOR ? index_of(&s->shape) : NULL;
        if (index == NULL)
            continue;
        lines++;
        for (uint32_t k = 0; k < 100; k++) {
            struct mw_point p = point_random(&rng, s);
            double lat_m =
                mw_distance_m((struct mw_point){p.lat_deg - 1e-3, 0}, (struct mw_point){p.lat_deg + 1e-3, 0});
            double lon_m = mw_distance_m((struct mw_point){p.lat_deg, 0}, (struct mw_point){p.lat_deg, 2e-3});
            GEOSGeometry *point = GEOSGeom_createPointFromXY(0, 0);
            double theirs = HUGE_VAL;
            for (uint32_t part = 0; part < s->shape.part_count; part++) {
                struct mw_point plane[SHAPE_POINTS_MAX];
                for (uint32_t i = 0; i < s->parts[part].count; i++) {
                    plane[i].lat_deg = (s->points[part][i].lat_deg - p.lat_deg) * lat_m / 2e-3;
                    plane[i].lon_deg = (s->points[part][i].lon_deg - p.lon_deg) * lon_m / 2e-3;
                }
                GEOSGeometry *line =
                    sequence_of(&(struct mw_part){plane, s->parts[part].count, false}, false);
                double distance;
                GEOSDistance(line, point, &distance);
                theirs = fmin(theirs, distance);
                GEOSGeom_destroy(line);
            }
            GEOSGeom_destroy(point);
            struct mw_distance ours;
            assert_true(mw_index_distance(index, 0, p, 1e5, &ours));
            double line_m = ours.distance_m + s->shape.radius_m;
            /* The plane's scale changes by tan(lat) per radius of the Earth: twice the distance squared is
             * room. */
            double room = 1e-6 + 3 * theirs * theirs / 6.3e6 + 1e-7 * theirs;
            if (fabs(line_m - theirs) > room)
                fail_msg("seed %llu: %.9f m, not %.9f", (unsigned long long)seed, line_m, theirs);
            assert_int_equal(ours.within, mw_index_point(index, p, NULL, 0) == 1);
        }
        mw_index_free(index);
    }
    free(s);
}

static void metric_is_as_good_as_stated(void **state)
{
    struct geod_geodesic wgs84;
    geod_init(&wgs84, 6378137.0, 1 / 298.257223563);
    struct rng rng = {42};
    double worst_near = 0, worst_far = 0;
    for (uint32_t i = 0; i < 50000; i++) {
        struct mw_point a = {rng_between(&rng, -70, 70), rng_between(&rng, -175, 175)}, b;
        double length = pow(10, rng_between(&rng, 0, 5)), geodesic;
        geod_direct(&wgs84, a.lat_deg, a.lon_deg, rng_between(&rng, 0, 360), length, &b.lat_deg, &b.lon_deg,
                    NULL);
        if (fabs(b.lat_deg) > 70)
            continue;
        geod_inverse(&wgs84, a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg, &geodesic, NULL, NULL);
        double error = fabs(mw_distance_m(a, b) - geodesic);
        if (length <= 1000)
            worst_near = fmax(worst_near, error);
        else
            worst_far = fmax(worst_far, error / geodesic);
    }
    printf("worst: %.2e m up to 1 km, %.2e of the distance up to 100 km\n", worst_near, worst_far);
    /* As stated in metric.h. */
    assert_true(worst_near < 1e-3);
    assert_true(worst_far < 1e-4);
}

/* Distance to a segment as the index tells it, against the least geodesic to any of its places. */
static void distance_to_a_segment_is_geodesic(void **state)
{
    struct geod_geodesic wgs84;
    geod_init(&wgs84, 6378137.0, 1 / 298.257223563);
    struct rng rng = {43};
    double worst_near = 0, worst_far = 0;
    for (uint32_t i = 0; i < 3000; i++) {
        struct mw_point a = {rng_between(&rng, -69, 69), rng_between(&rng, -175, 175)};
        double size = pow(10, rng_between(&rng, -4, -0.7));
        struct mw_point ends[2] = {
            a, {a.lat_deg + rng_between(&rng, -size, size), a.lon_deg + rng_between(&rng, -size, size)}};
        struct mw_part part = {ends, 2, false};
        struct mw_index *index = index_of(&(struct mw_shape){MW_SHAPE_CORRIDOR, &part, 1, 1});
        struct mw_point p = {a.lat_deg + rng_between(&rng, -size, size),
                             a.lon_deg + rng_between(&rng, -size, size)};
        struct mw_distance ours;
        assert_true(index != NULL && mw_index_distance(index, 0, p, 1e6, &ours));
        double low = 0, high = 1, least = HUGE_VAL;
        for (int step = 0; step < 60; step++) {
            double t[2] = {low + (high - low) / 3, high - (high - low) / 3}, d[2];
            for (int k = 0; k < 2; k++) {
                geod_inverse(&wgs84, p.lat_deg, p.lon_deg, a.lat_deg + t[k] * (ends[1].lat_deg - a.lat_deg),
                             a.lon_deg + t[k] * (ends[1].lon_deg - a.lon_deg), &d[k], NULL, NULL);
                least = fmin(least, d[k]);
            }
            low = d[0] < d[1] ? low : t[0];
            high = d[0] < d[1] ? t[1] : high;
        }
        double error = fabs(ours.distance_m + 1 - least);
        if (least <= 1000)
            worst_near = fmax(worst_near, error);
        else
            worst_far = fmax(worst_far, error / least);
        mw_index_free(index);
    }
    printf("worst: %.2e m up to 1 km, %.2e of the distance beyond\n", worst_near, worst_far);
    /* Without the Gauss-Newton steps it is three times as far off. */
    assert_true(worst_near < 1e-5);
    assert_true(worst_far < 1.2e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polygons_agree_with_geos),
        cmocka_unit_test(line_distances_agree_with_geos),
        cmocka_unit_test(metric_is_as_good_as_stated),
        cmocka_unit_test(distance_to_a_segment_is_geodesic),
    };
    initGEOS(NULL, NULL);
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    finishGEOS();
    return result;
}
