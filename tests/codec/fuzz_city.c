#include "fuzz_city.h"

#include <stdlib.h>

void fuzz_city(const uint8_t *data, size_t size, bool (*load)(struct city_load *load, struct text bytes),
               void (*check)(struct city_load *load, struct text bytes))
{
    struct problem problem = {""};
    struct names *names = names_new(100000);
    struct mw_calendar *calendar = mw_calendar_new();
    struct city_load city = {.file = TEXT("f.json"), .problem = &problem, .calendar = calendar};
    city.builder = world_builder_new(names);
    city_load_init(&city);
    if (names == NULL || calendar == NULL || city.builder == NULL)
        abort();
    world_builder_calendar(city.builder, calendar);
    if (load(&city, (struct text){(const char *)data, size})) {
        struct world *world;
        struct world_error error;
        if (check != NULL)
            check(&city, (struct text){(const char *)data, size});
        if (world_builder_build(city.builder, &world, &error) == WORLD_OK)
            world_free(world);
    } else if (problem.text[0] == '\0') {
        abort();
    }
    world_builder_free(city.builder);
    names_free(names);
    city_load_fini(&city);
}
