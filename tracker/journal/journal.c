/*
 * journal: opening, numbering, committing, closing. See journal.h for the promises.
 *
 * journal_pending holds what waits for the disk, journal_segments tells the disk, journal_skips keeps the
 * ranges left out, journal_load reads.
 */
#include "journal.h"

#include "journal_state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum journal_status journal_append(struct journal *j, struct text payload, struct wall now, uint64_t *out_seq)
{
    if (payload.len > JOURNAL_PAYLOAD_MAX || payload.len + JOURNAL_RECORD_HEAD > j->pending.limit)
        return JOURNAL_TOO_LARGE;
    if (j->next_seq > j->numbers.reserved && !journal_claim(j, j->next_seq - 1 + JOURNAL_BLOCK, false))
        return JOURNAL_NO_NUMBER;
    assert(j->next_seq <= j->numbers.reserved); /* covered by a slot that was synced */
    struct journal_record record = {JOURNAL_RECORD_FIX, j->next_seq, payload};
    journal_put(j, &record);
    if (!buf_ok(&j->pending)) {
        j->pending.failed = false;
        return JOURNAL_MEMORY; /* the number stays free */
    }
    *out_seq = j->next_seq;
    j->last_seq = j->next_seq++;
    j->stats.appended++;
    journal_flush(j, now);
    /* A burst within one commit interval must not outgrow what can be read back. */
    if (j->active >= 0 && j->segments[j->segment_count - 1].size >= (uint64_t)j->options.segment_bytes * 2)
        journal_commit(j, now);
    return JOURNAL_OK;
}

void journal_ack(struct journal *j, uint64_t seq)
{
    j->acked = seq < j->next_seq ? seq : j->next_seq - 1;
}

void journal_commit(struct journal *j, struct wall now)
{
    /* Not while the disk refuses: it would push a fix out of the waiting memory. */
    if (j->acked != j->acked_written && j->pending.len == 0) {
        struct journal_record ack = {.type = JOURNAL_RECORD_ACK, .number = j->acked};
        journal_put(j, &ack);
        j->acked_written = j->acked;
    }
    journal_flush(j, now);
    if (j->dirty && j->active >= 0) {
        bool synced = journal_sync_file(j, j->active) && (!j->names_dirty || journal_sync_names(j));
        j->dirty = false;
        /* What a failed sync has left on the medium is unknown: write on elsewhere. */
        if (!synced && j->pending.len == 0)
            journal_segment_retire(j);
    }
    if (j->numbers.reserved < j->next_seq - 1 + JOURNAL_BLOCK / 2)
        journal_claim(j, j->next_seq - 1 + JOURNAL_BLOCK, false);
    if (j->active >= 0 && j->pending.len == 0 &&
        j->segments[j->segment_count - 1].size >= j->options.segment_bytes)
        journal_segment_retire(j);
    journal_bound(j, now);
}

/* Acks alone are not worth a page of flash: they wait for the next fix, or this many times fsync_ms. */
enum { ACK_PATIENCE = 12 };

/* How long after it was first seen a change has to be on flash; -1: there is none. */
static int64_t commit_after_ms(const struct journal *j)
{
    if (j->dirty || j->pending.len > 0)
        return j->options.fsync_ms;
    return j->acked != j->acked_written ? j->options.fsync_ms * ACK_PATIENCE : -1;
}

int64_t journal_tick(struct journal *j, struct mono now, struct wall wall)
{
    int64_t after_ms = commit_after_ms(j);
    if (after_ms < 0) {
        j->changed = false;
        return -1;
    }
    if (!j->changed) {
        j->changed = true;
        j->changed_at = now;
    }
    int64_t left_ms = after_ms - (now.ms - j->changed_at.ms);
    if (left_ms > 0)
        return left_ms;
    journal_commit(j, wall);
    j->changed = commit_after_ms(j) >= 0; /* the disk refuses: again after as long */
    j->changed_at = now;
    return j->changed ? j->options.fsync_ms : -1;
}

/* ---- opening and closing ---- */

/* A number that was used, or passed, by what is left of earlier runs; what is above may never have been. */
static uint64_t used_for_certain(const struct journal *j)
{
    uint64_t used = j->last_seq;
    if (j->acked < j->next_seq && j->acked > used)
        used = j->acked;
    /* In a slot that a run wrote as it began, `last` stands for numbers that the run left out, and a kill may
     * have come before that was declared. */
    return j->numbers.clean && j->numbers.last > used ? j->numbers.last : used;
}

