/* Any bytes as JSON, read by json_tree and by Jansson. */
#include "json_oracle.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_oracle_check((struct text){(const char *)data, size});
    return 0;
}
