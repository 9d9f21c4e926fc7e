/*
 * Days are opened as they are asked, and stay open: each is looked at in one moment. The open lines of a day are read once,
 * when it is opened.
 */
#include "who_gather.h"

#include "array.h"
#include "chunk_lines.h"
#include "line_fix.h"
#include "outline.h"

#include <math.h>
#include <stdlib.h>

enum { OUTLINE_BYTES = 1 << 20 };

/* A line of a chunk, read when it is wanted. */
struct who_line {
    struct part_line at;
    struct text line;
};

bool who_pieces_init(struct who_pieces *p, struct archive_look *look, struct names *names, struct text only)
{
    *p = (struct who_pieces){.names = names, .look = look, .only = only};
    buf_init(&p->outline, OUTLINE_BYTES);
    archive_look_days(look, &p->day_count);
    p->days = calloc(p->day_count + 1, sizeof *p->days);
    p->asked = calloc(p->day_count + 1, sizeof *p->asked);
    return p->days != NULL && p->asked != NULL;
}

void who_pieces_fini(struct who_pieces *p)
{
    for (size_t i = 0; i < p->day_count && p->days != NULL; i++)
        archive_day_end(p->days[i]);
    free(p->days);
    free(p->asked);
    free(p->items);
    free(p->open.items);
    free(p->lines);
    buf_fini(&p->outline);
}

static bool add_fix(struct who_fixes *to, const struct passing_fix *fix)
{
    if (!array_reserve(&to->items, &to->cap, to->count + 1, sizeof *to->items))
        return false;
    to->items[to->count++] = *fix;
    return true;
}

static struct who_piece *add_piece(struct who_pieces *p, struct text vehicle)
{
    uint32_t symbol;
    p->no_memory = p->no_memory || !names_intern(p->names, vehicle, &symbol) ||
                   !array_reserve(&p->items, &p->cap, p->count + 1, sizeof *p->items);
    if (p->no_memory)
        return NULL;
    struct who_piece *piece = &p->items[p->count++];
    *piece = (struct who_piece){.vehicle = symbol};
    return piece;
}

static bool is_wanted(const struct who_pieces *p, struct text vehicle)
{
    return p->only.len == 0 || text_equal(p->only, vehicle);
}

/* ---- what is open ---- */

static void widen(struct archive_head *head, const struct passing_fix *fix)
{
    if (!head->has_time) {
        head->has_time = true;
        head->time_first_ms = head->time_last_ms = fix->time_ms;
    }
    head->time_first_ms = fix->time_ms < head->time_first_ms ? fix->time_ms : head->time_first_ms;
    head->time_last_ms = fix->time_ms > head->time_last_ms ? fix->time_ms : head->time_last_ms;
    if (!fix->has_position)
        return;
    if (!head->has_box) {
        head->has_box = true;
        head->box = (struct archive_box){fix->lat_deg, fix->lat_deg, fix->lon_deg, fix->lon_deg};
    }
    head->box.lat_min = fmin(head->box.lat_min, fix->lat_deg);
    head->box.lat_max = fmax(head->box.lat_max, fix->lat_deg);
    head->box.lon_min = fmin(head->box.lon_min, fix->lon_deg);
    head->box.lon_max = fmax(head->box.lon_max, fix->lon_deg);
}

struct reading {
    struct who_pieces *p;
    size_t day;
    const struct archive_span *span;
    uint32_t *vehicles; /* of p->open, by place, and the part of each */
    size_t cap;
    uint32_t closed_part, closed_vehicle, open_vehicle;
};

/* Whether its lines of a part count; asked once for each run of lines. */
static bool counts(struct reading *r, uint32_t part, uint32_t vehicle)
{
    if (part == r->closed_part && (vehicle == r->closed_vehicle || vehicle == r->open_vehicle))
        return vehicle == r->open_vehicle;
    bool closed = archive_day_is_closed(r->p->days[r->day], part, names_text(r->p->names, vehicle));
    r->closed_part = part;
    r->closed_vehicle = closed ? vehicle : 0;
    r->open_vehicle = closed ? 0 : vehicle;
    return !closed;
}

static bool take_open(struct reading *r, uint32_t part, struct text vehicle, const struct part_line *at,
                      struct text line)
{
    struct who_pieces *p = r->p;
    struct fix_line read;
    uint32_t symbol;
    if (!is_wanted(p, vehicle) || at->late == PART_BY_CLOCK)
        return true;
    if (!names_intern(p->names, vehicle, &symbol))
        return false;
    if (!counts(r, part, symbol) || !line_fix_read(line, &read))
        return true;
    const struct passing_fix fix = passing_fix_of(&read.item.fix);
    if (!add_fix(&p->open, &fix) || !array_reserve(&r->vehicles, &r->cap, p->open.count, sizeof *r->vehicles))
        return false;
    r->vehicles[p->open.count - 1] = symbol;
    return true;
}

