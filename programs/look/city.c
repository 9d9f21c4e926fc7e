#include "city.h"

#include "clock.h"
#include "world_load.h"

#include <stdio.h>
#include <sysexits.h>

static void warn(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "warning: %s\n", text);
}

int city_open_beside(struct city *city, struct names *names, const char *command, const char *config_path,
                     struct world_texts *texts)
{
    *city = (struct city){.names = names};
    struct problem problem;
    if (!config_init(&city->config) || names == NULL) {
        fprintf(stderr, "%s: out of memory\n", command);
        return EX_OSERR;
    }
    struct world_load_options options = {.warn = warn, .texts = texts};
    if (config_read_file(&city->config, config_path, &problem) &&
        world_load(&city->config, city->names, options, &city->world, &problem))
        return EX_OK;
    fprintf(stderr, "%s: %s\n", command, problem.text);
    return EX_CONFIG;
}

int city_open_checked(struct city *city, struct names *names, struct finding_lines *lines,
                      const char *config_path, struct world_texts *texts)
{
    *city = (struct city){.names = names};
    struct problem problem;
    if (!config_init(&city->config) || names == NULL) {
        fprintf(stderr, "%s: out of memory\n", lines->command);
        return EX_OSERR;
    }
    struct world_load_options options = {.tell = finding_lines_tell,
                                         .context = lines,
                                         .texts = texts,
                                         .doubts = true,
                                         .now_ms = clock_wall().ms};
    lines->config = config_path;
    bool ok =
        config_check_file(&city->config, config_path, (struct options_hearing){finding_lines_hear, lines});
    /* A configuration that is wrong elsewhere may name its city. */
    if (ok || city->config.city.fences.count > 0)
        ok = world_load(&city->config, city->names, options, &city->world, &problem) && ok;
    return ok ? EX_OK : EX_CONFIG;
}

int city_open(struct city *city, const char *command, const char *config_path)
{
    return city_open_beside(city, names_new(CITY_NAMES_MAX), command, config_path, NULL);
}

int city_open_empty(struct city *city, const char *command)
{
    *city = (struct city){.names = names_new(CITY_NAMES_MAX)};
    if (config_init(&city->config) && city->names != NULL)
        return EX_OK;
    fprintf(stderr, "%s: out of memory\n", command);
    return EX_OSERR;
}

void city_fini_beside(struct city *city)
{
    world_free(city->world);
    config_fini(&city->config);
}

void city_fini(struct city *city)
{
    city_fini_beside(city);
    names_free(city->names);
}
