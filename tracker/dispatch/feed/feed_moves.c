/*
 * feed_moves: who moved, as rows of `live`, to those who asked for it; and all there are, for whoever begins.
 *
 * A group remembers who it has told of, where its scope or box leaves anybody out: who leaves is told to be `gone`, by the id alone.
 * Where more has changed than rows can tell (vehicles went, another world, another store) all its clients begin anew.
 */
#include "feed_state.h"

#include <math.h>
#include <stdlib.h>

enum { MOVES_MAX = 1 << 20, BITS = 64 };

static bool sees_all(const struct feed_group *g)
{
    return !g->boxed && scope_is_whole(&g->scope);
}

static bool is_in_box(const struct feed_box *box, const struct vehicle_now *v)
{
    if (isnan(v->lat_deg) || isnan(v->lon_deg) || v->lat_deg < box->south || v->lat_deg > box->north)
        return false;
    if (box->west <= box->east)
        return v->lon_deg >= box->west && v->lon_deg <= box->east;
    return v->lon_deg >= box->west || v->lon_deg <= box->east;
}

static bool covers(struct feed *f, const struct feed_group *g, struct vehicle_now *v)
{
    if (g->boxed && !is_in_box(&g->box, v))
        return false;
    return scope_is_whole(&g->scope) || f->sink.covers(f->sink.arg, &g->scope, v);
}

/* What counts all districts is not told to a scope that names some. */
static void write_row(const struct feed_group *g, const struct vehicle_now *v, struct json_writer *w)
{
    uint32_t hidden = g->scope.jurisdictions.count > 0 ? NOW_WORST : 0;
    json_write_begin_array(w);
    vehicle_now_write(v, v->flags & ~hidden, w);
    json_write_end_array(w);
}

static bool is_told(const struct feed_group *g, const struct vehicle_now *v)
{
    return v->number / BITS < g->told_words && (g->told[v->number / BITS] >> v->number % BITS & 1) != 0;
}

static void set_told(struct feed_group *g, const struct vehicle_now *v, bool told)
{
    uint64_t bit = UINT64_C(1) << v->number % BITS;
    if (v->number / BITS >= g->told_words)
        return;
    g->told[v->number / BITS] = told ? g->told[v->number / BITS] | bit : g->told[v->number / BITS] & ~bit;
}

/* Room for all vehicles there are. False without memory. */
static bool make_room(struct feed *f, struct feed_group *g)
{
    size_t words = fleet_now_numbers(f->memory.fleet) / BITS + 1;
    if (sees_all(g) || words <= g->told_words)
        return true;
    uint64_t *told = realloc(g->told, words * sizeof *told);
    if (told == NULL)
        return false;
    memset(told + g->told_words, 0, (words - g->told_words) * sizeof *told);
    g->told = told;
    g->told_words = words;
    return true;
}

static void begin_anew(struct feed *f, struct feed_group *g)
{
    const struct vehicle_now *newest = fleet_now_newest(f->memory.fleet);
    g->fleet = f->memory.fleet;
    g->removals = fleet_now_removals(f->memory.fleet);
    g->world = f->world;
    g->seen = newest != NULL ? newest->changed : 0;
    if (g->told != NULL)
        memset(g->told, 0, g->told_words * sizeof *g->told);
    for (size_t i = 0; i < f->count; i++) {
        struct feed_client *c = f->clients[i];
        if (c->group != g || !c->live)
            continue;
        c->sweeps = c->begins = true;
        c->sweep_at = 0;
    }
}

/* ---- what changed ---- */

static void tell_one(struct feed *f, struct feed_group *g, struct vehicle_now *v, struct json_writer *moves,
                     struct json_writer *gone)
{
    bool covered = covers(f, g, v);
    if (covered) {
        write_row(g, v, moves);
        set_told(g, v, true);
    } else if (is_told(g, v)) {
        json_write_string(gone, text_of(v->id));
        set_told(g, v, false);
    }
}

