#include "keeping.h"

#include "evidence_file.h"
#include "file_text.h"
#include "log.h"
#include "notify.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

enum { BEAT_MS = 1000, PASSWORD_MAX = 1024, SWEEP_EVERY = 10 };

/* ---- timers ---- */

static void on_connected(void *arg)
{
    struct keeping *k = arg;
    log_info("redis_connected");
    k->asking = k->working = false;
    keeping_compare(k);
}

static void on_lost(void *arg, const char *reason)
{
    struct keeping *k = arg;
    (void)reason;
    k->asking = k->working = false;
}

/* Once a second: the supervisor hears that the loop turns, and what came is looked for. */
static void on_beat(void *arg)
{
    struct keeping *k = arg;
    notify_send("WATCHDOG=1");
    keeping_ask_archive(k);
    if (++k->beats % SWEEP_EVERY == 0 && loop_now(k->loop).ms >= k->failing_until_ms && k->compared)
        keeping_sweep(k);
    loop_timer_set(k->beat, BEAT_MS);
}

static void on_work(void *arg)
{
    keeping_work(arg);
}

static void on_sign(void *arg)
{
    struct keeping *k = arg;
    keeping_sign(k);
    loop_timer_set(k->sign, k->config.checkpoint_ms);
}

static void on_stop(void *arg)
{
    struct keeping *k = arg;
    notify_send("STOPPING=1");
    keeping_sign(k);
    loop_stop(k->loop);
}

/* ---- making ---- */

static const char *given(struct text t)
{
    return t.len > 0 ? t.data : NULL;
}

static bool read_password(struct text path, char **out, struct problem *out_problem)
{
    char line[PASSWORD_MAX];
    if (path.len == 0)
        return true;
    if (!file_text_read_secret(path.data, line, sizeof line, out_problem))
        return false;
    *out = strdup(line);
    explicit_bzero(line, sizeof line);
    return *out != NULL;
}

/* Without an archive there is nothing to seal from. */
static int check_archive(struct keeping *k, struct problem *out_problem)
{
    char why[512];
    struct archive_look *look = NULL;
    enum archive_look_error error = archive_look_open(
        k->config.archive.dir.data, (struct archive_look_listener){0}, &look, why, sizeof why);
    archive_look_close(look);
    if (error == ARCHIVE_LOOK_OK)
        return EX_OK;
    problem_set(out_problem, "archive.dir: %s", why);
    return error == ARCHIVE_LOOK_DENIED ? EX_NOPERM : EX_CONFIG;
}

