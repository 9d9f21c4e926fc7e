/*
 * option_row: how a row of a table of options is written, so that it stands once.
 *
 *     X(TYPE, path, member, least, most, initial, unit, text, further members of struct option...)
 *
 * TYPE is the end of an enum option_type. A table is a macro of such rows (tracker_options.h and others);
 * whoever wants something of them all gives it an X. From one table come the rows that a file is read and
 * told by, here, and in a test the check of each range against what the code behind it bears.
 */
#ifndef MW_OPTION_ROW_H
#define MW_OPTION_ROW_H

#include "options.h"

#include <stddef.h>
#include <stdint.h>

/* What a member has to be for its type of option. */
#define OPTION_HOLDS_TEXT(v)    _Generic((v), struct text : 1, default : -1)
#define OPTION_HOLDS_FILE(v)    _Generic((v), struct text : 1, default : -1)
#define OPTION_HOLDS_FILES(v)   _Generic((v), struct text_list : 1, default : -1)
#define OPTION_HOLDS_TEXTS(v)   _Generic((v), struct text_list : 1, default : -1)
#define OPTION_HOLDS_BOOL(v)    _Generic((v), bool : 1, default : -1)
#define OPTION_HOLDS_WHOLE(v)   _Generic((v), uint32_t : 1, default : -1)
#define OPTION_HOLDS_WHOLES(v)  _Generic((v), struct whole_list : 1, default : -1)
#define OPTION_HOLDS_NUMBER(v)  _Generic((v), double : 1, default : -1)
#define OPTION_HOLDS_SECONDS(v) _Generic((v), int64_t : 1, default : -1)
#define OPTION_HOLDS_HOURS(v)   _Generic((v), int64_t : 1, default : -1)
#define OPTION_HOLDS_DAYS(v)    _Generic((v), int64_t : 1, default : -1)
#define OPTION_HOLDS_WORD(v)    _Generic((v), int : 1, unsigned : 1, default : -1) /* an enum is either */

/* Where the member stands in `owner`; a member of another type does not compile. */
#define OPTION_OFFSET(owner, TYPE, member)                                                                   \
    (offsetof(owner, member) + 0 * sizeof(char[OPTION_HOLDS_##TYPE(((owner *)0)->member)]))

/* The row as an element of an array of struct option. */
#define OPTION_ROW(owner, TYPE, path_, member, least, most, initial_, unit_, text_, ...)                     \
    {.path = path_,                                                                                          \
     .type = OPTION_##TYPE,                                                                                  \
     .offset = OPTION_OFFSET(owner, TYPE, member),                                                           \
     .min = least,                                                                                           \
     .max = most,                                                                                            \
     .initial = initial_,                                                                                    \
     .unit = unit_,                                                                                          \
     .text = text_,                                                                                          \
     __VA_ARGS__},

#endif
