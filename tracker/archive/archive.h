/*
 * archive: what is asked of the store, and what is put on the disk, in which order. Facts in, one step out.
 *
 * One question is under way at a time. A sweep asks how far the tracker has committed, then reads every stream to its
 * end; what comes is put into files that were begun, a turn; a turn is told to the store (`turn`), then committed: the
 * city's file first, then the days'. When a sweep is through, everything up to the batch it began with is durable, and
 * the registration says so.
 *
 * What always holds:
 *  - Where a stream stands is the greatest position of it in any file, and of one turn all entries of a stream are in one
 *    file. So a kill between any two calls leaves what reading on from there makes whole, and nothing stands twice.
 *  - The store has a turn's number before any file has it. So a store with a lower one went back, and no other has.
 *  - No batch is registered before all of it was committed.
 *  - Of a store that went back nothing is read under the old life, and of each stream what both have is looked for first.
 *  - Whatever fails, all that is in memory is forgotten and read from the disk again, as after a kill.
 *
 * Knows no library and reads no clock; the disk is a table of functions (archive_disk.h).
 */
#ifndef MW_ARCHIVE_H
#define MW_ARCHIVE_H

#include "archive_answer.h"
#include "archive_disk.h"
#include "city_day.h"
#include "clock.h"
#include "log.h"

struct archive;

struct archive_options {
    uint32_t partition;
    const struct archive_disk *disk; /* borrowed */
    int64_t track_ms, findings_ms;   /* how long they are kept */
    size_t part_bytes;               /* in memory before they are closed into chunks; 0: the usual */
    size_t turn_bytes;               /* read in one turn; 0: the usual */
    const struct city_days *days;    /* that figures are kept by; borrowed; NULL: none are */
    int64_t gap_ms;                  /* a longer one is a pause of the track */
    void (*tell)(void *context, enum log_level level, const char *event, const struct log_field *fields);
    void *context; /* of tell, which may be NULL */
};

enum archive_fact_kind { ARCHIVE_CONNECTED, ARCHIVE_LOST, ARCHIVE_ANSWERED, ARCHIVE_DUE };

struct archive_fact {
    enum archive_fact_kind kind;
    struct wall wall;
    struct mono mono;
    const struct archive_answer *answer;
};

enum archive_step_kind {
    ARCHIVE_WAIT,  /* for the connection, or the answer that is owed */
    ARCHIVE_ASK,   /* send `command`, which stays until the next fact */
    ARCHIVE_SLEEP, /* then ARCHIVE_DUE */
    ARCHIVE_END,   /* with `exit_code` */
};

struct archive_step {
    enum archive_step_kind kind;
    struct text command;
    int64_t after_ms;
    int exit_code;
};

/* For pages and tests. */
struct archive_figures {
    bool connected, broken, lags;
    int64_t life, turn, batch, upto_ms; /* durable and registered */
    int64_t tracker_batch;
    int64_t reached_ms,
        sweep_ms; /* of the stream furthest behind in the sweep under way, 0: none is; its end, by the store */
    int64_t missed; /* refusals that the store let go of before they were read */
    uint64_t lines, rows, marks, repeats, turns, chunks, sums, failures;
    uint32_t streams;
    size_t open_bytes;
};

/* Reads where it stands from the disk. NULL without memory or where the disk fails, which then says why. */
struct archive *archive_new(const struct archive_options *options);
void archive_free(struct archive *archive);
struct archive_step archive_take(struct archive *archive, const struct archive_fact *fact);
/* Before a clean end: what is open is closed into chunks, if nothing is under way. */
void archive_figures(const struct archive *archive, struct wall now, struct archive_figures *out);

#endif
