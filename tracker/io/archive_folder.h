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
    ARCHIVE_FOLDER_DISK,  /* the disk is full, or fails: later it may not */
    ARCHIVE_FOLDER_FAILED,
};

/* Claims the folder, which is made where it is not, for writing, and reads every file's version. A sentence in `why` where
 * it fails. */
enum archive_folder_error archive_folder_open(const char *path, struct archive_folder **out, char *why,
                                              size_t why_size);
/* To be read, beside who writes; nothing is made or claimed. */
enum archive_folder_error archive_folder_look(const char *path, struct archive_folder **out, char *why,
                                              size_t why_size);
void archive_folder_close(struct archive_folder *folder);
/* What figures are kept by (docs/ARCHIVE.md, "Figures"). Where the folder has others, those of tracks are made anew; where it
 * has none, or `anew`, all are: by what is due, as it comes. False, and the disk says why. */
struct archive_figure_settings {
    struct text timezone;
    int64_t ends_ms, gap_ms;
};
bool archive_folder_keep_figures(struct archive_folder *folder,
                                 const struct archive_figure_settings *settings, bool anew);
/* Valid as long as the folder is open. */
const struct archive_disk *archive_folder_disk(const struct archive_folder *folder);

/* What is told of a file, or of a part of it: NULL, it is whole; else what is wrong. False ends it. */
typedef bool archive_folder_tell(void *arg, const char *file, const char *wrong);
/* How much of all there is has been read. */
typedef void archive_folder_progress(void *arg, double share);
/* Reads every file, beside who writes: SQLite's own structure, and each chunk by its hash. False where something is wrong
 * or cannot be read. */
bool archive_folder_verify(const char *path, archive_folder_tell *tell, archive_folder_progress *progress,
                           void *arg);
/* Copies every file into a folder that is made, beside who writes; the city's last, since it is the one that the store is
 * measured by. A file that is there already is not written over. */
bool archive_folder_backup(const char *path, const char *to, archive_folder_tell *tell, void *arg);

#endif