/* The block that this run may use, above everything that an earlier one may have used. */
static enum journal_status begin_run(struct journal *j, struct wall now)
{
    uint64_t first = used_for_certain(j) + 1;
    if (!journal_claim(j, j->next_seq - 1 + JOURNAL_BLOCK, false) || !journal_sync_names(j))
        return JOURNAL_IO;
    for (size_t i = 0; i < j->skip_count; i++)
        if (j->skips[i].last >= first)
            first = j->skips[i].last + 1;
    if (first < j->next_seq)
        journal_put_skip(j, first, j->next_seq - 1);
    journal_flush(j, now);
    return JOURNAL_OK;
}

static struct journal *new_journal(const struct journal_disk *take_disk,
                                   const struct journal_options *options)
{
    struct journal *j = calloc(1, sizeof *j);
    if (j == NULL) {
        take_disk->close_all(take_disk->context);
        return NULL;
    }
    j->disk = *take_disk;
    j->options = *options;
    j->active = -1;
    j->numbers_file = -1;
    buf_init(&j->pending, options->memory_bytes);
    buf_init(&j->cache, (size_t)options->segment_bytes * 4 + options->memory_bytes + JOURNAL_PAYLOAD_MAX);
    return j;
}

static enum journal_status opened(struct journal *j, enum journal_status status, struct journal **out)
{
    if (status == JOURNAL_OK)
        *out = j;
    else
        journal_abandon(j);
    return status;
}

enum journal_status journal_open(const struct journal_disk *take_disk, const struct journal_options *options,
                                 const char *new_boot, struct wall now, struct journal **out)
{
    struct journal *j = new_journal(take_disk, options);
    if (j == NULL)
        return JOURNAL_MEMORY;
    int locked = j->disk.lock(j->disk.context);
    enum journal_status status = locked == -EAGAIN ? JOURNAL_BUSY : locked < 0 ? JOURNAL_IO : JOURNAL_OK;
    if (status == JOURNAL_OK)
        status = journal_load(j, new_boot);
    if (status == JOURNAL_OK)
        status = begin_run(j, now);
    return opened(j, status, out);
}

enum journal_status journal_open_to_read(const struct journal_disk *take_disk, struct journal **out)
{
    /* Room for what any options have made. */
    const struct journal_options options = {
        .max_bytes = UINT64_MAX, .segment_bytes = 16 << 20, .memory_bytes = 64 << 20};
    struct journal *j = new_journal(take_disk, &options);
    if (j == NULL)
        return JOURNAL_MEMORY;
    j->read_only = true;
    return opened(j, journal_load(j, "0000000000000000"), out);
}

void journal_abandon(struct journal *j)
{
    if (j == NULL)
        return;
    if (j->active >= 0)
        j->disk.close(j->disk.context, j->active);
    if (j->numbers_file >= 0)
        j->disk.close(j->disk.context, j->numbers_file);
    j->disk.close_all(j->disk.context);
    buf_fini(&j->pending);
    buf_fini(&j->cache);
    free(j->segments);
    free(j);
}

void journal_close(struct journal *j, struct wall now)
{
    if (j == NULL)
        return;
    journal_commit(j, now);
    /* Clean only if all of it is on the medium; otherwise the next run leaves the block out, which is safe.
     */
    if (j->pending.len == 0 && j->error == 0 && !j->dirty)
        journal_claim(j, j->numbers.reserved, true);
    journal_abandon(j);
}

/* ---- questions ---- */

struct text journal_boot(const struct journal *j)
{
    return (struct text){j->numbers.boot, JOURNAL_BOOT_LEN};
}

uint64_t journal_last(const struct journal *j)
{
    return j->last_seq;
}

uint64_t journal_used(const struct journal *j)
{
    return j->next_seq - 1;
}

uint64_t journal_acked(const struct journal *j)
{
    return j->acked;
}

int journal_error(const struct journal *j)
{
    return j->error;
}

struct journal_stats journal_stats(const struct journal *j)
{
    struct journal_stats stats = j->stats;
    stats.bytes_kept = journal_bytes_kept(j);
    stats.segments = j->segment_count;
    return stats;
}
