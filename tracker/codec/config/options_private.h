/* options_private: what options.c and options_yaml.c share. Included by nobody else. */
#ifndef MW_OPTIONS_PRIVATE_H
#define MW_OPTIONS_PRIVATE_H

#include "options.h"

/* What a value has to be, for a message: "a whole number from 1 to 65535". */
void option_write_expectation(const struct option *row, struct buf *out);

bool option_is_list(const struct option *row);

/*
 * Sets a row's value from one scalar as written. `directory` is put before relative paths. False when the
 * text is not of the row's type or range; also, with *out_no_memory set, without memory. Not for files and
 * trees.
 */
bool option_set(const struct option *row, struct text scalar, struct text directory,
                struct options_target target, bool *out_no_memory);
/* A path as it is to be opened. False without memory. */
bool option_path(struct text path, struct text directory, struct arena *arena, struct text *out);

#endif
