/* What must not matter does not: where a ring starts, which way it runs, the order of fences, how far the
 * cells reach. And real shapes: zones of a city with what GEOS said of a day's fixes, routes of another. */
#include "shapes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FENCES 40

struct pair {
    struct owned_shape plain[FENCES], changed[FENCES];
    uint32_t place[FENCES]; /* of the plain fence among the changed ones */
    uint32_t count;
};

/* Rotates and perhaps reverses every ring; reverses no line, since that changes its progress. */
static void change_shape(struct rng *rng, const struct owned_shape *from, struct owned_shape *to)
{
    *to = *from;
    to->shape.parts = to->parts;
    for (uint32_t p = 0; p < from->shape.part_count; p++) {
        to->parts[p].points = to->points[p];
        uint32_t count = from->parts[p].count - 1, start = rng_below(rng, count ? count : 1);
        bool reversed = rng_below(rng, 2);
        for (uint32_t i = 0; from->shape.kind == MW_SHAPE_POLYGON && i <= count; i++) {
            uint32_t at = reversed ? (start + count - i) % count : (start + i) % count;
            to->points[p][i] = from->points[p][at];
        }
    }
}

static struct mw_index *build(const struct owned_shape *shapes, uint32_t count, bool with_far_circle)
{
    struct mw_builder *builder = mw_builder_new();
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(mw_builder_add(builder, &shapes[i].shape, NULL, NULL), MW_OK);
    if (with_far_circle) { /* the root square grows to half the globe, and with it all cells move */
        struct mw_point far = {-60, -120};
        struct mw_part part = {&far, 1, false};
        assert_int_equal(
            mw_builder_add(builder, &(struct mw_shape){MW_SHAPE_CIRCLE, &part, 1, 10}, NULL, NULL), MW_OK);
    }
    struct mw_index *index;
    assert_int_equal(mw_builder_build(builder, &index), MW_OK);
    mw_builder_free(builder);
    return index;
}

static void make_pair(struct rng *rng, struct pair *pair)
{
    struct mw_builder *builder = mw_builder_new();
    for (pair->count = 0; pair->count < FENCES;) {
        struct mw_point at = {31 + rng_between(rng, -0.1, 0.1), 121 + rng_between(rng, -0.1, 0.1)};
        shape_random(rng, at, pow(10, rng_between(rng, -4, -0.7)), &pair->plain[pair->count]);
        pair->count += mw_builder_add(builder, &pair->plain[pair->count].shape, NULL, NULL) == MW_OK;
    }
    mw_builder_free(builder);
    for (uint32_t i = 0; i < FENCES; i++)
        pair->place[i] = i;
    for (uint32_t i = FENCES - 1; i > 0; i--) {
        uint32_t j = rng_below(rng, i + 1), swap = pair->place[i];
        pair->place[i] = pair->place[j];
        pair->place[j] = swap;
    }
    for (uint32_t i = 0; i < FENCES; i++)
        change_shape(rng, &pair->plain[i], &pair->changed[pair->place[i]]);
}

static uint64_t held_mask(const struct mw_index *index, struct mw_point p, const uint32_t *place)
{
    uint32_t fences[FENCES + 1];
    uint64_t mask = 0;
    size_t count = mw_index_point(index, p, fences, FENCES + 1);
    for (size_t i = 0; i < count; i++) {
        if (i)
            assert_true(fences[i] > fences[i - 1]);
        mask |= 1ull << (place != NULL ? place[fences[i]] : fences[i]);
    }
    return mask;
}

static void changes_change_nothing(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    for (uint64_t seed = 1; seed <= 25; seed++) {
        struct rng rng = {seed};
        make_pair(&rng, pair);
        struct mw_index *plain = build(pair->plain, FENCES, false),
                        *changed = build(pair->changed, FENCES, false);
        struct mw_index *moved = build(pair->plain, FENCES, true);
        for (int i = 0; i < 1500; i++) {
            uint32_t fence = rng_below(&rng, FENCES);
            struct mw_point p = point_random(&rng, &pair->plain[fence]);
            uint64_t held = held_mask(plain, p, pair->place);
            struct mw_distance a, b, c;
            if (held != held_mask(changed, p, NULL) || held_mask(plain, p, NULL) != held_mask(moved, p, NULL))
                fail_msg("seed %llu: differs at %.17g %.17g", (unsigned long long)seed, p.lat_deg, p.lon_deg);
            bool told = mw_index_distance(plain, fence, p, 5000, &a);
            assert_int_equal(told, mw_index_distance(changed, pair->place[fence], p, 5000, &b));
            assert_int_equal(told, mw_index_distance(moved, fence, p, 5000, &c));
            assert_true(!told || (fabs(a.distance_m - b.distance_m) < 1e-6 && a.distance_m == c.distance_m));
        }
        mw_index_free(plain);
        mw_index_free(changed);
        mw_index_free(moved);
    }
    free(pair);
}

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("skipped: no %s\n", path);
        return NULL;
    }
    size_t cap = (size_t)4 << 20;
    char *text = calloc(1, cap);
    text[fread(text, 1, cap - 1, file)] = 0;
    fclose(file);
    return text;
}

