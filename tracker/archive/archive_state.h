/*
 * archive_state: the archive in memory, and what the files that make it up offer each other. Private to them.
 *
 * Calls go down this list: archive, archive_sweep, archive_asking, archive_taking, archive_turn, archive_closing, archive_load.
 */
#ifndef MW_ARCHIVE_STATE_H
#define MW_ARCHIVE_STATE_H

#include "archive.h"
#include "archive_streams.h"
#include "names.h"
#include "summing.h"
#include "track_chunk.h"

#include <muckwatch/contract.h>

enum {
    ARCHIVE_DAYS_MAX = 4, /* with lines in memory at a time */
    ARCHIVE_WORLDS_MAX = 8,
    ARCHIVE_READ_STREAMS = 128, /* asked in one question */
    ARCHIVE_READ_COUNT = 64,    /* entries of each */
    ARCHIVE_NAME_MAX = 72,      /* "track:" and a vehicle */
};

#define ARCHIVE_DAY_MS INT64_C(86400000)

enum archive_ask {
    ASK_REGISTRATION,
    ASK_OWNER,
    ASK_TIME,
    ASK_ADDED,
    ASK_NEEDS, /* of a keeper of evidence */
    ASK_COUNT_OF_VEHICLES,
    ASK_VEHICLES,
    ASK_FORK,
    ASK_READ,
    ASK_CHECKPOINT,
    ASK_WORLD,
    ASK_INTENT,
    ASK_REGISTER,
};

/* One stream that is followed. */
struct followed {
    const struct archive_stream_row *row;
    struct text name, vehicle;  /* as in names; vehicle of a track */
    struct archive_position at; /* read so far; the turn under way included */
    int64_t missed;             /* of what the tracker let go of by count */
    int64_t added;              /* up to `at`, as the store counts them; below 0: not known */
    struct archive_position
        marked; /* where the store has last counted; `marked_added` below 0: that is behind `at` */
    int64_t marked_added;
    bool moved;   /* in this turn */
    int32_t file; /* that it moved in */
    bool more;    /* the last question did not come to its end */
};

/* A day with lines in memory, or one that is in the turn under way. */
struct open_day {
    bool used, in_turn, fresh; /* fresh: its file was begun by this turn */
    int32_t day;
    struct open_part open;
    struct open_part closing; /* while it is closed, vehicle by vehicle */
    bool is_closing;
    size_t closed;   /* vehicles of it */
    struct buf body; /* of this turn, for the tail */
    int64_t touched;
};

struct archive {
    struct archive_options options;
    const struct archive_disk *disk;
    struct archive_state state; /* as the disk has it, but for the turn under way */
    int64_t store_turn;         /* what the store has of ours */
    struct wall wall;
    struct mono mono;

    struct names *names; /* of streams; number - 1 is the place in `streams` */
    struct followed *streams;
    size_t count, cap;
    struct open_day days[ARCHIVE_DAYS_MAX];

    bool connected, broken, waiting;
    bool failing; /* something failed, and no sweep has come to its end since */
    enum archive_ask ask;
    bool in_turn;
    size_t turn_bytes;
    bool has_orphans;
    bool registered; /* since it connected, or began a life */

    /* The sweep under way. */
    const char *went_back; /* how that is known; NULL: the store did not */
    int64_t sweep_batch, sweep_ms, vehicles_known;
    size_t next;                          /* stream to be asked */
    uint32_t asked[ARCHIVE_READ_STREAMS]; /* those of the question under way */
    size_t asked_count;
    bool again;             /* some stream has more */
    bool through;           /* all was read to its end */
    char fork_from[56];     /* the next page of a walk back ends before it */
    size_t checkpoint_next; /* vehicle whose checkpoint is asked for a fresh day */
    char worlds[ARCHIVE_WORLDS_MAX][80];
    size_t world_count;

    int64_t registered_batch, upto_ms, registered_ms, forget_ms;
    int64_t
        needs_ms; /* from when on a keeper of evidence needs tracks, as the store said last; INT64_MAX: none */
    bool needs_known;
    struct buf command, line, fields, places;
    struct chunk_summing chunk_summing;
    struct summing summing;
    int64_t sum_ms; /* when it is looked again for what is due */
    struct archive_figures figures;
};

