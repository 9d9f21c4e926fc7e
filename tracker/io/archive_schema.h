/*
 * archive_schema: the tables of the archive's files, as docs/ARCHIVE.md promises them.
 */
#ifndef MW_ARCHIVE_SCHEMA_H
#define MW_ARCHIVE_SCHEMA_H

/* PRAGMA application_id and user_version of every file. */
enum { ARCHIVE_APPLICATION = 0x4D55434B, ARCHIVE_VERSION = 1 };

extern const char archive_schema_city[], archive_schema_day[];
/* What a report is made of, from the entry whose id is ?1, or from all there are. The row of the id is to be deleted first. */
extern const char archive_figure_finding[], archive_figure_trip[], archive_figures_all[];
/* Every chunk of a day, as if it had just come and nobody had summed it. */
extern const char archive_unsummed_all[];
/* Part of the day's; a file from before there were outlines gets them with the next chunk. */
#define ARCHIVE_SCHEMA_OUTLINES                                                                              \
    "CREATE TABLE IF NOT EXISTS outlines(id INTEGER PRIMARY KEY, vehicle TEXT, time_first INTEGER, "         \
    "time_last "                                                                                             \
    "INTEGER, outline BLOB);"
/* Another; a file from before there were sums gets it when it is next written. */
#define ARCHIVE_SCHEMA_SUMS "CREATE TABLE IF NOT EXISTS sums(id INTEGER PRIMARY KEY, sum BLOB);"

#endif
