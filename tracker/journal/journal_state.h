/*
 * journal_state: a journal in memory, and what the files that make it up offer each other. Private to them.
 *
 * Calls go down this list: journal, journal_pending, journal_load, journal_segments, journal_skips.
 */
#ifndef MW_JOURNAL_STATE_H
#define MW_JOURNAL_STATE_H

#include "buf.h"
#include "journal.h"
#include "journal_record.h"

/* 64 MiB in segments of 512 KiB are 128; the rest is for the short ones that power cuts leave. */
enum { JOURNAL_SEGMENTS_MAX = 512 };

enum { JOURNAL_NAME_MAX = 32 };

struct journal_segment {
    uint64_t ordinal;
    uint64_t first_seq, last_seq; /* of the fixes in it; 0 where none */
    uint64_t size;                /* bytes up to which it is read */
    uint64_t created_ms;          /* wall */
};

struct journal {
    struct journal_disk disk;
    struct journal_options options;
    bool read_only;
    struct journal_numbers numbers; /* as last synced */
    int numbers_file;
    uint64_t next_seq;
    uint64_t last_seq; /* of the last fix appended or found */
    uint64_t acked, acked_written;
    struct journal_range skips[JOURNAL_SKIPS_MAX];
    size_t skip_count;

    struct journal_segment segments[JOURNAL_SEGMENTS_MAX]; /* by ordinal */
    size_t segment_count;
    uint64_t next_ordinal;
    int active; /* handle of the last segment, or -1: the next write makes a new one */
    bool dirty, names_dirty;
    bool changed; /* something waits for a commit, since: */
    struct mono changed_at;

    struct buf pending; /* records not yet taken by the disk, under the salt of the segment they will go to */
    uint64_t pending_first;

    struct buf cache; /* a segment's bytes */
    uint64_t cache_ordinal;
    size_t cursor_at; /* in the cache, or in pending where cursor_pending */
    uint64_t cursor_seq;
    bool cursor_valid;

    int error;
    struct journal_stats stats;
};

/* From journal_load.c */

/* Looks through the folder: numbers, segments, skips. OK, IO, MEMORY. Claims nothing. */
enum journal_status journal_load(struct journal *j, const char *new_boot);
void journal_segment_name(uint64_t ordinal, char *out);
/* The next whole record at or after *at, which is moved behind it; counts what it had to pass over. */
bool journal_next_record(struct journal *j, struct text bytes, uint32_t salt, size_t *at,
                         struct journal_record *out);

/* From journal_skips.c; also journal_first. */

void journal_add_skip(struct journal *j, uint64_t first, uint64_t last);

/* From journal_segments.c */

/* The salt of the segment that what is pending will go to. */
uint32_t journal_pending_salt(const struct journal *j);
/* All of it, or false; a short write is what a full volume gives before it says so. */
bool journal_write_all(struct journal *j, int file, uint64_t at, struct text bytes);
bool journal_sync_file(struct journal *j, int file);
bool journal_sync_names(struct journal *j);
/* Writes the other slot of the numbers and syncs it. */
bool journal_claim(struct journal *j, uint64_t reserved, bool clean);
bool journal_segment_create(struct journal *j, struct wall now);
/* The active one is written no more; nothing may be pending. */
void journal_segment_retire(struct journal *j);
/* Whether the oldest may be removed at all: the last one tells the next run where the numbers stand. */
bool journal_has_removable(const struct journal *j);
void journal_segment_remove_oldest(struct journal *j);
/* Removes what is beyond the journal's size, count or age. */
void journal_bound(struct journal *j, struct wall now);
uint64_t journal_bytes_kept(const struct journal *j);

/* From journal_pending.c */

/* Adds a record; where the memory is full the oldest that waits is dropped. */
void journal_put(struct journal *j, const struct journal_record *record);
void journal_put_skip(struct journal *j, uint64_t first, uint64_t last);
/* Hands all that waits to the disk, if it takes it. */
void journal_flush(struct journal *j, struct wall now);

#endif
