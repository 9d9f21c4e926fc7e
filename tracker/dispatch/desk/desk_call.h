/*
 * desk_call: the call of desk.lua that does what was decided, and its answer.
 */
#ifndef MW_DESK_CALL_H
#define MW_DESK_CALL_H

#include "buf.h"
#include "desk.h"

/* How long the hash of a closed alert stays: longer than anybody can act on it (the register keeps 30 days). */
#define DESK_KEEP_MS INT64_C(5184000000) /* 60 days */

/* What is done: a request that was decided upon, by whom, where it leads. */
struct desk_call {
    uint32_t partition;
    const struct desk_request *request;
    const struct desk_person *person;
    enum work_state next;
    struct fields alert; /* of the violation: what the hash is to know of it from the first action on */
};

/* The entry that it writes to the stream: for whoever wants to know at once what the stream will tell. Texts are borrowed from
 * the call's, or lie in the entry itself, which is not to be copied. */
enum { DESK_ENTRY_FIELDS_MAX = 20 };
struct desk_entry {
    struct field items[DESK_ENTRY_FIELDS_MAX];
    struct fields fields;
    char rev[24], until[24];
};
void desk_call_entry(const struct desk_call *call, struct desk_entry *out);

/* Appends the command, in Redis' protocol. */
void desk_call_write(const struct desk_call *call, struct buf *out);

/* A command, word by word. */
void store_command_begin(struct buf *out, size_t words);
void store_command_word(struct buf *out, struct text word);

#endif
