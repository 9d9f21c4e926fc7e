/* Any bytes as a line of recorded fixes. */
#include "fix_json.h"
#include "vehicle_id.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fix_line line;
    enum fix_error error = fix_line_read((struct text){(const char *)data, size}, &line);
    if (error != line.item.error || (error == FIX_OK && !vehicle_id_valid(line.vehicle)))
        abort();
    return 0;
}
