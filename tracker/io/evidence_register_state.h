/*
 * evidence_register_state: the register's questions, for its files.
 */
#ifndef MW_EVIDENCE_REGISTER_STATE_H
#define MW_EVIDENCE_REGISTER_STATE_H

#include "evidence_register.h"
#include "sqlite.h"

struct evidence_register {
    struct sqlite *db;
    struct sqlite_query *left; /* whose texts were handed out */
};

/* The next question: texts of the one before are gone with it. NULL: it failed. */
struct sqlite_query *evidence_register_ask(struct evidence_register *r, const char *literal);
bool evidence_register_do(struct evidence_register *r, struct sqlite_query *q);
/* The first row, which stays readable until the next question. */
bool evidence_register_first(struct evidence_register *r, struct sqlite_query *q, bool *out_there);

#endif
