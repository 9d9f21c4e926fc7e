/*
 * muckwatch-archive: what leaves the tracker, from Redis to disk, exactly once.
 *
 * This file reads the command line and the configuration, and lets it run.
 */
#include "archiving.h"
#include "arguments.h"
#include "log.h"
#include "output.h"
#include "streams.h"

#include <malloc.h>
#include <stdio.h>
#include <sysexits.h>

struct request {
    const char *config, *level;
    bool check;
};

static enum arguments_status read_arguments(struct request *r, int argc, char **argv)
{
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE",
         "the tracker's configuration; the section archive is this program's", &r->config},
        {ARGUMENT_FLAG, "check", NULL, "go the way of a start up to its first word to the store, and exit",
         &r->check},
        {ARGUMENT_TEXT, "log-level", "LEVEL", "error, warn, info (the default) or debug", &r->level},
        {0},
    };
    const struct command_line line = {
        "muckwatch-archive",
        "--config FILE",
        "Follows what the tracker writes to Redis and keeps it in SQLite files below archive.dir, exactly "
        "once and for\n"
        "years. While it is registered in the store the tracker lets go of nothing that is not on disk. "
        "Exits with 65\n"
        "where a file is of a later version, 73 where the folder cannot be written, 74 where the disk is "
        "full or fails, 75\n"
        "where another archive writes there or is registered, 78 when the configuration is wrong.",
        rows,
        0,
        0};
    return arguments_read(&line, argc, argv, NULL);
}

static int run(struct archiving *a, bool check)
{
    struct problem problem = {"out of memory"};
    int code = EX_CONFIG;
    if (!config_init(&a->config) || !config_read_file(&a->config, a->config_path, &problem))
        code = EX_CONFIG;
    else
        code = archiving_make(a, &problem);
    if (code != EX_OK)
        fprintf(stderr, "muckwatch-archive: %s\n", problem.text);
    else if (!check)
        code = archiving_run(a);
    archiving_unmake(a);
    config_fini(&a->config);
    return code;
}

static int program(int argc, char **argv)
{
    struct request r = {0};
    enum arguments_status status = read_arguments(&r, argc, argv);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (!arguments_start("muckwatch-archive", r.config, r.level))
        return EX_USAGE;
    /* An answer of the store is some hundred thousand small pieces, all let go of at once: those that are kept apart for quick
     * use would be put together again and again. */
    mallopt(M_MXFAST, 0);
    static struct archiving a;
    a.config_path = r.config;
    return run(&a, r.check);
}

int main(int argc, char **argv)
{
    streams_hold();
    return output_end("muckwatch-archive", program(argc, argv));
}
