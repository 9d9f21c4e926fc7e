/* Any bytes as a payload: the walk ends, items lie within it in order, and a good item reads the same on its
 * own. */
#include "fix_json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_alone(const struct fix_item *item)
{
    struct fix_reader reader;
    struct fix_item again;
    fix_reader_init(&reader, item->json);
    require(fix_reader_next(&reader, &again));
    require(again.error == FIX_OK && again.fix.time.ms == item->fix.time.ms &&
            again.fix.has == item->fix.has);
    require(memcmp(&again.fix.lat_deg, &item->fix.lat_deg, sizeof(double)) == 0 &&
            again.fix.seq == item->fix.seq);
    require(!fix_reader_next(&reader, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text payload = {(const char *)data, size};
    const char *at = payload.data;
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, payload);
    while (fix_reader_next(&reader, &item)) {
        const struct fix *f = &item.fix;
        require(item.json.data >= at && item.json.data + item.json.len <= payload.data + payload.len);
        at = item.json.data + item.json.len;
        require(item.field != NULL && (unsigned)item.error < FIX_ERROR_COUNT);
        if (fix_has(f, FIX_HAS_SEQ))
            require(f->seq >= 1 && f->seq <= FIX_SEQ_MAX && f->boot.len >= 1 && f->boot.len <= FIX_BOOT_MAX);
        if (item.error != FIX_OK) {
            require((f->has & ~FIX_HAS_SEQ) == 0);
            continue;
        }
        require(f->time.ms >= FIX_TIME_MIN_MS && f->time.ms < FIX_TIME_END_MS);
        require(!fix_has(f, FIX_HAS_POSITION) ||
                (f->lat_deg >= -90 && f->lat_deg <= 90 && f->lon_deg >= -180 && f->lon_deg <= 180));
        require(!fix_has(f, FIX_HAS_TRACK) || (f->track_deg >= 0 && f->track_deg < 360));
        check_alone(&item);
    }
    return 0;
}
