/* Any bytes as the record of a world, under their right name: a world with that name, or a reason. */
#include "ruleset.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problem problem = {""};
    struct world *world = NULL;
    char name[RULESET_NAME_SIZE];
    struct text canonical = {(const char *)data, size};
    struct names *names = names_new(100000);
    if (names == NULL)
        abort();
    ruleset_name(canonical, name);
    bool loaded = ruleset_load(canonical, text_of(name), names, &world, &problem);
    if (loaded ? strcmp(world->hash, name) != 0 : problem.text[0] == '\0')
        abort();
    if (loaded)
        world_free(world);
    names_free(names);
    return 0;
}
