/*
 * journal_load: reads a journal's folder when it is opened, and fixes back out of it.
 *
 * A segment is read whole into one buffer: it is half a megabyte, and the backlog of a dead zone goes through
 * it from front to back. Reading on from the last record is a step in that buffer; a rewind scans one
 * segment.
 */
#include "journal_state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char suffix[] = ".journal";

void journal_segment_name(uint64_t ordinal, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 15; i >= 0; i--, ordinal >>= 4)
        out[i] = digits[ordinal & 15];
    memcpy(out + 16, suffix, sizeof suffix);
}

static bool segment_ordinal(const char *name, uint64_t *out)
{
    if (strlen(name) != 16 + sizeof suffix - 1 || strcmp(name + 16, suffix) != 0)
        return false;
    uint64_t v = 0;
    for (int i = 0; i < 16; i++) {
        const char *digits = "0123456789abcdef";
        const char *d = strchr(digits, name[i]);
        if (d == NULL)
            return false;
        v = v << 4 | (uint64_t)(d - digits);
    }
    *out = v;
    return true;
}

bool journal_next_record(struct journal *j, struct text bytes, uint32_t salt, size_t *at,
                         struct journal_record *out)
{
    while (*at < bytes.len) {
        struct text rest = {bytes.data + *at, bytes.len - *at};
        size_t used;
        if (journal_record_read(rest, salt, out, &used) == JOURNAL_READ_OK) {
            *at += used;
            return true;
        }
        size_t passed = journal_record_resync(rest, salt);
        j->stats.damaged_bytes += passed;
        *at += passed;
    }
    return false;
}

