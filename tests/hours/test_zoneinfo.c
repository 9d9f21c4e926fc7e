/* Zones by name: what is let through to the file system, and what is not. */
#include "cmocka_all.h"

#include <muckwatch/zone.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zoneinfo.h"

static void zones_by_name(void **state)
{
    static const char *const good[] = {"Asia/Shanghai", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"};
    static const char *const bad[] = {
        "",
        "/etc/passwd",
        "../passwd",
        "Asia/../UTC",
        "Asia//Shanghai",
        "Asia/",
        "Asia.",
        "Asia Shang",
        "Asia\n",
        "Asia/\xe4\xb8\x8a",
        "Asia/Shanghai/This_name_is_longer_than_any_zone_of_the_database_ever_was"};
    static const char *const missing[] = {"Asia/Nowhere", "Shanghai"};
    struct mw_zone *zone = NULL;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (zoneinfo_load(ZONEINFO_DIR, good[i], &zone) != ZONEINFO_OK)
            fail_msg("%s does not load", good[i]);
        mw_zone_free(zone);
    }
    zone = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(zoneinfo_load(ZONEINFO_DIR, bad[i], &zone), ZONEINFO_BAD_NAME);
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
        assert_int_equal(zoneinfo_load(ZONEINFO_DIR, missing[i], &zone), ZONEINFO_NOT_FOUND);
    assert_int_equal(zoneinfo_load(ZONEINFO_DIR, "Asia", &zone), ZONEINFO_BROKEN); /* a folder */
    assert_null(zone);
    for (int status = ZONEINFO_OK; status <= ZONEINFO_NO_MEMORY; status++)
        assert_true(strlen(zoneinfo_status_text((enum zoneinfo_status)status)) > 0);
}

static void shanghai_since_1992(void **state)
{
    struct mw_zone *zone = NULL;
    assert_int_equal(zoneinfo_load(ZONEINFO_DIR, "Asia/Shanghai", &zone), ZONEINFO_OK);
    for (int64_t t_ms = INT64_C(694195200000); t_ms < INT64_C(7258000000000); t_ms += INT64_C(7) * MW_DAY_MS)
        assert_int_equal(mw_zone_offset_s(zone, t_ms), 8 * 3600);
    mw_zone_free(zone);
}

static void other_files_are_broken(void **state)
{
    char dir[] = "/tmp/zoneinfo.XXXXXX", path[64];
    struct mw_zone *zone = NULL;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/Large", dir);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (int i = 0; i < 70000; i++)
        putc('T', f);
    fclose(f);
    assert_int_equal(zoneinfo_load(dir, "Large", &zone), ZONEINFO_BROKEN);
    assert_null(zone);
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_by_name),
        cmocka_unit_test(shanghai_since_1992),
        cmocka_unit_test(other_files_are_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
