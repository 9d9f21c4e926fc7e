/* Any bytes as a fleet file. */
#include "fleet_json.h"
#include "fuzz_city.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_city(data, size, fleet_json_load, NULL);
    return 0;
}
