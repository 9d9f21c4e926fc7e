/*
 * A chunk is opened if a box of its outline meets the circle; or where the way from it to the vehicle's next one may: the
 * boxes of its end and of the other's beginning are then as near to the circle as anything drives in the time between, or, over
 * a gap, as it may stand still.
 * Chunks that overlap in time belong together. Between what is not read there is no path.
 */
#include "who_search.h"

#include "who_gather.h"

#include "array.h"

#include <math.h>
#include <stdlib.h>

enum { NAMES_LIMIT = 4000000, STEP_MS = 86400000 };
static const double metres_a_degree =
    110500; /* less than any degree of latitude has: boxes are rather too large */

struct search {
    const struct who_asked *asked;
    struct who_found *found;
    struct who_pieces pieces;
    struct who_fixes fixes;
    uint32_t vehicle; /* in hand */
    struct passing passing;
};

/* Whether it may be within so many metres of the circle. */
static bool meets(const struct passing_question *q, const struct archive_box *box, double more_m)
{
    double north = (q->radius_m + more_m) / metres_a_degree;
    double top = fmin(fabs(q->lat_deg) + north, 89.9);
    double east = north / cos(top * M_PI / 180);
    if (q->lat_deg + north < box->lat_min || q->lat_deg - north > box->lat_max)
        return false;
    for (int round = -1; round <= 1; round++) {
        double lon = q->lon_deg + 360 * round;
        if (lon + east >= box->lon_min && lon - east <= box->lon_max)
            return true;
    }
    return false;
}

static bool meets_circle(const void *question, const struct archive_box *box)
{
    return meets(question, box, 0);
}

static void join(struct archive_box *to, const struct archive_box *box)
{
    to->lat_min = fmin(to->lat_min, box->lat_min);
    to->lat_max = fmax(to->lat_max, box->lat_max);
    to->lon_min = fmin(to->lon_min, box->lon_min);
    to->lon_max = fmax(to->lon_max, box->lon_max);
}

/* Pieces of one vehicle that overlap in time, from `from` to before `to`. */
struct group {
    size_t from, to;
    int64_t last_ms;
    struct archive_box box;
};

static struct group group_at(const struct who_pieces *p, size_t from, size_t end)
{
    struct group g = {from, from + 1, p->items[from].head.time_last_ms, p->items[from].head.box};
    for (; g.to < end && p->items[g.to].head.time_first_ms <= g.last_ms; g.to++) {
        const struct archive_head *head = &p->items[g.to].head;
        g.last_ms = head->time_last_ms > g.last_ms ? head->time_last_ms : g.last_ms;
        join(&g.box, &head->box);
    }
    return g;
}

static void choose(struct who_pieces *p, const struct group *g)
{
    bool alone = g->to == g->from + 1;
    for (size_t i = g->from; i < g->to; i++) {
        p->items[i].chosen = true;
        p->items[i].whole = p->items[i].whole || !alone;
    }
}

static bool is_near(const struct search *s, const struct group *g)
{
    if (g->to == g->from + 1)
        return s->pieces.items[g->from].near;
    return meets(&s->asked->question, &g->box, 0);
}

/* Where a group ends, or begins: of one alone its outline says it. */
static const struct archive_box *end_box(const struct who_pieces *p, const struct group *g)
{
    return g->to == g->from + 1 ? &p->items[g->from].last : &g->box;
}

static const struct archive_box *first_box(const struct who_pieces *p, const struct group *g)
{
    return g->to == g->from + 1 ? &p->items[g->from].first : &g->box;
}

/* Of one vehicle, from `from` to before `end`. */
static void choose_of(struct search *s, size_t from, size_t end)
{
    struct who_pieces *p = &s->pieces;
    const struct passing_question *q = &s->asked->question;
    struct group before = {0};
    for (struct group g; from < end; from = g.to, before = g) {
        g = group_at(p, from, end);
        if (is_near(s, &g))
            choose(p, &g);
        int64_t between_ms = before.to > 0 ? p->items[g.from].head.time_first_ms - before.last_ms : 0;
        double drive_m = between_ms <= q->gap_ms ? PASSING_MOST_MPS * (double)between_ms / 1000 : 0;
        double way_m = fmax(drive_m, PASSING_PARKED_M);
        if (before.to == 0 || between_ms > passing_reach_ms(q->gap_ms) ||
            !meets(q, first_box(p, &g), way_m) || !meets(q, end_box(p, &before), way_m))
            continue;
        choose(p, &before);
        choose(p, &g);
        p->items[before.from].joined_last = true;
        p->items[g.from].joined_first = true;
    }
}

static void on_pass(void *context, const struct pass *pass)
{
    struct search *s = context;
    struct who_found *f = s->found;
    if (!array_reserve(&f->items, &f->cap, f->count + 1, sizeof *f->items)) {
        s->pieces.no_memory = true;
        return;
    }
    f->items[f->count++] = (struct who_pass){names_text(f->names, s->vehicle), *pass};
}

static void run_stretch(struct search *s, struct passing_fix *fixes, size_t count)
{
    s->pieces.no_memory = s->pieces.no_memory || !passing_sort(fixes, count);
    for (size_t i = 0; i < count && !s->pieces.no_memory; i++)
        passing_add(&s->passing, &fixes[i]);
    passing_end(&s->passing);
    s->found->lines += count;
}

