/*
 * archive_folder_state: what the files that make up archive_folder share. Private to them.
 */
#ifndef MW_ARCHIVE_FOLDER_STATE_H
#define MW_ARCHIVE_FOLDER_STATE_H

#include "archive_folder.h"
#include "array.h"
#include "press.h"
#include "sqlite.h"

enum { FOLDER_FILES_MAX = 48, FOLDER_FILES_WRITTEN = 8, FOLDER_PATH_MAX = 4096, FOLDER_WHY_MAX = 512 };

struct folder_file {
    struct sqlite *db;             /* NULL: free */
    struct press *press, *passing; /* of a day: with its dictionary; the latter for its tail */
    int32_t file;
    uint64_t used;
};

/* A day that may have chunks that figures lack, and the vehicle that was looked at last. */
struct folder_waiting {
    int32_t day;
    char after[72];
};

struct archive_folder {
    bool reads; /* and never writes: another may */
    char path[FOLDER_PATH_MAX - 64];
    int folder, lock;
    struct folder_file files[FOLDER_FILES_MAX];
    uint64_t uses;
    struct folder_waiting *waiting;
    size_t waiting_count, waiting_cap;
    struct press *plain, *passing; /* the latter for what waits in memory */
    struct archive_press press;    /* by it */
    struct buf packed, packed_places, lines, places;
    char why[FOLDER_WHY_MAX];
    int error; /* errno of what failed last, where it was the disk */
    struct archive_disk disk;
};

/* ---- archive_folder.c ---- */
/* An open file, which is made where it is not. NULL, and `why` says a sentence. */
struct folder_file *folder_file(struct archive_folder *f, int32_t file);
/* False, with what SQLite said of this file. */
bool folder_failed(struct archive_folder *f, const struct folder_file *file);
bool folder_says(struct archive_folder *f, bool ok, const struct folder_file *file);
/* Days with a file, in order. The list is to be freed; false without memory or where the folder cannot be read. */
bool folder_days(struct archive_folder *f, int32_t **out_days, size_t *out_count);
void folder_name(int32_t day, char out[32]);
/* A question to one file; NULL, with a sentence, where it cannot be asked. */
struct sqlite_query *folder_ask(struct archive_folder *f, int32_t number, const char *literal,
                                struct folder_file **out);
/* An open file is closed. */
void folder_shut(struct folder_file *file);
/* For what waits in memory; *out is to be freed, and NULL without memory. */
struct archive_press folder_press(struct press **out);
extern const char track_dictionary[];
extern const size_t track_dictionary_len;

/* ---- archive_folder_figures.c ---- */
/* What reports need of an entry, in its transaction. */
bool folder_figure_entry(struct archive_folder *f, const struct archive_row *row);
/* A day whose chunks are to be looked at. */
bool folder_waits(struct archive_folder *f, int32_t day);
void folder_read_files(struct text text, struct archive_day_sum *sum);
void folder_figures(struct archive_disk *disk);

/* ---- archive_folder_put.c, archive_folder_read.c ---- */
void folder_puts(struct archive_disk *disk);
void folder_reads(struct archive_disk *disk);
/* Those of one file. */
bool folder_cursors(struct archive_folder *f, int32_t number, archive_each_cursor *each, void *arg);

#endif
