/*
 * muckwatch-onboard: the unit in the cab. Reads gpsd, keeps a journal, publishes by the contract.
 */
#include "arguments.h"
#include "file_text.h"
#include "log.h"
#include "loop.h"
#include "mqtt.h"
#include "notify.h"
#include "onboard_config.h"
#include "output.h"
#include "streams.h"
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { PEM_MAX = 16 << 20 };

struct request {
    const char *config;
    const char *log_level;
    bool check, sample, options;
};

struct program {
    struct loop *loop;
    struct unit *unit;
};

static enum arguments_status read_arguments(struct request *r, int argc, char **argv)
{
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the configuration", &r->config},
        {ARGUMENT_FLAG, "check", NULL,
         "look at all that a start looks at but the journal, say what is wrong, and end", &r->check},
        {ARGUMENT_FLAG, "sample", NULL, "print a configuration with every option and its default",
         &r->sample},
        {ARGUMENT_FLAG, "options", NULL, "print what every option of the configuration means", &r->options},
        {ARGUMENT_TEXT, "log-level", "LEVEL", "error, warn, info or debug (info)", &r->log_level},
        {0},
    };
    const struct command_line line = {
        "muckwatch-onboard",
        "--config FILE [--check]",
        "The onboard unit: positions from gpsd and states of sensors, kept in a journal on flash and "
        "published over\n"
        "MQTT until the tracker has acknowledged them. SIGUSR1 writes what it has counted to the log.",
        rows,
        0,
        0};
    return arguments_read(&line, argc, argv, NULL);
}

/* What a library reads later: it would wait for a FIFO. */
static bool check_readable(struct text path, struct problem *problem)
{
    struct buf bytes;
    if (path.len == 0)
        return true;
    buf_init(&bytes, PEM_MAX);
    bool ok = file_text_read(path.data, &bytes, problem);
    buf_fini(&bytes);
    return ok;
}

/* The key stands in the file of the certificate, unless it has one of its own. */
static bool check_key(const struct onboard_config *config, struct problem *problem)
{
    struct text key = config->mqtt.keyfile.len > 0 ? config->mqtt.keyfile : config->mqtt.certfile;
    return key.len == 0 || file_text_is_secret(key.data, problem);
}

static void on_stop(void *arg)
{
    notify_send("STOPPING=1");
    loop_stop(((struct program *)arg)->loop);
}

static void on_counts(void *arg)
{
    unit_log_counts(((struct program *)arg)->unit);
}

static void on_hangup(void *arg)
{
    (void)arg;
    log_info("hangup_ignored", LOG_STR("instead", "restart it to read the configuration again"));
}

static int run(const struct onboard_config *config, const char *password)
{
    struct program p = {.loop = loop_new()};
    int code = EX_OSERR;
    mqtt_library_init();
    if (p.loop != NULL && loop_on_signal(p.loop, SIGTERM, on_stop, &p) &&
        loop_on_signal(p.loop, SIGINT, on_stop, &p) && loop_on_signal(p.loop, SIGHUP, on_hangup, &p)) {
        code = unit_new(p.loop, config, password, &p.unit);
        if (code == EX_OK)
            notify_send("READY=1");
        if (code == EX_OK && !(loop_on_signal(p.loop, SIGUSR1, on_counts, &p) && loop_run(p.loop)))
            code = EX_OSERR;
        if (code == EX_OK)
            unit_log_counts(p.unit);
        unit_free(p.unit);
    }
    if (p.loop != NULL)
        loop_free(p.loop);
    mqtt_library_fini();
    return code;
}

/* So that it fails on what a start would fail on, and on nothing else. */
static int check(const struct onboard_config *config, const char *password)
{
    struct loop *loop = loop_new();
    mqtt_library_init();
    int code = loop != NULL ? unit_check(loop, config, password) : EX_OSERR;
    if (loop != NULL)
        loop_free(loop);
    mqtt_library_fini();
    return code;
}

static int run_config(const struct request *r)
{
    struct onboard_config config;
    struct problem problem = {{0}};
    char password[1024] = "";
    int code = EX_OSERR;
    if (onboard_config_init(&config)) {
        bool ok = onboard_config_read_file(&config, r->config, &problem) &&
                  check_readable(config.mqtt.cafile, &problem) &&
                  check_readable(config.mqtt.certfile, &problem) && check_key(&config, &problem);
        bool has_password = config.mqtt.password_file.len > 0;
        if (ok && has_password)
            ok = file_text_read_secret(config.mqtt.password_file.data, password, sizeof password, &problem);
        if (!ok)
            fprintf(stderr, "muckwatch-onboard: %s\n", problem.text);
        code = !ok ? EX_CONFIG : (r->check ? check : run)(&config, has_password ? password : NULL);
    }
    onboard_config_fini(&config);
    return code;
}

static int program(int argc, char **argv)
{
    struct request r = {0};
    enum arguments_status status = read_arguments(&r, argc, argv);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (r.sample || r.options)
        return output_made(r.sample ? onboard_config_write_sample : onboard_config_write_help);
    if (!arguments_start("muckwatch-onboard", r.config, r.log_level))
        return EX_USAGE;
    return run_config(&r);
}

int main(int argc, char **argv)
{
    streams_hold();
    return output_end("muckwatch-onboard", program(argc, argv));
}
