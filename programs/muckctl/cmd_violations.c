/*
 * muckctl violations: what is open, what was written since a point in time, or what of it stands.
 *
 * What late data took back is neither open nor standing; its entries are among those written, and --withdrawn shows
 * the last of each.
 */
#include "arena.h"
#include "array.h"
#include "look_asked.h"
#include "look_last.h"
#include "muckctl.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl violations";

enum { PAGE = 500, OPEN_MAX = 100000 };

/* An entry tells of the time from the beginning to what caused it. */
static const struct look_asked_span entry_span = {{"start", "at"}, {"at", "start"}};

static void print_entry(struct look *look, struct text id, const struct reply *fields)
{
    if (look->json)
        look_print_json(look, "entry", id, fields);
    else
        look_print_violation(look, fields);
}

/* An entry with an end is over, whatever its event; one that was withdrawn never was. */
static bool is_open(const struct reply *fields)
{
    return fields->count > 0 && reply_field(fields, "end").len == 0 &&
           !text_equal(reply_field(fields, "event"), TEXT("withdrawn"));
}

/* The ids come a page at a time; each violation is fetched by itself, so the reply's texts are copied first.
 */
static int print_open(struct look *look, const struct look_asked *asked)
{
    char key[MW_KEY_MAX], first[24], last[24];
    size_t printed = 0;
    for (size_t at = 0; at < OPEN_MAX; at += PAGE) {
        snprintf(first, sizeof first, "%zu", at);
        snprintf(last, sizeof last, "%zu", at + PAGE - 1);
        const struct text words[] = {TEXT("ZRANGE"), text_of(look_key(look, key, MW_KEY_OPEN, TEXT(""))),
                                     text_of(first), text_of(last)};
        const struct reply *page;
        if (!store_command(look->store, words, 4, 0, &page))
            return look_failed(look, command);
        struct buf ids;
        buf_init(&ids, 1 << 20);
        for (size_t i = 0; i < page->count; i++) {
            buf_put_text(&ids, page->items[i].text);
            buf_put_char(&ids, '\n');
        }
        size_t count = page->count;
        for (size_t start = 0; start < ids.len;) {
            const char *end = memchr(ids.data + start, '\n', ids.len - start);
            struct text id = {ids.data + start, (size_t)(end - ids.data) - start};
            start += id.len + 1;
            const struct text get[] = {TEXT("HGETALL"), text_of(look_key(look, key, MW_KEY_VIOLATION, id))};
            const struct reply *fields;
            if (!store_command(look->store, get, 2, 0, &fields)) {
                buf_fini(&ids);
                return look_failed(look, command);
            }
            if (!is_open(fields) || !look_asked_entry(asked, &entry_span, fields))
                continue; /* ended in between, or is not wanted */
            print_entry(look, TEXT(""), fields);
            printed++;
        }
        buf_fini(&ids);
        if (count < PAGE)
            break;
    }
    if (!look->json)
        fprintf(stderr, "%zu open\n", printed);
    return EX_OK;
}

/* ---- what is open at the end of an archive ---- */

struct open_one {
    struct text id, start;
    struct reply fields;
};

struct open_ones {
    struct arena arena;
    struct open_one *items;
    size_t count, cap;
    const struct look_asked *asked;
};

/* As the store has them: by start, then id. */
static int compare_open(const void *a, const void *b)
{
    const struct open_one *x = a, *y = b;
    int64_t start = text_whole(x->start), other = text_whole(y->start);
    return start != other ? (start < other ? -1 : 1) : text_compare(x->id, y->id);
}

static int keep_open(void *context, struct text entry, const struct reply *fields)
{
    struct open_ones *o = context;
    (void)entry;
    if (!is_open(fields) || !look_asked_entry(o->asked, &entry_span, fields))
        return EX_OK;
    struct reply *items = arena_take(&o->arena, fields->count, sizeof *items);
    if (items == NULL || !array_reserve(&o->items, &o->cap, o->count + 1, sizeof *o->items))
        return EX_OSERR;
    for (size_t i = 0; i < fields->count; i++) {
        items[i] = fields->items[i];
        if (!arena_copy_text(&o->arena, fields->items[i].text, &items[i].text))
            return EX_OSERR;
    }
    struct open_one *one = &o->items[o->count++];
    one->fields = (struct reply){.type = REPLY_LIST, .count = fields->count, .items = items};
    one->id = reply_field(&one->fields, "id");
    one->start = reply_field(&one->fields, "start");
    return EX_OK;
}

