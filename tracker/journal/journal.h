/*
 * journal: every fix of an onboard unit, on flash, until the tracker has acknowledged it and beyond.
 *
 * A folder with
 * - numbers: two slots of 64 bytes, 4 KiB apart, written in turn and synced: `boot`, and up to where seq may
 *   have been used
 * - ORDINAL.journal: segments of records (journal_record.h); the ordinal in 16 hexadecimal digits
 * - lock: held while a process has the journal
 *
 * What it promises
 * - No seq is used for two fixes. A number is used only after a slot that covers it was synced. After
 *   anything but a clean close the next number lies above all that was covered, and the range between is
 *   declared (journal_skips).
 * - Power loss at any byte costs at most what was appended since the last commit. A torn tail is left where
 *   it is and passed over; a segment that ends in one is never written again, so nothing is ever truncated,
 *   and whole records behind damage are still read.
 * - At most one commit each fsync_ms: a sync of the segment; rarely of a new name or of the numbers, too.
 * Acks are written along with the next fix.
 * - Bounded. By size: whatever is oldest goes first, journal_first() tells, and what nobody had acknowledged
 *   is counted. By age: acknowledged segments only. While the disk takes nothing, records wait in a bounded
 *   memory, the oldest dropped first; the numbers are written in place and need no space.
 * - `boot` is new only where neither the numbers nor a segment can be read.
 *
 * Crash points. A new segment's name is synced with the first commit after its making: before that nothing
 * in it was promised. A removed segment that comes back holds old numbers, each with its own fix: sending
 * them again makes duplicates, nothing new. A slot torn while it was written was not used yet; since that
 * cannot be told from one that rotted later, one more block is left out.
 *
 * One thread. Times are arguments. The disk is a table of functions, see journal_disk.h.
 */
#ifndef MW_JOURNAL_H
#define MW_JOURNAL_H

#include "clock.h"
#include "journal_disk.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum { JOURNAL_SKIPS_MAX = 64 };

/* Numbers are claimed on flash this many at a time: one write of 64 bytes each 512 fixes or more. */
enum { JOURNAL_BLOCK = 1024 };

/* What is left out when the numbers file is lost but segments are there: 2^32, since no bound on use is
 * known. */
#define JOURNAL_LOST_NUMBERS_SKIP (UINT64_C(1) << 32)

enum journal_status {
    JOURNAL_OK,
    JOURNAL_BUSY,      /* another process has it */
    JOURNAL_IO,        /* the disk refused; journal_error() tells why */
    JOURNAL_MEMORY,    /* out of memory */
    JOURNAL_TOO_LARGE, /* payload over JOURNAL_PAYLOAD_MAX */
    JOURNAL_NO_NUMBER, /* no number could be claimed on flash: the fix has to go out without one */
    JOURNAL_END,       /* nothing to read from there on */
};

struct journal_options {
    uint64_t max_bytes;     /* of all segments together */
    int64_t max_age_ms;     /* acknowledged segments older than this go */
    int64_t fsync_ms;       /* at most one commit in this time */
    uint32_t segment_bytes; /* a segment is closed when it has reached this */
    uint32_t memory_bytes;  /* bound of what waits while the disk takes nothing */
};

struct journal_range {
    uint64_t first, last;
};

struct journal_entry {
    uint64_t seq;
    struct text payload; /* borrowed until the next call on the journal */
};

struct journal_stats {
    uint64_t appended;        /* fixes */
    uint64_t bytes_written;   /* handed to the disk */
    uint64_t syncs;           /* of files and names */
    uint64_t dropped_unacked; /* fixes that a removed segment held and nobody had acknowledged */
    uint64_t dropped_memory;  /* fixes dropped from the waiting memory */
    uint64_t damaged_bytes;   /* passed over when reading */
    uint64_t write_errors;
    uint64_t bytes_kept;
    uint64_t segments;
};

struct journal;

/*
 * Opens the journal on `disk`, which it takes over (also on failure), and claims the first block of numbers.
 * `new_boot` is JOURNAL_BOOT_LEN hexadecimal digits, used where the journal is new. BUSY, IO, MEMORY.
 * Reads every segment once.
 */
enum journal_status journal_open(const struct journal_disk *take_disk, const struct journal_options *options,
                                 const char *new_boot, struct wall now, struct journal **out);
/*
 * Opens the journal in the folder `path` to read: claims and changes nothing, another process may have it.
 * Serves journal_read and the questions below; ends with journal_abandon. IO (also where there is none),
 * MEMORY.
 */
enum journal_status journal_open_to_read(const struct journal_disk *take_disk, struct journal **out);
/* Writes out all, syncs and notes that the stop was clean. NULL is fine. */
void journal_close(struct journal *j, struct wall now);
/* Frees the memory and nothing else: what a crash leaves behind. For tests and for a disk that is gone. */
void journal_abandon(struct journal *j);

/* Adds a fix (JSON object without boot and seq). TOO_LARGE, NO_NUMBER. A disk that refuses is no error here.
 */
enum journal_status journal_append(struct journal *j, struct text payload, struct wall now,
                                   uint64_t *out_seq);
/* The tracker's word: all up to `seq` is durable. May go back. Numbers never used are cut to the last one
 * used. */
void journal_ack(struct journal *j, uint64_t seq);
/* Commits when due, fsync_ms after the first change. Returns the milliseconds until it has to be called
 * again, or -1 for not before an append.
 */
int64_t journal_tick(struct journal *j, struct mono now, struct wall wall);
/* Commits at once. */
void journal_commit(struct journal *j, struct wall now);

/* The first fix kept with a seq of `from` or higher. END. Going on from the last one is cheap. */
enum journal_status journal_read(struct journal *j, uint64_t from, struct journal_entry *out);

struct text journal_boot(const struct journal *j);
uint64_t journal_first(const struct journal *j); /* lowest seq kept; the next one where none is */
uint64_t journal_last(const struct journal *j);  /* of the last fix, 0 before the first */
uint64_t journal_used(const struct journal *j);  /* highest number given out or left out */
uint64_t journal_acked(const struct journal *j);
/* Ranges never used, ascending, that reach beyond `first`. Borrowed until the next call. */
size_t journal_skips(const struct journal *j, const struct journal_range **out);
int journal_error(
    const struct journal *j); /* 0, or the errno that the disk last refused with, while it does */
struct journal_stats journal_stats(const struct journal *j);

#endif
