/*
 * tlog_proof_text: that an entry is in a log, as a file (c2sp.org/tlog-proof): its index, the way to the root, and the checkpoint.
 */
#ifndef MW_TLOG_PROOF_TEXT_H
#define MW_TLOG_PROOF_TEXT_H

#include "tlog_note.h"

/* `checkpoint` is a whole note. */
void tlog_proof_write(uint64_t index, const struct tlog_proof *proof, struct text checkpoint,
                      struct buf *out);
struct tlog_proved {
    uint64_t index;
    struct tlog_proof proof;
    struct text note; /* borrowed, as all texts; its signatures are not checked */
    struct tlog_note parts;
    struct tlog_checkpoint checkpoint;
};
/* False where it is none, or has extra data. */
bool tlog_proof_read(struct text text, struct tlog_proved *out);

#endif
