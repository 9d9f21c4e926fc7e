#include "split.h"

#include "lay.h"
#include "runs.h"

#include <stdlib.h>
#include <string.h>

/* An outline that was cut along the border of a cell lies twice the margin of its quarters outside them. To
 * cut it again for that alone would nearly double the cuts: it may lie outside by so many margins more. */
#define SLACK_MARGINS 3

void geo_split_fini(struct split *split)
{
    free(split->points);
    free(split->halves);
    for (uint32_t i = 0; i < 4; i++) {
        free(split->piles[i].pieces);
    }
    *split = (struct split){0};
}

static enum mw_error reserve(struct geo_corner **points, size_t *cap, size_t need)
{
    if (need <= *cap) {
        return MW_OK;
    }
    size_t want = need + need / 2;
    struct geo_corner *grown = realloc(*points, want * sizeof *grown);
    if (!grown) {
        return MW_NO_MEMORY;
    }
    *points = grown;
    *cap = want;
    return MW_OK;
}

enum mw_error geo_split_reserve(struct split *split, size_t more)
{
    return reserve(&split->points, &split->point_cap, split->point_count + more);
}

enum mw_error geo_split_push(struct split *split, uint32_t pile, size_t first, const struct piece *piece)
{
    struct pile *on = &split->piles[pile];
    while (on->count > first && on->pieces[on->count - 1].fence == piece->fence) {
        if (on->pieces[on->count - 1].type == PIECE_WHOLE) {
            return MW_OK;
        }
        if (piece->type != PIECE_WHOLE) {
            break;
        }
        on->count--;
    }
    if (on->count == on->cap) {
        size_t cap = on->cap + on->cap / 2 + 64;
        struct piece *pieces = realloc(on->pieces, cap * sizeof *pieces);
        if (!pieces) {
            return MW_NO_MEMORY;
        }
        on->pieces = pieces;
        on->cap = cap;
    }
    on->pieces[on->count++] = *piece;
    return MW_OK;
}

struct cell geo_cell_quarter(struct cell cell, uint32_t quarter)
{
    int shift = cell.shift - 1;
    return (struct cell){cell.x + ((uint64_t)(quarter & 1) << shift),
                         cell.y + ((uint64_t)(quarter >> 1) << shift), shift};
}

struct geo_span geo_cell_span(struct cell cell)
{
    double size = (double)(1ull << cell.shift), margin = size * 16 / TREE_CELL_STEPS;
    return (struct geo_span){(double)cell.x - margin, (double)cell.y - margin, (double)cell.x + size + margin,
                             (double)cell.y + size + margin};
}

struct mw_point geo_cell_corner(const struct geo_tree *tree, struct cell cell, double fx, double fy)
{
    double size = (double)(1ull << cell.shift);
    return (struct mw_point){tree->lat0 + ((double)cell.y + fy * size) / tree->steps_per_lat_deg,
                             tree->lon0 + ((double)cell.x + fx * size) / tree->steps_per_lon_deg};
}

struct geo_span geo_span_of(const struct geo_corner *points, size_t count)
{
    struct geo_span s = {points[0].x, points[0].y, points[0].x, points[0].y};
    for (size_t i = 1; i < count; i++) {
        s.west = points[i].x < s.west ? points[i].x : s.west;
        s.east = points[i].x > s.east ? points[i].x : s.east;
        s.south = points[i].y < s.south ? points[i].y : s.south;
        s.north = points[i].y > s.north ? points[i].y : s.north;
    }
    return s;
}

/* Bits of the halves: the lower one is 1. What goes by less than the slack beyond an outer bound of theirs
 * counts as within. */
static struct reached reached_along(const struct geo_halves *halves, double low, double high, double slack)
{
    const double least[2] = {halves->low[0] - slack, halves->low[1]};
    const double most[2] = {halves->high[0], halves->high[1] + slack};
    struct reached r = {0, 0};
    for (uint32_t i = 0; i < 2; i++) {
        r.met |= ((uint32_t)(high >= halves->low[i]) & (uint32_t)(low <= halves->high[i])) << i;
        r.within |= ((uint32_t)(low >= least[i]) & (uint32_t)(high <= most[i])) << i;
    }
    return r;
}

