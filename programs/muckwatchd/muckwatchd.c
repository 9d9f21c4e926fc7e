/*
 * muckwatchd: the tracker. Fixes in from MQTT, judged in memory, violations, trips and positions out to
 * Redis.
 *
 * This file reads the command line, the configuration and the city's files, and lets it run. What it is made
 * of is in muckwatchd/ (daemon.h), what it decides in daemon/ (stages.h).
 *
 * --check goes the way of a start up to where it would say its first word to broker or store: so it fails
 * where a start does, with the same code and words. What it adds are doubts, and the year's holidays.
 */
#include "arguments.h"
#include "daemon.h"
#include "file_text.h"
#include "finding_lines.h"
#include "log.h"
#include "output.h"
#include "streams.h"
#include "world_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { NAMES_LIMIT = 16777216, PASSWORD_MAX = 1024, CAFILE_MAX = 16777216 };

static void name_instance(struct daemon *d)
{
    char host[128] = "localhost";
    gethostname(host, sizeof host - 1);
    snprintf(d->instance, sizeof d->instance, "%.*s@%s", TEXT_ARG(d->config.mqtt.client_id), host);
}

static int self_test(struct problem *out_problem)
{
    const char *reason;
    if (mqtt_self_test(&reason))
        return EX_OK;
    problem_set(out_problem, "self_test of the MQTT library: %s", reason);
    return EX_SOFTWARE;
}

static int listen_http(struct daemon *d, struct problem *out_problem)
{
    const struct http_config *c = &d->config.http;
    if (c->port == 0)
        return EX_OK;
    d->http =
        http_status_new(d->loop, c->host.len > 0 ? c->host.data : NULL, (uint16_t)c->port, hearing_page, d);
    if (d->http != NULL)
        return EX_OK;
    problem_set(out_problem, "%s: http.port: %.*s:%u: %s", d->config_path, TEXT_ARG(c->host), c->port,
                strerror(errno));
    return EX_UNAVAILABLE;
}

/* All that a start makes, and nothing is begun. */
static int set_up(struct daemon *d, struct finding_lines *lines)
{
    struct problem problem;
    int code = self_test(&problem);
    if (code == EX_OK)
        code = daemon_make(d, &problem);
    if (code == EX_OK)
        code = listen_http(d, &problem);
    if (code != EX_OK)
        finding_lines_problem(lines, d->config_path, &problem);
    return code;
}

static int run(struct daemon *d)
{
    hearing_tell_kind(d, FACT_BEGUN);
    redis_start(d->redis);
    if (!loop_run(d->loop))
        d->exit_code = EX_OSERR;
    /* Nothing under way: what is queued is durable, and leaves. Else it is held, and stays. */
    mqtt_stop(d->mqtt);
    mqtt_stop(d->live);
    log_info("stopped", LOG_INT("exit_code", d->exit_code));
    return d->exit_code;
}

/* All that is wrong is told; what is doubtful, to who asks for a check. */
static bool load_city(struct daemon *d, struct finding_lines *lines, bool doubts)
{
    struct problem problem;
    struct world_texts texts;
    const struct world_load_options options = {.tell = finding_lines_tell,
                                               .context = lines,
                                               .texts = &texts,
                                               .doubts = doubts,
                                               .now_ms = clock_wall().ms};
    if (!world_load(&d->config, d->names, options, &d->world, &problem))
        return false;
    if (recording_write(d->world->hash, &texts, &d->recording))
        return true;
    fprintf(stderr, "muckwatchd: out of memory\n");
    return false;
}

static bool read_password(struct text path, char **out, struct problem *out_problem)
{
    char line[PASSWORD_MAX];
    *out = NULL;
    if (path.len == 0)
        return true;
    if (!file_text_read_secret(path.data, line, sizeof line, out_problem))
        return false;
    *out = strdup(line);
    explicit_bzero(line, sizeof line);
    if (*out == NULL)
        problem_set(out_problem, "out of memory");
    return *out != NULL;
}

/* What a library reads later: it would wait for a FIFO, and says less of what it cannot read. */
static bool check_cafile(struct text path, struct problem *out_problem)
{
    struct buf bytes;
    if (path.len == 0)
        return true;
    buf_init(&bytes, CAFILE_MAX);
    bool ok = file_text_read(path.data, &bytes, out_problem);
    buf_fini(&bytes);
    return ok;
}

