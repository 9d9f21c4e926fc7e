/* Any bytes as a fence file. */
#include "fuzz_city.h"
#include "geojson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_city(data, size, geojson_load);
    return 0;
}
