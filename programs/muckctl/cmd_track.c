/*
 * muckctl track: the recorded track as lines that muckctl replay takes, in the order the fixes came.
 *
 * Each vehicle has a stream of its own, and so have the tracker's marks. They are merged by the number of the
 * batch that wrote them, a page of each in memory; of a batch signs of life come first, then the mark of the
 * clock, then which world was in force, then fixes. What an older version wrote without a number comes before all that has
 * one, by the time of arrival, which is right as long as no clock was set. A line is the fix as it was
 * received, with the vehicle and the time of arrival put in front.
 */
#include "arena.h"
#include "heap.h"
#include "look.h"
#include "look_ids.h"
#include "muckctl.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl track";

enum { PAGE = 32, VEHICLES_MAX = 64, LINE_MAX_BYTES = 1 << 20 };

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
    if (!text_equal(reply_field(fields, "kind"), TEXT("redo")) || !is_chosen(c->chosen, vehicle))
        return;
    buf_printf(
        out, "{\"mark\":\"redo\",\"vehicle\":\"%.*s\",\"received\":%.*s,\"clock\":%.*s,\"from\":%.*s%s%.*s}",
        TEXT_ARG(vehicle), TEXT_ARG(reply_field(fields, "received")), TEXT_ARG(reply_field(fields, "clock")),
        TEXT_ARG(reply_field(fields, "from")), begin.len > 0 ? ",\"begin\":" : "", TEXT_ARG(begin));
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
};

static void print_held(struct held *h)
{
    for (int i = 0; i < CURSOR_TRACK && !h->begun; i++)
        if (h->lines[i].len > 0)
            printf("%.*s\n", (int)h->lines[i].len, h->lines[i].data);
    h->begun = true;
}

static void put_line(struct held *h, const struct cursor *c)
{
    struct text line = c->lines[c->next];
    if (c->type == CURSOR_TRACK)
        print_held(h);
    if (h->begun) {
        printf("%.*s\n", TEXT_ARG(line));
        return;
    }
    if (c->type == CURSOR_LIVES || c->type == CURSOR_REDOS)
        return;
    buf_clear(&h->lines[c->type]);
    buf_put_text(&h->lines[c->type], line);
}

static int merge(struct look *look, struct cursor *cursors, uint32_t count)
{
    struct heap heap;
    struct held held = {.begun = false};
    heap_init(&heap);
    for (int i = 0; i < CURSOR_TRACK; i++)
        buf_init(&held.lines[i], LINE_MAX_BYTES);
    bool ok = heap_reserve(&heap, count + 1);
    for (uint32_t i = 0; i < count && ok; i++)
        ok = queue(look, cursors, i, &heap);
    for (const struct heap_item *first; ok && (first = heap_first(&heap)) != NULL;) {
        uint32_t i = first->id;
        struct cursor *c = &cursors[i];
        put_line(&held, c);
        c->next++;
        ok = queue(look, cursors, i, &heap);
    }
    print_held(&held);
    for (int i = 0; i < CURSOR_TRACK; i++)
        buf_fini(&held.lines[i]);
    heap_fini(&heap);
    return ok ? EX_OK : look_failed(look, command);
}

static int print_tracks(struct look *look, const struct look_ids *ids, bool all, int64_t since_ms)
{
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
        cursors[i].chosen = all ? NULL : ids;
        snprintf(cursors[i].from, sizeof cursors[i].from, "%lld", lasts ? 0LL : (long long)since_ms);
        arena_init(&cursors[i].arena);
    }
    int code = merge(look, cursors, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        arena_fini(&cursors[i].arena);
    free(cursors);
    return code;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    const char *since = NULL, *vehicles[VEHICLES_MAX];
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "since", "T", "what came since T: 15m, 2h, 3d, or 2026-06-07T22:00:00+08:00", &since},
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--since T] [VEHICLE...]",
        "Prints the recorded track of all vehicles, or of some, as lines that muckctl replay "
        "takes,\nin the order in which the fixes came, with the tracker's marks of when it listened, of "
        "which "
        "ruleset was\nin force, and of signs of life that no fix tells of.",
        rows,
        0,
        VEHICLES_MAX};
    enum arguments_status status = arguments_read(&line, argc, argv, vehicles);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    int64_t since_ms = 0;
    if (since != NULL && !look_parse_since(command, since, &since_ms))
        return EX_USAGE;
    struct look_ids ids = {0};
    int code = look_open(&look, command);
    for (size_t i = 0; i < VEHICLES_MAX && vehicles[i] != NULL && code == EX_OK; i++)
        code = look_ids_add(&ids, text_of(vehicles[i])) ? EX_OK : EX_OSERR;
    bool all = ids.count == 0;
    if (code == EX_OK && all)
        code = look_ids_find(&look, command, &ids);
    if (code == EX_OK)
        code = print_tracks(&look, &ids, all, since_ms);
    look_ids_fini(&ids);
    look_close(&look);
    return code;
}

const struct ctl_command ctl_track = {"track", "print the recorded track for replay", run};
