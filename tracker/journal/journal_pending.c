/*
 * journal_pending: records on their way to the disk.
 *
 * Everything that is to be written goes through `pending`, in order. Where the disk takes it, pending is
 * empty again at once; where it does not, pending is the bounded memory in which fixes wait.
 */
#include "journal_state.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Notes in the active segment which fixes the bytes hold that it has just taken. */
static void count_written(struct journal *j)
{
    struct journal_segment *s = &j->segments[j->segment_count - 1];
    struct journal_record record;
    size_t at = 0;
    while (journal_next_record(j, buf_text(&j->pending), journal_pending_salt(j), &at, &record))
        if (record.type == JOURNAL_RECORD_FIX) {
            if (s->first_seq == 0)
                s->first_seq = record.number;
            s->last_seq = record.number;
        }
    assert(at == j->pending.len); /* whole records, and nothing else */
    s->size += j->pending.len;
}

static bool write_pending(struct journal *j, struct wall now)
{
    if (j->active < 0 && !journal_segment_create(j, now))
        return false;
    struct journal_segment *s = &j->segments[j->segment_count - 1];
    if (!journal_write_all(j, j->active, s->size, buf_text(&j->pending)))
        return false;
    count_written(j);
    buf_clear(&j->pending);
    j->pending_first = 0;
    j->dirty = true;
    j->error = 0;
    return true;
}

void journal_flush(struct journal *j, struct wall now)
{
    if (j->pending.len == 0 || write_pending(j, now))
        return;
    /* A full volume: the oldest that is acknowledged makes room for what is not. */
    while (j->error == ENOSPC && journal_has_removable(j) && j->segments[0].last_seq <= j->acked) {
        journal_segment_remove_oldest(j);
        if (write_pending(j, now))
            return;
    }
}

static void drop_oldest_pending(struct journal *j)
{
    struct journal_record record;
    size_t used = 0;
    uint32_t salt = journal_pending_salt(j);
    if (journal_record_read(buf_text(&j->pending), salt, &record, &used) != JOURNAL_READ_OK)
        used = j->pending.len;
    else if (record.type == JOURNAL_RECORD_FIX)
        j->stats.dropped_memory++;
    assert(used <= j->pending.len);
    memmove(j->pending.data, j->pending.data + used, j->pending.len - used);
    j->pending.len -= used;
    j->pending_first = 0;
    size_t at = 0;
    while (j->pending_first == 0 && journal_next_record(j, buf_text(&j->pending), salt, &at, &record))
        if (record.type == JOURNAL_RECORD_FIX)
            j->pending_first = record.number;
    j->cursor_valid = false;
}

void journal_put(struct journal *j, const struct journal_record *record)
{
    while (j->pending.len > 0 &&
           j->pending.len + JOURNAL_RECORD_HEAD + record->payload.len > j->pending.limit)
        drop_oldest_pending(j);
    assert(j->pending.len + JOURNAL_RECORD_HEAD + record->payload.len <= j->pending.limit);
    journal_record_write(&j->pending, journal_pending_salt(j), record);
    if (record->type == JOURNAL_RECORD_FIX && j->pending_first == 0)
        j->pending_first = record->number;
}

void journal_put_skip(struct journal *j, uint64_t first, uint64_t last)
{
    while (j->pending.len > 0 && j->pending.len + JOURNAL_RECORD_HEAD + 8 > j->pending.limit)
        drop_oldest_pending(j);
    journal_record_write_skip(&j->pending, journal_pending_salt(j), first, last);
    journal_add_skip(j, first, last);
}
