/* Any bytes as an OwnTracks message. */
#include "owntracks.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fix_item item;
    if (owntracks_read((struct text){(const char *)data, size}, &item) && item.error != FIX_OK &&
        item.fix.has != 0)
        abort();
    return 0;
}