/* One ring a feature in this file: numbers in pairs, longitude first. */
static uint32_t add_zones(struct mw_builder *builder, const char *text, char names[][32])
{
    static struct mw_point points[2000];
    uint32_t zones = 0;
    for (const char *at = strstr(text, "\"name\""); at != NULL; at = strstr(at, "\"name\"")) {
        sscanf(at, "\"name\": \"%31[^\"]", names[zones]);
        const char *next = strstr(at + 1, "\"name\"");
        struct mw_part part = {points, 0, false};
        double lon, lat;
        for (at = strchr(strstr(at, "\"coordinates\""), '['); at != NULL && (next == NULL || at < next);
             at = strchr(at + 1, '['))
            if (sscanf(at, "[ %lf , %lf", &lon, &lat) == 2)
                points[part.count++] = (struct mw_point){lat, lon};
        assert_int_equal(
            mw_builder_add(builder, &(struct mw_shape){MW_SHAPE_POLYGON, &part, 1, 0}, NULL, NULL), MW_OK);
        zones++;
        at = next;
        if (at == NULL)
            break;
    }
    return zones;
}

static void zones_of_a_city_hold_what_geos_said(void **state)
{
    char *zones_text = read_all(MW_DATA_DIR "/jersey-city-garbage/zones.geojson");
    char *fixes = read_all(MW_DATA_DIR "/jersey-city-garbage/fixes.ndjson");
    char *oracle = read_all(MW_DATA_DIR "/jersey-city-garbage/oracle.tsv");
    if (zones_text == NULL || fixes == NULL || oracle == NULL)
        skip();
    static char names[64][32];
    struct mw_builder *builder = mw_builder_new();
    assert_int_equal(add_zones(builder, zones_text, names), 8);
    struct mw_index *index;
    assert_int_equal(mw_builder_build(builder, &index), MW_OK);
    mw_builder_free(builder);
    uint32_t inside = 0, lines = 0;
    for (char *at = fixes; (at = strstr(at, "\"lat\"")) != NULL; at++, lines++) {
        struct mw_point p;
        assert_int_equal(sscanf(at, "\"lat\": %lf, \"lon\": %lf", &p.lat_deg, &p.lon_deg), 2);
        inside += mw_index_point(index, p, NULL, 0) > 0;
    }
    assert_int_equal(lines, 9744);
    assert_int_equal(inside, 3130); /* as the oracle's README counts */
    mw_index_free(index);
    free(zones_text);
    free(fixes);
    free(oracle);
}

/* Every stop lies on its own route, at a progress that never falls by more than the route's own turns
 * explain. */
static void routes_of_a_city_load_and_hold_their_stops(void **state)
{
    char *text = read_all(MW_DATA_DIR "/tainan-garbage-routes/routes.ndjson");
    if (text == NULL)
        skip();
    static struct mw_point points[2000];
    struct mw_builder *builder = mw_builder_new();
    uint32_t routes = 0, refused = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        struct mw_part part = {points, 0, false};
        for (char *at = line; (at = strstr(at, "\"lat\": ")) != NULL; at++) {
            struct mw_point p;
            if (sscanf(at, "\"lat\": %lf, \"lon\": %lf", &p.lat_deg, &p.lon_deg) == 2)
                points[part.count++] = p;
        }
        enum mw_error error =
            mw_builder_add(builder, &(struct mw_shape){MW_SHAPE_CORRIDOR, &part, 1, 40}, NULL, NULL);
        routes += error == MW_OK;
        refused += error == MW_BAD_SHAPE;
    }
    struct mw_index *index;
    assert_int_equal(mw_builder_build(builder, &index), MW_OK);
    mw_builder_free(builder);
    for (uint32_t route = 0; route < routes; route++) {
        for (uint32_t i = 0; i < mw_index_part_count(index, route, 0, NULL); i++) {
            uint32_t fences[512];
            size_t count = mw_index_point(index, mw_index_part_point(index, route, 0, i), fences, 512);
            bool own = false;
            for (size_t k = 0; k < count && k < 512; k++)
                own = own || fences[k] == route;
            assert_true(own);
        }
    }
    printf("%u routes, %u refused\n", routes, refused);
    assert_true(routes > 350);
    mw_index_free(index);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_change_nothing),
        cmocka_unit_test(zones_of_a_city_hold_what_geos_said),
        cmocka_unit_test(routes_of_a_city_load_and_hold_their_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
