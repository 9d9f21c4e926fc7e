/*
 * version_folder: a few files that belong together, and what they were before.
 *
 *     DIR/12/fences.geojson  DIR/12/fleet.json  DIR/12/about     a version: whole, and never touched again
 *     DIR/now ──► 12                                             the one that is in use: a link, and all that readers name
 *     DIR/asked                                                  a change that is not settled yet, in a few words
 *
 * All files of a version come into use by one rename, that of the link, so whoever opens a file below `now` has it whole, and two
 * that are opened behind it are of one version. A version is there from the moment its folder has its name, and that it has
 * when all its bytes are on the disk. What a kill leaves behind has other names (`.part`) and goes with the next version.
 *
 * Everything blocks for as long as the disk takes; not for the loop. One writer.
 */
#ifndef MW_VERSION_FOLDER_H
#define MW_VERSION_FOLDER_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { VERSION_NAME_MAX = 128, VERSION_WHY_MAX = 256, VERSIONS_MAX = 1024, VERSION_ABOUT_MAX = 4096 };
#define VERSION_ABOUT "about"

struct version_file {
    struct text name; /* no slash, no dot in front, not `about` */
    struct text bytes;
};

/* Whether a file can be called so. */
bool version_name_valid(struct text name);

/* The version in use; 0: `now` is none of ours, or not there. */
uint64_t version_folder_now(const char *dir);
/* Their numbers, the newest first; how many. */
size_t version_folder_list(const char *dir, uint64_t out[VERSIONS_MAX]);
/* Appends a file of a version. */
bool version_folder_read(const char *dir, uint64_t number, struct text name, struct buf *out);

/* A new version, which is not in use yet: its number; 0, and why not. */
uint64_t version_folder_put(const char *dir, const struct version_file *files, size_t count,
                            char why[VERSION_WHY_MAX]);
/* Has this one used from now on. */
bool version_folder_use(const char *dir, uint64_t number, char why[VERSION_WHY_MAX]);
/* Lets go of all but the newest `kept` and the one in use. */
void version_folder_trim(const char *dir, size_t kept);

/* Keeps a few words over a kill; empty: there are none any more. */
bool version_folder_ask(const char *dir, struct text words, char why[VERSION_WHY_MAX]);
/* False: there are none. */
bool version_folder_asked(const char *dir, struct buf *out);

#endif