static bool tell_problem(struct finding_lines *lines, bool ok, const struct problem *problem)
{
    if (!ok)
        finding_lines_problem(lines, lines->config, problem);
    return ok;
}

static bool read_files(struct daemon *d, struct finding_lines *lines)
{
    struct problem p;
    bool ok = tell_problem(lines, check_cafile(d->config.mqtt.cafile, &p), &p);
    ok &= tell_problem(lines, read_password(d->config.mqtt.password_file, &d->mqtt_password, &p), &p);
    ok &= tell_problem(lines, read_password(d->config.redis.password_file, &d->redis_password, &p), &p);
    return ok;
}

static int prepare(struct daemon *d, struct finding_lines *lines, bool check)
{
    struct problem problem = {"out of memory"};
    d->names = names_new(NAMES_LIMIT);
    lines->config = d->config_path;
    if (!config_init(&d->config) || d->names == NULL) {
        finding_lines_problem(lines, d->config_path, &problem);
        return EX_CONFIG;
    }
    bool ok =
        config_check_file(&d->config, d->config_path, (struct options_hearing){finding_lines_hear, lines});
    /* A configuration that is wrong elsewhere may name its city. */
    if (!ok && d->config.city.fences.count == 0)
        return EX_CONFIG;
    ok = load_city(d, lines, check) && ok;
    ok = read_files(d, lines) && ok;
    if (!ok)
        return EX_CONFIG;
    name_instance(d);
    return EX_OK;
}

struct request {
    const char *config, *level;
    bool check, json, take_over;
};

static enum arguments_status read_arguments(int argc, char **argv, struct request *r)
{
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the configuration", &r->config},
        {ARGUMENT_FLAG, "check", NULL,
         "read the configuration and its files, say all that is wrong or doubtful, and exit: 0 or 78",
         &r->check},
        {ARGUMENT_FLAG, "json", NULL, "with --check: as JSON, an object a line, on the standard output",
         &r->json},
        {ARGUMENT_FLAG, "take-over", NULL, "claim the partition even while another tracker is alive on it",
         &r->take_over},
        {ARGUMENT_TEXT, "log-level", "LEVEL", "error, warn, info (the default) or debug", &r->level},
        {0},
    };
    const struct command_line line = {"muckwatchd",
                                      "--config FILE",
                                      "Tracks vehicles: takes fixes from MQTT, judges them against fences, "
                                      "permits and hours, and writes violations,\n"
                                      "trips and positions to Redis. SIGHUP reloads the city's files whole "
                                      "or keeps the old; SIGTERM finishes the\n"
                                      "batch in hand. Exits with 75 when another tracker owns the partition, "
                                      "78 when the configuration is wrong.",
                                      rows,
                                      0,
                                      0};
    return arguments_read(&line, argc, argv, NULL);
}

/* --check: holidays have to be known for this year where hours ask for them; a running tracker only warns. */
static int check_year(const struct daemon *d, struct finding_lines *lines)
{
    struct mw_civil now;
    struct problem problem;
    mw_civil_from_ms(d->world->zone, clock_wall().ms, &now);
    if (world_check_year(d->world, now.year, &problem))
        return EX_OK;
    finding_lines_problem(lines, "city", &problem);
    return EX_CONFIG;
}

static int program(int argc, char **argv)
{
    struct request r = {0};
    enum arguments_status status = read_arguments(argc, argv, &r);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (!arguments_start("muckwatchd", r.config, r.level))
        return EX_USAGE;
    static struct daemon d; /* large, and zero at first */
    d.config_path = r.config;
    d.take_over = r.take_over;
    struct finding_lines lines = {.command = "muckwatchd", .json = r.check && r.json};
    mqtt_library_init();
    int code = prepare(&d, &lines, r.check);
    const struct world *world = d.world; /* the stages take it */
    int year = code == EX_OK && r.check ? check_year(&d, &lines) : EX_OK;
    if (code == EX_OK)
        code = set_up(&d, &lines);
    if (code == EX_OK)
        code = year;
    if (r.check || code != EX_OK)
        finding_lines_end(&lines, code == EX_OK ? world : NULL);
    if (code == EX_OK && !r.check)
        code = run(&d);
    if (d.worker != NULL && worker_busy(d.worker))
        _exit(code); /* a world that is being built is not waited for, and what it uses stays */
    daemon_unmake(&d);
    mqtt_library_fini();
    return code;
}

int main(int argc, char **argv)
{
    streams_hold();
    return output_end("muckwatchd", program(argc, argv));
}
