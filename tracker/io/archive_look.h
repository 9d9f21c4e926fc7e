/*
 * archive_look: an archive read, beside who writes it (docs/ARCHIVE.md).
 *
 * Nothing here writes, waits for the writer, or keeps it waiting. What is asked of one day between begin and end is of one
 * moment: the tail and the chunks that it becomes are read together. What is damaged is told, with the file and what is
 * missing of it, and passed over: the rest stays readable. Every chunk is checked by its hash before its lines are given.
 * Memory is that of a chunk, or of a row of the tail, at a time.
 */
#ifndef MW_ARCHIVE_LOOK_H
#define MW_ARCHIVE_LOOK_H

#include "archive_folder.h"
#include "buf.h"

struct archive_look;
struct archive_day;

enum archive_look_error {
    ARCHIVE_LOOK_OK,
    ARCHIVE_LOOK_NONE,    /* there is no archive */
    ARCHIVE_LOOK_DENIED,  /* it may not be read */
    ARCHIVE_LOOK_LATER,   /* a file is of a later version, or no archive's */
    ARCHIVE_LOOK_DAMAGED, /* the city's file cannot be read */
    ARCHIVE_LOOK_FAILED,
};

/* Who is told of damage; borrowed. What it returns is not heeded. */
struct archive_look_listener {
    archive_folder_tell *tell;
    void *arg;
};
/* A sentence in `why` where it fails. */
enum archive_look_error archive_look_open(const char *path, struct archive_look_listener listener,
                                          struct archive_look **out, char *why, size_t why_size);
void archive_look_close(struct archive_look *look);
/* How often damage was told. */
uint64_t archive_look_damaged(const struct archive_look *look);
/* Days with a file, in order. Valid until it is closed. */
const int32_t *archive_look_days(const struct archive_look *look, size_t *out_count);

/* ---- a day ---- */

/* NULL: its file has gone, is not begun yet, or was told to be damaged. */
struct archive_day *archive_day_begin(struct archive_look *look, int32_t day);
void archive_day_end(struct archive_day *day);

struct archive_box {
    double lat_min, lat_max, lon_min, lon_max;
};
/* What is beside a chunk. */
struct archive_head {
    int64_t id, part, life;
    int64_t batch_first, batch_last, received_first_ms, received_last_ms;
    int64_t first_ms, last_ms; /* of its first and last line's id */
    bool has_time;
    int64_t time_first_ms, time_last_ms;
    uint32_t count;
    bool has_box; /* of archive_day_heads: where its fixes are */
    struct archive_box box;
};
/* Texts of the callbacks below are borrowed for the call; false ends a walk, which then returns false. So it does where the
 * file turns out to be damaged. A callback may not ask the same day for the same. */
typedef bool archive_each_vehicle(void *arg, struct text vehicle);
typedef bool archive_each_head(void *arg, struct text vehicle, const struct archive_head *head);
typedef bool archive_each_body(void *arg, uint32_t part, struct text body);
typedef bool archive_each_mark(void *arg, const struct archive_mark *mark);
typedef bool archive_each_checkpoint(void *arg, const struct archive_checkpoint *checkpoint);

/* Chunks that have fixes in a span of event time and, where a box is given, in it; and those of which nobody knows. */
struct archive_span {
    int64_t from_ms, to_ms; /* [from, to) */
    const struct archive_box *box;
};
/* Vehicles that have such chunks, in order; the box is not heeded. */
bool archive_day_vehicles(struct archive_day *day, const struct archive_span *span,
                          archive_each_vehicle *each, void *arg);
/* The vehicle's next one behind a chunk (NULL: its first), in the order of its stream. False: none is left, or damage. */
bool archive_day_next(struct archive_day *day, struct text vehicle, const struct archive_span *span,
                      const struct archive_head *after, struct archive_head *out);
/* Outlines (outline.h) of the chunks of a span that have places, in no order; its box is not heeded. Quicker than heads. */
struct archive_outline {
    int64_t id; /* of the chunk */
    struct text vehicle, outline;
    int64_t time_first_ms, time_last_ms;
};
typedef bool archive_each_outline(void *arg, const struct archive_outline *outline);
/* Whether all chunks have one: those of before there were any do not. */
bool archive_day_has_outlines(struct archive_day *day);
bool archive_day_outlines(struct archive_day *day, const struct archive_span *span,
                          archive_each_outline *each, void *arg);
