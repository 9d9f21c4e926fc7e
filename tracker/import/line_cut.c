/* line_cut: centre lines cut where ends of others touch them, and written as segments. */
#include "centre_lines.h"

#include "array.h"
#include "json_write.h"

#include <math.h>
#include <stdlib.h>

/* So near do lines meet, as roads do in a world (roads.h); cuts nearer than twice that are one. */
static const double meet_m = 0.5;
/* A segment of a duty has 20 m to 2 km; a little less, since what is measured there has its own rounding. */
static const double longest_m = 1999, shortest_m = 20;
static const double degree_m = 111195;

struct line_end {
    struct mw_point at;
    size_t line;
};

struct cut {
    double at_m; /* along the line */
    struct mw_point at;
};

struct cutting {
    const struct centre_lines *lines;
    struct line_end *ends; /* by latitude */
    size_t end_count;
    struct cut *cuts; /* of the line in hand, both its ends included */
    size_t count, cap;
    struct line_tally *tally;
    struct json_writer out;
    struct buf id;
};

static int by_latitude(const void *a, const void *b)
{
    const struct line_end *x = a, *y = b;
    return (x->at.lat_deg > y->at.lat_deg) - (x->at.lat_deg < y->at.lat_deg);
}

static int by_way(const void *a, const void *b)
{
    const struct cut *x = a, *y = b;
    return (x->at_m > y->at_m) - (x->at_m < y->at_m);
}

static bool find_ends(struct cutting *c)
{
    size_t count = c->lines->count;
    c->ends = calloc(2 * count + 1, sizeof *c->ends);
    if (c->ends == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct centre_line *line = &c->lines->items[i];
        c->ends[2 * i] = (struct line_end){line->points[0], i};
        c->ends[2 * i + 1] = (struct line_end){line->points[line->count - 1], i};
    }
    c->end_count = 2 * count;
    qsort(c->ends, c->end_count, sizeof *c->ends, by_latitude);
    return true;
}

