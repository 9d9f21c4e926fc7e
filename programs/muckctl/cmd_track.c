/*
 * muckctl track: the recorded track as lines that muckctl replay takes, in the order the fixes came.
 */
#include "look.h"
#include "look_ids.h"
#include "muckctl.h"
#include "track_lines.h"

#include <stdio.h>
#include <sysexits.h>

static const char command[] = "muckctl track";

enum { VEHICLES_MAX = 64 };

static int print_line(void *context, struct text line)
{
    (void)context;
    printf("%.*s\n", TEXT_ARG(line));
    return EX_OK;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    struct look_asked asked = look_asked_all();
    const char *since = NULL, *vehicles[VEHICLES_MAX];
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "since", "T", "what came since T: 15m, 2h, 3d, or 2026-06-07T22:00:00+08:00", &since},
        {ARGUMENT_TEXT, "vehicle", "ID", "only of this vehicle, beside those named", &asked.vehicle},
        LOOK_SPAN_ARGUMENTS(&asked),
        LOOK_NEAR_ARGUMENTS(&asked),
        LOOK_ARCHIVE_ARGUMENT(&look),
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--archive DIR] [--since T] [--from T] [--to T] [--near LAT,LON] [VEHICLE...]",
        "Prints the recorded track of all vehicles, or of some, as lines that muckctl replay takes, in the\n"
        "order in which the fixes came, with the tracker's marks of when it listened, of which ruleset was\n"
        "in force, and of signs of life that no fix tells of. With --archive from the archive, the same\n"
        "lines. With --from, --to or --near of the fixes those that are meant alone.",
        rows,
        0,
        VEHICLES_MAX};
    enum arguments_status status = arguments_read(&line, argc, argv, vehicles);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    int64_t since_ms = 0;
    if ((since != NULL && !look_parse_since(command, since, &since_ms)) || !look_asked_read(command, &asked))
        return EX_USAGE;
    struct look_ids ids = {0};
    int code = look_open(&look, command);
    if (asked.vehicle != NULL && code == EX_OK)
        code = look_ids_add(&ids, text_of(asked.vehicle)) ? EX_OK : EX_OSERR;
    asked.vehicle = NULL; /* from here on one of the ids */
    for (size_t i = 0; i < VEHICLES_MAX && vehicles[i] != NULL && code == EX_OK; i++)
        code = look_ids_add(&ids, text_of(vehicles[i])) ? EX_OK : EX_OSERR;
    bool all = ids.count == 0;
    look_ids_sort(&ids);
    if (code == EX_OK && all && look.archive == NULL)
        code = look_ids_find(&look, command, &ids);
    if (code == EX_OK)
        code = track_lines(&look, &(struct track_lines){command, &ids, all, since_ms, &asked},
                           (struct track_listener){print_line, NULL});
    code = look_end(&look, code);
    look_ids_fini(&ids);
    look_close(&look);
    return code;
}

const struct ctl_command ctl_track = {"track", "print the recorded track for replay", run};