/* The one that changed first of those that are not told. */
static struct vehicle_now *first_untold(const struct feed *f, const struct feed_group *g)
{
    struct vehicle_now *v = fleet_now_newest(f->memory.fleet), *first = NULL;
    for (; v != NULL && v->changed > g->seen; v = v->older)
        first = v;
    return first;
}

/* False: there are more. */
static bool write_moves(struct feed *f, struct feed_group *g, struct vehicle_now *v, struct buf *out)
{
    struct buf gone_text;
    struct json_writer w, gone;
    buf_init(&gone_text, MOVES_MAX);
    json_writer_init(&gone, &gone_text);
    json_write_begin_array(&gone);
    buf_clear(&f->event);
    feed_begin_event("pos", NULL, &f->event);
    json_writer_init(&w, &f->event);
    json_write_begin_object(&w);
    json_write_key(&w, "whole");
    json_write_bool(&w, false);
    json_write_key(&w, "moves");
    json_write_begin_array(&w);
    size_t begin = f->event.len;
    for (size_t n = 0; v != NULL && n < ROWS_A_PIECE && f->budget > 0; v = v->newer, n++, f->budget--) {
        tell_one(f, g, v, &w, &gone);
        g->seen = v->changed;
    }
    json_write_end_array(&w);
    json_write_end_array(&gone);
    bool any = f->event.len > begin + 1 || gone_text.len > 2;
    json_write_key(&w, "gone");
    json_write_raw(&w, buf_text(&gone_text));
    json_write_end_object(&w);
    feed_end_event(&f->event);
    if (!buf_ok(&f->event) || !buf_ok(&gone_text))
        out->failed = true; /* begun anew from the log */
    else if (any)
        buf_put_text(out, buf_text(&f->event));
    buf_fini(&gone_text);
    return v == NULL;
}

void feed_moves(struct feed *f, struct feed_group *g, int64_t ticks_ms)
{
    if (ticks_ms < g->due_ms || !make_room(f, g))
        return;
    bool other = g->fleet != f->memory.fleet || g->removals != fleet_now_removals(f->memory.fleet) ||
                 (g->world != f->world && !scope_is_whole(&g->scope));
    if (other)
        begin_anew(f, g);
    struct vehicle_now *first = first_untold(f, g);
    if (first == NULL || write_moves(f, g, first, &g->pending))
        g->due_ms = ticks_ms + 1000 * (int64_t)g->pos_s;
}

/* ---- all there are ---- */

bool feed_sweep(struct feed *f, size_t i)
{
    struct feed_client *c = f->clients[i];
    struct feed_group *g = c->group;
    struct json_writer w;
    uint32_t numbers = fleet_now_numbers(f->memory.fleet);
    if (!make_room(f, g))
        return true;
    buf_clear(&f->event);
    feed_begin_event("pos", NULL, &f->event);
    json_writer_init(&w, &f->event);
    json_write_begin_object(&w);
    json_write_key(&w, "whole");
    json_write_bool(&w, c->begins);
    json_write_key(&w, "moves");
    json_write_begin_array(&w);
    size_t rows = 0;
    for (; c->sweep_at < numbers && rows < ROWS_A_PIECE && f->budget > 0; c->sweep_at++) {
        struct vehicle_now *v = fleet_now_at(f->memory.fleet, c->sweep_at);
        if (v == NULL)
            continue;
        f->budget--;
        if (!covers(f, g, v))
            continue;
        write_row(g, v, &w);
        set_told(g, v, true);
        rows++;
    }
    json_write_end_array(&w);
    json_write_key(&w, "gone");
    json_write_raw(&w, TEXT("[]"));
    json_write_end_object(&w);
    feed_end_event(&f->event);
    c->sweeps = c->sweep_at < numbers;
    bool worth = rows > 0 || c->begins;
    c->begins = false;
    struct web_chunk *chunk = worth && buf_ok(&f->event) ? web_chunk_new(buf_text(&f->event)) : NULL;
    bool there = chunk == NULL || feed_push(f, i, chunk);
    web_chunk_drop(chunk);
    return there;
}