static int print_open_kept(struct look *look, const struct look_asked *asked)
{
    struct open_ones o = {.asked = asked};
    char key[MW_KEY_MAX];
    arena_init(&o.arena);
    look_key(look, key, MW_KEY_VIOLATIONS, TEXT(""));
    const struct look_last which = {command, key, "-", "id"};
    int code = look_last(look, &which, (struct look_visitor){keep_open, &o});
    if (o.count > 0)
        qsort(o.items, o.count, sizeof *o.items, compare_open);
    for (size_t i = 0; i < o.count && code == EX_OK; i++)
        print_entry(look, TEXT(""), &o.items[i].fields);
    if (code == EX_OK && !look->json)
        fprintf(stderr, "%zu open\n", o.count);
    free(o.items);
    arena_fini(&o.arena);
    return code;
}

/* ---- the stream ---- */

struct entries {
    struct look *look;
    const struct look_asked *asked;
};

static int visit_entry(void *context, struct text id, const struct reply *fields)
{
    struct entries *e = context;
    if (look_asked_entry(e->asked, &entry_span, fields))
        print_entry(e->look, id, fields);
    return EX_OK;
}

struct standing {
    struct look *look;
    const struct look_asked *asked;
    bool standing, withdrawn; /* which are wanted */
    size_t printed;
};

static int visit_last(void *context, struct text id, const struct reply *fields)
{
    struct standing *s = context;
    bool withdrawn = text_equal(reply_field(fields, "event"), TEXT("withdrawn"));
    if ((withdrawn ? !s->withdrawn : !s->standing) || !look_asked_entry(s->asked, &entry_span, fields))
        return EX_OK;
    s->printed++;
    print_entry(s->look, id, fields);
    return EX_OK;
}

struct wanted {
    bool open, standing, withdrawn;
    bool stream; /* what was, and not what of it is open now */
    struct look_asked asked;
};

static int print_stream(struct look *look, const struct wanted *w)
{
    char key[MW_KEY_MAX], from[64];
    snprintf(from, sizeof from, "%lld", (long long)w->asked.since_ms);
    look_key(look, key, MW_KEY_VIOLATIONS, TEXT(""));
    struct entries e = {look, &w->asked};
    if (!w->standing && !w->withdrawn)
        return look_stream(look, command, key, from, (struct look_visitor){visit_entry, &e});
    struct standing s = {look, &w->asked, w->standing, w->withdrawn, 0};
    const struct look_last which = {command, key, from, "id"};
    int code = look_last(look, &which, (struct look_visitor){visit_last, &s});
    if (code == EX_OK && !look->json)
        fprintf(stderr, "%zu violations\n", s.printed);
    return code;
}

static int show(struct look *look, void *context)
{
    const struct wanted *w = context;
    return w->stream               ? print_stream(look, w)
           : look->archive == NULL ? print_open(look, &w->asked)
                                   : print_open_kept(look, &w->asked);
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    struct wanted w = {.asked = look_asked_all()};
    const struct argument rows[] = {
        {ARGUMENT_FLAG, "open", NULL,
         "those that are open now (this is also what no option means, but --from and --to)", &w.open},
        {ARGUMENT_TEXT, "since", "T",
         "every entry written since T: 15m, 2h, 3d, or 2026-06-07T22:00:00+08:00", &w.asked.since},
        {ARGUMENT_FLAG, "standing", NULL, "each once, by its last entry, without those that were withdrawn",
         &w.standing},
        {ARGUMENT_FLAG, "withdrawn", NULL, "those that late data took back, each once", &w.withdrawn},
        {ARGUMENT_TEXT, "vehicle", "ID", "only of this vehicle", &w.asked.vehicle},
        LOOK_SPAN_ARGUMENTS(&w.asked),
        LOOK_NEAR_ARGUMENTS(&w.asked),
        LOOK_ARCHIVE_ARGUMENT(&look),
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--archive DIR] [--open | [--since T] [--standing] [--withdrawn]] [--vehicle ID] [--from T] [--to "
        "T] "
        "[--near LAT,LON]",
        "Shows violations: the open ones as they stand, or the entries of the stream since a point in time,\n"
        "corrections by late data among them; or of these the last of each, which is what stands. Without\n"
        "--since these go back as far as the stream. An entry is of a span if what it tells of, from\n"
        "`start` to `at`, meets it. With --archive from the archive: what is open is so at its end.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    bool past = w.asked.since != NULL || w.standing || w.withdrawn;
    /* Who asks for a time asks what was, and not what of it is open now. */
    w.stream = past || (!w.open && (w.asked.from != NULL || w.asked.to != NULL));
    look.only = w.asked.vehicle;
    if (w.open && past) {
        fprintf(stderr, "%s: --open excludes --since, --standing and --withdrawn\n", command);
        return EX_USAGE;
    }
    if (!look_asked_read(command, &w.asked))
        return EX_USAGE;
    return look_asked_show(&look, command, show, &w);
}

const struct ctl_command ctl_violations = {"violations",
                                           "show open violations, or those since a point in time", run};
