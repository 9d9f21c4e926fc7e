/*
 * Each vehicle has a stream of its own, and so have the tracker's marks. They are merged by the number of the
 * batch that wrote them, a page of each in memory; of a batch signs of life come first, then the mark of the
 * clock, then which world was in force, then fixes, and last what was judged again. What an older version wrote
 * without a number comes before all that has one, by the time of arrival, which is right as long as no clock was
 * set.
 */
#include "track_lines.h"

#include "archive_walk.h"
#include "arena.h"
#include "heap.h"
#include "line_fix.h"
#include "track_line.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { PAGE = 32, LINE_MAX_BYTES = 1 << 20 };

/* Above all times of arrival: the numbers of batches begin here. */
static const int64_t batches_at = INT64_C(1) << 53;

/* Where the reading of one stream stands. */
struct cursor {
    enum cursor_type { CURSOR_LIVES, CURSOR_CLOCK, CURSOR_RULESETS, CURSOR_TRACK, CURSOR_REDOS } type;
    struct text vehicle;           /* of a track */
    const struct look_ids *chosen; /* of signs of life: whose are wanted; NULL: everybody's */
    struct arena arena;            /* of the page */
    struct text lines[PAGE];
    int64_t at[PAGE]; /* where each belongs */
    size_t count, next;
    char from[64]; /* where the next page begins */
    bool ended;
};

static const enum track_line_kind line_kinds[] = {TRACK_LINE_LIFE, TRACK_LINE_CLOCK, TRACK_LINE_RULESET,
                                                  TRACK_LINE_FIX, TRACK_LINE_REDO};

static bool is_chosen(const struct look_ids *chosen, struct text vehicle)
{
    for (size_t i = 0; chosen != NULL && i < chosen->count; i++)
        if (text_equal(chosen->items[i], vehicle))
            return true;
    return chosen == NULL;
}

static struct text field_of(const void *entry, const char *name)
{
    return reply_field(entry, name);
}

/* False for what makes no line, or without memory. */
static bool make_line(struct look *look, struct cursor *c, const struct reply *fields, struct text *out)
{
    bool of_marks = c->type == CURSOR_LIVES || c->type == CURSOR_REDOS;
    if (of_marks && !is_chosen(c->chosen, reply_field(fields, "vehicle")))
        return false;
    buf_clear(&look->out);
    track_line_put(&look->out, line_kinds[c->type], c->vehicle,
                   &(struct track_entry_fields){field_of, fields});
    return look->out.len > 0 && buf_ok(&look->out) && arena_copy_text(&c->arena, buf_text(&look->out), out);
}

static const char *cursor_format(const struct cursor *c)
{
    static const char *const formats[] = {MW_KEY_MARKS, MW_KEY_ATTENDED, MW_KEY_RULESETS, MW_KEY_TRACK,
                                          MW_KEY_MARKS};
    return formats[c->type];
}

static int64_t place_of(const struct reply *fields)
{
    struct text batch = reply_field(fields, "batch");
    return batch.len > 0 ? batches_at + strtoll(batch.data, NULL, 10)
                         : strtoll(reply_field(fields, "received").data, NULL, 10);
}

/* The next page. False when Redis failed. */
static bool turn_page(struct look *look, struct cursor *c)
{
    char key[MW_KEY_MAX], count[16];
    snprintf(count, sizeof count, "%d", PAGE);
    const struct text words[] = {TEXT("XRANGE"),   text_of(look_key(look, key, cursor_format(c), c->vehicle)),
                                 text_of(c->from), TEXT("+"),
                                 TEXT("COUNT"),    text_of(count)};
    const struct reply *page;
    arena_fini(&c->arena);
    c->count = c->next = 0;
    if (c->ended)
        return true;
    if (!store_command(look->store, words, 6, 0, &page))
        return false;
    c->ended = page->count < PAGE;
    for (size_t i = 0; i < page->count; i++) {
        const struct reply *entry = &page->items[i];
        if (entry->count != 2 || !make_line(look, c, &entry->items[1], &c->lines[c->count]))
            continue;
        c->at[c->count++] = place_of(&entry->items[1]);
    }
    if (page->count > 0)
        snprintf(c->from, sizeof c->from, "(%.*s", TEXT_ARG(page->items[page->count - 1].items[0].text));
    return true;
}

/* Puts the vehicle where its next line belongs. */
static bool queue(struct look *look, struct cursor *cursors, uint32_t i, struct heap *heap)
{
    struct cursor *c = &cursors[i];
    while (c->next == c->count && !c->ended)
        if (!turn_page(look, c))
            return false;
    if (c->next < c->count)
        heap_set(heap, i, c->at[c->next]);
    else
        heap_remove(heap, i);
    return true;
}

/* Of the marks before the first fix only the last of each type matter, and of signs of life none: no vehicle
 * has been seen. */
struct held {
    struct buf lines[TRACK_LINE_FIX];
    bool begun;
    const struct look_asked *asked;
    struct track_listener listener;
    int code;
};

static void held_init(struct held *h, const struct track_lines *which, struct track_listener listener)
{
    *h = (struct held){.asked = which->asked, .listener = listener, .code = EX_OK};
    for (int i = 0; i < TRACK_LINE_FIX; i++)
        buf_init(&h->lines[i], LINE_MAX_BYTES);
}

