/* Any bytes as a configuration: read, or refused with a reason. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config;
    struct problem problem = {""};
    if (config_init(&config)) {
        bool read = config_read(&config, TEXT("f.yaml"), (struct text){(const char *)data, size}, &problem);
        if (!read && problem.text[0] == '\0')
            abort();
    }
    config_fini(&config);
    return 0;
}
