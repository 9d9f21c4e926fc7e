/* city_files: a city's files in a folder of their own, for tests of what loads them. */
#ifndef MW_TEST_CITY_FILES_H
#define MW_TEST_CITY_FILES_H

#include "world_load.h"

/* A folder below /tmp that has nothing in it; files are written into it and it goes with city_files_fini. */
struct city_files {
    char dir[64];
};

void city_files_init(struct city_files *files);
void city_files_write(const struct city_files *files, const char *name, const char *text);
void city_files_fini(struct city_files *files);

/*
 * Loads the city whose configuration is `yaml`, with paths relative to the folder. NULL and the problem, the
 * folder's name taken out of it, when that fails. Warnings are counted, and the last kept, in the globals
 * below.
 */
struct world *city_files_load(const struct city_files *files, const char *yaml, struct names *names,
                              struct world_texts *texts, struct problem *out_problem);

/* The same for any bytes. */
void city_files_write_bytes(const struct city_files *files, const char *name, const void *bytes,
                            size_t count);

/*
 * Looks for all that is wrong or doubtful, as of a time; whether the city can be put in force. What was told
 * stands in `city_told`, a line each, warnings with "warning: " in front, and as JSON in `city_told_json`.
 */
bool city_files_check(const struct city_files *files, const char *yaml, int64_t now_ms);

extern char city_told[1 << 19], city_told_json[1 << 19];
extern unsigned city_warnings;
extern char city_last_warning[640];

#endif
