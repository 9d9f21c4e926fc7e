/*
 * muckwatch-dispatch: the gateway: what the page, the phone and the neighbours talk to.
 *
 * This file reads the command line and the configuration, and lets it run or has the file of users edited.
 */
#include "arguments.h"
#include "gateway.h"
#include "log.h"
#include "output.h"
#include "streams.h"
#include "users_edit.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct request {
    const char *config, *level, *role;
    const char *operands[2];
    bool check, sample, options;
};

static enum arguments_status read_arguments(struct request *r, int argc, char **argv)
{
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the gateway's configuration, dispatch.yaml", &r->config},
        {ARGUMENT_FLAG, "check", NULL, "go the way of a start up to listening, and exit", &r->check},
        {ARGUMENT_TEXT, "role", "ROLE", "of passwd and token: viewer, dispatcher, enforcer or admin",
         &r->role},
        {ARGUMENT_FLAG, "sample", NULL, "print a configuration with every option and its default",
         &r->sample},
        {ARGUMENT_FLAG, "options", NULL, "print what every option of the configuration means", &r->options},
        {ARGUMENT_TEXT, "log-level", "LEVEL", "error, warn, info (the default) or debug", &r->level},
        {0},
    };
    const struct command_line line = {
        "muckwatch-dispatch",
        "--config FILE [passwd NAME | token NAME]",
        "Serves what the tracker writes to Redis over HTTP: the API under /api/v1, the page, and /healthz, "
        "/readyz,\n"
        "/metrics. SIGHUP has configuration, users and certificate read again.\n\n"
        "`passwd NAME --role ROLE` makes a user, or gives one another password, which is read from standard "
        "input.\n"
        "`token NAME --role ROLE` gives one another bearer token and prints it, this once. Both write the "
        "file "
        "that\n"
        "`users` names.\n\n"
        "Exits with 69 where it cannot listen, 73 where the file of users cannot be written, 78 when a file "
        "is "
        "wrong.",
        rows,
        0,
        2};
    return arguments_read(&line, argc, argv, r->operands);
}

static int serve(struct gateway *g, bool check)
{
    struct problem problem;
    int code = gateway_make(g, &problem);
    if (code != EX_OK)
        fprintf(stderr, "muckwatch-dispatch: %s\n", problem.text);
    else if (!check)
        code = gateway_run(g);
    gateway_unmake(g);
    return code;
}

static int edit(const struct request *r, const struct dispatch_config *config)
{
    bool token = strcmp(r->operands[0], "token") == 0;
    if (r->operands[1] == NULL || (!token && strcmp(r->operands[0], "passwd") != 0)) {
        fprintf(stderr, "muckwatch-dispatch: expected passwd NAME or token NAME; see --help\n");
        return EX_USAGE;
    }
    return users_edit(config, &(struct users_edit){r->operands[1], r->role, token});
}

static int run(const struct request *r)
{
    static struct gateway g;
    struct problem problem = {"out of memory"};
    int code = EX_CONFIG;
    g.config_path = r->config;
    if (!dispatch_config_init(&g.config) || !dispatch_config_read_file(&g.config, r->config, &problem))
        fprintf(stderr, "muckwatch-dispatch: %s\n", problem.text);
    else
        code = r->operands[0] != NULL ? edit(r, &g.config) : serve(&g, r->check);
    dispatch_config_fini(&g.config);
    return code;
}

static int program(int argc, char **argv)
{
    struct request r = {0};
    enum arguments_status status = read_arguments(&r, argc, argv);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (r.sample || r.options)
        return output_made(r.sample ? dispatch_config_write_sample : dispatch_config_write_help);
    if (!arguments_start("muckwatch-dispatch", r.config, r.level))
        return EX_USAGE;
    return run(&r);
}

int main(int argc, char **argv)
{
    streams_hold();
    return output_end("muckwatch-dispatch", program(argc, argv));
}
