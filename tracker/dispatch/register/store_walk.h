/*
 * store_walk: which question to the store comes next, so that memory has all that a partition's streams tell.
 *
 * At first each stream is read from its begin, a page at a time; then all of them are waited for at once. After a connection
 * was lost each goes on behind what was read last, if that is still there, or if it is older than the stream's first entry, which was
 * trimmed. Else the store is another one, or went back: what is in memory may never have been, and all is read anew.
 *
 * No socket: a caller sends what `store_walk_ask` writes, hands each entry of the answer to `store_walk_entry`, and
 * ends it with `store_walk_answered`.
 */
#ifndef MW_STORE_WALK_H
#define MW_STORE_WALK_H

#include "buf.h"
#include "fields.h"

#include <stdbool.h>
#include <stdint.h>

enum walk_stream {
    WALK_VIOLATIONS,
    WALK_ACTIONS,
    WALK_SHIFTS,
    WALK_RULESETS,
    WALK_TRIPS,
    WALK_LIVE,
    WALK_STREAM_COUNT
};

enum walk_stage {
    WALK_AWAY,  /* no connection */
    WALK_LAST,  /* is what was read last still there? */
    WALK_FIRST, /* or was it trimmed? */
    WALK_PAGES, /* what came since */
    WALK_WAIT   /* all of them at once */
};

enum walk_result {
    WALK_ON,        /* ask on */
    WALK_CAUGHT_UP, /* all that was there has been read; ask on */
    WALK_WENT_BACK  /* forget what was read, of all partitions; each walk begins anew */
};

/* Entries of an answer. One of `live` has up to 170 KB, and while all are waited for the store knows one bound for them. */
enum { WALK_PAGE = 1000, WALK_LIVE_PAGE = 50, WALK_BLOCK_MS = 1000 };

struct store_walk {
    uint32_t partition;
    enum walk_stage stage;
    enum walk_stream stream;                 /* in hand */
    struct entry_id last[WALK_STREAM_COUNT]; /* read so far */
    bool has_last[WALK_STREAM_COUNT];
    struct entry_id seen; /* in this answer */
    bool caught_up;       /* once */
    /* Entries of `live` may have been trimmed before they were read, which loses nothing that hashes do not tell. The caller, who
     * reads those, takes it back. */
    bool live_missed;
    size_t live_entries; /* in this answer */
    uint64_t entries;
};

void store_walk_init(struct store_walk *w, uint32_t partition);
void store_walk_connected(struct store_walk *w);
void store_walk_lost(struct store_walk *w);
/* Appends the command. */
void store_walk_ask(const struct store_walk *w, struct buf *out);
/* The stream that a key of the answer names; false: none of this partition's. */
bool store_walk_find(const struct store_walk *w, struct text key, enum walk_stream *out);
/* Whether the entry is news; one of WALK_LAST and WALK_FIRST is none. */
bool store_walk_entry(struct store_walk *w, enum walk_stream stream, struct entry_id id);
/* The answer ended; it had so many entries. */
enum walk_result store_walk_answered(struct store_walk *w, size_t entries);

#endif
