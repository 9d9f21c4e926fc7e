/*
 * Each vehicle has a stream of its own, and so have the tracker's marks. They are merged by the number of the
 * batch that wrote them, a page of each in memory; of a batch signs of life come first, then the mark of the
 * clock, then which world was in force, then fixes, and last what was judged again. What an older version wrote
 * without a number comes before all that has one, by the time of arrival, which is right as long as no clock was
 * set. A line is the fix as it was received, with the vehicle and the time of arrival put in front.
 */
#include "track_lines.h"

#include "arena.h"
#include "heap.h"

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
    enum { CURSOR_LIVES, CURSOR_CLOCK, CURSOR_RULESETS, CURSOR_TRACK, CURSOR_REDOS } type;
    struct text vehicle;           /* of a track */
    const struct look_ids *chosen; /* of signs of life: whose are wanted; NULL: everybody's */
    struct arena arena;            /* of the page */
    struct text lines[PAGE];
    int64_t at[PAGE]; /* where each belongs */
    size_t count, next;
    char from[64]; /* where the next page begins */
    bool ended;
};

static void put_track_line(struct buf *out, const struct cursor *c, const struct reply *fields)
{
    struct text fix = reply_field(fields, "fix"), received = reply_field(fields, "received");
    if (fix.len < 2 || fix.data[0] != '{')
        return;
    buf_printf(out, "{\"vehicle\":\"%.*s\",\"received\":%.*s%s", TEXT_ARG(c->vehicle), TEXT_ARG(received),
               fix.data[1] == '}' ? "" : ",");
    buf_put(out, fix.data + 1, fix.len - 1);
}

static bool is_chosen(const struct look_ids *chosen, struct text vehicle)
{
    for (size_t i = 0; chosen != NULL && i < chosen->count; i++)
        if (text_equal(chosen->items[i], vehicle))
            return true;
    return chosen == NULL;
}

/* What was judged again stands behind the fixes of the batch that carries it. */
static void put_redo_line(struct buf *out, const struct cursor *c, const struct reply *fields)
{
    struct text vehicle = reply_field(fields, "vehicle"), begin = reply_field(fields, "begin");
    struct text left = reply_field(fields, "left");
    if (!text_equal(reply_field(fields, "kind"), TEXT("redo")) || !is_chosen(c->chosen, vehicle))
        return;
    buf_printf(
        out,
        "{\"mark\":\"redo\",\"vehicle\":\"%.*s\",\"received\":%.*s,\"clock\":%.*s,\"from\":%.*s%s%.*s%s%.*s}",
        TEXT_ARG(vehicle), TEXT_ARG(reply_field(fields, "received")), TEXT_ARG(reply_field(fields, "clock")),
        TEXT_ARG(reply_field(fields, "from")), begin.len > 0 ? ",\"begin\":" : "", TEXT_ARG(begin),
        left.len > 0 ? ",\"left\":" : "", TEXT_ARG(left));
}

/* Marks of other kinds are not for a replay. */
static void put_life_line(struct buf *out, const struct cursor *c, const struct reply *fields)
{
    struct text vehicle = reply_field(fields, "vehicle");
    if (!text_equal(reply_field(fields, "kind"), TEXT("life")) || !is_chosen(c->chosen, vehicle))
        return;
    buf_printf(out, "{\"mark\":\"life\",\"vehicle\":\"%.*s\",\"received\":%.*s,\"clock\":%.*s}",
               TEXT_ARG(vehicle), TEXT_ARG(reply_field(fields, "received")),
               TEXT_ARG(reply_field(fields, "clock")));
}

static void put_clock_line(struct buf *out, const struct reply *fields)
{
    bool runs = text_equal(reply_field(fields, "runs"), TEXT("1"));
    struct text fired = reply_field(fields, "fired");
    buf_printf(out, "{\"attended\":%.*s,\"received\":%.*s,\"runs\":%s%s%.*s}",
               TEXT_ARG(reply_field(fields, "clock")), TEXT_ARG(reply_field(fields, "received")),
               runs ? "true" : "false", fired.len > 0 ? ",\"fired\":" : "", TEXT_ARG(fired));
}

