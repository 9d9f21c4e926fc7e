/*
 * muckctl config: everything that can be set, from the very table that the configuration is read by.
 */
#include "arguments.h"
#include "buf.h"
#include "config.h"
#include "muckctl.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl config";

static const char man_head[] =
    ".TH muckwatch.yaml 5 \"\" \"Muckwatch " MW_VERSION "\"\n.SH NAME\n"
    "muckwatch.yaml \\- configuration of muckwatchd and muckctl\n.SH DESCRIPTION\n"
    "A YAML file. Only city.fences is required. Paths are relative to the file. Unknown keys are "
    "errors.\n.SH OPTIONS\n";

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
    struct buf out;
    buf_init(&out, CONFIG_SIZE_MAX);
    bool ok = false;
    if (strcmp(format[0], "sample") == 0) {
        ok = config_write_sample(&out);
    } else if (strcmp(format[0], "list") == 0) {
        ok = config_write_help(&out);
    } else if (strcmp(format[0], "man") == 0) {
        buf_puts(&out, man_head);
        ok = config_write_man(&out);
    } else {
        fprintf(stderr, "%s: '%.40s': expected sample, list or man\n", command, format[0]);
        return EX_USAGE;
    }
    if (ok)
        fwrite(out.data, 1, out.len, stdout);
    buf_fini(&out);
    return ok ? EX_OK : EX_OSERR;
}

const struct ctl_command ctl_config = {"config", "print every option of the configuration", run};