static bool on_body(void *arg, uint32_t part, struct text body)
{
    struct reading *r = arg;
    struct text vehicle, line;
    struct part_line at;
    while (part_read(&body, &vehicle, &at, &line))
        if (!take_open(r, part, vehicle, &at, line)) {
            r->p->no_memory = true;
            return false;
        }
    return true;
}

/* Fixes with whose they are, to be put together by vehicle. */
struct owned {
    uint32_t vehicle;
    size_t place;
};

static int compare_owned(const void *a, const void *b)
{
    const struct owned *x = a, *y = b;
    if (x->vehicle != y->vehicle)
        return x->vehicle < y->vehicle ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* Without an outline its box is all that is known. */
static void settle(const struct who_pieces *p, struct who_piece *piece)
{
    piece->first = piece->last = piece->head.box;
    piece->near = p->near.meets(p->near.context, &piece->head.box);
}

/* A piece for each vehicle. */
static void make_open_pieces(struct reading *r)
{
    struct who_pieces *p = r->p;
    size_t n = p->open.count;
    struct owned *order = calloc(n + 1, sizeof *order);
    struct passing_fix *sorted = calloc(n + 1, sizeof *sorted);
    p->no_memory = p->no_memory || order == NULL || sorted == NULL;
    for (size_t i = 0; i < n && !p->no_memory; i++)
        order[i] = (struct owned){r->vehicles[i], i};
    if (n > 0 && !p->no_memory)
        qsort(order, n, sizeof *order, compare_owned);
    struct who_piece *piece = NULL;
    for (size_t i = 0; i < n && !p->no_memory; i++) {
        sorted[i] = p->open.items[order[i].place];
        if (i == 0 || order[i].vehicle != order[i - 1].vehicle) {
            piece = add_piece(p, names_text(p->names, order[i].vehicle));
            if (piece == NULL)
                break;
            piece->open = true;
            piece->head.box = (struct archive_box){INFINITY, -INFINITY, INFINITY, -INFINITY};
            piece->day = r->day;
            piece->from = i;
        }
        widen(&piece->head, &sorted[i]);
        piece->count++;
        settle(p, piece);
    }
    free(p->open.items);
    p->open.items = sorted;
    p->open.cap = sorted != NULL ? n + 1 : 0;
    free(order);
}

/* ---- a span ---- */

static bool on_head(void *arg, struct text vehicle, const struct archive_head *head)
{
    struct reading *r = arg;
    if (!head->has_box || !is_wanted(r->p, vehicle))
        return true;
    struct who_piece *piece = add_piece(r->p, vehicle);
    if (piece == NULL)
        return false;
    piece->day = r->day;
    piece->head = *head;
    settle(r->p, piece);
    return true;
}

static struct archive_box box_of(const struct outline_box *box)
{
    return (struct archive_box){box->lat_min, box->lat_max, box->lon_min, box->lon_max};
}

/* The box of a piece of an outline; of one that has none, that of all. */
static struct archive_box piece_box(const struct outline *o, size_t piece)
{
    struct outline_box box;
    return o->count > 0 && outline_piece(o, piece, &box) ? box_of(&box) : box_of(&o->box);
}

static bool is_near(const struct who_pieces *p, const struct outline *o, size_t piece)
{
    struct outline_box box;
    if (!outline_piece(o, piece, &box))
        return false;
    const struct archive_box at = box_of(&box);
    return p->near.meets(p->near.context, &at);
}

static bool on_outline(void *arg, const struct archive_outline *outline)
{
    struct reading *r = arg;
    struct outline o;
    if (!is_wanted(r->p, outline->vehicle) || !outline_read(outline->outline, &o))
        return true;
    struct who_piece *piece = add_piece(r->p, outline->vehicle);
    if (piece == NULL)
        return false;
    piece->day = r->day;
    piece->outlined = true;
    piece->head.id = outline->id;
    piece->head.time_first_ms = outline->time_first_ms;
    piece->head.time_last_ms = outline->time_last_ms;
    piece->head.box = box_of(&o.box);
    piece->first = piece_box(&o, 0);
    piece->last = piece_box(&o, o.count > 0 ? o.count - 1 : 0);
    piece->near = r->p->near.meets(r->p->near.context, &piece->head.box);
    bool some = o.count == 0;
    for (size_t i = 0; i < o.count && piece->near && !some; i++)
        some = is_near(r->p, &o, i);
    piece->near = piece->near && some;
    return true;
}

static int compare_pieces(const void *a, const void *b)
{
    const struct who_piece *x = a, *y = b;
    if (x->vehicle != y->vehicle)
        return x->vehicle < y->vehicle ? -1 : 1;
    if (x->head.time_first_ms != y->head.time_first_ms)
        return x->head.time_first_ms < y->head.time_first_ms ? -1 : 1;
    return x->head.time_last_ms < y->head.time_last_ms ? -1 : x->head.time_last_ms > y->head.time_last_ms;
}

void who_gather(struct who_pieces *p, const struct archive_span *span)
{
    size_t count;
    const int32_t *numbers = archive_look_days(p->look, &count);
    struct reading r = {.p = p, .span = span};
    p->count = p->open.count = 0;
    for (r.day = 0; r.day < count && !p->no_memory; r.day++) {
        if (!p->asked[r.day])
            p->days[r.day] = archive_day_begin(p->look, numbers[r.day]);
        p->asked[r.day] = true;
        if (p->days[r.day] == NULL)
            continue;
        r.closed_part = r.closed_vehicle = r.open_vehicle = 0;
        if (archive_day_has_outlines(p->days[r.day]))
            archive_day_outlines(p->days[r.day], span, on_outline, &r);
        else
            archive_day_heads(p->days[r.day], span, on_head, &r);
        archive_day_tail(p->days[r.day], on_body, &r);
    }
    make_open_pieces(&r);
    free(r.vehicles);
    if (p->count > 0 && !p->no_memory)
        qsort(p->items, p->count, sizeof *p->items, compare_pieces);
}

/* ---- reading ---- */

static bool read_line(const struct who_line *line, struct passing_fix *out)
{
    struct fix_line read;
    if (line->at.late == PART_BY_CLOCK || !line_fix_read(line->line, &read))
        return false;
    *out = passing_fix_of(&read.item.fix);
    return true;
}

static void add_break(struct who_pieces *p, struct who_fixes *to)
{
    const struct passing_fix none = {.time_ms = WHO_BREAK};
    p->no_memory = p->no_memory || !add_fix(to, &none);
}

/* The lines of a chunk, not read yet. */
static bool unpack(struct who_pieces *p, const struct who_piece *piece, const struct archive_head *head)
{
    struct text lines, places;
    struct who_line line;
    p->line_count = 0;
    if (!archive_day_chunk(p->days[piece->day], names_text(p->names, piece->vehicle), head, &lines, &places))
        return false;
    struct chunk_lines reading = chunk_lines_of(head->life, lines, places);
    while (chunk_lines_next(&reading, &line.at, &line.line)) {
        p->no_memory =
            p->no_memory || !array_reserve(&p->lines, &p->line_cap, p->line_count + 1, sizeof *p->lines);
        if (p->no_memory)
            return false;
        p->lines[p->line_count++] = line;
    }
    return true;
}

static void read_lines(struct who_pieces *p, size_t from, size_t to, struct who_fixes *out)
{
    struct passing_fix fix;
    for (size_t i = from; i < to && !p->no_memory; i++)
        if (read_line(&p->lines[i], &fix))
            p->no_memory = !add_fix(out, &fix);
}

/* As far back from a line as what is said may count there: by pieces, to begin at the beginning of one. */
static size_t said_from(const struct who_pieces *p, size_t line, size_t least)
{
    struct passing_fix fix, before;
    if (line >= p->line_count || !read_line(&p->lines[line], &fix))
        return line > least ? line : least;
    while (line >= least + OUTLINE_LINES) {
        line -= OUTLINE_LINES;
        if (read_line(&p->lines[line], &before) && fix.time_ms - before.time_ms > p->gap_ms)
            break;
    }
    return line;
}

/* Behind the next place: the way to it belongs to what is before. */
static size_t next_place(const struct who_pieces *p, size_t line)
{
    struct passing_fix fix;
    while (line < p->line_count && !(read_line(&p->lines[line], &fix) && fix.has_position))
        line++;
    return line < p->line_count ? line + 1 : line;
}

/* Of an outlined chunk what is near, run by run. */
static void read_near(struct who_pieces *p, const struct who_piece *piece, const struct outline *o,
                      struct who_fixes *to)
{
    size_t done = 0, count = (p->line_count + OUTLINE_LINES - 1) / OUTLINE_LINES;
    for (size_t k = 0; k < count && k < o->count && !p->no_memory; k++) {
        bool joined = (k == 0 && piece->joined_first) || (k + 1 == o->count && piece->joined_last);
        if (!joined && !is_near(p, o, k))
            continue;
        size_t end =
            next_place(p, (k + 1) * OUTLINE_LINES < p->line_count ? (k + 1) * OUTLINE_LINES : p->line_count);
        size_t from = k * OUTLINE_LINES > done ? said_from(p, k * OUTLINE_LINES, done) : done;
        if (from > done)
            add_break(p, to);
        read_lines(p, from, end, to);
        done = end > done ? end : done;
    }
    if (done < p->line_count)
        add_break(p, to);
}

void who_read(struct who_pieces *p, const struct who_piece *piece, struct who_fixes *to)
{
    struct archive_head head = piece->head;
    struct outline o = {.count = 0};
    for (size_t i = 0; piece->open && i < piece->count && !p->no_memory; i++)
        p->no_memory = !add_fix(to, &p->open.items[piece->from + i]);
    if (piece->open)
        return;
    if (piece->outlined && (!archive_day_outlined(p->days[piece->day], piece->head.id, &head, &p->outline) ||
                            !outline_read(buf_text(&p->outline), &o))) {
        add_break(p, to);
        return;
    }
    if (!unpack(p, piece, &head))
        add_break(p, to);
    else if (piece->whole || o.count == 0)
        read_lines(p, 0, p->line_count, to);
    else
        read_near(p, piece, &o, to);
}