/* ---- archive_load.c ---- */
/* Forgets all, and reads it from the disk. */
bool archive_load(struct archive *a);
void archive_unload(struct archive *a);
/* The stream of this name, which may be new. NULL without memory, or where nothing of that name is followed. */
struct followed *archive_follow(struct archive *a, struct text name);
static inline struct archive_cursor archive_cursor_of(const struct followed *stream)
{
    return (struct archive_cursor){stream->name, stream->at, stream->missed, stream->added};
}
static inline uint32_t archive_number(const struct archive *a, const struct followed *stream)
{
    return (uint32_t)(stream - a->streams);
}
/* The day with room for its lines. NULL where all are in the turn under way, or the disk fails. */
struct open_day *archive_day(struct archive *a, int32_t day, bool in_turn);

/* ---- archive_closing.c ---- */
/* A slice of what is to be closed into chunks; outside of turns. `*out_more`: there is more at once. */
bool archive_close_some(struct archive *a, bool *out_more);
/* All of one day, at once. */
bool archive_close_day(struct archive *a, struct open_day *day);
/* What is older than it is kept goes. */
bool archive_forget(struct archive *a);
void archive_take_needs(struct archive *a, const struct archive_answer *answer);

/* ---- archive_turn.c ---- */
bool archive_turn_begin(struct archive *a);
/* The files that were begun, one after the other. */
bool archive_turn_commit(struct archive *a);
/* A new life, told to the disk. */
bool archive_turn_life(struct archive *a, const char *why, int64_t batch_found);

/* ---- archive_taking.c ---- */
enum taken { TAKEN, TAKEN_LATER, TAKEN_NOT };
/* An entry behind where the stream stands. TAKEN_LATER: it belongs into another file than others of this turn. TAKEN_NOT:
 * the disk failed, or memory is gone. */
enum taken archive_take_entry(struct archive *a, struct followed *stream, struct archive_position at,
                              const struct archive_answer *fields);
/* Whether the archive has this entry, in any life. */
bool archive_has(struct archive *a, const struct followed *stream, struct archive_position at,
                 const struct archive_answer *fields, bool *out);
/* What it has behind `from` is remembered, so that it is known when it is sent again; the stream begins its new life there. */
bool archive_fork(struct archive *a, struct followed *stream, struct archive_position from);
struct archive_position archive_id(struct text id);

/* ---- archive_missed.c ---- */
/* The stream that the tracker lets go of by count. */
struct followed *archive_capped(struct archive *a);
struct archive_step archive_ask_added(struct archive *a);
void archive_take_added(struct archive *a, const struct archive_answer *answer);
/* Before an entry is taken. */
void archive_count_before(struct followed *stream, struct archive_position at);
/* All streams were read to their end. False where the disk failed. */
bool archive_count_at_end(struct archive *a);

/* ---- archive_sweep.c ---- */
struct archive_step archive_sweep_begin(struct archive *a);
struct archive_step archive_sweep_answer(struct archive *a, const struct archive_answer *answer);

/* ---- archive_asking.c ---- */
/* The command that was written is asked. */
struct archive_step archive_asking(struct archive *a, enum archive_ask ask);
struct archive_step archive_asleep(int64_t ms);
/* A key of the partition. */
struct text archive_key_of(const struct archive *a, const char *tail, char key[MW_KEY_MAX]);
/* A command of these words, NULL behind the last, the second being a key behind the prefix. */
struct archive_step archive_ask_words(struct archive *a, enum archive_ask ask, const char *const *words);
#define ARCHIVE_ASK_WORDS(a, ask, ...) archive_ask_words((a), (ask), (const char *const[]){__VA_ARGS__, NULL})
struct archive_step archive_ask_intent(struct archive *a); /* of a turn; outside of one, that we are there */
struct archive_step
archive_ask_register(struct archive *a);                 /* everything up to this sweep's batch is on disk */
struct archive_step archive_ask_read(struct archive *a); /* the streams that were chosen */

/* ---- archive.c ---- */
struct archive_step archive_broken(struct archive *a, const char *what);
void archive_tell(struct archive *a, enum log_level level, const char *event, const struct log_field *fields);
#define ARCHIVE_TELL(a, level, event, ...)                                                                   \
    archive_tell((a), (level), (event), (const struct log_field[]){__VA_ARGS__, LOG_END})

#endif
