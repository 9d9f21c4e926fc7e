/*
 * What can be read again while it runs: users, the certificate, folders, rates, how long a session lasts. Another
 * store, port or address wants a new start, and the log says so.
 */
#include "file_text.h"
#include "gateway.h"
#include "log.h"
#include "notify.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { USERS_SIZE_MAX = 16 << 20, RATE_REST = 10 };

bool gateway_read_people(const struct dispatch_config *config, struct people *out,
                         struct problem *out_problem)
{
    struct buf bytes;
    people_init(out);
    buf_init(&bytes, USERS_SIZE_MAX);
    bool ok = file_text_is_secret(config->users.data, out_problem) &&
              file_text_read(config->users.data, &bytes, out_problem) &&
              people_read(out, config->users, buf_text(&bytes), out_problem);
    buf_fini(&bytes);
    if (!ok)
        people_fini(out);
    return ok;
}

bool gateway_read_tls(const struct dispatch_config *config, struct web_tls **out, struct problem *out_problem)
{
    char why[256] = "out of memory";
    *out = NULL;
    if (config->tls.cert.len == 0)
        return true;
    if (!file_text_is_secret(config->tls.key.data, out_problem))
        return false;
    *out = web_tls_new(config->tls.cert.data, config->tls.key.data, why, sizeof why);
    if (*out == NULL)
        problem_set(out_problem, "%s", why);
    return *out != NULL;
}

/* An empty path is no folder, and none is wanted. */
static bool open_folder(struct text path, const char *key, enum web_files_kind kind, struct web_files **out,
                        struct problem *out_problem)
{
    *out = NULL;
    if (path.len == 0)
        return true;
    *out = web_files_new(path.data, kind);
    if (*out == NULL)
        problem_set(out_problem, "%s: %s: %s", key, path.data, strerror(errno));
    return *out != NULL;
}

static void set_rate(struct web_rate *rate, double per_s)
{
    double burst = ceil(per_s * RATE_REST);
    web_rate_init(rate, rate->hash, (int64_t)ceil(1000 / per_s), (int64_t)burst);
}

bool gateway_take_config(struct gateway *g, struct problem *out_problem)
{
    struct web_files *dashboard, *tiles = NULL;
    if (!open_folder(g->config.dashboard.dir, "dashboard.dir", WEB_FILES_PAGE, &dashboard, out_problem) ||
        !open_folder(g->config.basemap.tiles, "basemap.tiles", WEB_FILES_TILES, &tiles, out_problem)) {
        web_files_free(dashboard);
        return false;
    }
    web_files_free(g->dashboard);
    web_files_free(g->tiles);
    g->dashboard = dashboard;
    g->tiles = tiles;
    set_rate(&g->rates[WEB_RATE_READ], g->config.rate.read_per_s);
    set_rate(&g->rates[WEB_RATE_CHANGE], g->config.rate.change_per_s);
    set_rate(&g->rates[WEB_RATE_HEAVY], g->config.rate.heavy_per_s);
    g->sessions.idle_ms = g->config.sessions.idle_ms;
    memory_take_config(g);
    return true;
}

static bool is_same_list(struct whole_list a, struct whole_list b)
{
    return a.count == b.count && memcmp(a.items, b.items, a.count * sizeof a.items[0]) == 0;
}

static bool is_same_redis(const struct dispatch_config *a, const struct dispatch_config *b)
{
    return text_equal(a->redis.host, b->redis.host) && a->redis.port == b->redis.port &&
           text_equal(a->redis.unix_socket, b->redis.unix_socket) &&
           text_equal(a->redis.username, b->redis.username) &&
           text_equal(a->redis.password_file, b->redis.password_file);
}

static bool is_same_texts(struct text_list a, struct text_list b)
{
    bool same = a.count == b.count;
    for (size_t i = 0; i < a.count && same; i++)
        same = text_equal(a.items[i], b.items[i]);
    return same;
}

static bool is_same_hook(const struct dispatch_hook *a, const struct dispatch_hook *b)
{
    return text_equal(a->name, b->name) && text_equal(a->url, b->url) &&
           text_equal(a->secret_file, b->secret_file) && text_equal(a->ca_file, b->ca_file) &&
           is_same_texts(a->events, b->events) && is_same_texts(a->kinds, b->kinds) &&
           is_same_texts(a->severities, b->severities) && is_same_texts(a->jurisdictions, b->jurisdictions);
}

static bool are_same_hooks(const struct dispatch_config *a, const struct dispatch_config *b)
{
    bool same = a->hook_count == b->hook_count;
    for (size_t i = 0; i < a->hook_count && same; i++)
        same = is_same_hook(&a->hooks[i], &b->hooks[i]);
    return same;
}

/* The key that is another and that only a new start takes; NULL: there is none. */
static const char *needs_start(const struct dispatch_config *a, const struct dispatch_config *b)
{
    if (!is_same_redis(a, b))
        return "redis";
    if (!is_same_list(a->partitions, b->partitions))
        return "partitions";
    if (!text_equal(a->http.host, b->http.host) || a->http.port != b->http.port ||
        a->http.connections != b->http.connections)
        return "http";
    if (a->sessions.most != b->sessions.most || a->sessions.tries_per_min != b->sessions.tries_per_min)
        return "sessions";
    if (!are_same_hooks(a, b))
        return "hooks";
    return (a->tls.cert.len > 0) != (b->tls.cert.len > 0) ? "tls" : NULL;
}

/* All of it, or nothing. */
static bool reload(struct gateway *g, struct problem *out_problem)
{
    struct dispatch_config config, before = g->config;
    struct people people = {0};
    struct web_tls *tls = NULL;
    problem_set(out_problem, "out of memory");
    bool ok =
        dispatch_config_init(&config) && dispatch_config_read_file(&config, g->config_path, out_problem);
    const char *lasting = ok ? needs_start(&config, &g->config) : NULL;
    if (lasting != NULL) {
        problem_set(out_problem, "%s wants a new start to be another: %s", lasting, g->config_path);
        ok = false;
    }
    ok = ok && gateway_read_people(&config, &people, out_problem) &&
         gateway_read_tls(&config, &tls, out_problem);
    if (ok) {
        g->config = config;
        ok = gateway_take_config(g, out_problem);
        if (!ok)
            g->config = before;
    }
    if (!ok) {
        people_fini(&people);
        web_tls_free(tls);
        dispatch_config_fini(&config);
        return false;
    }
    if (g->begun.users.data == NULL)
        g->begun = before;
    else
        dispatch_config_fini(&before);
    people_fini(&g->people);
    g->people = people;
    web_server_set_tls(g->server, tls);
    web_tls_free(g->tls);
    g->tls = tls;
    return true;
}

void gateway_reload(void *gateway)
{
    struct gateway *g = gateway;
    struct problem problem;
    if (!reload(g, &problem)) {
        log_error("reload_refused", LOG_STR("reason", problem.text));
        return;
    }
    size_t left = sessions_settle(&g->sessions, &g->people, loop_now(g->loop));
    pushing_settle(g, true);
    log_info("reloaded", LOG_INT("users", g->people.count), LOG_INT("sessions", left));
}
