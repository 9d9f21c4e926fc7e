#include "leaf.h"

#include "metric.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A fence may have this many outlines and runs in one chunk. A fence with more has no items there; queries
 * ask the fence itself. */
#define GROUP_ITEMS_MAX 24u

struct draft {
    uint32_t entries, polys, runs, exacts, poly_points, run_points;
    uint32_t ids[CHUNK_ENTRIES_MAX];
    uint8_t poly[2 * CHUNK_ENTRIES_MAX], run[2 * CHUNK_ENTRIES_MAX], exact[CHUNK_ENTRIES_MAX];
    float radius[CHUNK_ENTRIES_MAX];
    uint32_t line[CHUNK_ENTRIES_MAX];
    uint32_t poly_point[CHUNK_POLY_POINTS_MAX], run_point[CHUNK_RUN_POINTS_MAX];
    uint32_t base[CHUNK_ENTRIES_MAX];
    uint8_t source[CHUNK_POLY_POINTS_MAX];
    double doubt_m;
    bool filled;
};

struct writer {
    struct geo_tree *tree;
    const struct split *split;
    struct cell cell;
    double step, per_step; /* a step of a leaf's points, in steps of the tree: a power of two; and 1 / step */
    double step_x_m, step_y_m, tangent;
    size_t last_chunk;
    struct draft draft;
};

static void append(struct geo_tree *tree, const void *words, size_t count)
{
    if (count) {
        memcpy(tree->words + tree->word_count, words, count * sizeof *tree->words);
        tree->word_count += count;
    }
}

/* Appends bytes; the last word is filled up with zeros. */
static void append_bytes(struct geo_tree *tree, const uint8_t *bytes, size_t count)
{
    size_t words = (count + 3) / 4;
    if (words) {
        tree->words[tree->word_count + words - 1] = 0;
        memcpy(tree->words + tree->word_count, bytes, count);
        tree->word_count += words;
    }
}

static void append_scale(struct writer *w)
{
    const struct draft *d = &w->draft;
    float widest_m = 0;
    for (uint32_t i = 0; i < d->runs; i++)
        widest_m = d->radius[i] > widest_m ? d->radius[i] : widest_m;
    double reach_m = widest_m + 2 * d->doubt_m;
    const float scale[CHUNK_SCALE_WORDS] = {(float)w->step_x_m, (float)w->step_y_m, (float)d->doubt_m,
                                            (float)(reach_m / w->step_x_m), (float)(reach_m / w->step_y_m)};
    append(w->tree, scale, CHUNK_SCALE_WORDS);
}

static uint64_t mark_ends(const uint8_t *items, uint32_t count, uint32_t first_point, uint32_t *out_entries)
{
    uint64_t marks = 0;
    *out_entries = 0;
    for (uint32_t i = 0; i < count; i++) {
        *out_entries |= 1u << items[2 * i];
        first_point += items[2 * i + 1] + 1u;
        marks |= 1ull << (first_point - 1);
    }
    return marks;
}

/* Writes the chunk's marks and returns how many words they take; 0 if a chunk like this one has no marks. */
static uint32_t draft_marks(const struct draft *d, uint32_t out[CHUNK_MARK_WORDS])
{
    if (d->entries > CHUNK_MARKED_ENTRIES_MAX || d->runs > CHUNK_MARKED_ENTRIES_MAX || d->exacts ||
        d->poly_points + d->run_points > CHUNK_MARKED_POINTS_MAX)
        return 0;
    uint32_t polys, runs;
    uint64_t marks = mark_ends(d->poly, d->polys, 0, &polys);
    marks |= mark_ends(d->run, d->runs, d->poly_points, &runs) | (uint64_t)d->poly_points << 56;
    memcpy(out, &marks, sizeof marks);
    out[2] = polys | runs << 16;
    return (uint32_t)__builtin_popcount(polys) == d->polys ? CHUNK_MARK_WORDS : 0;
}

