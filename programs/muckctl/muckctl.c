/*
 * muckctl: the operator's tool. One subcommand a file in muckctl/; this file only finds the right one.
 */
#include "muckctl.h"

#include "output.h"
#include "streams.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* Every subcommand, in the order --help shows them. */
static const struct ctl_command *const commands[] = {
    /* clang-format off */
    &ctl_check,
    &ctl_config,
    &ctl_hours,
    &ctl_import,
    &ctl_replay,
    &ctl_explain,
    &ctl_tail,
    &ctl_violations,
    &ctl_trips,
    &ctl_warnings,
    &ctl_late,
    &ctl_vehicles,
    &ctl_vehicle,
    &ctl_track,
    &ctl_rulesets,
    &ctl_archive,
    &ctl_report,
    &ctl_who,
    &ctl_evidence,
    &ctl_simulate,
    &ctl_sensor,
    &ctl_journal,
    NULL,
    /* clang-format on */
};

static void print_usage(FILE *out)
{
    fputs("usage: muckctl COMMAND [OPTIONS]\n\nCommands:\n", out);
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n'muckctl COMMAND --help' tells about one of them; 'muckctl --version' prints the version.\n",
          out);
}

/* The manual page that names the others, as roff. */
static void print_man(void)
{
    puts(".TH muckctl 1 \"\" \"Muckwatch " MW_VERSION
         "\"\n.SH NAME\nmuckctl \\- look at, check and try out Muckwatch\n"
         ".SH SYNOPSIS\n.B muckctl\nCOMMAND [OPTIONS]\n.SH COMMANDS");
    for (size_t i = 0; commands[i] != NULL; i++)
        printf(".TP\n.BR muckctl\\-%s (1)\n%s\n", commands[i]->name, commands[i]->summary);
}

static int command(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return EX_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return EX_OK;
    }
    if (strcmp(argv[1], "--man") == 0) {
        print_man();
        return EX_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("muckctl " MW_VERSION);
        return EX_OK;
    }
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    fprintf(stderr, "muckctl: there is no command '%.64s'; 'muckctl --help' lists them\n", argv[1]);
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    streams_hold();
    return output_end("muckctl", command(argc, argv));
}
