/*
 * Outlines against the engine: a point that is farther from a fence's border than a pixel is in the outline exactly if the engine says that
 * it is in the fence. Random fences, as hard as those the index is tried by.
 */
#include "../cmocka_all.h"
#include "../geofence/shapes.h"
#include "fence_outline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPES = 400, POINTS = 120, RINGS_MAX = 4096, CORNERS_MAX = 400000 };

struct ring {
    size_t first, count;
    bool outer; /* begins a polygon */
};

static struct mw_point corners[CORNERS_MAX];
static struct ring rings[RINGS_MAX];
static size_t ring_count, corner_count;

/* The rings of a geometry: each "[[x,y]…]" whose elements are positions; "[[[" begins a polygon. */
static void read_rings(const char *text)
{
    ring_count = corner_count = 0;
    for (const char *p = text; *p != '\0';) {
        if (p[0] == '[' && (p[1] == '-' || (p[1] >= '0' && p[1] <= '9'))) {
            char *end;
            if (ring_count == 0 || p[-1] == '[')
                rings[ring_count++] = (struct ring){corner_count, 0, p[-2] == '['};
            assert_true(ring_count < RINGS_MAX && corner_count < CORNERS_MAX);
            double lon = strtod(p + 1, &end);
            corners[corner_count++] = (struct mw_point){strtod(end + 1, &end), lon};
            rings[ring_count - 1].count++;
            p = end;
        } else {
            p++;
        }
    }
}

static bool holds(struct mw_point at)
{
    bool in = false;
    for (size_t r = 0; r < ring_count; r++) {
        if (rings[r].outer && in)
            return true;
        for (size_t i = 0, j = rings[r].count - 1; i < rings[r].count; j = i++) {
            struct mw_point a = corners[rings[r].first + i], b = corners[rings[r].first + j];
            if ((a.lat_deg > at.lat_deg) != (b.lat_deg > at.lat_deg) &&
                at.lon_deg <
                    a.lon_deg + (b.lon_deg - a.lon_deg) * (at.lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg))
                in = !in;
        }
    }
    return in;
}

static void compare(const struct mw_index *index, struct rng *rng, const struct owned_shape *shape,
                    double pixel_m, unsigned *out_compared)
{
    double allowed_m = pixel_m * 2 + 0.5 + mw_index_fence_info(index, 0).radius_m * 0.01;
    for (int i = 0; i < POINTS; i++) {
        struct mw_point at = point_random(rng, shape);
        struct mw_distance d;
        bool near = mw_index_distance(index, 0, at, 1e6, &d);
        if (near && fabs(d.distance_m) <= allowed_m)
            continue;
        if (holds(at) != (near && d.within))
            fail_msg("%.7f %.7f is %s, %.2f m from the border", at.lat_deg, at.lon_deg,
                     near && d.within ? "inside" : "outside", near ? d.distance_m : 1e6);
        ++*out_compared;
    }
}

static void test_outlines(void **state)
{
    struct rng rng = {20260508};
    static struct owned_shape shape;
    struct outliner *o = outliner_new();
    struct buf out;
    unsigned made = 0, kinds[4] = {0}, compared = 0;
    buf_init(&out, (size_t)64 << 20);
    assert_non_null(o);
    while (made < SHAPES) {
        const struct mw_point middle = {rng_between(&rng, -60, 60), rng_between(&rng, -170, 170)};
        struct mw_builder *builder = mw_builder_new();
        struct mw_index *index;
        uint32_t fence;
        shape_random(&rng, middle, 0.05, &shape);
        bool added = mw_builder_add(builder, &shape.shape, &fence, NULL) == MW_OK;
        if (added && shape.shape.radius_m < 3000) {
            assert_int_equal(mw_builder_build(builder, &index), MW_OK);
            for (double pixel_m = 0.01; pixel_m < 100; pixel_m *= 100) {
                struct json_writer w;
                buf_clear(&out);
                json_writer_init(&w, &out);
                json_write_begin_object(&w);
                assert_true(outline_write(o, index, 0, pixel_m, &w));
                json_write_end_object(&w);
                buf_put_char(&out, '\0');
                assert_true(buf_ok(&out));
                char *line = strstr(out.data, ",\"line\":");
                assert_non_null(line);
                assert_int_equal(shape.shape.kind == MW_SHAPE_POLYGON, strncmp(line + 8, "null", 4) == 0);
                *line = '\0';
                read_rings(out.data);
                assert_true(ring_count > 0);
                compare(index, &rng, &shape, pixel_m, &compared);
            }
            mw_index_free(index);
            kinds[shape.shape.kind]++;
            made++;
        }
        mw_builder_free(builder);
    }
    printf("%u polygons, %u circles, %u corridors, %u points\n", kinds[1], kinds[2], kinds[3], compared);
    assert_true(kinds[1] > 20 && kinds[2] > 20 && kinds[3] > 20 && compared > SHAPES * POINTS / 4);
    buf_fini(&out);
    outliner_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_outlines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
