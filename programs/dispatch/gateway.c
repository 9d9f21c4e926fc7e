#include "gateway.h"

#include "file_text.h"
#include "log.h"
#include "notify.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { BEAT_MS = 1000, PASSWORD_LINE_MAX = 1024, NAMES_LIMIT = 16777216 };

bool gateway_is_secret(const struct gateway *g)
{
    return g->tls != NULL || g->config.http.proxy == DISPATCH_PROXY_HTTPS;
}

static void on_connected(void *arg)
{
    log_info("redis_connected");
    gateway_follow(arg);
}

static void on_beat(void *arg)
{
    struct gateway *g = arg;
    notify_send("WATCHDOG=1");
    gateway_follow(g);
    memory_beat(g);
    gateway_past_beat(g);
    pushing_settle(g, false);
    loop_timer_set(g->beat, BEAT_MS);
}

static void on_stop(void *arg)
{
    notify_send("STOPPING=1");
    loop_stop(((struct gateway *)arg)->loop);
}

static const char *given(struct text t)
{
    return t.len > 0 ? t.data : NULL;
}

static int read_files(struct gateway *g, struct problem *out_problem)
{
    char line[PASSWORD_LINE_MAX];
    struct text path = g->config.redis.password_file;
    if (path.len > 0) {
        if (!file_text_read_secret(path.data, line, sizeof line, out_problem))
            return EX_CONFIG;
        g->redis_password = strdup(line);
        explicit_bzero(line, sizeof line);
        if (g->redis_password == NULL)
            return EX_OSERR;
    }
    return hooking_make(g, out_problem) && gateway_read_people(&g->config, &g->people, out_problem) &&
                   gateway_read_tls(&g->config, &g->tls, out_problem) && gateway_take_config(g, out_problem)
               ? EX_OK
               : EX_CONFIG;
}

/* Keys that no stranger knows, so that none can choose what shares a place with what. */
static int make_tables(struct gateway *g)
{
    struct hash_key key;
    if (sodium_init() < 0)
        return EX_OSERR;
    randombytes_buf(&key, sizeof key);
    for (int i = 0; i < WEB_RATE_CLASS_COUNT; i++)
        g->rates[i].hash = key;
    tries_init(&g->tries, key, g->config.sessions.tries_per_min);
    gateway_make_past(g);
    g->names = names_new(NAMES_LIMIT);
    g->metrics = gateway_metrics();
    bool ok = sessions_init(&g->sessions, g->config.sessions.most, g->config.sessions.idle_ms);
    return ok && g->names != NULL && g->metrics != NULL ? EX_OK : EX_OSERR;
}

static int make_loop(struct gateway *g)
{
    const struct redis_config *c = &g->config.redis;
    const struct redis_options options = {.host = given(c->host),
                                          .port = (uint16_t)c->port,
                                          .unix_socket = given(c->unix_socket),
                                          .username = given(c->username),
                                          .password = g->redis_password};
    const struct redis_callbacks callbacks = {on_connected, NULL};
    g->loop = loop_new();
    if (g->loop == NULL)
        return EX_OSERR;
    g->redis = redis_new(g->loop, &options, &callbacks, g);
    g->beat = loop_timer_new(g->loop, on_beat, g);
    g->following.worker = worker_new(g->loop);
    g->signing.worker = worker_new(g->loop);
    g->world.worker = worker_new(g->loop);
    g->world.timer = loop_timer_new(g->loop, world_go_on, g);
    return g->redis != NULL && g->beat != NULL && g->following.worker != NULL && g->signing.worker != NULL &&
                   g->world.worker != NULL && g->world.timer != NULL && memory_make(g) &&
                   jobs_make(&g->jobs, g->loop) && jobs_make(&g->then, g->loop) && states_make(g) &&
                   exporting_make(g) && case_desk_make(g) && gateway_make_drawing(g) && pushing_make(g) &&
                   loop_on_signal(g->loop, SIGTERM, on_stop, g) &&
                   loop_on_signal(g->loop, SIGINT, on_stop, g) &&
                   loop_on_signal(g->loop, SIGHUP, gateway_reload, g)
               ? EX_OK
               : EX_OSERR;
}

int gateway_make(struct gateway *g, struct problem *out_problem)
{
    problem_set(out_problem, "out of memory");
    int code = make_tables(g);
    if (code == EX_OK)
        code = read_files(g, out_problem);
    return code == EX_OK ? make_loop(g) : code;
}

void gateway_unmake(struct gateway *g)
{
    redis_free(g->redis); /* what waits for it is answered yet */
    g->redis = NULL;
    jobs_unmake(&g->jobs); /* and so is what waits for it */
    jobs_unmake(&g->then);
    web_server_free(g->server);
    states_unmake(g);
    listings_unmake(g);
    exporting_unmake(g);
    case_desk_unmake(g);
    gateway_unmake_drawing(g);
    gateway_unmake_past(g);
    pushing_unmake(g);
    hooking_unmake(g);
    memory_unmake(g);
    worker_free(g->signing.worker);
    worker_free(g->world.worker);
    world_end(g);
    gateway_stop_following(g);
    world_shelf_fini(&g->shelf);
    if (g->beat != NULL)
        loop_timer_free(g->beat);
    if (g->world.timer != NULL)
        loop_timer_free(g->world.timer);
    if (g->loop != NULL)
        loop_free(g->loop);
    web_tls_free(g->tls);
    web_files_free(g->dashboard);
    web_files_free(g->tiles);
    names_free(g->names);
    metrics_free(g->metrics);
    sessions_fini(&g->sessions);
    people_fini(&g->people);
    dispatch_config_fini(&g->begun);
    if (g->redis_password != NULL)
        explicit_bzero(g->redis_password, strlen(g->redis_password));
    free(g->redis_password);
    sodium_memzero(&g->signing, sizeof g->signing);
}

int gateway_run(struct gateway *g)
{
    const struct web_server_options options = {.host = g->config.http.host.data,
                                               .port = (uint16_t)g->config.http.port,
                                               .connections = g->config.http.connections};
    g->server = web_server_new(g->loop, &options, &gateway_callbacks, g);
    if (g->server == NULL) {
        log_error("cannot_listen", LOG_STR("host", options.host), LOG_INT("port", options.port),
                  LOG_STR("reason", strerror(errno)));
        return EX_UNAVAILABLE;
    }
    web_server_set_tls(g->server, g->tls);
    if (g->config.insecure && g->tls == NULL)
        log_warn("insecure", LOG_STR("host", options.host));
    loop_on_turn(g->loop, gateway_count_turn, g);
    redis_start(g->redis);
    memory_start(g);
    world_start(g);
    hooking_start(g);
    loop_timer_set(g->beat, BEAT_MS);
    notify_send("READY=1");
    log_info("dispatch_begun", LOG_STR("host", options.host), LOG_INT("port", options.port),
             LOG_INT("connections", web_server_figures(g->server).most));
    if (!loop_run(g->loop))
        g->exit_code = EX_OSERR;
    log_info("stopped", LOG_INT("exit_code", g->exit_code));
    return g->exit_code;
}
