/*
 * Days are opened as they are asked, and stay open: each is looked at in one moment. The open lines of a day are read once,
 * when it is opened.
 */
#include "who_gather.h"

#include "array.h"
#include "chunk_lines.h"
#include "line_fix.h"

#include <math.h>
#include <stdlib.h>

bool who_pieces_init(struct who_pieces *p, struct archive_look *look, struct names *names, struct text only)
{
    *p = (struct who_pieces){.names = names, .look = look, .only = only};
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
        archive_day_heads(p->days[r.day], span, on_head, &r);
        archive_day_tail(p->days[r.day], on_body, &r);
    }
    make_open_pieces(&r);
    free(r.vehicles);
    if (p->count > 0 && !p->no_memory)
        qsort(p->items, p->count, sizeof *p->items, compare_pieces);
}

void who_read(struct who_pieces *p, const struct who_piece *piece, struct who_fixes *to)
{
    struct text lines, places, line;
    struct part_line at;
    struct fix_line read;
    for (size_t i = 0; piece->open && i < piece->count && !p->no_memory; i++)
        p->no_memory = !add_fix(to, &p->open.items[piece->from + i]);
    if (piece->open || !archive_day_chunk(p->days[piece->day], names_text(p->names, piece->vehicle),
                                          &piece->head, &lines, &places))
        return;
    struct chunk_lines reading = chunk_lines_of(piece->head.life, lines, places);
    while (chunk_lines_next(&reading, &at, &line) && !p->no_memory) {
        if (at.late == PART_BY_CLOCK || !line_fix_read(line, &read))
            continue;
        const struct passing_fix fix = passing_fix_of(&read.item.fix);
        p->no_memory = !add_fix(to, &fix);
    }
}
