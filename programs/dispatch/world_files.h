/*
 * world_files: the files that make a world, as the tracker's configuration names them, with their bytes.
 *
 * Those that the configuration names below `now` of the folder of versions (version_folder.h) can be changed, under the last part of
 * their path; the others are shown. The tag is a hash of all names and bytes: another one, and somebody has changed something. Blocks on
 * files; for the thread.
 */
#ifndef MW_WORLD_FILES_H
#define MW_WORLD_FILES_H

#include "buf.h"
#include "config.h"
#include "problem.h"

#include <stdint.h>

enum { WORLD_FILES_MAX = 64, WORLD_TAG_SIZE = 64 };
#define WORLD_FILE_MAX ((size_t)64 << 20)

struct world_file_row {
    const char *kind; /* "fences", "fleet", "calendar", "school_calendar" */
    struct text path; /* as the configuration has it */
    struct text name; /* empty: it cannot be changed */
    struct buf bytes;
    bool put; /* the bytes are those that are to take their place */
};

struct world_files {
    struct config config;
    struct world_file_row rows[WORLD_FILES_MAX];
    size_t count;
    uint64_t version; /* in use; 0: none */
    char tag[WORLD_TAG_SIZE];
};

/* world_files_fini is due either way. `dir` may be empty: then none can be changed. */
bool world_files_read(struct world_files *files, const char *config_path, const char *dir,
                      struct problem *out_problem);
void world_files_fini(struct world_files *files);

/* NULL: there is none of that name that can be changed. */
struct world_file_row *world_files_find(struct world_files *files, struct text name);
/* For world_load_options.read. */
bool world_files_say(void *files, const char *path, struct buf *out, struct problem *out_problem);

#endif
