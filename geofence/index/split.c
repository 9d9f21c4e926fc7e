#include "split.h"

#include "lay.h"
#include "quarters.h"
#include "runs.h"

#include <string.h>

/* An outline that was cut to a cell runs along the cell's border, one margin of the cell outside it. That is
 * two margins of a quarter, one more than a quarter's own. Cutting the outline again for this alone would
 * nearly double the cuts, so an outline counts as within a quarter if it sticks out of the quarter and its
 * margin by at most this many margins more. */
#define SLACK_MARGINS 3

/* Pushes an outline that was cut for a quarter. Its points lie on top of the stack of points; they stay there
 * unless the quarter lies wholly inside or wholly outside the outline. */
static enum mw_error keep(struct quarters *q, uint32_t quarter, struct piece piece, uint32_t count)
{
    struct split *split = q->split;
    struct geo_corner *points = split->points + split->point_count;
    if (count < 2)
        return MW_OK;
    if (!geo_clip_crossed(points, count)) {
        struct cell cell = q->cells[quarter];
        double size = (double)(1ull << cell.shift);
        struct geo_xy middle = {(double)cell.x + size / 2, (double)cell.y + size / 2};
        piece.type = PIECE_WHOLE;
        return geo_clip_odd(points, count, middle) ? geo_quarters_push(q, 1u << quarter, &piece) : MW_OK;
    }
    piece.first = split->point_count;
    piece.count = count;
    piece.span = geo_span_of(points, count);
    split->point_count += count;
    return geo_quarters_push(q, 1u << quarter, &piece);
}

/* Cuts an outline that was cut to one column (`in`) into the column's quarters, and pushes those in `rows`.
 * `in` is NULL if the whole piece lies in the column; then the piece's own points are cut. */
static enum mw_error split_column(struct quarters *q, const struct piece *piece, uint32_t column,
                                  uint32_t rows, const struct geo_half *in)
{
    struct split *split = q->split;
    uint32_t count = in != NULL ? in->count : piece->count;
    if (!count)
        return MW_OK;
    size_t room = 2 * (size_t)count + 1;
    enum mw_error error = geo_split_reserve(split, 2 * room);
    if (error)
        return error;
    struct geo_corner *top = split->points + split->point_count;
    struct geo_half half[2] = {{.points = top}, {.points = top + room}};
    geo_clip_halves(in != NULL ? in->points : split->points + piece->first, count, 1, &q->y, half);
    for (uint32_t row = 0; row < 2 && !error; row++) {
        struct geo_corner *to = split->points + split->point_count;
        if (!(rows >> row & 1))
            continue;
        if (to != half[row].points)
            memmove(to, half[row].points, half[row].count * sizeof *to);
        error = keep(q, 2 * row + column, *piece, half[row].count);
    }
    return error;
}

static enum mw_error split_outline(struct quarters *q, struct piece *piece)
{
    struct split *split = q->split;
    double slack = SLACK_MARGINS * (q->x.high[0] - q->x.low[1]) / 2;
    struct reached r = geo_quarters_reached(&q->x, &q->y, &piece->span, slack);
    uint32_t cut = r.met & ~r.within;
    enum mw_error error = cut ? geo_lay_piece(split, piece) : MW_OK;
    error = error ? error : geo_quarters_push(q, r.within, piece);
    if (error || !cut)
        return error;
    struct reached columns = geo_halves_reached(&q->x, piece->span.west, piece->span.east, slack);
    size_t room = 2 * (size_t)piece->count + 1;
    struct geo_half half[2];
    if (columns.met & ~columns.within) {
        error = geo_corners_reserve(&split->halves, &split->half_cap, 2 * room);
        if (error)
            return error;
        half[0].points = split->halves;
        half[1].points = split->halves + room;
        geo_clip_halves(split->points + piece->first, piece->count, 0, &q->x, half);
    }
    for (uint32_t column = 0; column < 2 && !error; column++) {
        uint32_t rows = (cut >> column & 1) | (cut >> (column + 2) & 1) << 1;
        bool whole = columns.within >> column & 1;
        error = rows ? split_column(q, piece, column, rows, whole ? NULL : &half[column]) : MW_OK;
    }
    return error;
}

enum mw_error geo_split_cell(struct split *split, const struct batch *pieces, struct cell cell,
                             struct batch out_quarters[4])
{
    struct quarters q;
    geo_quarters_begin(&q, split, cell);
    enum mw_error error = MW_OK;
    for (size_t i = 0; i < pieces->count && !error; i++) {
        struct piece piece = geo_split_pieces(split, pieces)[i];
        error = piece.type == PIECE_WHOLE     ? geo_quarters_push(&q, 15, &piece)
                : piece.type == PIECE_OUTLINE ? split_outline(&q, &piece)
                                              : geo_runs_split(&q, &piece);
    }
    for (uint32_t i = 0; i < 4; i++)
        out_quarters[i] = (struct batch){i, q.first[i], split->piles[i].count - q.first[i]};
    return error;
}