static size_t first_end_from(const struct cutting *c, double lat_deg)
{
    size_t from = 0, to = c->end_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (c->ends[middle].at.lat_deg < lat_deg)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool add_cut(struct cutting *c, double at_m, struct mw_point at)
{
    if (!array_reserve(&c->cuts, &c->cap, c->count + 1, sizeof *c->cuts))
        return false;
    c->cuts[c->count++] = (struct cut){at_m, at};
    return true;
}

/* Where an end lies on the leg from a to b, as a share of it; false: it does not. */
static bool touches(struct mw_point a, struct mw_point b, struct mw_point end, double *out_share)
{
    double lon_m = degree_m * cos(a.lat_deg * (3.14159265358979323846 / 180));
    double x = (end.lon_deg - a.lon_deg) * lon_m, y = (end.lat_deg - a.lat_deg) * degree_m;
    double dx = (b.lon_deg - a.lon_deg) * lon_m, dy = (b.lat_deg - a.lat_deg) * degree_m;
    double square = dx * dx + dy * dy, share = square > 0 ? (x * dx + y * dy) / square : 0;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    *out_share = share;
    return hypot(x - share * dx, y - share * dy) <= meet_m;
}

static bool cut_leg(struct cutting *c, size_t number, size_t leg)
{
    const struct centre_line *line = &c->lines->items[number];
    struct mw_point a = line->points[leg], b = line->points[leg + 1];
    double length_m = line->along_m[line->count - 1], margin_deg = meet_m / degree_m;
    double north = fmax(a.lat_deg, b.lat_deg) + margin_deg;
    for (size_t i = first_end_from(c, fmin(a.lat_deg, b.lat_deg) - margin_deg);
         i < c->end_count && c->ends[i].at.lat_deg <= north; i++) {
        double share;
        if (c->ends[i].line == number || !touches(a, b, c->ends[i].at, &share))
            continue;
        double at_m = line->along_m[leg] + share * (line->along_m[leg + 1] - line->along_m[leg]);
        if (at_m > 2 * meet_m && at_m < length_m - 2 * meet_m && !add_cut(c, at_m, c->ends[i].at))
            return false;
    }
    return true;
}

/* A tenth of a millimetre is enough of a place that nobody has measured. */
static double rounded(double deg)
{
    return round(deg * 1e9) / 1e9;
}

static struct mw_point place_at(const struct centre_line *line, double at_m)
{
    size_t leg = 0;
    while (leg + 2 < line->count && line->along_m[leg + 1] <= at_m)
        leg++;
    struct mw_point a = line->points[leg], b = line->points[leg + 1];
    double share = (at_m - line->along_m[leg]) / (line->along_m[leg + 1] - line->along_m[leg]);
    return (struct mw_point){.lat_deg = rounded(a.lat_deg + share * (b.lat_deg - a.lat_deg)),
                             .lon_deg = rounded(a.lon_deg + share * (b.lon_deg - a.lon_deg))};
}

/* Cuts in order, those that are one only once; what is too long between two of them is cut too. */
static bool find_cuts(struct cutting *c, size_t number)
{
    const struct centre_line *line = &c->lines->items[number];
    double length_m = line->along_m[line->count - 1];
    c->count = 0;
    bool room = add_cut(c, 0, line->points[0]);
    for (size_t leg = 0; leg + 1 < line->count && room; leg++)
        room = cut_leg(c, number, leg);
    if (!room || !add_cut(c, length_m, line->points[line->count - 1]))
        return false;
    qsort(c->cuts, c->count, sizeof *c->cuts, by_way);
    size_t kept = 1;
    for (size_t i = 1; i < c->count; i++)
        if (c->cuts[i].at_m - c->cuts[kept - 1].at_m > 2 * meet_m || i + 1 == c->count)
            c->cuts[kept++] = c->cuts[i];
    c->count = kept;
    c->tally->cuts += kept - 2;
    for (size_t i = 1; i < kept && room; i++) {
        double from_m = c->cuts[i - 1].at_m, part_m = c->cuts[i].at_m - from_m,
               pieces = ceil(part_m / longest_m);
        for (double k = 1; k < pieces && room; k++)
            room = add_cut(c, from_m + k * part_m / pieces, place_at(line, from_m + k * part_m / pieces));
    }
    qsort(c->cuts, c->count, sizeof *c->cuts, by_way);
    return room;
}

/* ---- written ---- */

static void write_text(struct json_writer *out, const char *key, struct text value)
{
    json_write_key(out, key);
    json_write_string(out, value);
}

static void write_point(struct json_writer *out, struct mw_point at)
{
    json_write_begin_array(out);
    json_write_double(out, at.lon_deg);
    json_write_double(out, at.lat_deg);
    json_write_end_array(out);
}

static void write_properties(struct json_writer *out, const struct centre_line *line, struct text crs)
{
    json_write_key(out, "properties");
    json_write_begin_object(out);
    write_text(out, "kind", TEXT("sweep"));
    if (line->name.len > 0)
        write_text(out, "name", line->name);
    if (crs.len > 0)
        write_text(out, "crs", crs);
    if (line->oneway != 0)
        write_text(out, "oneway", line->oneway > 0 ? TEXT("yes") : TEXT("-1"));
    if (line->width_m > 0) {
        json_write_key(out, "width_m");
        json_write_double(out, line->width_m);
    }
    if (line->level > 0) {
        json_write_key(out, "level");
        json_write_i64(out, line->level);
    }
    json_write_end_object(out);
}

static void put_id(struct cutting *c, const struct centre_line *line, size_t piece)
{
    buf_clear(&c->id);
    for (size_t i = 0; i < line->id.len; i++)
        if (line->id.data[i] == '/' || line->id.data[i] == '%')
            buf_printf(&c->id, "%%%02X", (unsigned)line->id.data[i]);
        else
            buf_put_char(&c->id, line->id.data[i]);
    if (piece > 0)
        buf_printf(&c->id, "/%zu", piece);
}

/* Piece number `piece` of its feature; 0: it is whole. */
static void write_segment(struct cutting *c, const struct centre_line *line, size_t cut, size_t piece)
{
    struct json_writer *out = &c->out;
    double from_m = c->cuts[cut].at_m, to_m = c->cuts[cut + 1].at_m;
    put_id(c, line, piece);
    json_write_begin_object(out);
    write_text(out, "type", TEXT("Feature"));
    write_text(out, "id", buf_text(&c->id));
    write_properties(out, line, c->lines->crs);
    json_write_key(out, "geometry");
    json_write_begin_object(out);
    write_text(out, "type", TEXT("LineString"));
    json_write_key(out, "coordinates");
    json_write_begin_array(out);
    write_point(out, c->cuts[cut].at);
    for (size_t i = 1; i + 1 < line->count; i++)
        if (line->along_m[i] > from_m + (from_m > 0 ? meet_m : 0) &&
            line->along_m[i] < to_m - (cut + 2 < c->count ? meet_m : 0))
            write_point(out, line->points[i]);
    write_point(out, c->cuts[cut + 1].at);
    json_write_end_array(out);
    json_write_end_object(out);
    json_write_end_object(out);
    buf_put_char(out->out, '\n');
    c->tally->segments++;
    c->tally->shorts += to_m - from_m < shortest_m;
    c->tally->metres += to_m - from_m;
}

/* The lines of one feature, from `first` on. */
static bool write_feature(struct cutting *c, size_t first, size_t end)
{
    size_t piece = 0;
    for (size_t i = first; i < end; i++) {
        if (!find_cuts(c, i))
            return false;
        bool whole = end == first + 1 && c->count == 2;
        for (size_t cut = 0; cut + 1 < c->count; cut++)
            write_segment(c, &c->lines->items[i], cut, whole ? 0 : ++piece);
    }
    return true;
}

bool centre_lines_write(const struct centre_lines *lines, struct buf *out, struct line_tally *out_tally,
                        void (*progress)(void *context, double share), void *context)
{
    struct cutting c = {.lines = lines, .tally = out_tally};
    *out_tally = (struct line_tally){0};
    buf_init(&c.id, SIZE_MAX);
    json_writer_init(&c.out, out);
    json_write_begin_object(&c.out);
    write_text(&c.out, "type", TEXT("FeatureCollection"));
    json_write_key(&c.out, "features");
    json_write_begin_array(&c.out);
    bool ok = find_ends(&c);
    for (size_t i = 0, next; i < lines->count && ok; i = next) {
        for (next = i + 1; next < lines->count && lines->items[next].feature == lines->items[i].feature;)
            next++;
        ok = write_feature(&c, i, next);
        if (progress != NULL)
            progress(context, (double)next / (double)lines->count);
    }
    json_write_end_array(&c.out);
    json_write_end_object(&c.out);
    ok = ok && buf_ok(out) && buf_ok(&c.id);
    buf_fini(&c.id);
    free(c.ends);
    free(c.cuts);
    return ok;
}
