#include "evidence_log_state.h"

#include "array.h"
#include "evidence_file.h"
#include "failpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { FRAME_MAX = EVIDENCE_FRAME_HEAD + TLOG_ENTRY_MAX + TLOG_HASH_BYTES };

/* ---- the tree, in memory: what tiles have ---- */

static bool hash_of(void *arg, unsigned level, uint64_t n, struct tlog_hash *out)
{
    const struct evidence_log *log = arg;
    struct tlog_hash hashes[TLOG_TILE_HASHES];
    if (level / 8 >= TLOG_TILE_LEVELS)
        return false;
    const struct evidence_log_level *kept = &log->levels[level / 8];
    size_t count = (size_t)1 << level % 8;
    if ((n + 1) * count > kept->count)
        return false;
    memcpy(hashes, kept->hashes + n * count, count * sizeof *hashes);
    for (; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            tlog_node(&hashes[2 * i], &hashes[2 * i + 1], &hashes[i]);
    *out = hashes[0];
    return true;
}

struct tlog_tree evidence_log_tree(struct evidence_log *log)
{
    return (struct tlog_tree){hash_of, log};
}

static bool put_hash(struct evidence_log *log, unsigned level, const struct tlog_hash *hash)
{
    struct evidence_log_level *l = &log->levels[level];
    if (!array_reserve(&l->hashes, &l->cap, l->count + 1, sizeof *l->hashes))
        return false;
    l->hashes[l->count++] = *hash;
    return true;
}

/* The next hash of a level, of the 256 below it. */
static bool add_above(struct evidence_log *log, unsigned level)
{
    uint64_t n = log->levels[level].count;
    struct tlog_hash left, right;
    if (!hash_of(log, 8 * level - 1, 2 * n, &left) || !hash_of(log, 8 * level - 1, 2 * n + 1, &right))
        return false;
    tlog_node(&left, &right, &left);
    return put_hash(log, level, &left);
}

bool evidence_log_grow(struct evidence_log *log, const struct tlog_hash *leaf, uint64_t end)
{
    if (!array_reserve(&log->ends, &log->ends_cap, log->size + 1, sizeof *log->ends) ||
        !put_hash(log, 0, leaf))
        return false;
    log->ends[log->size++] = end;
    for (unsigned level = 1; level < TLOG_TILE_LEVELS; level++)
        if (tlog_tile_hashes(log->size, level) > log->levels[level].count && !add_above(log, level))
            return false;
    return true;
}

/* ---- entries ---- */

uint64_t evidence_log_size(const struct evidence_log *log)
{
    return log->size;
}

bool evidence_log_is_lost(const struct evidence_log *log)
{
    return log->lost;
}

static uint64_t end_of(const struct evidence_log *log, uint64_t count)
{
    return count > 0 ? log->ends[count - 1] : 0;
}

/* The frame at the end of the file, synced; else what of it is there is cut off again. */
static bool append_frame(struct evidence_log *log, struct text frame, uint64_t at)
{
    if (!evidence_log_write_at(log->entries, frame, at)) {
        int error = errno;
        log->lost = ftruncate(log->entries, (off_t)at) != 0;
        errno = error;
        return false;
    }
    failpoint_pass("evidence_appended");
    log->lost = fdatasync(log->entries) != 0;
    return !log->lost;
}

bool evidence_log_append(struct evidence_log *log, struct text entry, uint64_t *out_index)
{
    struct tlog_hash leaf;
    struct buf frame;
    uint64_t at = end_of(log, log->size);
    if (log->lost || entry.len > TLOG_ENTRY_MAX) {
        errno = log->lost ? EIO : EMSGSIZE;
        return false;
    }
    tlog_leaf(entry, &leaf);
    buf_init(&frame, FRAME_MAX);
    tlog_bundle_put(&frame, entry);
    buf_put(&frame, leaf.bytes, TLOG_HASH_BYTES);
    bool ok = buf_ok(&frame);
    if (!ok)
        errno = ENOMEM;
    ok = ok && append_frame(log, buf_text(&frame), at);
    if (ok) {
        *out_index = log->size;
        /* It is in the log; without memory nothing more is taken. */
        log->lost = !evidence_log_grow(log, &leaf, at + frame.len);
        ok = !log->lost;
    }
    buf_fini(&frame);
    return ok;
}

bool evidence_log_entry(struct evidence_log *log, uint64_t index, struct buf *out)
{
    buf_clear(out);
    if (index >= log->size)
        return false;
    uint64_t from = end_of(log, index) + EVIDENCE_FRAME_HEAD;
    size_t len = (size_t)(log->ends[index] - from - TLOG_HASH_BYTES);
    char *at = buf_reserve(out, len);
    if (at == NULL || !evidence_log_read_at(log->entries, at, len, from))
        return false;
    out->len = len;
    return true;
}

/* ---- checkpoints ---- */

uint64_t evidence_log_signed(const struct evidence_log *log)
{
    return log->signed_head.size;
}

struct text evidence_log_checkpoint(const struct evidence_log *log)
{
    return buf_text(&log->note);
}

bool evidence_log_prove(struct evidence_log *log, uint64_t index, uint64_t size, struct tlog_proof *out)
{
    const struct tlog_tree tree = evidence_log_tree(log);
    return size <= log->size && tlog_prove_inclusion(&tree, index, size, out);
}

enum evidence_log_held evidence_log_compare(struct evidence_log *log, const struct tlog_head *head)
{
    const struct tlog_tree tree = evidence_log_tree(log);
    struct tlog_hash root;
    if (head->size > log->size)
        return EVIDENCE_LOG_HELD_LATER;
    return tlog_root(&tree, head->size, &root) && tlog_hash_equal(&root, &head->root)
               ? EVIDENCE_LOG_HELD
               : EVIDENCE_LOG_HELD_OTHER;
}

/* The head of all there is, if it continues the one that was signed last. */
static bool next_head(struct evidence_log *log, struct tlog_head *out)
{
    const struct tlog_tree tree = evidence_log_tree(log);
    struct tlog_proof proof;
    out->size = log->size;
    if (log->note.len == 0)
        return tlog_root(&tree, log->size, &out->root);
    return tlog_root(&tree, log->size, &out->root) &&
           tlog_prove_consistency(&tree, log->signed_head.size, log->size, &proof) &&
           tlog_check_consistency(&log->signed_head, out, &proof);
}

/* Kept with all others before anybody sees it. */
static bool keep_checkpoint(struct evidence_log *log, struct text note)
{
    struct buf frame;
    buf_init(&frame, TLOG_NOTE_MAX);
    buf_put_u64(&frame, note.len);
    buf_put_char(&frame, '\n');
    buf_put_text(&frame, note);
    bool ok =
        buf_ok(&frame) && evidence_log_write_at(log->checkpoints, buf_text(&frame), log->checkpoints_end);
    failpoint_pass("evidence_signed");
    if (!ok) {
        int error = errno;
        log->lost = ftruncate(log->checkpoints, (off_t)log->checkpoints_end) != 0;
        errno = error;
    } else {
        ok = fdatasync(log->checkpoints) == 0;
        log->lost = log->lost || !ok;
        log->checkpoints_end += frame.len;
    }
    buf_fini(&frame);
    return ok;
}

bool evidence_log_sign(struct evidence_log *log, const struct evidence_log_signer *signer)
{
    struct tlog_checkpoint c = {.origin = signer->key.name};
    struct buf note;
    if (log->lost) {
        errno = EIO;
        return false;
    }
    if (log->note.len > 0 && log->signed_head.size == log->size)
        return evidence_file_put(log->root, "log/checkpoint", buf_text(&log->note), 0444);
    if (!next_head(log, &c.head)) {
        errno = EBADMSG;
        return false;
    }
    if (!evidence_log_put_tiles(log, log->signed_head.size))
        return false;
    buf_init(&note, TLOG_NOTE_MAX);
    tlog_checkpoint_write(&c, &note);
    size_t signed_len = note.len;
    buf_put_char(&note, '\n');
    tlog_sign((struct text){note.data, signed_len}, &signer->key, signer->secret, &note);
    bool ok = buf_ok(&note) && keep_checkpoint(log, buf_text(&note));
    if (ok) {
        buf_fini(&log->note);
        log->note = note;
        log->signed_head = c.head;
        failpoint_pass("evidence_kept_checkpoint");
        return evidence_file_put(log->root, "log/checkpoint", buf_text(&log->note), 0444);
    }
    buf_fini(&note);
    return false;
}
