/*
 * evidence_seen: what the keeper's register says of one case, for a process beside the keeper. It is read, never written.
 */
#ifndef MW_EVIDENCE_SEEN_H
#define MW_EVIDENCE_SEEN_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EVIDENCE_SEEN_EDITIONS = 100, EVIDENCE_SEEN_WORD = 256 };

struct evidence_seen_edition {
    uint32_t edition;
    int64_t sealed_at_ms, index;
    bool proven; /* a checkpoint holds it, so it can be exported */
    char why[32];
};

/* A case with words longer than there is room for is not told of: whom it belongs to could not be judged. */
struct evidence_seen {
    bool there, held, gone; /* gone: it was let go of; its records are in the log */
    char jurisdiction[EVIDENCE_SEEN_WORD], company[EVIDENCE_SEEN_WORD], review[32], state[32];
    struct evidence_seen_edition editions[EVIDENCE_SEEN_EDITIONS]; /* the newest first */
    size_t count;
};

/* False with a sentence: the register cannot be read. `out->there` says whether the case is in it. */
bool evidence_seen_read(const char *root, struct text id, struct evidence_seen *out, char *why,
                        size_t why_size);

#endif
