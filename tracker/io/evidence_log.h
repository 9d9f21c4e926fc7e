/*
 * evidence_log: the append-only log on disk: entries, the checkpoints that were signed over them, and the tiles that others follow.
 *
 *   log/entries       each entry behind its length (two bytes) and followed by its leaf's hash
 *   log/checkpoints   every checkpoint that was ever signed, each behind its length as a line
 *   log/checkpoint, log/tile/…   as C2SP tlog-tiles has them: what a mirror or a witness fetches
 *
 * An entry counts when it is on the disk. What a kill leaves at the end of a file is cut off when it is opened, but never an entry that a
 * checkpoint holds: that, an entry whose hash is another, and a checkpoint that the entries do not give, are told, and the log is
 * not opened. So a checkpoint is signed only over what is proven to continue every one before it.
 *
 * After a sync that failed nobody knows what is on the disk: the log then takes nothing any more, and is to be opened anew.
 */
#ifndef MW_EVIDENCE_LOG_H
#define MW_EVIDENCE_LOG_H

#include "buf.h"
#include "tlog_note.h"
#include "tlog_tree.h"

struct evidence_log;

enum evidence_log_error {
    EVIDENCE_LOG_OK,
    EVIDENCE_LOG_DISK,   /* full, or it fails */
    EVIDENCE_LOG_BROKEN, /* it is not what was signed */
    EVIDENCE_LOG_MEMORY,
};
/* Made where there is none; `root` is borrowed. A sentence in `why` where it fails. */
enum evidence_log_error evidence_log_open(const char *root, struct evidence_log **out, char *why,
                                          size_t why_size);
void evidence_log_close(struct evidence_log *log);

uint64_t evidence_log_size(const struct evidence_log *log);
/* Appends an entry of at most TLOG_ENTRY_MAX bytes; it is on the disk when this is true. Else errno, and it is not in the log, or
 * (evidence_log_is_lost) nobody knows. */
bool evidence_log_append(struct evidence_log *log, struct text entry, uint64_t *out_index);
bool evidence_log_is_lost(const struct evidence_log *log);
/* Into an emptied buffer. */
bool evidence_log_entry(struct evidence_log *log, uint64_t index, struct buf *out);
struct tlog_tree evidence_log_tree(struct evidence_log *log);

/* How much of the log the newest checkpoint holds; 0: there is none, or it holds nothing. */
uint64_t evidence_log_signed(const struct evidence_log *log);
/* Its note; empty: there is none. */
struct text evidence_log_checkpoint(const struct evidence_log *log);
struct evidence_log_signer {
    struct tlog_key key; /* its name is the log's origin */
    const unsigned char *secret;
};
/* Writes the tiles, signs and keeps a checkpoint of all there is. Nothing is done where the newest one holds it already. False with
 * errno; EBADMSG: what there is does not continue the newest one. */
bool evidence_log_sign(struct evidence_log *log, const struct evidence_log_signer *signer);
/* Of the tree that the checkpoint of `size` is of; false: it is not in it. */
bool evidence_log_prove(struct evidence_log *log, uint64_t index, uint64_t size, struct tlog_proof *out);
/* Whether what somebody else holds is of this log: its root is what the entries give. */
enum evidence_log_held { EVIDENCE_LOG_HELD, EVIDENCE_LOG_HELD_LATER, EVIDENCE_LOG_HELD_OTHER };
enum evidence_log_held evidence_log_compare(struct evidence_log *log, const struct tlog_head *head);

#endif