/* Reads `n` bytes of a file at `at` into the cache behind what it holds; fewer where the file ends before. */
static bool read_into_cache(struct journal *j, int file, uint64_t at, size_t n)
{
    char *to = buf_reserve(&j->cache, n);
    if (to == NULL)
        return false;
    size_t done = 0;
    while (done < n) {
        int64_t got = j->disk.read(j->disk.context, file, at + done, to + done, n - done);
        if (got == -EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        assert((uint64_t)got <= n - done);
        done += (size_t)got;
    }
    j->cache.len += done;
    return true;
}

/* Makes the cache hold the segment, reading only what it lacks of one that has grown. */
static bool cache_segment(struct journal *j, const struct journal_segment *s)
{
    bool same = j->cache_ordinal == s->ordinal && j->cache.len > 0;
    if (same && j->cache.len >= s->size)
        return true;
    if (!same) {
        buf_clear(&j->cache);
        j->cursor_valid = false;
    }
    char name[JOURNAL_NAME_MAX];
    journal_segment_name(s->ordinal, name);
    int file = j->disk.open(j->disk.context, name);
    if (file < 0)
        return false;
    size_t have = j->cache.len;
    bool ok = read_into_cache(j, file, have, (size_t)(s->size - have));
    j->disk.close(j->disk.context, file);
    j->cache_ordinal = s->ordinal;
    if (!ok) {
        j->cache.failed = false;
        j->cache.len = have;
    }
    return ok;
}

/* ---- opening ---- */

static int by_ordinal(const void *a, const void *b)
{
    uint64_t x = ((const struct journal_segment *)a)->ordinal,
             y = ((const struct journal_segment *)b)->ordinal;
    return x < y ? -1 : x > y;
}

static void note_name(void *arg, const char *name)
{
    struct journal *j = arg;
    uint64_t ordinal;
    if (!segment_ordinal(name, &ordinal))
        return;
    if (ordinal >= j->next_ordinal)
        j->next_ordinal = ordinal + 1;
    if (!journal_segment_add(j, (struct journal_segment){.ordinal = ordinal}))
        j->error = ENOMEM; /* what is in it would pass for never used */
}

enum numbers_found { NUMBERS_NONE, NUMBERS_ONE, NUMBERS_BOTH };

/* Both slots are in use after the first two claims; a slot of zeros was never written. */
static enum numbers_found read_numbers(struct journal *j, bool *out_damaged)
{
    enum numbers_found found = NUMBERS_NONE;
    *out_damaged = false;
    for (uint64_t at = 0; at <= 4096; at += 4096) {
        uint8_t slot[JOURNAL_NUMBERS_SLOT] = {0}, zeros[JOURNAL_NUMBERS_SLOT] = {0};
        struct journal_numbers numbers;
        int64_t got = j->disk.read(j->disk.context, j->numbers_file, at, slot, sizeof slot);
        if (got == (int64_t)sizeof slot && journal_numbers_read(slot, &numbers)) {
            if (found == NUMBERS_NONE || numbers.generation > j->numbers.generation)
                j->numbers = numbers;
            found = found == NUMBERS_NONE ? NUMBERS_ONE : NUMBERS_BOTH;
        } else if (got < 0 || memcmp(slot, zeros, sizeof slot) != 0) {
            *out_damaged = true;
        }
    }
    return found;
}

static void take_record(struct journal *j, struct journal_segment *s, const struct journal_record *record)
{
    uint64_t last;
    if (record->type == JOURNAL_RECORD_FIX && record->number > j->last_seq) {
        if (s->first_seq == 0)
            s->first_seq = record->number;
        s->last_seq = record->number;
        j->last_seq = record->number;
    } else if (record->type == JOURNAL_RECORD_ACK) {
        j->acked = record->number;
    } else if (journal_record_skip(record, &last)) {
        journal_add_skip(j, record->number, last);
    }
}

/*
 * Reads a segment's records. Where it cannot be read now it is left out of this run but stays on the disk.
 * out_whole: it ended with a whole record, so that it may be written on.
 */
static bool scan_segment(struct journal *j, struct journal_segment *s, bool *out_whole)
{
    char name[JOURNAL_NAME_MAX];
    journal_segment_name(s->ordinal, name);
    int file = j->disk.open(j->disk.context, name);
    if (file < 0)
        return false;
    int64_t size = j->disk.size(j->disk.context, file);
    j->disk.close(j->disk.context, file);
    if (size < 0 || (uint64_t)size > j->cache.limit)
        return false;
    s->size = (uint64_t)size;
    if (size > 0 && !cache_segment(j, s))
        return false;
    struct text bytes = size > 0 ? buf_text(&j->cache) : (struct text){NULL, 0};
    struct journal_record record;
    size_t at = 0;
    char boot[JOURNAL_BOOT_LEN];
    if (journal_record_read(bytes, 0, &record, &at) == JOURNAL_READ_OK &&
        journal_record_segment(&record, boot, &s->created_ms) &&
        memcmp(boot, j->numbers.boot, sizeof boot) != 0)
        return false; /* of another journal: not ours to send or to remove */
    uint64_t damaged_before = j->stats.damaged_bytes;
    bool head_lost = at == 0;
    uint32_t salt = journal_salt(j->numbers.boot, s->ordinal);
    while (journal_next_record(j, bytes, salt, &at, &record))
        take_record(j, s, &record);
    *out_whole = !head_lost && j->stats.damaged_bytes == damaged_before;
    return true;
}

/* The boot that the newest readable segment names, where the numbers are lost. */
static bool boot_from_segments(struct journal *j)
{
    for (size_t i = j->segment_count; i-- > 0;) {
        char name[JOURNAL_NAME_MAX], boot[JOURNAL_BOOT_LEN];
        uint8_t head[JOURNAL_RECORD_HEAD + JOURNAL_BOOT_LEN + 8];
        uint64_t created;
        struct journal_record record;
        size_t used;
        journal_segment_name(j->segments[i].ordinal, name);
        int file = j->disk.open(j->disk.context, name);
        if (file < 0)
            continue;
        int64_t got = j->disk.read(j->disk.context, file, 0, head, sizeof head);
        j->disk.close(j->disk.context, file);
        struct text bytes = {(const char *)head, got > 0 ? (size_t)got : 0};
        if (journal_record_read(bytes, 0, &record, &used) == JOURNAL_READ_OK &&
            journal_record_segment(&record, boot, &created)) {
            memcpy(j->numbers.boot, boot, sizeof boot);
            return true;
        }
    }
    return false;
}

/*
 * A process that was killed may have left the last segment written and not synced; from here on all that was
 * found counts as kept, so it is synced now. It is written on if it ended whole and has room.
 */
static void take_up_last(struct journal *j, const struct journal_segment *s, bool whole)
{
    char name[JOURNAL_NAME_MAX];
    journal_segment_name(s->ordinal, name);
    int file = j->disk.open(j->disk.context, name);
    if (file < 0)
        return;
    int synced = j->disk.sync(j->disk.context, file);
    if (synced == 0 && whole && s->size < j->options.segment_bytes) {
        j->active = file;
        return;
    }
    if (synced != 0)
        j->error = -synced;
    j->disk.close(j->disk.context, file);
}

/* Scans all segments in order, keeps those that are ours, and goes on writing the last if it is fit for that.
 */
static void scan_segments(struct journal *j)
{
    size_t kept = 0;
    bool whole = false;
    for (size_t i = 0; i < j->segment_count; i++) {
        struct journal_segment s = j->segments[i];
        bool mine = scan_segment(j, &s, &whole);
        if (mine)
            j->segments[kept++] = s;
        whole = whole && mine;
    }
    j->segment_count = kept;
    if (kept > 0 && !j->read_only)
        take_up_last(j, &j->segments[kept - 1], whole);
    j->acked_written = j->acked;
}

static uint64_t highest_number(const struct journal *j)
{
    uint64_t highest = j->last_seq;
    for (size_t i = 0; i < j->skip_count; i++)
        if (j->skips[i].last > highest)
            highest = j->skips[i].last;
    return highest;
}

/* The first number that no earlier run can have used. */
static uint64_t next_free(const struct journal *j, enum numbers_found found, bool damaged, bool lost)
{
    uint64_t highest = highest_number(j);
    if (found == NUMBERS_NONE)
        return highest + 1 + (lost ? JOURNAL_LOST_NUMBERS_SKIP : 0);
    if (j->numbers.clean && !damaged && j->numbers.last >= highest)
        return j->numbers.last + 1;
    /* A damaged slot may be a newer claim, which is at most a block further. */
    uint64_t covered = j->numbers.reserved + (damaged ? JOURNAL_BLOCK : 0);
    return (covered > highest ? covered : highest) + 1;
}

enum journal_status journal_load(struct journal *j, const char *new_boot)
{
    int listed = j->disk.list(j->disk.context, note_name, j);
    j->numbers_file = listed < 0 ? listed : j->disk.open(j->disk.context, "numbers");
    if (j->numbers_file < 0) {
        j->error = -j->numbers_file;
        return JOURNAL_IO;
    }
    if (j->error == ENOMEM)
        return JOURNAL_MEMORY;
    if (j->segment_count > 0)
        qsort(j->segments, j->segment_count, sizeof j->segments[0], by_ordinal);
    bool damaged;
    enum numbers_found found = read_numbers(j, &damaged);
    bool lost = found == NUMBERS_NONE && boot_from_segments(j);
    if (found == NUMBERS_NONE && !lost)
        memcpy(j->numbers.boot, new_boot, JOURNAL_BOOT_LEN);
    scan_segments(j);
    j->next_seq = next_free(j, found, damaged, lost);
    if (j->acked >= j->next_seq)
        j->acked = j->next_seq - 1;
    return JOURNAL_OK;
}

/* ---- reading back ---- */

/* The segment to look in for `from`: the first one that holds it or a later fix; segment_count where none. */
static size_t find_segment(const struct journal *j, uint64_t from)
{
    size_t low = 0;
    while (low < j->segment_count && j->segments[low].last_seq < from)
        low++;
    return low;
}

/* Records under one salt. */
struct records {
    struct text bytes;
    uint32_t salt;
};

/* The first fix of `from` or later at or after *at, which is moved behind it. */
static bool next_fix(struct journal *j, struct records records, size_t *at, uint64_t from,
                     struct journal_entry *out)
{
    struct journal_record record;
    while (journal_next_record(j, records.bytes, records.salt, at, &record))
        if (record.type == JOURNAL_RECORD_FIX && record.number >= from) {
            *out = (struct journal_entry){record.number, record.payload};
            return true;
        }
    return false;
}

static bool read_segment(struct journal *j, const struct journal_segment *s, uint64_t from,
                         struct journal_entry *out)
{
    if (!cache_segment(j, s))
        return false;
    bool on = j->cursor_valid && j->cursor_seq == from && j->cache_ordinal == s->ordinal;
    size_t at = on ? j->cursor_at : 0;
    uint64_t damaged = j->stats.damaged_bytes;
    struct text bytes = {j->cache.data, (size_t)s->size < j->cache.len ? (size_t)s->size : j->cache.len};
    struct journal_record head;
    if (at == 0 && journal_record_read(bytes, 0, &head, &at) != JOURNAL_READ_OK)
        at = 0;
    const struct records records = {bytes, journal_salt(j->numbers.boot, s->ordinal)};
    bool found = next_fix(j, records, &at, from, out);
    j->stats.damaged_bytes = damaged; /* counted when it was opened */
    j->cursor_valid = found;
    j->cursor_at = at;
    j->cursor_seq = found ? out->seq + 1 : 0;
    return found;
}

enum journal_status journal_read(struct journal *j, uint64_t from, struct journal_entry *out)
{
    for (size_t i = find_segment(j, from); i < j->segment_count; i++)
        if (read_segment(j, &j->segments[i], from, out))
            return JOURNAL_OK;
    const struct records records = {buf_text(&j->pending), journal_pending_salt(j)};
    size_t at = 0;
    if (j->pending.len > 0 && next_fix(j, records, &at, from, out))
        return JOURNAL_OK;
    return JOURNAL_END;
}
