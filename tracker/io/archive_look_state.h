/*
 * archive_look_state: what the files that make up archive_look share. Private to them.
 */
#ifndef MW_ARCHIVE_LOOK_STATE_H
#define MW_ARCHIVE_LOOK_STATE_H

#include "archive_folder_state.h"
#include "archive_look.h"

struct archive_look {
    char path[FOLDER_PATH_MAX - 64];
    struct archive_look_listener listener;
    uint64_t damaged;
    struct sqlite *city;
    int32_t *days;
    size_t day_count;
};

struct archive_day {
    struct archive_look *look;
    char name[32];
    struct sqlite *db;
    struct press *press, *plain;
    struct buf lines, places;
};

/* ---- archive_look.c ---- */
void archive_look_tell(struct archive_look *look, const char *file, const char *wrong);
/* A walk over the rows of a question to its end; NULL is one that could not be asked. False, and told, where it failed. */
bool archive_look_end(struct archive_look *look, struct sqlite *db, const char *file, enum sqlite_came came);

#endif
