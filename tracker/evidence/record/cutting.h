/*
 * cutting: what of a track belongs to a case, out of the lines of an archive in the order in which they came.
 *
 * From: the earliest of `pre_ms` before the violation began and the loading of the trip it is of; where that lies in a silence of
 * more than `gap_ms`, from the last fix before it, so that the silence is in the case. To: `post_ms` behind its end. By the
 * fixes' own time; one by a wrong clock by when it came. Late ones that came between two of these belong to it as well: they are signs of life. An end is known when it is confirmed: `post_ms` counts from there. Marks are those that came between the first of these fixes and the
 * last, behind it those up to the end of the span, and what was in force before.
 */
#ifndef MW_CUTTING_H
#define MW_CUTTING_H

#include "open_part.h"
#include "track_line.h"

struct cutting_span {
    int64_t start_ms, end_ms; /* of the violation; end 0: it goes on, and all that has come belongs to it */
    int64_t told_ms;   /* the moment that had its end told: later than the end, which has to be confirmed */
    int64_t loaded_ms; /* 0: it is of no trip */
    int64_t pre_ms, post_ms, gap_ms;
};
/* By a fix's own time. From here on lines have to be looked at: a gap before the first fix that is wanted. */
int64_t cutting_from_ms(const struct cutting_span *span); /* wanted from here */
int64_t cutting_to_ms(const struct cutting_span *span);   /* and up to here, INT64_MAX: all */

struct cutting_line {
    enum track_line_kind kind;
    struct part_line at;
    struct text line;
};
struct cutting_hole {
    struct archive_position at;
    int64_t batch, received_ms;
    struct text hole;
    bool seen;
};

struct cutting;
/* NULL without memory. `vehicle` is borrowed. */
struct cutting *cutting_new(struct text vehicle, const struct cutting_span *span);
void cutting_free(struct cutting *c);
/* Lines in their order, holes in theirs; which come first does not matter. False without memory, or of a case of more than CUTTING_BYTES_MAX. */
#define CUTTING_BYTES_MAX (256u << 20)
bool cutting_take(struct cutting *c, const struct cutting_line *line);
bool cutting_take_hole(struct cutting *c, const struct cutting_hole *hole);
/* Whether a fix stood within a gap before what is wanted, so that nothing farther back has to be looked for. */
bool cutting_is_joined(const struct cutting *c);
/* raw.jsonl and marks.jsonl (sealed.h). The number of fixes in *out_fixes. False without memory. */
bool cutting_put(const struct cutting *c, struct buf *raw, struct buf *marks, uint32_t *out_fixes);

#endif
