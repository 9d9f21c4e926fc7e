/*
 * open_part: what has come of a day and is not in chunks yet, vehicle by vehicle, in memory.
 *
 * The same lies in the day's tail on disk, in the order it came, so that it can be read again (part_read). Lines of a
 * vehicle stand in the order of its stream, as the tail has them; some kilobytes of them at a time are pressed, so that
 * chunks are long though many vehicles wait for them.
 */
#ifndef MW_OPEN_PART_H
#define MW_OPEN_PART_H

#include "archive_disk.h"
#include "buf.h"

/* What the tracker said of a fix beside it. */
enum part_late { PART_IN_ORDER, PART_LATE, PART_BY_CLOCK };

/* Where a line stands in the store, and where it ends in the track's text. */
struct part_line {
    struct archive_position at;
    int64_t batch, received_ms;
    size_t end; /* behind its line feed */
    enum part_late late;
};

/* All that waits of a vehicle, as it is read: nothing of it is pressed. */
struct part_track {
    struct text vehicle; /* borrowed from who adds */
    struct buf text;
    struct part_line *lines;
    size_t count, cap;
};

/* Lines that were pressed together. */
struct part_frame {
    struct part_frame *next;
    size_t len;
    char bytes[];
};

struct part_waiting {
    struct text vehicle;             /* borrowed from who adds */
    struct part_frame *first, *last; /* oldest first */
    struct buf text;                 /* what came behind them, each line as part_write writes it */
    size_t bytes;                    /* of all lines, not pressed */
};

struct open_part {
    uint32_t number;
    int64_t begun_ms; /* when its first line was added; 0: it is empty */
    size_t bytes;     /* in memory */
    size_t longest;   /* bytes of the vehicle with most, not pressed */
    struct part_waiting *tracks;
    size_t count, cap;
    uint32_t *places; /* by number of vehicle: place in tracks + 1 */
    size_t places_cap;
    const struct archive_press *press; /* NULL: nothing is pressed */
    struct text written;               /* the line that was added last, as part_write writes it */
    struct part_track whole;           /* of the vehicle that was asked for last */
    struct buf packed, unpacked;
};

void part_init(struct open_part *part, uint32_t number, const struct archive_press *press);
void part_fini(struct open_part *part);
/* A line of the vehicle with this number. False without memory. */
bool part_add(struct open_part *part, uint32_t vehicle_number, struct text vehicle,
              const struct part_line *at, struct text line);
/* Its lines leave memory. */
void part_let_go(struct open_part *part, struct part_waiting *track);
/* NULL where it has none. */
const struct part_waiting *part_find(const struct open_part *part, uint32_t vehicle_number);
/* All its lines, until another vehicle's are asked for; NULL without memory. */
const struct part_track *part_whole(struct open_part *part, const struct part_waiting *track);
struct text part_text(const struct part_track *track, size_t line); /* without its line feed */

/* A line for the tail. */
void part_write(struct buf *body, struct text vehicle, const struct part_line *at, struct text line);
/* Takes the first line off a body. False at its end, or where it is none: then something of *body is left. */
bool part_read(struct text *body, struct text *out_vehicle, struct part_line *out_at, struct text *out_line);

#endif
