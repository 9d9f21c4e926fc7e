/*
 * open_part: what has come of a day and is not in chunks yet, vehicle by vehicle, in memory.
 *
 * The same lies in the day's tail on disk, in the order it came, so that it can be read again (part_read). Lines of a
 * vehicle stand in the order of its stream.
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

struct part_track {
    struct text vehicle; /* borrowed from who adds */
    struct buf text;
    struct part_line *lines;
    size_t count, cap;
};

struct open_part {
    uint32_t number;
    int64_t begun_ms; /* when its first line was added; 0: it is empty */
    size_t bytes;
    struct part_track *tracks;
    size_t count, cap;
    uint32_t *places; /* by number of vehicle: place in tracks + 1 */
    size_t places_cap;
};

void part_init(struct open_part *part, uint32_t number);
void part_fini(struct open_part *part);
/* A line of the vehicle with this number. False without memory. */
bool part_add(struct open_part *part, uint32_t vehicle_number, struct text vehicle,
              const struct part_line *at, struct text line);
/* Its lines leave memory. */
void part_let_go(struct open_part *part, struct part_track *track);
/* NULL where it has none. */
const struct part_track *part_find(const struct open_part *part, uint32_t vehicle_number);
struct text part_text(const struct part_track *track, size_t line); /* without its line feed */

/* The same line for the tail. */
void part_write(struct buf *body, struct text vehicle, const struct part_line *at, struct text line);
/* Takes the first line off a body. False at its end, or where it is none: then something of *body is left. */
bool part_read(struct text *body, struct text *out_vehicle, struct part_line *out_at, struct text *out_line);

#endif