static void pass_on(struct held *h, struct text line)
{
    if (h->code == EX_OK)
        h->code = h->listener.line(h->listener.context, line);
}

static void put_held(struct held *h)
{
    for (int i = 0; i < TRACK_LINE_FIX && !h->begun; i++)
        if (h->lines[i].len > 0)
            pass_on(h, buf_text(&h->lines[i]));
    h->begun = true;
}

static void held_end(struct held *h)
{
    put_held(h);
    for (int i = 0; i < TRACK_LINE_FIX; i++)
        buf_fini(&h->lines[i]);
}

/* Of marks outside the span that is asked for the last one before the first fix is in force there. */
static bool is_outside(const struct held *h, enum track_line_kind kind, struct text line)
{
    if (h->asked == NULL || kind == TRACK_LINE_FIX)
        return h->asked != NULL && !look_asked_line(h->asked, line);
    int64_t received_ms = text_whole(line_fix_behind(line, "\"received\":"));
    return received_ms >= h->asked->to_ms || (h->begun && received_ms < h->asked->from_ms);
}

static void put_line(struct held *h, enum track_line_kind kind, struct text line)
{
    if (is_outside(h, kind, line))
        return;
    if (kind == TRACK_LINE_FIX)
        put_held(h);
    if (h->begun) {
        pass_on(h, line);
        return;
    }
    if (kind == TRACK_LINE_LIFE || kind == TRACK_LINE_REDO)
        return;
    buf_clear(&h->lines[kind]);
    buf_put_text(&h->lines[kind], line);
}

/* ---- the store ---- */

static int merge(struct look *look, const struct track_lines *which, struct cursor *cursors, uint32_t count,
                 struct track_listener listener)
{
    struct heap heap;
    struct held held;
    heap_init(&heap);
    held_init(&held, which, listener);
    bool ok = heap_reserve(&heap, count + 1);
    for (uint32_t i = 0; i < count && ok; i++)
        ok = queue(look, cursors, i, &heap);
    for (const struct heap_item *first; ok && held.code == EX_OK && (first = heap_first(&heap)) != NULL;) {
        uint32_t i = first->id;
        struct cursor *c = &cursors[i];
        put_line(&held, line_kinds[c->type], c->lines[c->next]);
        c->next++;
        ok = queue(look, cursors, i, &heap);
    }
    held_end(&held);
    heap_fini(&heap);
    return ok ? held.code : look_failed(look, which->command);
}

static int lines_of_store(struct look *look, const struct track_lines *which, struct track_listener listener)
{
    const struct look_ids *ids = which->ids;
    /* Of a batch the marks come first: they hold for what came with them. Those of clock and world are read
     * from the beginning, since the last one before `since` is in force there. */
    size_t count = CURSOR_TRACK + ids->count + 1;
    struct cursor *cursors = calloc(count, sizeof *cursors);
    if (cursors == NULL)
        return EX_OSERR;
    for (size_t i = 0; i < count; i++) {
        bool track = i >= CURSOR_TRACK && i + 1 < count, lasts = i == CURSOR_CLOCK || i == CURSOR_RULESETS;
        cursors[i].type = track ? CURSOR_TRACK : i + 1 == count ? CURSOR_REDOS : (enum cursor_type)i;
        cursors[i].vehicle = track ? ids->items[i - CURSOR_TRACK] : TEXT("");
        cursors[i].chosen = which->all ? NULL : ids;
        snprintf(cursors[i].from, sizeof cursors[i].from, "%lld", lasts ? 0LL : (long long)which->since_ms);
        arena_init(&cursors[i].arena);
    }
    int code = merge(look, which, cursors, (uint32_t)count, listener);
    for (size_t i = 0; i < count; i++)
        arena_fini(&cursors[i].arena);
    free(cursors);
    return code;
}

/* ---- an archive ---- */

struct reading {
    const struct track_lines *which;
    struct held held;
};

static bool on_line(void *arg, const struct archive_line *line)
{
    struct reading *r = arg;
    bool of_clock = line->kind == TRACK_LINE_CLOCK || line->kind == TRACK_LINE_RULESET;
    if (of_clock || line->at.at.ms >= r->which->since_ms)
        put_line(&r->held, line->kind, line->line);
    return r->held.code == EX_OK;
}

static int lines_of_archive(struct look *look, const struct track_lines *which,
                            struct track_listener listener)
{
    struct reading r = {.which = which};
    struct archive_walk walk = archive_walk_all();
    struct archive_box box;
    bool no_memory;
    walk.vehicles = which->all ? NULL : which->ids->items;
    walk.vehicle_count = which->all ? 0 : which->ids->count;
    walk.each = on_line;
    walk.arg = &r;
    if (which->asked != NULL) {
        walk.span.from_ms = which->asked->from_ms;
        walk.span.to_ms = which->asked->to_ms;
        walk.span.box = look_asked_box(which->asked, &box) ? &box : NULL;
    }
    held_init(&r.held, which, listener);
    bool whole = archive_walk(kept_look(look->kept), &walk, &no_memory);
    held_end(&r.held);
    return whole || !no_memory ? r.held.code : EX_OSERR;
}

int track_lines(struct look *look, const struct track_lines *which, struct track_listener listener)
{
    return look->kept != NULL ? lines_of_archive(look, which, listener)
                              : lines_of_store(look, which, listener);
}
