/*
 * archive_walk_state: a walk under way, and what its files share: archive_walk.c (the order) and archive_walk_day.c (what
 * one day holds). Private to them.
 */
#ifndef MW_ARCHIVE_WALK_STATE_H
#define MW_ARCHIVE_WALK_STATE_H

#include "archive_walk.h"
#include "names.h"
#include "press.h"

enum { WALK_PARTS_MAX = 8 }; /* of a tail: one open, one that is closed, and what a kill may have left */

/* A line on a page. */
struct walk_item {
    struct part_line at; /* `end` is in the page's text */
};

/* A stream of one day, read a page at a time. */
struct walk_cursor {
    enum track_line_kind kind;
    struct text vehicle; /* of a track */
    uint32_t number;     /* and its symbol */
    struct walk_day *day;
    /* The chunk in hand and the next line of it; then the tail's parts. */
    bool has_head, in_tail;
    struct archive_head head;
    uint32_t line;
    size_t part, part_line;
    int64_t begins_ms;             /* of a track: what stands before it is left out */
    struct archive_position after; /* of marks */
    /* Where its next line belongs; of a chunk that was not opened yet by its first. */
    int64_t life, place;
    struct buf text, vehicles; /* the page; of marks whose each is, in the same way */
    struct walk_item *items;
    size_t *vehicle_ends;
    size_t count, cap, vehicle_cap, next;
    bool ended;
};

struct walk_day {
    int32_t number;
    struct archive_day *day;
    const struct archive_press *press; /* for lines of its tail */
    struct open_part parts[WALK_PARTS_MAX];
    size_t part_count;
    size_t open; /* cursors that have not ended */
};

struct walk {
    struct archive_look *look;
    const struct archive_walk *asked;
    struct names *names;
    struct press *passing;
    struct archive_press press;        /* by it */
    size_t page_bytes_all, page_bytes; /* of all cursors, and of one */
    struct walk_cursor **heap;
    size_t count, cap;
    bool no_memory;
};

/* Above all times of arrival: the numbers of batches begin here. What has none comes before, by its arrival. */
#define WALK_BATCHES_AT (INT64_C(1) << 53)
static inline int64_t walk_place(int64_t batch, int64_t received_ms)
{
    return batch > 0 ? WALK_BATCHES_AT + batch : received_ms;
}

/* ---- archive_walk_day.c ---- */
/* Opens a day and puts its cursors on the heap; NULL where it has nothing, or no memory. */
struct walk_day *walk_day_open(struct walk *w, int32_t number);
void walk_day_close(struct walk_day *day);
/* Whether the vehicle is asked for. */
bool walk_is_chosen(const struct walk *w, struct text vehicle);
/* The next page; `ended` where there is none. False without memory. */
bool walk_turn_page(struct walk *w, struct walk_cursor *c);
void walk_cursor_free(struct walk_cursor *c);

/* ---- archive_walk.c ---- */
bool walk_put(struct walk *w, struct walk_cursor *c);

#endif
