/* import_words: the words of `muckctl import`, a file each, and what they have in common. */
#ifndef MW_IMPORT_WORDS_H
#define MW_IMPORT_WORDS_H

#include "buf.h"
#include "rejects.h"

int import_stops(int argc, char **argv);
int import_segments(int argc, char **argv);

enum { IMPORT_FILE_MODE = 0666 }; /* less the umask: what a city is, is no secret */

/* These return an exit code of sysexits.h and tell on stderr what is wrong. */
int import_read(const char *command, const char *path, struct buf *out);
/* Into a file, or to stderr where none is named. */
int import_tell_rejects(const char *command, const char *table, const char *path,
                        const struct rejects *rejects);
/* 1 if more than 5 % of all that were there fell out. */
int import_end(size_t all, size_t fallen);
/* "WEST,SOUTH,EAST,NORTH" in degrees. */
bool import_box(const char *text, double out[4]);
/* "gcj02" and "bd09" as they are, "wgs84" and NULL empty: as fences have it. False: none of these. */
bool import_crs(const char *word, struct text *out);
void import_progress(void *context, double share);

#endif
