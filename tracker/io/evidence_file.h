/*
 * evidence_file: files of the keeper of evidence, put whole: there with all their bytes, on the disk, or not there.
 */
#ifndef MW_EVIDENCE_FILE_H
#define MW_EVIDENCE_FILE_H

#include "buf.h"

#include <stdbool.h>

/* Makes the file, and the folders above it, below `root`. One that is there gives way at once. `mode` is its own. False: errno
 * says why, and what was there is there. */
bool evidence_file_put(const char *root, const char *path, struct text bytes, unsigned mode);
/* Appends all of it. False with errno: ENOENT where there is none, EFBIG where it does not fit. */
bool evidence_file_get(const char *root, const char *path, struct buf *out);
/* False only where it is there and cannot be taken away. */
bool evidence_file_drop(const char *root, const char *path);
/* Makes the folders of a path, and of `path` itself where it ends with a slash, and has them on the disk. */
bool evidence_file_folders(const char *root, const char *path);

#endif
