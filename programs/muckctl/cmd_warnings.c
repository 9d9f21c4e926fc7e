/*
 * muckctl warnings: what cabs were told, and what became of it.
 */
#include "look_asked.h"
#include "muckctl.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl warnings";

struct wanted {
    struct look *look;
    struct look_asked asked;
    bool expired; /* only those of which nobody was told */
    size_t printed;
};

static const struct look_asked_span moment_span = {{"at", "at"}, {"at", "at"}};

static void print_row(struct look *look, const struct reply *fields)
{
    static const char *const names[] = {"vehicle", "kind", "event"};
    static const size_t widths[] = {10, 14, 8};
    buf_clear(&look->out);
    look_put_time(look, reply_field(fields, "at"));
    buf_put_char(&look->out, ' ');
    struct text sent = reply_field(fields, "sent");
    if (text_equal(sent, TEXT("expired")))
        look_put_text(look, sent, 19);
    else
        look_put_time(look, sent);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        buf_put_char(&look->out, ' ');
        look_put_text(look, reply_field(fields, names[i]), widths[i]);
    }
    buf_put_char(&look->out, ' ');
    look_put_text(look, reply_field(fields, "id"), 0);
    printf("%.*s\n", (int)look->out.len, look->out.data);
}

static int print_entry(void *context, struct text id, const struct reply *fields)
{
    struct wanted *w = context;
    if (!look_asked_entry(&w->asked, &moment_span, fields) ||
        (w->expired && !text_equal(reply_field(fields, "sent"), TEXT("expired"))))
        return EX_OK;
    w->printed++;
    if (w->look->json)
        look_print_json(w->look, "entry", id, fields);
    else
        print_row(w->look, fields);
    return EX_OK;
}

static int print_all(struct look *look, void *context)
{
    struct wanted *w = context;
    char key[MW_KEY_MAX], from[64];
    snprintf(from, sizeof from, "%lld", (long long)w->asked.since_ms);
    look_key(look, key, MW_KEY_WARNINGS, TEXT(""));
    if (!look->json)
        printf("%-19s %-19s %-10s %-14s %-8s %s\n", "at", "sent", "vehicle", "kind", "event", "id");
    int code = look_stream(look, command, key, from, (struct look_visitor){print_entry, w});
    if (code == EX_OK && !look->json)
        fprintf(stderr, "%zu warnings\n", w->printed);
    return code;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    struct wanted wanted = {.look = &look, .asked = look_asked_all()};
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "since", "T", "entries written since T: 15m, 2h, 3d, or 2026-06-07T22:00:00+08:00",
         &wanted.asked.since},
        {ARGUMENT_TEXT, "vehicle", "ID", "only of this vehicle", &wanted.asked.vehicle},
        {ARGUMENT_FLAG, "expired", NULL, "only those of which nobody was told", &wanted.expired},
        LOOK_SPAN_ARGUMENTS(&wanted.asked),
        LOOK_ARCHIVE_ARGUMENT(&look),
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--archive DIR] [--since T] [--vehicle ID] [--from T] [--to T] [--expired]",
        "Shows what cabs were told, oldest first: when it was so, and when the broker had it, or that "
        "nobody\n"
        "was told.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (!look_asked_read(command, &wanted.asked))
        return EX_USAGE;
    look.only = wanted.asked.vehicle;
    return look_asked_show(&look, command, print_all, &wanted);
}

const struct ctl_command ctl_warnings = {"warnings", "show what cabs were told", run};