static void put_ruleset_line(struct buf *out, const struct reply *fields)
{
    buf_printf(out, "{\"ruleset\":\"%.*s\",\"received\":%.*s}", TEXT_ARG(reply_field(fields, "ruleset")),
               TEXT_ARG(reply_field(fields, "received")));
}

/* False for what makes no line, or without memory. */
static bool make_line(struct look *look, struct cursor *c, const struct reply *fields, struct text *out)
{
    buf_clear(&look->out);
    if (c->type == CURSOR_TRACK)
        put_track_line(&look->out, c, fields);
    else if (c->type == CURSOR_LIVES)
        put_life_line(&look->out, c, fields);
    else if (c->type == CURSOR_REDOS)
        put_redo_line(&look->out, c, fields);
    else if (c->type == CURSOR_CLOCK)
        put_clock_line(&look->out, fields);
    else
        put_ruleset_line(&look->out, fields);
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
    struct buf lines[CURSOR_TRACK];
    bool begun;
    struct track_listener listener;
    int code;
};

static void pass_on(struct held *h, struct text line)
{
    if (h->code == EX_OK)
        h->code = h->listener.line(h->listener.context, line);
}

static void put_held(struct held *h)
{
    for (int i = 0; i < CURSOR_TRACK && !h->begun; i++)
        if (h->lines[i].len > 0)
            pass_on(h, buf_text(&h->lines[i]));
    h->begun = true;
}

static void put_line(struct held *h, const struct cursor *c)
{
    struct text line = c->lines[c->next];
    if (c->type == CURSOR_TRACK)
        put_held(h);
    if (h->begun) {
        pass_on(h, line);
        return;
    }
    if (c->type == CURSOR_LIVES || c->type == CURSOR_REDOS)
        return;
    buf_clear(&h->lines[c->type]);
    buf_put_text(&h->lines[c->type], line);
}

static int merge(struct look *look, const char *command, struct cursor *cursors, uint32_t count,
                 struct track_listener listener)
{
    struct heap heap;
    struct held held = {.listener = listener, .code = EX_OK};
    heap_init(&heap);
    for (int i = 0; i < CURSOR_TRACK; i++)
        buf_init(&held.lines[i], LINE_MAX_BYTES);
    bool ok = heap_reserve(&heap, count + 1);
    for (uint32_t i = 0; i < count && ok; i++)
        ok = queue(look, cursors, i, &heap);
    for (const struct heap_item *first; ok && held.code == EX_OK && (first = heap_first(&heap)) != NULL;) {
        uint32_t i = first->id;
        struct cursor *c = &cursors[i];
        put_line(&held, c);
        c->next++;
        ok = queue(look, cursors, i, &heap);
    }
    put_held(&held);
    for (int i = 0; i < CURSOR_TRACK; i++)
        buf_fini(&held.lines[i]);
    heap_fini(&heap);
    return ok ? held.code : look_failed(look, command);
}

int track_lines(struct look *look, const struct track_lines *which, struct track_listener listener)
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
        cursors[i].type = track ? CURSOR_TRACK : i + 1 == count ? CURSOR_REDOS : (int)i;
        cursors[i].vehicle = track ? ids->items[i - CURSOR_TRACK] : TEXT("");
        cursors[i].chosen = which->all ? NULL : ids;
        snprintf(cursors[i].from, sizeof cursors[i].from, "%lld", lasts ? 0LL : (long long)which->since_ms);
        arena_init(&cursors[i].arena);
    }
    int code = merge(look, which->command, cursors, (uint32_t)count, listener);
    for (size_t i = 0; i < count; i++)
        arena_fini(&cursors[i].arena);
    free(cursors);
    return code;
}
