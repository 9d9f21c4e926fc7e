/*
 * journal: numbering, appending, committing, bounding. See journal.h for the promises, journal_load.c for
 * reading.
 *
 * Everything that is to be written goes through `pending`, in order. Where the disk takes it, pending is
 * empty again at once; where it does not, pending is the bounded memory in which fixes wait.
 */
#include "journal.h"

#include "journal_state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t pending_salt(const struct journal *j)
{
    uint64_t ordinal = j->active >= 0 ? j->segments[j->segment_count - 1].ordinal : j->next_ordinal;
    return journal_salt(j->numbers.boot, ordinal);
}

static bool disk_failed(struct journal *j, int64_t result)
{
    j->error = result < 0 ? (int)-result : ENOSPC;
    j->stats.write_errors++;
    return false;
}

/* All of it or a failure; a short write is what a full volume gives before it says so. */
static bool write_all(struct journal *j, int file, uint64_t at, struct text bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        int64_t n = j->disk.write(j->disk.context, file, at + done, bytes.data + done, bytes.len - done);
        if (n == -EINTR)
            continue;
        if (n <= 0)
            return disk_failed(j, n);
        done += (size_t)n;
        j->stats.bytes_written += (uint64_t)n;
    }
    return true;
}

static bool sync_file(struct journal *j, int file)
{
    j->stats.syncs++;
    int result = j->disk.sync(j->disk.context, file);
    return result == 0 || disk_failed(j, result);
}

static bool sync_names(struct journal *j)
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
    uint8_t slot[JOURNAL_NUMBERS_SLOT];
    journal_numbers_write(&next, slot);
    /* 4 KiB apart: a page torn by the flash must not take both. */
    uint64_t at = (next.generation & 1) * 4096;
    if (!write_all(j, j->numbers_file, at, (struct text){(const char *)slot, sizeof slot}) ||
        !sync_file(j, j->numbers_file))
        return false;
    j->numbers = next;
    return true;
}

/* ---- skips ---- */

void journal_add_skip(struct journal *j, uint64_t first, uint64_t last)
{
    for (size_t i = 0; i < j->skip_count; i++)
        if (first <= j->skips[i].last + 1 && j->skips[i].first <= last + 1) {
            if (first < j->skips[i].first)
                j->skips[i].first = first;
            if (last > j->skips[i].last)
                j->skips[i].last = last;
            return;
        }
    if (j->skip_count == JOURNAL_SKIPS_MAX) {
        /* The oldest goes undeclared: the tracker waits hole_s there, once, and goes on. */
        memmove(j->skips, j->skips + 1, (JOURNAL_SKIPS_MAX - 1) * sizeof j->skips[0]);
        j->skip_count--;
    }
    j->skips[j->skip_count++] = (struct journal_range){first, last};
}

size_t journal_skips(const struct journal *j, const struct journal_range **out)
{
    uint64_t first = journal_first(j);
    size_t from = 0;
    while (from < j->skip_count && j->skips[from].last < first)
        from++;
    *out = j->skips + from;
    return j->skip_count - from;
}

/* ---- segments ---- */

static void segment_remove_oldest(struct journal *j)
{
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

static uint64_t bytes_kept(const struct journal *j)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < j->segment_count; i++)
        sum += j->segments[i].size;
    return sum;
}

/* Whether the oldest segment may be removed at all: the last one tells the next run where the numbers stand.
 */
static bool has_removable(const struct journal *j)
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

static void bound_segments(struct journal *j, struct wall now)
{
    while (has_removable(j) && (bytes_kept(j) > j->options.max_bytes ||
                                j->segment_count >= JOURNAL_SEGMENTS_MAX - 1 || oldest_is_aged(j, now)))
        segment_remove_oldest(j);
}

