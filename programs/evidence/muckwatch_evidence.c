/*
 * muckwatch-evidence: what was found, sealed so that others can check it years later.
 *
 * This file reads the command line and the configuration, and lets it run.
 */
#include "arguments.h"
#include "keeping.h"
#include "log.h"
#include "output.h"
#include "streams.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>

struct request {
    const char *config, *level;
    bool check, sample, options;
};

static enum arguments_status read_arguments(struct request *r, int argc, char **argv)
{
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the keeper's configuration, evidence.yaml", &r->config},
        {ARGUMENT_FLAG, "check", NULL, "go the way of a start up to its first word to the store, and exit",
         &r->check},
        {ARGUMENT_FLAG, "sample", NULL, "print a configuration with every option and its default",
         &r->sample},
        {ARGUMENT_FLAG, "options", NULL, "print what every option of the configuration means", &r->options},
        {ARGUMENT_TEXT, "log-level", "LEVEL", "error, warn, info (the default) or debug", &r->level},
        {0},
    };
    const struct command_line line = {
        "muckwatch-evidence",
        "--config FILE",
        "Seals every violation that is over, and again at each review, withdrawal and correction, from the "
        "archive:\n"
        "what was sent, told and done, in an append-only log that is signed each minute and that others can "
        "follow.\n"
        "Exits with 65 where the log is not what was signed, 73 where its folder cannot be written, 74 where "
        "the disk\n"
        "is full or fails, 75 where another one keeps it, 78 when the configuration, the key or the archive "
        "is "
        "wrong.",
        rows,
        0,
        0};
    return arguments_read(&line, argc, argv, NULL);
}

static int run(struct keeping *k, bool check)
{
    struct problem problem = {"out of memory"};
    int code = EX_CONFIG;
    if (evidence_config_init(&k->config) && evidence_config_read_file(&k->config, k->config_path, &problem))
        code = keeping_make(k, &problem);
    if (code != EX_OK)
        fprintf(stderr, "muckwatch-evidence: %s\n", problem.text);
    else if (!check)
        code = keeping_run(k);
    keeping_unmake(k);
    evidence_config_fini(&k->config);
    return code;
}

static int program(int argc, char **argv)
{
    struct request r = {0};
    enum arguments_status status = read_arguments(&r, argc, argv);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (r.sample || r.options)
        return output_made(r.sample ? evidence_config_write_sample : evidence_config_write_help);
    if (!arguments_start("muckwatch-evidence", r.config, r.level))
        return EX_USAGE;
    static struct keeping k;
    k.config_path = r.config;
    k.lock = -1;
    return run(&k, r.check);
}

int main(int argc, char **argv)
{
    const struct rlimit none = {0, 0};
    streams_hold();
    /* The key is in this process' memory: nobody of the same user reads it there, and no core dump has it. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0) {
        perror("muckwatch-evidence");
        return EX_OSERR;
    }
    return output_end("muckwatch-evidence", program(argc, argv));
}
