/* evidence_ask: a question to the keeper over its socket, and what it answers. */
#ifndef MW_EVIDENCE_ASK_H
#define MW_EVIDENCE_ASK_H

#include "json_tree.h"
#include "json_write.h"

#define EVIDENCE_SOCKET "/run/muckwatch-evidence/socket"

struct evidence_answer {
    struct buf line, bytes; /* one JSON object; what follows it */
    struct json_tree tree;  /* of the line */
};

/* Asks. EX_OK where the keeper did what was asked; else an exit code after a sentence on stderr. evidence_answer_fini is due either way. */
int evidence_ask(const char *command, const char *path, struct text question, struct evidence_answer *out);
void evidence_answer_fini(struct evidence_answer *answer);
/* A member that is a text; empty: there is none. */
struct text evidence_answer_text(const struct evidence_answer *answer, const char *name);

#endif
