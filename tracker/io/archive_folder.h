/*
 * archive_folder: the archive's disk (archive_disk.h): a folder of SQLite files, one writer.
 */
#ifndef MW_ARCHIVE_FOLDER_H
#define MW_ARCHIVE_FOLDER_H

#include "archive_disk.h"

#include <stddef.h>

struct archive_folder;

enum archive_folder_error {
    ARCHIVE_FOLDER_OK,
    ARCHIVE_FOLDER_TAKEN, /* another one writes there */
    ARCHIVE_FOLDER_LATER, /* a file is of a later version, or no archive */
    ARCHIVE_FOLDER_FAILED,
};

/* Claims the folder, which is made where it is not, for writing, and reads every file's version. A sentence in `why` where
 * it fails. */
enum archive_folder_error archive_folder_open(const char *path, struct archive_folder **out, char *why,
                                              size_t why_size);
void archive_folder_close(struct archive_folder *folder);
/* Valid as long as the folder is open. */
const struct archive_disk *archive_folder_disk(const struct archive_folder *folder);

#endif
