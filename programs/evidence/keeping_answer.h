/* keeping_answer: a question over the socket and its answer, for the files that answer. */
#ifndef MW_KEEPING_ANSWER_H
#define MW_KEEPING_ANSWER_H

#include "keeping.h"

#include "json_write.h"

struct question {
    struct text op, id, who, to, reason;
    int64_t edition;
    bool held, has_held, draft;
};

struct answering {
    struct keeping *k;
    const struct question *q;
    struct json_writer w;
    struct buf package; /* what follows the line */
};

void answer_refuse(struct answering *a, const char *why, struct text name);
/* An answer begins, and takes members until its object is ended. */
void answer_begin(struct answering *a);
void answer_number(struct answering *a, const char *key, int64_t value);
void answer_hash(struct json_writer *w, const char *key, const unsigned char hash[EVIDENCE_HASH_BYTES]);
/* The edition that is asked for; false: refused. */
bool answer_find(struct answering *a, struct evidence_edition *out);
/* An entry of the log about a case: what it is, the case, when, and who asked. */
void answer_begin_entry(struct json_writer *w, struct buf *entry, const char *record,
                        const struct question *q);

/* ---- keeping_transfer.c ---- */
void answer_transfer(struct answering *a);

#endif