/* From bits of columns and rows: quarters 0 and 1 are in the lower row, 0 and 2 in the lower column. */
static uint32_t quarters_in(uint32_t columns, uint32_t rows)
{
    return ((rows & 1) | (rows & 2) << 1) * columns;
}

struct reached geo_quarters_reached(const struct geo_halves *x, const struct geo_halves *y,
                                    const struct geo_span *span, double slack)
{
    struct reached columns = reached_along(x, span->west, span->east, slack);
    struct reached rows = reached_along(y, span->south, span->north, slack);
    return (struct reached){quarters_in(columns.met, rows.met), quarters_in(columns.within, rows.within)};
}

enum mw_error geo_quarters_push(struct quarters *q, uint32_t set, const struct piece *piece)
{
    enum mw_error error = MW_OK;
    for (; set && !error; set &= set - 1) {
        uint32_t quarter = (uint32_t)__builtin_ctz(set);
        error = geo_split_push(q->split, quarter, q->first[quarter], piece);
    }
    return error;
}

/* What was cut for a quarter lies on top of the stack, and stays there if any of it is needed. */
static enum mw_error keep(struct quarters *q, uint32_t quarter, struct piece piece, uint32_t count)
{
    struct split *split = q->split;
    struct geo_corner *points = split->points + split->point_count;
    if (count < 2) {
        return MW_OK;
    }
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

/* Cuts a column into its quarters; in is NULL where the piece lies in the column altogether, so that its own
 * points are cut. */
static enum mw_error split_column(struct quarters *q, const struct piece *piece, uint32_t column,
                                  uint32_t rows, const struct geo_half *in)
{
    struct split *split = q->split;
    uint32_t count = in ? in->count : piece->count;
    if (!count) {
        return MW_OK;
    }
    size_t room = 2 * (size_t)count + 1;
    enum mw_error error = geo_split_reserve(split, 2 * room);
    if (error) {
        return error;
    }
    struct geo_corner *top = split->points + split->point_count;
    struct geo_half half[2] = {{.points = top}, {.points = top + room}};
    geo_clip_halves(in ? in->points : split->points + piece->first, count, 1, &q->y, half);
    for (uint32_t row = 0; row < 2 && !error; row++) {
        struct geo_corner *to = split->points + split->point_count;
        if (!(rows >> row & 1)) {
            continue;
        }
        if (to != half[row].points) {
            memmove(to, half[row].points, half[row].count * sizeof *to);
        }
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
    if (error || !cut) {
        return error;
    }
    struct reached columns = reached_along(&q->x, piece->span.west, piece->span.east, slack);
    size_t room = 2 * (size_t)piece->count + 1;
    struct geo_half half[2];
    if (columns.met & ~columns.within) {
        error = reserve(&split->halves, &split->half_cap, 2 * room);
        if (error) {
            return error;
        }
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

static void quarters_of(struct quarters *q, struct cell cell)
{
    for (uint32_t i = 0; i < 4; i++) {
        q->cells[i] = geo_cell_quarter(cell, i);
        q->first[i] = q->split->piles[i].count;
    }
    struct geo_span low = geo_cell_span(q->cells[0]), high = geo_cell_span(q->cells[3]);
    q->x = (struct geo_halves){{low.west, high.west}, {low.east, high.east}};
    q->y = (struct geo_halves){{low.south, high.south}, {low.north, high.north}};
    q->grid.ready = false;
}

enum mw_error geo_split_cell(struct split *split, const struct batch *pieces, struct cell cell,
                             struct batch out_quarters[4])
{
    struct quarters q;
    q.split = split;
    quarters_of(&q, cell);
    enum mw_error error = MW_OK;
    for (size_t i = 0; i < pieces->count && !error; i++) {
        struct piece piece = geo_split_pieces(split, pieces)[i];
        error = piece.type == PIECE_WHOLE     ? geo_quarters_push(&q, 15, &piece)
                : piece.type == PIECE_OUTLINE ? split_outline(&q, &piece)
                                              : geo_runs_split(&q, &piece);
    }
    for (uint32_t i = 0; i < 4; i++) {
        out_quarters[i] = (struct batch){i, q.first[i], split->piles[i].count - q.first[i]};
    }
    return error;
}