/* Empties the draft. The arrays are left as they are: only the counted part of them is read. */
static void draft_start(struct draft *d)
{
    d->entries = d->polys = d->runs = d->exacts = d->poly_points = d->run_points = 0;
    d->doubt_m = 0;
    d->filled = false;
}

static enum mw_error flush(struct writer *w)
{
    struct draft *d = &w->draft;
    struct geo_tree *tree = w->tree;
    size_t item_bytes = 2 * d->polys + 2 * d->runs + d->exacts, item_words = (item_bytes + 3) / 4;
    size_t source_words = (d->poly_points + 3) / 4;
    enum mw_error error = geo_tree_reserve(
        tree, 1 + CHUNK_SCALE_WORDS + CHUNK_MARK_WORDS + d->entries + item_words + 2 * (size_t)d->runs +
                  d->poly_points + d->run_points + d->polys + source_words + TREE_PAD_WORDS);
    if (error)
        return error;
    if (w->last_chunk)
        tree->words[w->last_chunk] |= 1u << 31;
    w->last_chunk = tree->word_count;
    uint32_t marks[CHUNK_MARK_WORDS], mark_words = draft_marks(d, marks);
    uint32_t header = d->entries | d->polys << 6 | d->runs << 12 | d->exacts << 18 |
                      (uint32_t)d->filled << 23 | (uint32_t)w->cell.shift << 24 |
                      (uint32_t)(mark_words > 0) << 30;
    append(tree, &header, 1);
    append(tree, marks, mark_words);
    append(tree, d->ids, d->entries);
    uint8_t items[5 * CHUNK_ENTRIES_MAX];
    memcpy(items, d->poly, 2 * d->polys);
    memcpy(items + 2 * d->polys, d->run, 2 * d->runs);
    memcpy(items + 2 * d->polys + 2 * d->runs, d->exact, d->exacts);
    append_bytes(tree, items, item_bytes);
    if (d->runs) {
        append_scale(w);
        append(tree, d->radius, d->runs);
        append(tree, d->line, d->runs);
    }
    append(tree, d->poly_point, d->poly_points);
    append(tree, d->run_point, d->run_points);
    append(tree, d->base, d->polys);
    append_bytes(tree, d->source, d->poly_points);
    draft_start(d);
    return MW_OK;
}

/* A coordinate in steps of the cell, rounded down. A position is rounded down as well (geo_chunk_step), so
 * the difference of the two is wrong by less than a step. */
static inline uint32_t step_word(double at, uint64_t origin, double per_step)
{
    double steps = (at - (double)origin) * per_step;
    int32_t whole = (int32_t)steps;
    return (uint16_t)(whole - (steps < whole));
}

static inline uint32_t point_word(const struct writer *w, double x, double y)
{
    return step_word(x, w->cell.x, w->per_step) | step_word(y, w->cell.y, w->per_step) << 16;
}

/* The draft's counts before the items of a fence were added. If the items do not fit, the counts are put
 * back. */
struct group {
    uint32_t polys, runs, poly_points, run_points;
};

/* Writes the sources of an outline's edges: the least place in the store as the base, and for each edge its
 * distance from the base. A place farther from the base than SOURCE_MAX is recorded as SOURCE_UNKNOWN. */
static void group_sources(struct draft *d, const uint32_t *source, uint32_t first, uint32_t edges)
{
    uint32_t base = GEO_SOURCE_UNKNOWN;
    for (uint32_t i = 0; i < edges; i++)
        base = source[i] < base ? source[i] : base;
    for (uint32_t i = 0; i < edges; i++) {
        uint32_t ahead = source[i] - base;
        d->source[first + i] = source[i] == GEO_SOURCE_NONE                            ? SOURCE_NONE
                               : source[i] == GEO_SOURCE_UNKNOWN || ahead > SOURCE_MAX ? SOURCE_UNKNOWN
                                                                                       : (uint8_t)ahead;
    }
    d->source[first + edges] = SOURCE_NONE; /* the edge from this outline's end to the next one's start */
    d->base[d->polys] = base;
}

