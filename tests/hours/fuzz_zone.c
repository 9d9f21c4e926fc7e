/*
 * Fuzzes the reader of TZif files, and asks what it accepts: local time and instants must fit together.
 */
#include <muckwatch/zone.h>

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t instants_ms[] = {
        INT64_MIN, -1, 0, 1, INT64_C(1500000000000), INT64_C(1790810000000), INT64_C(7300000000000),
        INT64_MAX};
    struct mw_zone *zone = NULL;
    if (mw_zone_parse(data, size, &zone) != MW_ZONE_OK) {
        if (zone != NULL)
            abort();
        return 0;
    }
    for (size_t i = 0; i < sizeof instants_ms / sizeof instants_ms[0]; i++) {
        int64_t t_ms = instants_ms[i];
        struct mw_civil civil;
        mw_civil_from_ms(zone, t_ms, &civil);
        if (t_ms < -INT64_C(60000000000000) || t_ms > INT64_C(250000000000000))
            continue; /* clamped */
        int64_t local_ms = mw_zone_furthest_local_ms(zone, t_ms);
        if (mw_zone_local_to_ms(zone, local_ms) > t_ms || mw_zone_local_to_ms(zone, local_ms + 1) <= t_ms)
            abort();
    }
    mw_zone_free(zone);
    return 0;
}
