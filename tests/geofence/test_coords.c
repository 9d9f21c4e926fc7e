/* GCJ-02 and BD-09 against published places, and there and back over a grid of China. */
#include <muckwatch/coords.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double worst_deg(struct mw_point a, struct mw_point b)
{
    return fmax(fabs(a.lat_deg - b.lat_deg), fabs(a.lon_deg - b.lon_deg));
}

/* Reads the next three numbers pairs "[lon, lat]" after the key. */
static const char *read_pair(const char *text, const char *key, struct mw_point *out)
{
    const char *at = strstr(text, key);
    if (at == NULL)
        return NULL;
    char *end;
    at = strchr(at, '[') + 1;
    out->lon_deg = strtod(at, &end);
    out->lat_deg = strtod(strchr(end, ',') + 1, &end);
    return end;
}

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *text = calloc(1, 1 << 20);
    size_t length = fread(text, 1, (1 << 20) - 1, file);
    text[length] = 0;
    fclose(file);
    return text;
}

static void cities_match_other_implementations(void **state)
{
    char *text = read_all(MW_DATA_DIR "/gcj02-vectors/china-cities.json");
    if (text == NULL) {
        printf("skipped: no " MW_DATA_DIR "/gcj02-vectors\n");
        skip();
    }
    int cities = 0;
    struct mw_point wgs, gcj, bd;
    const char *at = text;
    while ((at = read_pair(at, "\"WGS84\"", &wgs)) != NULL &&
           (at = read_pair(at, "\"GCJ02\"", &gcj)) != NULL && (at = read_pair(at, "\"BD09\"", &bd)) != NULL) {
        /* The file's GCJ-02 has 7 digits and comes from a map service: it differs by up to 0.8 m. */
        assert_true(worst_deg(mw_coords_gcj02_from_wgs84(wgs), gcj) < 7.5e-6);
        assert_true(worst_deg(mw_coords_wgs84_from_gcj02(gcj), wgs) < 7.5e-6);
        assert_true(worst_deg(mw_coords_bd09_from_wgs84(wgs), bd) < 1.6e-5);
        cities++;
    }
    free(text);
    assert_int_equal(cities, 664);
}

static void published_pairs_match(void **state)
{
    static const struct {
        struct mw_point wgs, gcj, bd;
    } pairs[] = {
        {{31.1774276, 121.5272106}, {31.175303984, 121.531541859}, {31.181328607, 121.538015686}},
        {{22.543847, 113.912316}, {22.540796132, 113.917176481}, {22.546667438, 113.923684729}},
        {{39.911954, 116.377817}, {39.913345455, 116.384047225}, {39.919575551, 116.390454713}},
        {{43.8256, 87.6168}, {43.826805393, 87.619649949}, {43.832949795, 87.626099771}},
        {{35.0, 105.0}, {34.999098632, 105.003286241}, {35.005403668, 105.009666828}},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_true(worst_deg(mw_coords_gcj02_from_wgs84(pairs[i].wgs), pairs[i].gcj) < 1e-9);
        assert_true(worst_deg(mw_coords_bd09_from_wgs84(pairs[i].wgs), pairs[i].bd) < 1e-9);
        assert_true(worst_deg(mw_coords_wgs84_from_gcj02(pairs[i].gcj), pairs[i].wgs) < 2e-9);
        assert_true(worst_deg(mw_coords_wgs84_from_bd09(pairs[i].bd), pairs[i].wgs) < 2e-9);
    }
}

static void there_and_back_is_nothing(void **state)
{
    double worst = 0;
    for (double lat = 18; lat <= 54; lat += 0.3) {
        for (double lon = 74; lon <= 135; lon += 0.3) {
            struct mw_point p = {lat, lon};
            worst = fmax(worst, worst_deg(mw_coords_wgs84_from_gcj02(mw_coords_gcj02_from_wgs84(p)), p));
            worst = fmax(worst, worst_deg(mw_coords_wgs84_from_bd09(mw_coords_bd09_from_wgs84(p)), p));
        }
    }
    assert_true(worst < 1e-10);
}

static void outside_china_is_identity(void **state)
{
    static const struct mw_point places[] = {
        {45, 183}, {40.72, -74.04}, {52.66, -8.63}, {-33.9, 151.2}, {0, 0}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        assert_true(worst_deg(mw_coords_gcj02_from_wgs84(places[i]), places[i]) == 0);
        assert_true(worst_deg(mw_coords_wgs84_from_gcj02(places[i]), places[i]) == 0);
        assert_true(worst_deg(mw_coords_bd09_from_wgs84(places[i]), places[i]) == 0);
        assert_true(worst_deg(mw_coords_wgs84_from_bd09(places[i]), places[i]) == 0);
    }
}

/* Latitude 0.8293 to 55.8271, longitude 72.004 to 137.8347. */
static void the_box_of_china_is_that_of_all_others(void **state)
{
    static const struct {
        struct mw_point inside, outside;
    } sides[] = {{{0.8294, 104}, {0.8292, 104}},
                 {{55.8270, 104}, {55.8272, 104}},
                 {{30, 72.0041}, {30, 72.0039}},
                 {{30, 137.8346}, {30, 137.8348}}};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        assert_true(worst_deg(mw_coords_gcj02_from_wgs84(sides[i].inside), sides[i].inside) > 1e-5);
        assert_true(worst_deg(mw_coords_gcj02_from_wgs84(sides[i].outside), sides[i].outside) == 0);
        assert_true(worst_deg(mw_coords_bd09_from_gcj02(sides[i].inside), sides[i].inside) > 1e-3);
        assert_true(worst_deg(mw_coords_bd09_from_gcj02(sides[i].outside), sides[i].outside) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cities_match_other_implementations),
        cmocka_unit_test(published_pairs_match),
        cmocka_unit_test(there_and_back_is_nothing),
        cmocka_unit_test(outside_china_is_identity),
        cmocka_unit_test(the_box_of_china_is_that_of_all_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
