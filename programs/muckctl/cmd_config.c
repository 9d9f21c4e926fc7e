/*
 * muckctl config: everything that can be set, from the very table that the configuration is read by.
 */
#include "arguments.h"
#include "buf.h"
#include "config.h"
#include "muckctl.h"
#include "output.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl config";

static const char man_head[] =
    ".TH muckwatch.yaml 5 \"\" \"Muckwatch " MW_VERSION "\"\n.SH NAME\n"
    "muckwatch.yaml \\- configuration of muckwatchd and muckctl\n.SH DESCRIPTION\n"
    "A YAML file. Only city.fences is required. Paths are relative to the file. Unknown keys are "
    "errors.\n.SH OPTIONS\n";

static bool write_man(struct buf *out)
{
    buf_puts(out, man_head);
    return config_write_man(out);
}

static int run(int argc, char **argv)
{
    const char *format[1];
    const struct command_line line = {
        command,
        "sample | list | man",
        "Prints the configuration of muckwatchd: a whole sample file with every option and its\n"
        "default, a list of the options, or the manual page muckwatch.yaml(5).",
        NULL,
        1,
        1};
    enum arguments_status status = arguments_read(&line, argc, argv, format);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (strcmp(format[0], "sample") == 0)
        return output_made(config_write_sample);
    if (strcmp(format[0], "list") == 0)
        return output_made(config_write_help);
    if (strcmp(format[0], "man") == 0)
        return output_made(write_man);
    fprintf(stderr, "%s: '%.40s': expected sample, list or man\n", command, format[0]);
    return EX_USAGE;
}

const struct ctl_command ctl_config = {"config", "print every option of the configuration", run};
