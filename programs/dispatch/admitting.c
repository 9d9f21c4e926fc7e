/*
 * Every request comes by here, and no other way leads to a handler.
 *
 * Who asks is settled first, from the request alone. A handler is called when its route has been found, whoever asks
 * may ask it, has not asked too often, and the request fits the route's row; a change has come from a page of ours
 * or from none, and that it is asked has been written down where its row says so. What is no route is a file of the page or of the base map.
 */
#include "gateway.h"

#include "credentials.h"
#include "log.h"
#include "web_problem.h"

#include <stdio.h>
#include <string.h>

/* Of who sent it, where a proxy of this machine says it for them: the last address, which is the proxy's own word. */
static struct text address_of(const struct gateway *g, const struct web_request *r, char *out, size_t cap)
{
    struct text said = web_field(r, WEB_FIELD_FORWARDED_FOR);
    bool local = text_equal(r->address, TEXT("::1")) ||
                 (r->address.len > 4 && memcmp(r->address.data, "127.", 4) == 0);
    if (g->config.http.proxy <= DISPATCH_PROXY_NONE || !local || said.len == 0)
        return r->address;
    size_t from = said.len;
    while (from > 0 && said.data[from - 1] != ',' && said.data[from - 1] != ' ')
        from--;
    int n = snprintf(out, cap, "%.*s", (int)(said.len - from), said.data + from);
    return n > 0 && (size_t)n < cap && loop_is_address(out) ? text_of(out) : r->address;
}

static bool is_first(const struct web_target *t, const char *segment)
{
    return t->segment_count > 0 && text_equal(t->segments[0], text_of(segment));
}

static bool is_route(const struct web_target *t)
{
    bool page = is_first(t, "healthz") || is_first(t, "readyz") || is_first(t, "metrics");
    return is_first(t, "api") || (page && t->segment_count == 1);
}

/* ---- files ---- */

static void answer_file(struct gateway *g, const struct web_request *r, struct web_answer *out)
{
    if (r->head->method != WEB_GET && r->head->method != WEB_HEAD) {
        web_answer_field(out, "Allow", TEXT("GET, HEAD"));
        web_problem(out, 405, "it takes GET, HEAD");
        return;
    }
    const struct web_target *t = r->target;
    bool basemap = is_first(t, "basemap");
    if (basemap && g->tiles != NULL)
        web_files_answer(g->tiles, r, 1, out);
    else if (basemap && g->config.basemap.pmtiles.len > 0 && t->segment_count == 2 &&
             text_equal(t->segments[1], TEXT("map.pmtiles")))
        web_files_answer_one(g->config.basemap.pmtiles.data, r, out);
    else if (!basemap && g->dashboard != NULL) {
        web_files_answer(g->dashboard, r, 0, out);
        out->pictures_from = dispatch_config_pictures(&g->config);
    } else
        web_problem(out, 404, "there is nothing at this path");
}

/* ---- routes ---- */

static bool not_too_often(struct gateway *g, const struct web_match *match, struct web_answer *out)
{
    const struct web_request *r = match->request;
    struct text key = r->who != NULL ? r->who->name : r->address;
    int64_t wait_ms;
    char seconds[24];
    enum web_rate_class class = match->route->rate;
    if (class == WEB_RATE_FREE || web_rate_take(&g->rates[class], key, r->ticks, &wait_ms))
        return true;
    snprintf(seconds, sizeof seconds, "%lld", (long long)(wait_ms + 999) / 1000);
    web_answer_field(out, "Retry-After", text_of(seconds));
    web_problem(out, 429, "more than your share: wait %s s", seconds);
    return false;
}

/* What is known of the answer when the next is asked for is not what it was. */
static void forbid_keeping(struct web_answer *out)
{
    static const char field[] = "Cache-Control:";
    for (size_t i = 0; i + sizeof field - 1 <= out->fields.len; i++)
        if (memcmp(out->fields.data + i, field, sizeof field - 1) == 0)
            return;
    web_answer_field(out, "Cache-Control", TEXT("no-store"));
}

static const char *answer_route(struct gateway *g, const struct web_request *r, struct web_answer *out)
{
    struct web_match match;
    const char *name = "none";
    if (web_route_find(gateway_routes, r, &match, out)) {
        name = match.route->name;
        bool may = (r->noted || not_too_often(g, &match, out)) && web_route_allows(&match, out) &&
                   web_route_body_fits(&match, out);
        if (may && match.route->audited && !r->noted)
            gateway_note(g, &match, out);
        else if (may)
            match.route->handler(g, &match, out);
    }
    if (!out->later)
        forbid_keeping(out);
    return name;
}

/* Nothing else is logged: what is asked for tells where somebody was. */
static void tell(const struct web_request *r, const char *route, int status, double seconds)
{
    const char *method = web_method_name(r->head->method);
    bool change = r->head->method != WEB_GET && r->head->method != WEB_HEAD;
    const struct log_field fields[] = {LOG_STR("method", method != NULL ? method : "other"),
                                       LOG_STR("route", route),
                                       LOG_INT("status", status),
                                       LOG_TEXT("user", r->who != NULL ? r->who->name : TEXT("")),
                                       LOG_REAL("seconds", seconds),
                                       LOG_END};
    log_event(status >= 500 ? LOG_LEVEL_WARN : change ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "request", fields);
}

static struct web_request settled(struct gateway *g, const struct web_request *request, char *address,
                                  size_t cap)
{
    struct web_request r = *request;
    r.address = address_of(g, request, address, cap);
    credentials_read(&r, gateway_is_secret(g), &g->people, &g->sessions);
    return r;
}

static void ask(void *arg, const struct web_request *request, struct web_answer *out)
{
    struct gateway *g = arg;
    char address[LOCKOUT_ADDRESS_MAX];
    const struct web_request r = settled(g, request, address, sizeof address);
    const char *route = "file";
    if (is_route(r.target))
        route = answer_route(g, &r, out);
    else
        answer_file(g, &r, out);
    double seconds = (double)(loop_now(g->loop).ms - r.ticks.ms) / 1000;
    gateway_count_time(g, seconds);
    if (out->later)
        return;
    gateway_count_answer(g, out->status);
    tell(&r, route, out->status, seconds);
}

/* More than the usual for whoever may ask the route alone. What will be refused is read as far as that, so that it
 * hears why. */
static size_t room(void *arg, const struct web_request *request)
{
    struct gateway *g = arg;
    char address[LOCKOUT_ADDRESS_MAX];
    const struct web_request r = settled(g, request, address, sizeof address);
    struct web_match match;
    struct web_answer refusal;
    web_answer_init(&refusal);
    bool found = is_route(r.target) && web_route_find(gateway_routes, &r, &match, &refusal);
    bool allowed = found && web_route_allows(&match, &refusal);
    web_answer_fini(&refusal);
    return allowed ? match.route->body_max : WEB_BODY_MAX;
}

static void refused(void *arg, int status)
{
    gateway_count_answer(arg, status);
    gateway_count_refused(arg);
}

static void drained(void *arg, uint64_t ticket)
{
    feed_drained(((struct gateway *)arg)->pushing.feed, ticket, clock_wall().ms);
}

static void gone(void *arg, uint64_t ticket)
{
    feed_gone(((struct gateway *)arg)->pushing.feed, ticket);
}

const struct web_server_callbacks gateway_callbacks = {room, ask, refused, drained, gone};

void gateway_answer(struct gateway *g, uint64_t ticket, struct web_answer *answer)
{
    forbid_keeping(answer);
    gateway_count_answer(g, answer->status);
    web_server_answer(g->server, ticket, answer);
}
