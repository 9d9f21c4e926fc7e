#include "city.h"

#include "world_load.h"

#include <stdio.h>
#include <sysexits.h>

static void warn(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "warning: %s\n", text);
}

int city_open(struct city *city, const char *command, const char *config_path)
{
    *city = (struct city){0};
    struct problem problem;
    city->names = names_new(CITY_NAMES_MAX);
    if (!config_init(&city->config) || city->names == NULL) {
        fprintf(stderr, "%s: out of memory\n", command);
        return EX_OSERR;
    }
    struct world_load_options options = {.warn = warn};
    if (config_read_file(&city->config, config_path, &problem) &&
        world_load(&city->config, city->names, options, &city->world, &problem))
        return EX_OK;
    fprintf(stderr, "%s: %s\n", command, problem.text);
    return EX_CONFIG;
}

void city_fini(struct city *city)
{
    world_free(city->world);
    names_free(city->names);
    config_fini(&city->config);
}
