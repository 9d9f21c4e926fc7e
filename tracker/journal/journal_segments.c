/*
 * journal_segments: what the disk is told: bytes and syncs, the claim of numbers, segments made and removed.
 *
 * Knows nothing of what waits to be written; that is journal_pending.
 */
#include "journal_state.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

uint32_t journal_pending_salt(const struct journal *j)
{
    assert(j->active < 0 || j->segment_count > 0);
    uint64_t ordinal = j->active >= 0 ? j->segments[j->segment_count - 1].ordinal : j->next_ordinal;
    return journal_salt(j->numbers.boot, ordinal);
}

static bool disk_failed(struct journal *j, int64_t result)
{
    j->error = result < 0 ? (int)-result : ENOSPC;
    j->stats.write_errors++;
    return false;
}

bool journal_write_all(struct journal *j, int file, uint64_t at, struct text bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        int64_t n = j->disk.write(j->disk.context, file, at + done, bytes.data + done, bytes.len - done);
        if (n == -EINTR)
            continue;
        if (n <= 0)
            return disk_failed(j, n);
        assert((uint64_t)n <= bytes.len - done);
        done += (size_t)n;
        j->stats.bytes_written += (uint64_t)n;
    }
    return true;
}

bool journal_sync_file(struct journal *j, int file)
{
    j->stats.syncs++;
    int result = j->disk.sync(j->disk.context, file);
    return result == 0 || disk_failed(j, result);
}

bool journal_sync_names(struct journal *j)
{
    j->stats.syncs++;
    int result = j->disk.sync_names(j->disk.context);
    if (result != 0)
        return disk_failed(j, result);
    j->names_dirty = false;
    return true;
}

bool journal_claim(struct journal *j, uint64_t reserved, bool clean)
{
    struct journal_numbers next = j->numbers;
    next.generation++;
    next.reserved = reserved;
    next.last = j->next_seq - 1;
    next.clean = clean;
    assert(next.last <= reserved);
    uint8_t slot[JOURNAL_NUMBERS_SLOT];
    journal_numbers_write(&next, slot);
    /* 4 KiB apart: a page torn by the flash must not take both. */
    uint64_t at = (next.generation & 1) * 4096;
    if (!journal_write_all(j, j->numbers_file, at, (struct text){(const char *)slot, sizeof slot}) ||
        !journal_sync_file(j, j->numbers_file))
        return false;
    j->numbers = next;
    return true;
}

void journal_segment_remove_oldest(struct journal *j)
{
    assert(j->segment_count > 0);
    struct journal_segment *s = &j->segments[0];
    char name[JOURNAL_NAME_MAX];
    journal_segment_name(s->ordinal, name);
    int result = j->disk.remove(j->disk.context, name);
    if (result != 0 && result != -ENOENT)
        disk_failed(j, result);
    if (s->last_seq > j->acked) {
        uint64_t lowest = s->first_seq > j->acked ? s->first_seq : j->acked + 1;
        j->stats.dropped_unacked += s->last_seq - lowest + 1;
    }
    j->segment_count--;
    memmove(j->segments, j->segments + 1, j->segment_count * sizeof j->segments[0]);
    j->cursor_valid = false;
}

uint64_t journal_bytes_kept(const struct journal *j)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < j->segment_count; i++)
        sum += j->segments[i].size;
    return sum;
}

bool journal_has_removable(const struct journal *j)
{
    return j->segment_count > 1;
}

static bool oldest_is_aged(const struct journal *j, struct wall now)
{
    /* A segment ended when the next one was made. */
    uint64_t ended = j->segment_count > 1 ? j->segments[1].created_ms : (uint64_t)now.ms;
    return j->segments[0].last_seq <= j->acked && now.ms > j->options.max_age_ms &&
           ended < (uint64_t)(now.ms - j->options.max_age_ms);
}

void journal_bound(struct journal *j, struct wall now)
{
    while (journal_has_removable(j) &&
           (journal_bytes_kept(j) > j->options.max_bytes || j->segment_count >= JOURNAL_SEGMENTS_MAX - 1 ||
            oldest_is_aged(j, now)))
        journal_segment_remove_oldest(j);
}

bool journal_segment_create(struct journal *j, struct wall now)
{
    journal_bound(j, now);
    struct buf head;
    buf_init(&head, 4096);
    uint32_t salt = journal_pending_salt(j);
    journal_record_write_segment(&head, j->numbers.boot, j->next_ordinal, (uint64_t)now.ms);
    struct journal_record ack = {.type = JOURNAL_RECORD_ACK, .number = j->acked};
    journal_record_write(&head, salt, &ack);
    const struct journal_range *skips;
    size_t count = journal_skips(j, &skips);
    for (size_t i = 0; i < count; i++)
        journal_record_write_skip(&head, salt, skips[i].first, skips[i].last);
    char name[JOURNAL_NAME_MAX];
    journal_segment_name(j->next_ordinal, name);
    int file = buf_ok(&head) ? j->disk.open(j->disk.context, name) : -ENOMEM;
    bool written = file >= 0 ? journal_write_all(j, file, 0, buf_text(&head)) : disk_failed(j, file);
    size_t size = head.len;
    buf_fini(&head);
    if (!written) {
        if (file >= 0) {
            j->disk.close(j->disk.context, file);
            j->disk.remove(j->disk.context, name);
        }
        return false;
    }
    assert(j->segment_count < JOURNAL_SEGMENTS_MAX);
    j->segments[j->segment_count++] = (struct journal_segment){
        .ordinal = j->next_ordinal++,
        .size = size,
        .created_ms = (uint64_t)now.ms,
    };
    j->active = file;
    j->acked_written = j->acked;
    j->dirty = true;
    j->names_dirty = true;
    return true;
}

void journal_segment_retire(struct journal *j)
{
    assert(j->pending.len == 0); /* its salt is that of this segment */
    if (j->active >= 0)
        j->disk.close(j->disk.context, j->active);
    j->active = -1;
}
