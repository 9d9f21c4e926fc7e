/*
 * muckctl violations: what is open, what was written since a point in time, or what of it stands.
 *
 * What late data took back is neither open nor standing; its entries are among those written, and --withdrawn shows
 * the last of each.
 */
#include "look.h"
#include "look_last.h"
#include "muckctl.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl violations";

enum { PAGE = 500, OPEN_MAX = 100000 };

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
static int print_open(struct look *look)
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
            if (!is_open(fields))
                continue; /* ended in between */
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

static int visit_entry(void *look, struct text id, const struct reply *fields)
{
    print_entry(look, id, fields);
    return EX_OK;
}

struct standing {
    struct look *look;
    bool standing, withdrawn; /* which are wanted */
    size_t printed;
};

static int visit_last(void *context, struct text id, const struct reply *fields)
{
    struct standing *s = context;
    bool withdrawn = text_equal(reply_field(fields, "event"), TEXT("withdrawn"));
    if (withdrawn ? !s->withdrawn : !s->standing)
        return EX_OK;
    s->printed++;
    print_entry(s->look, id, fields);
    return EX_OK;
}

struct wanted {
    bool open, standing, withdrawn;
    const char *since;
};

static int print_stream(struct look *look, const struct wanted *w, int64_t since_ms)
{
    char key[MW_KEY_MAX], from[64];
    snprintf(from, sizeof from, "%lld", (long long)since_ms);
    look_key(look, key, MW_KEY_VIOLATIONS, TEXT(""));
    if (!w->standing && !w->withdrawn)
        return look_stream(look, command, key, from, (struct look_visitor){visit_entry, look});
    struct standing s = {look, w->standing, w->withdrawn, 0};
    const struct look_last which = {command, key, from, "id"};
    int code = look_last(look, &which, (struct look_visitor){visit_last, &s});
    if (code == EX_OK && !look->json)
        fprintf(stderr, "%zu violations\n", s.printed);
    return code;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    struct wanted w = {0};
    const struct argument rows[] = {
        {ARGUMENT_FLAG, "open", NULL, "those that are open now (this is also what no option means)", &w.open},
        {ARGUMENT_TEXT, "since", "T",
         "every entry written since T: 15m, 2h, 3d, or 2026-06-07T22:00:00+08:00", &w.since},
        {ARGUMENT_FLAG, "standing", NULL, "each once, by its last entry, without those that were withdrawn",
         &w.standing},
        {ARGUMENT_FLAG, "withdrawn", NULL, "those that late data took back, each once", &w.withdrawn},
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--open | [--since T] [--standing] [--withdrawn]]",
        "Shows violations: the open ones as they stand, or the entries of the stream since a point in time,\n"
        "corrections by late data among them; or of these the last of each, which is what stands. Without\n"
        "--since these two go back as far as the stream.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    int64_t since_ms = 0;
    bool stream = w.since != NULL || w.standing || w.withdrawn;
    if (w.open && stream) {
        fprintf(stderr, "%s: --open excludes --since, --standing and --withdrawn\n", command);
        return EX_USAGE;
    }
    if (w.since != NULL && !look_parse_since(command, w.since, &since_ms))
        return EX_USAGE;
    int code = look_open(&look, command);
    if (code == EX_OK)
        code = stream ? print_stream(&look, &w, since_ms) : print_open(&look);
    look_close(&look);
    return code;
}

const struct ctl_command ctl_violations = {"violations",
                                           "show open violations, or those since a point in time", run};