/* The source of an edge that stands for two: its own, and that of a neighbour which rounding has left without
 * length. */
static uint32_t source_both(uint32_t gone, uint32_t stays)
{
    return gone == GEO_SOURCE_NONE ? stays : stays == GEO_SOURCE_NONE ? gone : GEO_SOURCE_UNKNOWN;
}

static bool group_outline(struct writer *w, const struct piece *piece)
{
    struct draft *d = &w->draft;
    uint32_t first = d->poly_points;
    if (piece->count > OUTLINE_EDGES_MAX || d->polys == CHUNK_ENTRIES_MAX ||
        first + piece->count + 1 > CHUNK_POLY_POINTS_MAX)
        return false;
    uint32_t source[OUTLINE_EDGES_MAX];
    for (uint32_t i = 0; i < piece->count; i++) {
        const struct geo_corner *corner = &w->split->points[piece->first + i];
        uint32_t word = point_word(w, corner->x, corner->y), at = d->poly_points - first;
        if (!at || d->poly_point[d->poly_points - 1] != word) {
            d->poly_point[d->poly_points++] = word;
            source[at] = corner->source;
        } else {
            source[at - 1] = source_both(source[at - 1], corner->source);
        }
    }
    uint32_t edges = d->poly_points - first;
    if (d->poly_point[d->poly_points - 1] != d->poly_point[first]) {
        d->poly_point[d->poly_points++] = d->poly_point[first];
    } else {
        edges--;
        source[0] = source_both(source[edges], source[0]);
    }
    if (edges < 2)
        return false;
    group_sources(d, source, first, edges);
    d->poly[2 * d->polys] = (uint8_t)d->entries;
    d->poly[2 * d->polys + 1] = (uint8_t)edges;
    d->polys++;
    return true;
}

/* By how many metres the distance of a position to a segment may be wrong in this cell. Rounding moves
 * position and segment by at most a step along each axis. The flat metric is exact in the cell's middle, and
 * off by as much as the scale changes between there and the middle between the position and its nearest
 * place. */
static double doubt_m(const struct writer *w, double radius_m)
{
    double step = fmax(w->step_x_m, w->step_y_m), size = step * TREE_CELL_STEPS;
    return 1.6 * step + 1e-3 + 1e-5 * radius_m +
           1.5 * radius_m * (size + radius_m) / GEO_RADIUS_MIN_M * (0.01 + w->tangent);
}

/* The place `ahead` points behind `place` in the same array; `ahead` may wrap around to mean points before
 * it. */
static uint32_t place_of(uint32_t place, uint32_t ahead)
{
    return (place & GEO_PLACE_WIDE) | ((place + ahead) & ~GEO_PLACE_WIDE);
}

static bool group_run(struct writer *w, const struct piece *piece)
{
    struct draft *d = &w->draft;
    double radius = w->split->store->fences[piece->fence].radius_m, doubt = doubt_m(w, radius);
    double far = (double)TREE_CELL_STEPS - 200;
    if (piece->reach_x / w->step > far || piece->reach_y / w->step > far || doubt > radius / 4)
        return false;
    struct geo_span span = geo_cell_span(w->cell);
    span = (struct geo_span){span.west - piece->reach_x, span.south - piece->reach_y,
                             span.east + piece->reach_x, span.north + piece->reach_y};
    uint32_t edges = piece->count > 1 ? piece->count - 1 : 1, open = 0, step = piece->count > 1;
    struct geo_xy end = {0, 0};
    for (uint32_t i = 0; i < edges; i++) {
        struct geo_xy a = geo_split_point(w->split, piece->first + i);
        struct geo_xy b = geo_split_point(w->split, piece->first + i + step);
        if (!geo_clip_segment(&a, &b, &span)) {
            open = 0;
            continue;
        }
        if (d->run_points + 2 > CHUNK_RUN_POINTS_MAX)
            return false;
        if (!open || a.x != end.x || a.y != end.y || open == RUN_EDGES_MAX) {
            if (d->runs == CHUNK_ENTRIES_MAX)
                return false;
            d->run[2 * d->runs] = (uint8_t)d->entries;
            d->radius[d->runs] = (float)radius;
            d->line[d->runs++] = place_of(piece->line, i - d->run_points);
            d->run_point[d->run_points++] = point_word(w, a.x, a.y);
            open = 0;
        }
        d->run_point[d->run_points++] = point_word(w, b.x, b.y);
        d->run[2 * d->runs - 1] = (uint8_t)++open;
        end = b;
    }
    d->doubt_m = fmax(d->doubt_m, doubt);
    return true;
}

