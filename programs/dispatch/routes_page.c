/*
 * Pages for machines, and what a page has to know before anybody is signed in.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "web_problem.h"

static void put_words(struct web_answer *out, int status, const char *words)
{
    out->status = status;
    out->type = "text/plain; charset=utf-8";
    buf_puts(&out->body, words);
    buf_put_char(&out->body, '\n');
}

void handle_healthz(void *context, const struct web_match *match, struct web_answer *out)
{
    (void)context, (void)match;
    put_words(out, 200, "alive");
}

void handle_readyz(void *context, const struct web_match *match, struct web_answer *out)
{
    (void)match;
    const struct gateway *g = context;
    const char *missing = !redis_connected(g->redis)   ? "the store is away"
                          : !memory_is_whole(g)        ? "the streams are being read"
                          : g->following.world == NULL ? "no world is known yet"
                                                       : NULL;
    put_words(out, missing == NULL ? 200 : 503, missing == NULL ? "ready" : missing);
}

static bool is_loopback(struct text address)
{
    return text_equal(address, TEXT("::1")) || (address.len > 4 && memcmp(address.data, "127.", 4) == 0);
}

/* For whoever is signed in, or on this very machine without a proxy between. */
void handle_metrics(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    const struct web_request *r = match->request;
    bool own = is_loopback(r->address) && !r->head->proxied;
    if (!own && r->role == ROLE_NOBODY) {
        web_problem(out, 401, "from another machine with a bearer token");
        return;
    }
    out->status = 200;
    out->type = "text/plain; version=0.0.4; charset=utf-8";
    gateway_write_metrics(g, &out->body);
}

/* Which base map there is. The names are those under which it is served, but for pictures of another server. */
void handle_basemap(void *context, const struct web_match *match, struct web_answer *out)
{
    (void)match;
    const struct gateway *g = context;
    struct json_writer w;
    struct text raster = g->config.basemap.raster;
    const char *kind = g->tiles != NULL                    ? "tiles"
                       : g->config.basemap.pmtiles.len > 0 ? "pmtiles"
                       : raster.len > 0                    ? "raster"
                                                           : "none";
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_key(&w, "kind");
    json_write_string(&w, text_of(kind));
    json_write_key(&w, "url");
    if (g->tiles != NULL)
        json_write_string(&w, TEXT("/basemap/{z}/{x}/{y}.pbf"));
    else if (g->config.basemap.pmtiles.len > 0)
        json_write_string(&w, TEXT("/basemap/map.pmtiles"));
    else if (raster.len > 0)
        json_write_string(&w, raster);
    else
        json_write_null(&w);
    json_write_key(&w, "crs");
    json_write_string(&w, g->config.basemap.crs == DISPATCH_CRS_GCJ02 ? TEXT("gcj02") : TEXT("wgs84"));
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}