static bool segment_create(struct journal *j, struct wall now)
{
    bound_segments(j, now);
    struct buf head;
    buf_init(&head, 4096);
    uint32_t salt = pending_salt(j);
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
    bool written = file >= 0 ? write_all(j, file, 0, buf_text(&head)) : disk_failed(j, file);
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

static void segment_retire(struct journal *j)
{
    assert(j->pending.len == 0); /* its salt is that of this segment */
    if (j->active >= 0)
        j->disk.close(j->disk.context, j->active);
    j->active = -1;
}

/* ---- writing ---- */

/* Notes in the active segment which fixes the bytes hold that it has just taken. */
static void count_written(struct journal *j)
{
    struct journal_segment *s = &j->segments[j->segment_count - 1];
    struct journal_record record;
    size_t at = 0;
    while (journal_next_record(j, buf_text(&j->pending), pending_salt(j), &at, &record))
        if (record.type == JOURNAL_RECORD_FIX) {
            if (s->first_seq == 0)
                s->first_seq = record.number;
            s->last_seq = record.number;
        }
    s->size += j->pending.len;
}

static bool write_pending(struct journal *j, struct wall now)
{
    if (j->active < 0 && !segment_create(j, now))
        return false;
    struct journal_segment *s = &j->segments[j->segment_count - 1];
    if (!write_all(j, j->active, s->size, buf_text(&j->pending)))
        return false;
    count_written(j);
    buf_clear(&j->pending);
    j->pending_first = 0;
    j->dirty = true;
    j->error = 0;
    return true;
}

static void flush(struct journal *j, struct wall now)
{
    if (j->pending.len == 0 || write_pending(j, now))
        return;
    /* A full volume: the oldest that is acknowledged makes room for what is not. */
    while (j->error == ENOSPC && has_removable(j) && j->segments[0].last_seq <= j->acked) {
        segment_remove_oldest(j);
        if (write_pending(j, now))
            return;
    }
}

static void drop_oldest_pending(struct journal *j)
{
    struct journal_record record;
    size_t used = 0;
    uint32_t salt = pending_salt(j);
    if (journal_record_read(buf_text(&j->pending), salt, &record, &used) != JOURNAL_READ_OK)
        used = j->pending.len;
    else if (record.type == JOURNAL_RECORD_FIX)
        j->stats.dropped_memory++;
    memmove(j->pending.data, j->pending.data + used, j->pending.len - used);
    j->pending.len -= used;
    j->pending_first = 0;
    size_t at = 0;
    while (j->pending_first == 0 && journal_next_record(j, buf_text(&j->pending), salt, &at, &record))
        if (record.type == JOURNAL_RECORD_FIX)
            j->pending_first = record.number;
    j->cursor_valid = false;
}

static void put_record(struct journal *j, const struct journal_record *record)
{
    while (j->pending.len > 0 &&
           j->pending.len + JOURNAL_RECORD_HEAD + record->payload.len > j->pending.limit)
        drop_oldest_pending(j);
    journal_record_write(&j->pending, pending_salt(j), record);
    if (record->type == JOURNAL_RECORD_FIX && j->pending_first == 0)
        j->pending_first = record->number;
}

static void put_skip(struct journal *j, uint64_t first, uint64_t last)
{
    while (j->pending.len > 0 && j->pending.len + JOURNAL_RECORD_HEAD + 8 > j->pending.limit)
        drop_oldest_pending(j);
    journal_record_write_skip(&j->pending, pending_salt(j), first, last);
    journal_add_skip(j, first, last);
}

enum journal_status journal_append(struct journal *j, struct text payload, struct wall now, uint64_t *out_seq)
{
    if (payload.len > JOURNAL_PAYLOAD_MAX || payload.len + JOURNAL_RECORD_HEAD > j->pending.limit)
        return JOURNAL_TOO_LARGE;
    if (j->next_seq > j->numbers.reserved && !journal_claim(j, j->next_seq - 1 + JOURNAL_BLOCK, false))
        return JOURNAL_NO_NUMBER;
    struct journal_record record = {JOURNAL_RECORD_FIX, j->next_seq, payload};
    put_record(j, &record);
    if (!buf_ok(&j->pending)) {
        j->pending.failed = false;
        return JOURNAL_MEMORY; /* the number stays free */
    }
    *out_seq = j->next_seq;
    j->last_seq = j->next_seq++;
    j->stats.appended++;
    flush(j, now);
    /* A burst within one commit interval must not outgrow what can be read back. */
    if (j->active >= 0 && j->segments[j->segment_count - 1].size >= (uint64_t)j->options.segment_bytes * 2)
        journal_commit(j, now);
    return JOURNAL_OK;
}

void journal_ack(struct journal *j, uint64_t seq)
{
    j->acked = seq < j->next_seq ? seq : j->next_seq - 1;
}

enum journal_status journal_raise(struct journal *j, uint64_t seq, struct wall now)
{
    if (seq < j->next_seq)
        return JOURNAL_OK;
    if (seq >= j->numbers.reserved && !journal_claim(j, seq + JOURNAL_BLOCK, false))
        return JOURNAL_NO_NUMBER;
    put_skip(j, j->next_seq, seq);
    j->next_seq = seq + 1;
    flush(j, now);
    return JOURNAL_OK;
}

void journal_commit(struct journal *j, struct wall now)
{
    /* Not while the disk refuses: it would push a fix out of the waiting memory. */
    if (j->acked != j->acked_written && j->pending.len == 0) {
        struct journal_record ack = {.type = JOURNAL_RECORD_ACK, .number = j->acked};
        put_record(j, &ack);
        j->acked_written = j->acked;
    }
    flush(j, now);
    if (j->dirty && j->active >= 0) {
        bool synced = sync_file(j, j->active) && (!j->names_dirty || sync_names(j));
        j->dirty = false;
        /* What a failed sync has left on the medium is unknown: write on elsewhere. */
        if (!synced && j->pending.len == 0)
            segment_retire(j);
    }
    if (j->numbers.reserved < j->next_seq - 1 + JOURNAL_BLOCK / 2)
        journal_claim(j, j->next_seq - 1 + JOURNAL_BLOCK, false);
    if (j->active >= 0 && j->pending.len == 0 &&
        j->segments[j->segment_count - 1].size >= j->options.segment_bytes)
        segment_retire(j);
    bound_segments(j, now);
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
    return j->numbers.last > used ? j->numbers.last : used;
}

/* The block that this run may use, above everything that an earlier one may have used. */
static enum journal_status begin_run(struct journal *j, struct wall now)
{
    uint64_t first = used_for_certain(j) + 1;
    if (!journal_claim(j, j->next_seq - 1 + JOURNAL_BLOCK, false) || !sync_names(j))
        return JOURNAL_IO;
    for (size_t i = 0; i < j->skip_count; i++)
        if (j->skips[i].last >= first)
            first = j->skips[i].last + 1;
    if (first < j->next_seq)
        put_skip(j, first, j->next_seq - 1);
    flush(j, now);
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
    /* Room for the segments that any options have made. */
    const struct journal_options options = {.segment_bytes = 16 << 20, .memory_bytes = 64 << 20};
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

uint64_t journal_first(const struct journal *j)
{
    for (size_t i = 0; i < j->segment_count; i++)
        if (j->segments[i].first_seq != 0)
            return j->segments[i].first_seq;
    return j->pending_first != 0 ? j->pending_first : j->next_seq;
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
    stats.bytes_kept = bytes_kept(j);
    stats.segments = j->segment_count;
    return stats;
}
