/*
 * muckctl trips: the ledger: every haul from site to disposal.
 *
 * Late data may correct an entry, or take it back: a haul is shown once, as its last entry says.
 */
#include "look_asked.h"
#include "look_last.h"
#include "muckctl.h"
#include "trips_near.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl trips";

struct wanted {
    struct look_asked asked; /* `near` apart: it is asked of the way */
    const char *near;
    bool bad; /* only those that did not end where they should, or with violations */
    bool all; /* every entry, also what was corrected or withdrawn since */
};

static const struct look_asked_span haul_span = {{"loaded", "departed"}, {"unloaded", "arrived"}};

static bool is_bad(const struct reply *fields)
{
    return !text_equal(reply_field(fields, "end_reason"), TEXT("unloaded")) ||
           !text_equal(reply_field(fields, "violations"), TEXT("0"));
}

static bool is_wanted(const struct wanted *w, const struct reply *fields)
{
    if (!look_asked_entry(&w->asked, &haul_span, fields))
        return false;
    if (!w->all && text_equal(reply_field(fields, "event"), TEXT("withdrawn")))
        return false;
    return !w->bad || is_bad(fields);
}

static void put_column(struct look *look, const struct reply *fields, const char *name, size_t width)
{
    struct text value = reply_field(fields, name);
    look_put_text(look, value.len > 0 ? value : TEXT("-"), width);
    buf_put_char(&look->out, ' ');
}

static void print_row(struct look *look, const struct reply *fields)
{
    static const char *const times[] = {"loaded", "departed", "arrived", "unloaded"};
    buf_clear(&look->out);
    put_column(look, fields, "vehicle", 10);
    put_column(look, fields, "plate", 10);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        look_put_time(look, reply_field(fields, times[i]));
        buf_put_char(&look->out, ' ');
    }
    put_column(look, fields, "site", 10);
    put_column(look, fields, "disposal", 10);
    put_column(look, fields, "permit", 10);
    put_column(look, fields, "distance_m", 9);
    put_column(look, fields, "load_kg", 8);
    put_column(look, fields, "completeness", 5);
    put_column(look, fields, "violations", 4);
    put_column(look, fields, "end_reason", 0);
    look_put_correction(look, fields);
    printf("%.*s\n", (int)look->out.len, look->out.data);
}

static void print_head(void)
{
    printf("%-10s %-10s %-19s %-19s %-19s %-19s %-10s %-10s %-10s %-9s %-8s %-5s %-4s %s\n", "vehicle",
           "plate", "loaded", "departed", "arrived", "unloaded", "site", "disposal", "permit", "m", "kg",
           "seen", "viol", "end");
}

struct ledger {
    struct look *look;
    const struct wanted *wanted;
    struct trips_near near;
    size_t printed;
};

static int see_entry(void *context, struct text id, const struct reply *fields)
{
    struct ledger *ledger = context;
    (void)id;
    if (is_wanted(ledger->wanted, fields))
        trips_near_widen(&ledger->near, fields);
    return EX_OK;
}

static int print_entry(void *context, struct text id, const struct reply *fields)
{
    struct ledger *ledger = context;
    if (!is_wanted(ledger->wanted, fields) ||
        (ledger->wanted->near != NULL && !trips_near_has(&ledger->near, fields)))
        return EX_OK;
    ledger->printed++;
    if (ledger->look->json)
        look_print_json(ledger->look, "entry", id, fields);
    else
        print_row(ledger->look, fields);
    return EX_OK;
}

/* All entries, or of each haul the last one. */
static int visit(struct ledger *ledger, look_visit *each)
{
    char key[MW_KEY_MAX], from[64];
    struct look *look = ledger->look;
    snprintf(from, sizeof from, "%lld", (long long)ledger->wanted->asked.since_ms);
    look_key(look, key, MW_KEY_TRIPS, TEXT(""));
    const struct look_last which = {command, key, from, "trip"};
    const struct look_visitor visitor = {each, ledger};
    return ledger->wanted->all ? look_stream(look, command, key, from, visitor)
                               : look_last(look, &which, visitor);
}

static int find_near(struct ledger *ledger)
{
    int code = visit(ledger, see_entry);
    if (code == EX_OK &&
        !trips_near_search(&ledger->near, &ledger->wanted->asked, kept_look(ledger->look->kept))) {
        fprintf(stderr, "%s: out of memory\n", command);
        return EX_OSERR;
    }
    return code;
}

static int print_ledger(struct look *look, void *context)
{
    const struct wanted *w = context;
    struct ledger ledger = {.look = look, .wanted = w};
    int code = w->near != NULL ? find_near(&ledger) : EX_OK;
    if (code == EX_OK && !look->json)
        print_head();
    if (code == EX_OK)
        code = visit(&ledger, print_entry);
    trips_near_fini(&ledger.near);
    if (code == EX_OK && !look->json)
        fprintf(stderr, w->all ? "%zu entries\n" : "%zu trips\n", ledger.printed);
    return code;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    struct wanted wanted = {.asked = look_asked_all()};
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "since", "T", "entries written since T: 15m, 2h, 3d, or 2026-06-07T22:00:00+08:00",
         &wanted.asked.since},
        {ARGUMENT_TEXT, "vehicle", "ID", "only of this vehicle", &wanted.asked.vehicle},
        {ARGUMENT_FLAG, "bad", NULL, "only those with violations, or that did not end where they should",
         &wanted.bad},
        {ARGUMENT_FLAG, "all", NULL, "every entry, also those that late data corrected or took back since",
         &wanted.all},
        LOOK_SPAN_ARGUMENTS(&wanted.asked),
        LOOK_NEAR_ARGUMENTS(&wanted.asked),
        LOOK_ARCHIVE_ARGUMENT(&look),
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--archive DIR] [--since T] [--vehicle ID] [--from T] [--to T] [--near LAT,LON] [--bad] [--all]",
        "Shows the trip ledger, oldest first: when each haul was loaded, left, "
        "arrived and unloaded, how far it\n"
        "went, how much of it was seen, and how it ended. Each once, as it "
        "stands after corrections by late data. With --near, which needs an archive, those that went past a "
        "place.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (!look_asked_read(command, &wanted.asked))
        return EX_USAGE;
    if (wanted.asked.near != NULL && look.archive == NULL) {
        fprintf(stderr, "%s: --near needs --archive DIR: the store's entries have no way\n", command);
        return EX_USAGE;
    }
    wanted.near = wanted.asked.near;
    wanted.asked.near = NULL;
    look.only = wanted.asked.vehicle;
    return look_asked_show(&look, command, print_ledger, &wanted);
}

const struct ctl_command ctl_trips = {"trips", "show the trip ledger", run};
