/*
 * A heap of cursors by where their next lines belong. Two days are open at a time: a clock that is set back over midnight
 * by less than a day changes no order.
 */
#include "archive_folder_state.h"
#include "archive_walk_state.h"

#include "array.h"

#include <stdlib.h>

enum {
    PAGE_BYTES = 48 << 20,
    NAMES_MAX_WALK = 4000000,
    LINE_BYTES = 1 << 20,
};

struct archive_walk archive_walk_all(void)
{
    return (struct archive_walk){
        .span = {INT64_MIN, INT64_MAX, NULL}, .first_day = INT32_MIN, .last_day = INT32_MAX};
}

/* ---- the heap ---- */

static bool before(const struct walk_cursor *a, const struct walk_cursor *b)
{
    if (a->life != b->life)
        return a->life < b->life;
    if (a->place != b->place)
        return a->place < b->place;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    int order = a->kind == TRACK_LINE_FIX ? text_compare(a->vehicle, b->vehicle) : 0;
    return order != 0 ? order < 0 : a->day->number < b->day->number;
}

static void sift_up(struct walk *w, size_t i)
{
    struct walk_cursor *c = w->heap[i];
    for (; i > 0 && before(c, w->heap[(i - 1) / 2]); i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = c;
}

static void sift_down(struct walk *w, size_t i)
{
    struct walk_cursor *c = w->heap[i];
    for (size_t child; (child = 2 * i + 1) < w->count; i = child) {
        if (child + 1 < w->count && before(w->heap[child + 1], w->heap[child]))
            child++;
        if (!before(w->heap[child], c))
            break;
        w->heap[i] = w->heap[child];
    }
    w->heap[i] = c;
}

bool walk_put(struct walk *w, struct walk_cursor *c)
{
    if (!array_reserve(&w->heap, &w->cap, w->count + 1, sizeof *w->heap))
        return false;
    w->heap[w->count++] = c;
    sift_up(w, w->count - 1);
    return true;
}

static void drop_first(struct walk *w)
{
    walk_cursor_free(w->heap[0]);
    w->heap[0] = w->heap[--w->count];
    if (w->count > 0)
        sift_down(w, 0);
}

/* ---- the walk ---- */

/* The days that are open and those to come. */
struct days {
    const int32_t *numbers;
    size_t count, next;
    struct walk_day *open[2];
};

static bool is_asked(const struct walk *w, int32_t number)
{
    return number >= w->asked->first_day && number <= w->asked->last_day;
}

/* Days that are through are closed, the next ones opened. */
static void turn_days(struct walk *w, struct days *days)
{
    for (size_t i = 0; i < 2; i++) {
        if (days->open[i] != NULL && days->open[i]->open == 0) {
            walk_day_close(days->open[i]);
            days->open[i] = NULL;
        }
        while (days->open[i] == NULL && days->next < days->count && !w->no_memory) {
            int32_t number = days->numbers[days->next++];
            if (is_asked(w, number))
                days->open[i] = walk_day_open(w, number);
        }
    }
}

/* What was in force when the first day began. */
static bool give_in_force(struct walk *w, const struct walk_day *day)
{
    static const struct {
        enum track_line_kind kind;
        const char *name;
    } rows[] = {{TRACK_LINE_CLOCK, "attended"}, {TRACK_LINE_RULESET, "rulesets"}};
    struct buf text;
    bool on = true;
    buf_init(&text, LINE_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && on; i++) {
        struct archive_line line = {.kind = rows[i].kind, .day = day->number};
        if (!archive_day_in_force(day->day, text_of(rows[i].name), &text, &line.at.batch) || !buf_ok(&text))
            continue;
        line.line = buf_text(&text);
        on = w->asked->each(w->asked->arg, &line);
    }
    buf_fini(&text);
    return on;
}

static bool give(const struct walk *w, const struct walk_cursor *c)
{
    const struct walk_item *item = &c->items[c->next];
    size_t from = c->next > 0 ? c->items[c->next - 1].at.end : 0;
    struct archive_line line = {
        .kind = c->kind,
        .vehicle = c->vehicle,
        .day = c->day->number,
        .at = item->at,
        .line = {c->text.data + from, item->at.end - from},
    };
    if (c->kind != TRACK_LINE_FIX) {
        size_t at = c->next > 0 ? c->vehicle_ends[c->next - 1] : 0;
        line.vehicle = (struct text){c->vehicles.data + at, c->vehicle_ends[c->next] - at};
    }
    return w->asked->each(w->asked->arg, &line);
}

/* The first cursor has a page, or has ended. False without memory. */
static bool ready(struct walk *w)
{
    struct walk_cursor *c = w->heap[0];
    while (!c->ended && c->next == c->count)
        if (!walk_turn_page(w, c))
            return false;
    if (c->ended) {
        c->day->open--;
        drop_first(w);
        return true;
    }
    const struct part_line *at = &c->items[c->next].at;
    c->life = at->at.life;
    c->place = walk_place(at->batch, at->received_ms);
    sift_down(w, 0);
    return true;
}

static bool run(struct walk *w, struct days *days)
{
    for (bool begun = false;; begun = true) {
        turn_days(w, days);
        if (w->no_memory || w->count == 0)
            return !w->no_memory;
        if (!begun && days->open[0] != NULL && !give_in_force(w, days->open[0]))
            return false;
        struct walk_cursor *c = w->heap[0];
        if (c->next == c->count) {
            w->no_memory = !ready(w);
            continue;
        }
        if (!give(w, c))
            return false;
        c->next++;
        w->no_memory = !ready(w);
    }
}

bool archive_walk(struct archive_look *look, const struct archive_walk *asked, bool *out_no_memory)
{
    struct walk w = {.look = look, .asked = asked, .names = names_new(NAMES_MAX_WALK)};
    struct days days = {0};
    days.numbers = archive_look_days(look, &days.count);
    w.page_bytes_all = asked->page_bytes > 0 ? asked->page_bytes : PAGE_BYTES;
    w.press = folder_press(&w.passing);
    w.no_memory = w.names == NULL || w.passing == NULL;
    bool ok = run(&w, &days);
    while (w.count > 0)
        drop_first(&w);
    for (size_t i = 0; i < 2; i++)
        walk_day_close(days.open[i]);
    free(w.heap);
    names_free(w.names);
    press_free(w.passing);
    *out_no_memory = w.no_memory;
    return ok && !w.no_memory;
}
