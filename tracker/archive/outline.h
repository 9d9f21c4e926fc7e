/*
 * outline: where a chunk's lines were, piece by piece, in a few bytes: so that a question about a place opens few chunks.
 *
 * A piece is so many lines; its box holds their places and that of the next line that has one, so that the way to it lies
 * in the box. Lines by a wrong clock are no part of it. A chunk with lines that came late, or whose times go back, is one
 * piece: their ways lead elsewhere. Boxes are rounded outwards.
 *
 * As bytes: the chunk's box (lat least, most, lon least, most; degrees times 10^7, little-endian, 32 bits each), then for each
 * piece where its box stands in it, from 0 to 255, in the same order. The least above the most: no line of it has a place.
 */
#ifndef MW_OUTLINE_H
#define MW_OUTLINE_H

#include "buf.h"
#include "fix.h"

#include <stdint.h>

enum { OUTLINE_LINES = 12, OUTLINE_HEAD = 16, OUTLINE_PIECE = 4 };

struct outline_box {
    double lat_min, lat_max, lon_min, lon_max;
};

/* A chunk's lines as they are read, to an outline. */
struct outline_maker {
    struct outline_box *pieces; /* of the lines so far */
    size_t count, cap, lines;
    bool coarse, has_time, failed;
    int64_t time_ms;
};

void outline_begin(struct outline_maker *m);
/* The next line. `late`: it came late. NULL: it is no fix, or by a wrong clock. */
void outline_add(struct outline_maker *m, const struct fix *fix, bool late);
/* Appends the bytes; none where no line has a place. False without memory. All is freed. */
bool outline_end(struct outline_maker *m, struct buf *out);

struct outline {
    struct outline_box box;
    struct text pieces;
    size_t count;
};
/* False where the bytes are none. */
bool outline_read(struct text bytes, struct outline *out);
/* The box of a piece; false where it has none. */
bool outline_piece(const struct outline *o, size_t piece, struct outline_box *out);

#endif
