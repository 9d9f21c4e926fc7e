/*
 * city: what the commands share that read a configuration and its city: loading it, and saying why not.
 */
#ifndef MW_CITY_H
#define MW_CITY_H

#include "config.h"
#include "finding_lines.h"
#include "names.h"
#include "world.h"
#include "world_load.h"

/* As many identifiers as a process can know: vehicles, fences, permits, companies. */
#define CITY_NAMES_MAX 16777216u

struct city {
    struct config config;
    struct names *names;
    struct world *world;
};

/* Reads the configuration and builds its world. EX_OK, or EX_CONFIG and the reason on stderr. Warnings go
 * there too. city_fini is due either way. */
int city_open(struct city *city, const char *command, const char *config_path);
/* No city yet: names, into which others can be loaded. EX_OK or EX_OSERR. */
int city_open_empty(struct city *city, const char *command);
void city_fini(struct city *city);
/* The same with names that belong to somebody else, so that two cities can be told apart and compared, and
 * with the texts of the world if they are wanted. */
int city_open_beside(struct city *city, struct names *names, const char *command, const char *config_path,
                     struct world_texts *texts);
/* The same for a check: all that is wrong or doubtful is told, of all files. */
int city_open_checked(struct city *city, struct names *names, struct finding_lines *lines,
                      const char *config_path, struct world_texts *texts);
void city_fini_beside(struct city *city);

#endif