/* Adds all pieces of one fence to the draft. If they do not fit, the draft is as before and the result
 * false. */
static bool group_try(struct writer *w, const struct piece *pieces, size_t count)
{
    struct draft *d = &w->draft;
    struct group before = {d->polys, d->runs, d->poly_points, d->run_points};
    bool fits = d->entries < CHUNK_ENTRIES_MAX && count <= GROUP_ITEMS_MAX;
    for (size_t i = 0; i < count && fits; i++) {
        fits = pieces[i].type == PIECE_WHOLE     ? true
               : pieces[i].type == PIECE_OUTLINE ? group_outline(w, &pieces[i])
                                                 : group_run(w, &pieces[i]);
    }
    if (!fits) {
        d->polys = before.polys;
        d->runs = before.runs;
        d->poly_points = before.poly_points;
        d->run_points = before.run_points;
        return false;
    }
    d->filled = d->filled || (pieces[0].type == PIECE_WHOLE &&
                              w->split->store->kinds[pieces[0].fence] != MW_SHAPE_POLYGON);
    d->ids[d->entries++] = pieces[0].fence;
    return true;
}

static enum mw_error group_add(struct writer *w, const struct piece *pieces, size_t count)
{
    if (group_try(w, pieces, count))
        return MW_OK;
    if (w->draft.entries) {
        enum mw_error error = flush(w);
        if (error || group_try(w, pieces, count))
            return error;
    }
    struct draft *d = &w->draft;
    d->exact[d->exacts++] = (uint8_t)d->entries;
    d->ids[d->entries++] = pieces[0].fence;
    return MW_OK;
}

enum mw_error geo_leaf_write(struct geo_tree *tree, const struct split *split, const struct batch *batch,
                             struct cell cell, uint32_t *out_slot)
{
    struct writer w;
    w.tree = tree;
    w.split = split;
    w.cell = cell;
    w.last_chunk = 0;
    draft_start(&w.draft);
    struct mw_point low = geo_cell_corner(tree, cell, 0, 0), high = geo_cell_corner(tree, cell, 1, 1);
    struct geo_metric m = geo_metric_at(0, (low.lat_deg + high.lat_deg) / 2);
    w.step = (double)(1ull << (cell.shift - TREE_CELL_BITS));
    w.per_step = 1 / w.step;
    w.step_x_m = w.step / tree->steps_per_lon_deg * m.k0;
    w.step_y_m = w.step / tree->steps_per_lat_deg * m.m0;
    w.tangent = tan(fmin(fmax(fabs(low.lat_deg), fabs(high.lat_deg)), 89.5) * GEO_RAD_PER_DEG);
    size_t start = tree->word_count;
    const struct piece *pieces = geo_split_pieces(split, batch);
    enum mw_error error = MW_OK;
    for (size_t i = 0; i < batch->count && !error;) {
        size_t j = i + 1;
        while (j < batch->count && pieces[j].fence == pieces[i].fence)
            j++;
        error = group_add(&w, pieces + i, j - i);
        i = j;
    }
    error = error ? error : flush(&w);
    if (!error)
        *out_slot = (uint32_t)start;
    return error;
}
