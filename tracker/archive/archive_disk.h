/*
 * archive_disk: what the archive asks of a disk, as a table of functions: one file for the city, one for each day.
 *
 * The table exists so that a test can stand in for the disk, kill the archive between any two calls, and fill the
 * volume. What is put into a file between `begin` and `commit` is there whole or not at all; a file that was never
 * begun is made. All return false when it failed, and `why` then says a sentence. Texts are borrowed for the call.
 */
#ifndef MW_ARCHIVE_DISK_H
#define MW_ARCHIVE_DISK_H

#include "buf.h"
#include "day_sum.h"

#include <stdbool.h>
#include <stdint.h>

/* The file of what belongs to no day; every other number is days since 1970-01-01, UTC. */
#define ARCHIVE_CITY INT32_MIN

enum { ARCHIVE_ENTRY_HASH = 16, ARCHIVE_CHUNK_HASH = 32, ARCHIVE_ID_LENGTH = 32 };

/* Where an entry stands: the archive's life, and the entry's id in the store. Ordered by all three. */
struct archive_position {
    int64_t life, ms;
    uint64_t seq;
};

struct archive_state {
    char id[ARCHIVE_ID_LENGTH + 1]; /* of this archive, random */
    int64_t turn, life, batch;
};

struct archive_life {
    int64_t life, begun_ms, batch_archived, batch_found;
    const char *why;
};

struct archive_cursor {
    struct text stream;
    struct archive_position at;
    int64_t missed; /* let go of by the store before they were read */
    int64_t added;  /* up to here, as the store counts them; below 0: not known */
};

struct archive_row {
    struct text stream, id, event, kind, vehicle, company, fields;
    struct archive_position at;
    int64_t rev, start_ms, received_ms; /* times below 0: none */
    unsigned char hash[ARCHIVE_ENTRY_HASH];
};

struct archive_mark {
    struct text stream, kind, vehicle, line;
    struct archive_position at;
    int64_t batch, received_ms;
};

struct archive_hole {
    struct text vehicle, hole;
    struct archive_position at;
    int64_t batch, received_ms;
    bool seen;
};

struct archive_checkpoint {
    struct text vehicle, upto, ruleset, settled, stored, state; /* empty: none */
    struct archive_position at;
    int64_t batch;
};

/* Lines of one vehicle, and four numbers a line, neither of them compressed. */
struct archive_chunk {
    struct text vehicle, lines, places;
    struct text outline; /* outline.h; empty: no line has a place */
    struct text sum;     /* day_piece_write; empty: it was not summed */
    uint32_t part;
    struct archive_position first, last;
    int64_t batch_first, batch_last, received_first_ms, received_last_ms;
    uint32_t count;
    bool has_time, has_box;
    int64_t time_first_ms, time_last_ms;
    double lat_min, lat_max, lon_min, lon_max;
    unsigned char hash[ARCHIVE_CHUNK_HASH]; /* of the lines */
};

/* Chunks of a vehicle with entries at or behind an id, in days from one on. */
struct archive_search {
    int32_t from;
    struct text vehicle;
    struct archive_position at;
};

/* What a vehicle's day gives, and the days' files whose chunks it was made of, oldest first. */
enum { ARCHIVE_SUM_FILES = 64 }; /* units keep what they send for seven days */
struct archive_day_sum {
    struct text vehicle;
    int32_t day; /* of the city */
    struct day_sum sum;
    int32_t files[ARCHIVE_SUM_FILES];
    size_t file_count;
};

/* Chunks that the figures lack: those with a fix from before `day`, which begins at `start_ms`. */
struct archive_due {
    int32_t day;
    int64_t start_ms;
};

/* Those of a vehicle in one day's file. */
struct archive_due_of {
    int32_t file;
    struct text vehicle;
    struct archive_due due;
};

/* Chunks of a vehicle in one day's file with fixes in [from, to), by their own time. */
struct archive_stretch {
    int32_t file;
    struct text vehicle;
    int64_t from_ms, to_ms;
};

/* A chunk with what its fixes give, as they were when it was closed. */
struct archive_summed {
    int64_t id; /* in its file */
    int64_t time_first_ms, time_last_ms;
    struct text sum; /* empty: none that can be read */
};

/* How lines are made small while they wait in memory; both into an emptied buffer, false without memory. */
struct archive_press {
    void *context;
    bool (*pack)(void *context, struct text in, struct buf *out);
    bool (*unpack)(void *context, struct text in, struct buf *out);
    size_t at_bytes; /* of a vehicle, at a time */
};

/* False ends the walk, which then fails. */
typedef bool archive_each_cursor(void *arg, const struct archive_cursor *cursor);
typedef bool archive_each_tail(void *arg, int32_t day, uint32_t part, struct text body);
typedef bool archive_each_chunk(void *arg, int64_t life, struct text lines, struct text places);
typedef bool archive_each_summed(void *arg, int32_t file, const struct archive_summed *chunk);

