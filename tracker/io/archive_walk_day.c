/*
 * What one day holds, as cursors: a stream of marks each, and a vehicle each, whose chunks come first and then what the
 * tail has of it. A chunk is unpacked once for each page of it: with few vehicles that is once.
 */
#include "archive_walk_state.h"

#include "array.h"
#include "chunk_lines.h"
#include "line_fix.h"

#include <stdlib.h>

enum { MARKS_PAGE = 64, TEXT_MAX = 1 << 28, PAGE_MIN = 4 << 10 };

void walk_cursor_free(struct walk_cursor *c)
{
    if (c == NULL)
        return;
    buf_fini(&c->text);
    buf_fini(&c->vehicles);
    free(c->items);
    free(c->vehicle_ends);
    free(c);
}

void walk_day_close(struct walk_day *day)
{
    if (day == NULL)
        return;
    archive_day_end(day->day);
    for (size_t i = 0; i < day->part_count; i++)
        part_fini(&day->parts[i]);
    free(day);
}

static int compare_texts(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

bool walk_is_chosen(const struct walk *w, struct text vehicle)
{
    return w->asked->vehicles == NULL ||
           (w->asked->vehicle_count > 0 && bsearch(&vehicle, w->asked->vehicles, w->asked->vehicle_count,
                                                   sizeof vehicle, compare_texts) != NULL);
}

/* ---- opening ---- */

/* What is gathered while a day is opened. */
struct opening {
    struct walk *w;
    struct walk_day *day;
    uint32_t *numbers; /* symbols of its vehicles, once each */
    size_t count, cap;
    bool *known; /* by symbol */
    size_t known_cap;
    bool ok;
};

/* The vehicle's symbol; 0 where it is not asked for or there is no memory. */
static uint32_t add_vehicle(struct opening *o, struct text vehicle)
{
    uint32_t number;
    if (!walk_is_chosen(o->w, vehicle))
        return 0;
    o->ok = o->ok && names_intern(o->w->names, vehicle, &number);
    if (!o->ok)
        return 0;
    if (number >= o->known_cap) {
        size_t was = o->known_cap;
        o->ok = array_reserve(&o->known, &o->known_cap, (size_t)number + 1, sizeof *o->known);
        if (!o->ok)
            return 0;
        memset(o->known + was, 0, o->known_cap - was);
    }
    if (o->known[number])
        return number;
    o->ok = array_reserve(&o->numbers, &o->cap, o->count + 1, sizeof *o->numbers);
    if (!o->ok)
        return 0;
    o->known[number] = true;
    o->numbers[o->count++] = number;
    return number;
}

static bool on_vehicle(void *arg, struct text vehicle)
{
    struct opening *o = arg;
    add_vehicle(o, vehicle);
    return o->ok;
}

/* The part with this number; NULL: there are more than a tail ever has. */
static struct open_part *part_of(struct walk_day *day, uint32_t number)
{
    for (size_t i = 0; i < day->part_count; i++)
        if (day->parts[i].number == number)
            return &day->parts[i];
    if (day->part_count == WALK_PARTS_MAX)
        return NULL;
    part_init(&day->parts[day->part_count], number, day->press);
    return &day->parts[day->part_count++];
}

static bool on_body(void *arg, uint32_t number, struct text body)
{
    struct opening *o = arg;
    struct open_part *part = part_of(o->day, number);
    struct text vehicle, line;
    struct part_line at;
    o->ok = o->ok && part != NULL;
    while (o->ok && part_read(&body, &vehicle, &at, &line)) {
        uint32_t symbol = add_vehicle(o, vehicle);
        if (symbol > 0)
            o->ok = part_add(part, symbol, names_text(o->w->names, symbol), &at, line);
    }
    return o->ok;
}

/* The chunk behind one, or the first; the tail where there is none. */
static void next_head(const struct walk *w, struct walk_cursor *c, const struct archive_head *after)
{
    do {
        c->has_head = archive_day_next(c->day->day, c->vehicle, &w->asked->span, after, &c->head);
        after = &c->head;
    } while (c->has_head && c->head.last_ms < c->begins_ms);
    c->in_tail = !c->has_head;
}

static bool add_cursor(struct walk *w, struct walk_day *day, enum track_line_kind kind, uint32_t number)
{
    struct walk_cursor *c = calloc(1, sizeof *c);
    if (c == NULL)
        return false;
    c->kind = kind;
    c->day = day;
    c->number = number;
    c->vehicle = names_text(w->names, number);
    c->after = (struct archive_position){-1, -1, 0};
    buf_init(&c->text, TEXT_MAX);
    buf_init(&c->vehicles, TEXT_MAX);
    /* A track waits with its first chunk's place, and is unpacked when that has come; others begin at once. */
    bool of_track = kind == TRACK_LINE_FIX;
    c->begins_ms =
        of_track && w->asked->begins_ms != NULL ? w->asked->begins_ms(w->asked->arg, c->vehicle) : INT64_MIN;
    if (of_track)
        next_head(w, c, NULL);
    c->life = c->has_head ? c->head.life : INT64_MIN;
    c->place = c->has_head ? walk_place(c->head.batch_first, c->head.received_first_ms) : INT64_MIN;
    if (!walk_put(w, c)) {
        walk_cursor_free(c);
        return false;
    }
    day->open++;
    return true;
}

static bool add_cursors(struct opening *o)
{
    static const enum track_line_kind marks[] = {TRACK_LINE_LIFE, TRACK_LINE_CLOCK, TRACK_LINE_RULESET,
                                                 TRACK_LINE_REDO};
    size_t page = o->w->page_bytes_all / (2 * o->count + 1);
    o->w->page_bytes = page < PAGE_MIN ? PAGE_MIN : page;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (!add_cursor(o->w, o->day, marks[i], 0))
            return false;
    for (size_t i = 0; i < o->count; i++)
        if (!add_cursor(o->w, o->day, TRACK_LINE_FIX, o->numbers[i]))
            return false;
    return true;
}

struct walk_day *walk_day_open(struct walk *w, int32_t number)
{
    struct walk_day *day = calloc(1, sizeof *day);
    struct opening o = {.w = w, .day = day, .ok = day != NULL};
    if (o.ok) {
        day->number = number;
        day->press = &w->press;
        day->day = archive_day_begin(w->look, number);
    }
    bool there = o.ok && day->day != NULL;
    /* What of these fails for the file's sake has been told; the rest of it is read. */
    if (there)
        archive_day_vehicles(day->day, &w->asked->span, on_vehicle, &o);
    if (there && o.ok)
        archive_day_tail(day->day, on_body, &o);
    w->no_memory |= !o.ok || (there && !add_cursors(&o));
    free(o.numbers);
    free(o.known);
    if (there && !w->no_memory)
        return day;
    if (day == NULL || day->open == 0)
        walk_day_close(day);
    return day != NULL && there && day->open > 0 ? day : NULL;
}

/* ---- pages ---- */

static bool put_item(struct walk_cursor *c, const struct part_line *at, struct text line)
{
    if (!array_reserve(&c->items, &c->cap, c->count + 1, sizeof *c->items))
        return false;
    buf_put_text(&c->text, line);
    c->items[c->count].at = *at;
    c->items[c->count].at.end = c->text.len;
    c->count++;
    return buf_ok(&c->text);
}

static bool wants(const struct walk *w, const struct walk_cursor *c, const struct part_line *at,
                  struct text line)
{
    if (at->at.ms < c->begins_ms)
        return false;
    return w->asked->wants == NULL || w->asked->wants(w->asked->arg, line);
}

/* Of the chunk in hand from its next line on; it is left when nothing is. */
static bool turn_in_chunk(struct walk *w, struct walk_cursor *c)
{
    struct text lines, places, line;
    struct part_line at;
    uint32_t n = 0;
    bool there = archive_day_chunk(c->day->day, c->vehicle, &c->head, &lines, &places);
    struct chunk_lines reading = chunk_lines_of(c->head.life, lines, places);
    while (there && c->text.len < w->page_bytes && chunk_lines_next(&reading, &at, &line)) {
        if (n++ < c->line)
            continue;
        c->line = n;
        at.received_ms = line_fix_received_ms(line);
        if (wants(w, c, &at, line) && !put_item(c, &at, line))
            return false;
    }
    if (there && c->line < c->head.count)
        return true;
    c->line = 0;
    next_head(w, c, &c->head);
    return true;
}

static bool turn_in_tail(struct walk *w, struct walk_cursor *c)
{
    for (; c->part < c->day->part_count; c->part++, c->part_line = 0) {
        struct open_part *part = &c->day->parts[c->part];
        const struct part_waiting *waiting = part_find(part, c->number);
        if (waiting == NULL ||
            (c->part_line == 0 && archive_day_is_closed(c->day->day, part->number, c->vehicle)))
            continue;
        const struct part_track *track = part_whole(part, waiting);
        if (track == NULL)
            return false;
        while (c->part_line < track->count && c->text.len < w->page_bytes) {
            size_t i = c->part_line++;
            struct text line = part_text(track, i);
            if (wants(w, c, &track->lines[i], line) && !put_item(c, &track->lines[i], line))
                return false;
        }
        if (c->part_line < track->count)
            return true;
    }
    c->ended = c->count == 0;
    return true;
}

struct marks {
    struct walk *w;
    struct walk_cursor *c;
    uint32_t seen;
    bool ok;
};

static bool on_mark(void *arg, const struct archive_mark *mark)
{
    struct marks *m = arg;
    struct walk_cursor *c = m->c;
    const struct part_line at = {.at = mark->at, .batch = mark->batch, .received_ms = mark->received_ms};
    bool of_vehicle = c->kind == TRACK_LINE_LIFE || c->kind == TRACK_LINE_REDO;
    c->after = mark->at;
    m->seen++;
    if (mark->line.len == 0 || (of_vehicle && !walk_is_chosen(m->w, mark->vehicle)))
        return true;
    m->ok = array_reserve(&c->vehicle_ends, &c->vehicle_cap, c->count + 1, sizeof *c->vehicle_ends);
    if (!m->ok)
        return false;
    buf_put_text(&c->vehicles, mark->vehicle);
    c->vehicle_ends[c->count] = c->vehicles.len;
    m->ok = buf_ok(&c->vehicles) && put_item(c, &at, mark->line);
    return m->ok;
}

static bool turn_in_marks(struct walk *w, struct walk_cursor *c)
{
    static const char *const streams[] = {[TRACK_LINE_LIFE] = "marks",
                                          [TRACK_LINE_CLOCK] = "attended",
                                          [TRACK_LINE_RULESET] = "rulesets",
                                          [TRACK_LINE_REDO] = "marks"};
    static const char *const kinds[] = {[TRACK_LINE_LIFE] = "life",
                                        [TRACK_LINE_CLOCK] = "",
                                        [TRACK_LINE_RULESET] = "",
                                        [TRACK_LINE_REDO] = "redo"};
    const struct archive_marks_asked asked = {text_of(streams[c->kind]), text_of(kinds[c->kind]), c->after,
                                              MARKS_PAGE};
    struct marks m = {w, c, 0, true};
    bool whole = archive_day_marks(c->day->day, &asked, on_mark, &m);
    c->ended = m.ok && c->count == 0 && (!whole || m.seen < MARKS_PAGE);
    return m.ok;
}

bool walk_turn_page(struct walk *w, struct walk_cursor *c)
{
    buf_clear(&c->text);
    buf_clear(&c->vehicles);
    c->count = c->next = 0;
    if (c->kind != TRACK_LINE_FIX)
        return turn_in_marks(w, c);
    return c->in_tail ? turn_in_tail(w, c) : turn_in_chunk(w, c);
}
