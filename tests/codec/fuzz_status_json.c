/* Any bytes as a unit's status: read or refused, and what is read lies within the payload. */
#include "fix.h"
#include "status_json.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t ranges[STATUS_RANGES_MAX][2];
    struct unit_status s;
    struct text payload = {(const char *)data, size};
    if (!status_read(payload, ranges, &s))
        return 0;
    if (s.skipped_count > STATUS_RANGES_MAX || s.boot.len > FIX_BOOT_MAX ||
        (s.boot.len > 0 && (s.boot.data < payload.data || s.boot.data + s.boot.len > payload.data + size)))
        abort();
    return 0;
}