static int claim_folder(struct keeping *k, struct problem *out_problem)
{
    char path[4096];
    const char *root = k->config.evidence_dir.data;
    if (!evidence_file_folders(root, "") ||
        snprintf(path, sizeof path, "%s/lock", root) >= (int)sizeof path ||
        (k->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0) {
        problem_set(out_problem, "evidence_dir: %s: %s", root, strerror(errno));
        return EX_CANTCREAT;
    }
    if (flock(k->lock, LOCK_EX | LOCK_NB) == 0)
        return EX_OK;
    problem_set(out_problem, "evidence_dir: %s: another keeper writes there", root);
    return EX_TEMPFAIL;
}

static int open_store(struct keeping *k, struct problem *out_problem)
{
    char why[512];
    const char *root = k->config.evidence_dir.data;
    int64_t taken = 0;
    enum evidence_log_error error = evidence_log_open(root, &k->log, why, sizeof why);
    if (error != EVIDENCE_LOG_OK) {
        problem_set(out_problem, "evidence_dir: %s", why);
        return error == EVIDENCE_LOG_BROKEN ? EX_DATAERR : EX_IOERR;
    }
    k->objects = evidence_objects_new(root);
    k->reg = evidence_register_open(root, why, sizeof why);
    if (k->objects == NULL || k->reg == NULL || !evidence_register_number(k->reg, TEXT("taken"), &taken)) {
        problem_set(out_problem, "evidence_dir: %s", k->reg == NULL ? why : "the register cannot be read");
        return EX_IOERR;
    }
    if ((uint64_t)taken > evidence_log_size(k->log)) {
        problem_set(out_problem,
                    "evidence_dir: cases.sqlite has %lld entries of a log that has %llu: the log is older",
                    (long long)taken, (unsigned long long)evidence_log_size(k->log));
        return EX_DATAERR;
    }
    if (keeping_take_all(k))
        return EX_OK;
    problem_set(out_problem, "evidence_dir: cases.sqlite: %s", evidence_register_why(k->reg));
    return EX_IOERR;
}

static int make_listeners(struct keeping *k, struct problem *out_problem)
{
    if (k->config.mqtt.host.len > 0 && !keeping_mqtt_make(k, out_problem))
        return EX_CONFIG;
    if (k->config.socket.len > 0) {
        k->socket = line_socket_new(k->loop, k->config.socket.data, keeping_asked, k);
        if (k->socket == NULL) {
            problem_set(out_problem, "socket: %s: %s", k->config.socket.data, strerror(errno));
            return EX_UNAVAILABLE;
        }
    }
    if (k->config.http.port == 0)
        return EX_OK;
    k->http =
        http_status_new(k->loop, given(k->config.http.host), (uint16_t)k->config.http.port, keeping_page, k);
    if (k->http != NULL)
        return EX_OK;
    problem_set(out_problem, "http.port: %u: %s", k->config.http.port, strerror(errno));
    return EX_UNAVAILABLE;
}

static int make_loop(struct keeping *k, struct problem *out_problem)
{
    const struct redis_config *c = &k->config.redis;
    const struct redis_options options = {.host = given(c->host),
                                          .port = (uint16_t)c->port,
                                          .unix_socket = given(c->unix_socket),
                                          .username = given(c->username),
                                          .password = k->redis_password,
                                          .backoff_max_ms = 1500};
    const struct redis_callbacks callbacks = {on_connected, on_lost};
    k->metrics = keeping_metrics();
    k->loop = loop_new();
    if (k->loop != NULL) {
        k->redis = redis_new(k->loop, &options, &callbacks, k);
        k->beat = loop_timer_new(k->loop, on_beat, k);
        k->work = loop_timer_new(k->loop, on_work, k);
        k->sign = loop_timer_new(k->loop, on_sign, k);
    }
    if (k->metrics != NULL && k->redis != NULL && k->beat != NULL && k->work != NULL && k->sign != NULL &&
        loop_on_signal(k->loop, SIGTERM, on_stop, k) && loop_on_signal(k->loop, SIGINT, on_stop, k))
        return make_listeners(k, out_problem);
    problem_set(out_problem, "out of memory");
    return EX_OSERR;
}

int keeping_make(struct keeping *k, struct problem *out_problem)
{
    mqtt_library_init();
    if (sodium_init() < 0)
        return EX_OSERR;
    if (!read_password(k->config.redis.password_file, &k->redis_password, out_problem) ||
        !read_password(k->config.mqtt.password_file, &k->mqtt_password, out_problem) ||
        !keeping_key_read(k->config.key_file.data, &k->key, out_problem))
        return EX_CONFIG;
    /* Without its fonts a report would show other forms of the same characters. */
    if (report_font_version(out_problem) == 0)
        return EX_CONFIG;
    int code = check_archive(k, out_problem);
    if (code == EX_OK)
        code = claim_folder(k, out_problem);
    if (code == EX_OK)
        code = open_store(k, out_problem);
    if (code == EX_OK)
        code = keeping_key_join(k, out_problem);
    return code == EX_OK ? make_loop(k, out_problem) : code;
}

void keeping_unmake(struct keeping *k)
{
    struct loop_timer *const timers[] = {k->beat, k->work, k->sign};
    line_socket_free(k->socket);
    http_status_free(k->http);
    mqtt_free(k->mqtt);
    redis_free(k->redis);
    for (size_t i = 0; i < sizeof timers / sizeof *timers; i++)
        if (timers[i] != NULL)
            loop_timer_free(timers[i]);
    if (k->loop != NULL)
        loop_free(k->loop);
    metrics_free(k->metrics);
    evidence_register_close(k->reg);
    evidence_objects_free(k->objects);
    evidence_log_close(k->log);
    keeping_key_wipe(&k->key);
    if (k->lock >= 0)
        close(k->lock);
    free(k->redis_password);
    free(k->mqtt_password);
    mqtt_library_fini();
}

int keeping_run(struct keeping *k)
{
    redis_start(k->redis);
    if (k->mqtt != NULL)
        mqtt_start(k->mqtt);
    loop_timer_set(k->beat, BEAT_MS);
    loop_timer_set(k->sign, k->config.checkpoint_ms);
    notify_send("READY=1");
    log_info("evidence_begun", LOG_TEXT("dir", k->config.evidence_dir),
             LOG_INT("log", evidence_log_size(k->log)));
    if (!loop_run(k->loop))
        k->exit_code = EX_OSERR;
    log_info("stopped", LOG_INT("exit_code", k->exit_code));
    return k->exit_code;
}