static void run_fixes(struct search *s)
{
    struct passing_fix *items = s->fixes.items;
    size_t from = 0;
    for (size_t i = 0; i <= s->fixes.count; i++)
        if (i == s->fixes.count || items[i].time_ms == WHO_BREAK) {
            if (i > from)
                run_stretch(s, items + from, i - from);
            from = i + 1;
        }
    s->fixes.count = 0;
}

/* Of one vehicle what was chosen, run by run. */
static void look_into(struct search *s, size_t from, size_t end)
{
    s->vehicle = s->pieces.items[from].vehicle;
    for (size_t i = from; i < end && !s->pieces.no_memory; i++) {
        if (!s->pieces.items[i].chosen) {
            run_fixes(s);
            continue;
        }
        who_read(&s->pieces, &s->pieces.items[i], &s->fixes);
        s->found->opened++;
    }
    run_fixes(s);
}

static void progress(const struct search *s, int64_t at_ms, double of_step)
{
    const struct passing_question *q = &s->asked->question;
    double whole = (double)(q->to_ms - q->from_ms) + 1;
    if (s->asked->progress != NULL)
        s->asked->progress(s->asked->context, ((double)(at_ms - q->from_ms) + of_step) / whole);
}

static void search_step(struct search *s, int64_t from_ms, int64_t to_ms)
{
    struct passing_question q = s->asked->question;
    int64_t reach_ms = passing_reach_ms(q.gap_ms);
    const struct archive_span span = {from_ms - reach_ms, to_ms + reach_ms + 1, NULL};
    struct who_pieces *p = &s->pieces;
    q.from_ms = from_ms;
    q.to_ms = to_ms;
    who_gather(p, &span);
    passing_begin(&s->passing, &q, on_pass, s);
    s->found->chunks += p->count;
    for (size_t from = 0, end; from < p->count && !p->no_memory; from = end) {
        for (end = from; end < p->count && p->items[end].vehicle == p->items[from].vehicle;)
            end++;
        choose_of(s, from, end);
        look_into(s, from, end);
        progress(s, from_ms, (double)(to_ms - from_ms) * (double)end / (double)p->count);
    }
}

static int by_vehicle(const void *a, const void *b)
{
    const struct who_pass *x = a, *y = b;
    int order = text_compare(x->vehicle, y->vehicle);
    return order != 0                                ? order
           : x->pass.entered_ms < y->pass.entered_ms ? -1
                                                     : x->pass.entered_ms > y->pass.entered_ms;
}

static int by_entry(const void *a, const void *b)
{
    const struct who_pass *x = a, *y = b;
    if (x->pass.entered_ms != y->pass.entered_ms)
        return x->pass.entered_ms < y->pass.entered_ms ? -1 : 1;
    return text_compare(x->vehicle, y->vehicle);
}

/* One that goes on over the end of a step is one. */
static void join_steps(struct who_found *f, int64_t from_ms)
{
    size_t kept = 0;
    if (f->count > 0)
        qsort(f->items, f->count, sizeof *f->items, by_vehicle);
    for (size_t i = 0; i < f->count; i++) {
        struct who_pass *last = kept > 0 ? &f->items[kept - 1] : NULL, *now = &f->items[i];
        bool at_step = last != NULL && last->pass.left_ms == now->pass.entered_ms &&
                       (now->pass.entered_ms - from_ms) % STEP_MS == 0;
        if (!at_step || !text_equal(last->vehicle, now->vehicle)) {
            f->items[kept++] = *now;
            continue;
        }
        int64_t entered_ms = last->pass.entered_ms, left_ms = now->pass.left_ms;
        if (now->pass.nearest_m < last->pass.nearest_m)
            last->pass = now->pass;
        last->pass.entered_ms = entered_ms;
        last->pass.left_ms = left_ms;
    }
    f->count = kept;
    if (kept > 0)
        qsort(f->items, kept, sizeof *f->items, by_entry);
}

bool who_search(const struct who_asked *asked, struct who_found *out)
{
    struct search s = {.asked = asked, .found = out};
    *out = (struct who_found){.names = names_new(NAMES_LIMIT)};
    bool ok = out->names != NULL && who_pieces_init(&s.pieces, asked->look, out->names, asked->vehicle);
    int64_t to_ms = asked->question.to_ms;
    s.pieces.near = (struct who_near){meets_circle, &asked->question};
    s.pieces.gap_ms = asked->question.gap_ms;
    for (int64_t at = asked->question.from_ms; ok && at <= to_ms && !s.pieces.no_memory; at += STEP_MS)
        search_step(&s, at, to_ms - at < STEP_MS ? to_ms : at + STEP_MS);
    ok = ok && !s.pieces.no_memory;
    who_pieces_fini(&s.pieces);
    free(s.fixes.items);
    if (ok)
        join_steps(out, asked->question.from_ms);
    return ok;
}

void who_found_fini(struct who_found *found)
{
    free(found->items);
    names_free(found->names);
    *found = (struct who_found){0};
}
