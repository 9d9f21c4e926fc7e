/*
 * archive_answer: what the store answered, as plain data, and a command to it being written.
 */
#ifndef MW_ARCHIVE_ANSWER_H
#define MW_ARCHIVE_ANSWER_H

#include "buf.h"
#include "track_line.h"

/* LOST: the connection went, and nobody knows whether it was done. */
enum answer_type { ANSWER_LOST, ANSWER_NIL, ANSWER_TEXT, ANSWER_INTEGER, ANSWER_LIST, ANSWER_ERROR };

/* Borrowed for the length of a call. */
struct archive_answer {
    enum answer_type type;
    struct text text; /* of a text or an error; else empty */
    int64_t integer;  /* of an integer, or a text that is one; else 0 */
    const struct archive_answer *items;
    size_t count; /* of a list; else 0 */
};

/* An item; one that says nothing where there is none. */
struct archive_answer archive_answer_at(const struct archive_answer *list, size_t i);
/* The value behind a name in a list of name, value, name, value; empty where it is not there. */
struct text archive_answer_field(const struct archive_answer *list, const char *name);
/* The same list as the fields of an entry. */
struct track_entry_fields archive_answer_fields(const struct archive_answer *list);

/* A command in the store's protocol, word by word. */
void archive_command_begin(struct buf *out, size_t words);
void archive_command_word(struct buf *out, struct text word);
void archive_command_number(struct buf *out, int64_t number);

#endif