struct archive_disk {
    void *context;
    const struct archive_press *press; /* NULL: lines wait as they are */
    const char *(*why)(void *context);
    bool (*begin)(void *context, int32_t file);
    bool (*commit)(void *context, int32_t file);
    /* All that was begun and not committed. */
    void (*undo)(void *context);

    /* The city's file, begun. */
    bool (*put_state)(void *context, const struct archive_state *state);
    bool (*put_life)(void *context, const struct archive_life *life);
    bool (*put_row)(void *context,
                    const struct archive_row *row); /* one that is told again changes nothing */
    bool (*put_world)(void *context, struct text hash, struct text canonical);
    bool (*put_orphan)(void *context, struct text stream, const unsigned char key[ARCHIVE_ENTRY_HASH],
                       int64_t made_ms);
    /* Any file, begun. */
    bool (*put_cursor)(void *context, int32_t file, const struct archive_cursor *cursor);
    /* A day's, begun. */
    bool (*put_tail)(void *context, int32_t day, uint32_t part, struct text body);
    bool (*drop_tail)(void *context, int32_t day, uint32_t part);
    bool (*put_chunk)(void *context, int32_t day, const struct archive_chunk *chunk);
    bool (*put_mark)(void *context, int32_t day, const struct archive_mark *mark);
    bool (*put_hole)(void *context, int32_t day, const struct archive_hole *hole);
    bool (*put_in_force)(void *context, int32_t day, struct text kind, int64_t batch, struct text line);
    bool (*put_checkpoint)(void *context, int32_t day, const struct archive_checkpoint *checkpoint);

    /* Reading; whatever was begun shows in it. */
    bool (*load)(void *context, struct archive_state *out);
    bool (*each_cursor)(void *context, archive_each_cursor *each, void *arg); /* of all files */
    bool (*each_tail)(void *context, archive_each_tail *each, void *arg); /* of all days, oldest row first */
    bool (*has_day)(void *context, int32_t day, bool *out);
    bool (*next_part)(void *context, int32_t day, uint32_t *out); /* above all that the file has seen */
    bool (*is_closed)(void *context, int32_t day, uint32_t part, struct text vehicle, bool *out);
    bool (*has_world)(void *context, struct text hash, bool *out);
    bool (*has_row)(void *context, const struct archive_position *at, struct text stream,
                    const unsigned char hash[ARCHIVE_ENTRY_HASH], bool *out); /* in any life, by ms and seq */
    bool (*has_mark)(void *context, const struct archive_position *at, struct text stream, struct text line,
                     bool *out);
    bool (*has_orphan)(void *context, struct text stream, const unsigned char key[ARCHIVE_ENTRY_HASH],
                       bool *out);
    bool (*has_orphans)(void *context, bool *out);
    bool (*each_chunk)(void *context, const struct archive_search *which, archive_each_chunk *each,
                       void *arg);
    /* The newest line of a stream of marks; false in *out where there is none. The text lives until the next call. */
    bool (*last_line)(void *context, struct text stream, struct text *out_line, int64_t *out_batch,
                      bool *out);

    /*
     * Figures (docs/ARCHIVE.md). Those of entries are made with the entries; those of tracks from chunks: one that is put
     * is marked, and is so until it is settled. Chunks that are damaged are passed over.
     */
    /* The city's file, begun. */
    bool (*put_ruleset)(void *context, const struct archive_position *at, struct text ruleset,
                        int64_t received_ms);
    bool (*put_day_sum)(void *context, const struct archive_day_sum *sum);
    /* A day's, begun: the vehicle's chunks that are due have what is before the due day; `wholly`: and nothing else. */
    bool (*settle_chunks)(void *context, int32_t file, struct text vehicle, const struct archive_due *due,
                          bool wholly);
    /* Some vehicle with chunks that are due, and their file; false in *out: there is none. The text lives until the next call. */
    bool (*next_due)(void *context, const struct archive_due *due, int32_t *out_file,
                     struct text *out_vehicle, bool *out);
    bool (*each_due)(void *context, const struct archive_due_of *which, archive_each_summed *each, void *arg);
    bool (*each_between)(void *context, const struct archive_stretch *span, archive_each_summed *each,
                         void *arg); /* in the order in which their lines came */
    bool (*chunk_lines)(void *context, int32_t file, int64_t id, archive_each_chunk *each, void *arg);
    /* Fills in the files of a vehicle's day; none where it has no sum. False in *out_there: one of them is gone. */
    bool (*files_of_day)(void *context, struct archive_day_sum *sum, bool *out_there);

    /* What a day's file does not need any more of the disk is given back; between transactions. */
    bool (*shrink)(void *context, int32_t day);
    /* Lets go of whole days before `day`, and of rows of a stream that are older. Cursors stay: those of a day that goes are
     * put into the city's file, and no others, so that a file that is taken away takes along how far it had come. */
    bool (*forget_days)(void *context, int32_t before);
    bool (*forget_rows)(void *context, struct text stream, int64_t before_ms);
    bool (*forget_orphans)(void *context, int64_t before_ms);
};

#endif
