/*
 * text_fold: makes texts equal that look the same to a person, and finds the word that was probably meant.
 *
 * This is for warnings to a person only. Names in a city's files are always compared byte by byte.
 */
#ifndef MW_TEXT_FOLD_H
#define MW_TEXT_FOLD_H

#include "text.h"

enum text_fold {
    /* Always: full-width forms (U+FF01 to U+FF5E) become ASCII, and blanks of all kinds go. */
    TEXT_FOLD_LOOKS = 0,
    TEXT_FOLD_CASE = 1,  /* ASCII letters become small */
    TEXT_FOLD_MARKS = 2, /* dots in the middle, dashes and underscores go */
};

/* Writes at most `text.len` bytes. Returns how many. */
size_t text_fold(struct text text, unsigned how, char *out);

/* How many letters have to be added, dropped, changed or swapped to make one word of the other, blanks, width
 * and case aside, or TEXT_UNLIKE: more than two, or words too short to tell. The begin of a long word counts
 * as one that was cut (dBase cuts names to ten letters). */
enum { TEXT_UNLIKE = 3 };
unsigned text_distance(struct text a, struct text b);

#endif