/* What is beside a chunk, but for its box, and its outline into an emptied buffer. False: damage, which was told. */
bool archive_day_outlined(struct archive_day *day, int64_t id, struct archive_head *out_head,
                          struct buf *out_outline);
/* Of all vehicles, in no order; a box of the span is not heeded. */
bool archive_day_heads(struct archive_day *day, const struct archive_span *span, archive_each_head *each,
                       void *arg);
/* Its lines and places; valid until the next chunk or tail of this day is asked for. False: it is damaged, and was told. */
bool archive_day_chunk(struct archive_day *day, struct text vehicle, const struct archive_head *head,
                       struct text *out_lines, struct text *out_places);
/* Rows of the tail in their order, as part_read takes them; damaged ones are told and left out. */
bool archive_day_tail(struct archive_day *day, archive_each_body *each, void *arg);
/* Whether a vehicle's lines of a part are in chunks, so that they do not count in the tail. */
bool archive_day_is_closed(struct archive_day *day, uint32_t part, struct text vehicle);
/* Marks of a stream behind a position, of one kind or (empty) all, at most so many. */
struct archive_marks_asked {
    struct text stream, kind;
    struct archive_position after;
    uint32_t most;
};
bool archive_day_marks(struct archive_day *day, const struct archive_marks_asked *asked,
                       archive_each_mark *each, void *arg);
/* What was in force when the day was begun: "rulesets", "attended". Into an emptied buffer; false: nothing. */
bool archive_day_in_force(struct archive_day *day, struct text kind, struct buf *out_line,
                          int64_t *out_batch);
bool archive_day_checkpoints(struct archive_day *day, archive_each_checkpoint *each, void *arg);
/* Numbers that were given up, of one vehicle, in the order of its stream. */
typedef bool archive_each_hole(void *arg, const struct archive_hole *hole);
bool archive_day_holes(struct archive_day *day, struct text vehicle, archive_each_hole *each, void *arg);
/* Lines of a stream of marks that came in a span of time, in its order; for streams that no replay takes. */
struct archive_marks_between {
    struct text stream;
    int64_t from_ms, to_ms; /* of arrival, both included */
};
bool archive_day_marks_between(struct archive_day *day, const struct archive_marks_between *asked,
                               archive_each_mark *each, void *arg);

/* ---- the city ---- */

/* Entries of a stream in their order, those that were told from a time on. */
struct archive_entries_asked {
    struct text stream;
    struct text vehicle, id; /* empty: of all; of `actions` the id is that of the finding they are about */
    int64_t since_ms;
    /* In place of these: what began in [from, to). 0, 0: not asked. */
    int64_t begun_from_ms, begun_to_ms;
};
/* An entry as it stands; a text of `fields` is JSON. */
typedef bool archive_each_entry(void *arg, const struct archive_row *row);
bool archive_look_entries(struct archive_look *look, const struct archive_entries_asked *asked,
                          archive_each_entry *each, void *arg);
/* How far a stream of entries has been read; asked first, what is asked behind it has all up to there. False: nothing yet, or damage. */
bool archive_look_reached(struct archive_look *look, struct text stream, struct archive_position *out);
/* Those of a stream behind a place, at most so many; all lives, in order. */
struct archive_entries_after {
    struct text stream;
    struct archive_position after;
    uint32_t most;
};
bool archive_look_after(struct archive_look *look, const struct archive_entries_after *asked,
                        archive_each_entry *each, void *arg);
/* Those of `actions` and of `audit` that are about a violation, in order. */
bool archive_look_handling(struct archive_look *look, struct text id, archive_each_entry *each, void *arg);
/* Those of `warnings` whose field `id` names a violation of this vehicle, in order. */
bool archive_look_warnings(struct archive_look *look, struct text vehicle, struct text id,
                           archive_each_entry *each, void *arg);
/* Vehicles that had been found silent (`offline`) and not heard again when a day of arrival began. */
bool archive_look_silent(struct archive_look *look, int32_t day, archive_each_vehicle *each, void *arg);
/* The canonical text of a world into an emptied buffer; false: it is not there. */
bool archive_look_world(struct archive_look *look, struct text hash, struct buf *out);
bool archive_look_worlds(struct archive_look *look, archive_each_vehicle *each, void *arg); /* their hashes */

#endif
