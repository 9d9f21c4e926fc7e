/*
 * How webhooks get on, and what was given up.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"

#include <stdio.h>

static void put(struct json_writer *w, const char *key, struct text value)
{
    json_write_key(w, key);
    json_write_string(w, value);
}

static void put_whole(struct json_writer *w, const char *key, int64_t value)
{
    json_write_key(w, key);
    json_write_i64(w, value);
}

static void write_lane(const struct gateway *g, const struct hook_lane *l, struct json_writer *w)
{
    json_write_begin_object(w);
    put_whole(w, "partition", l->partition);
    put(w, "stream", text_of(hook_stream_name(l->stream)));
    put(w, "place", text_of(l->place));
    put_whole(w, "failed", l->try.failed);
    if (l->state == LANE_LATER) {
        int64_t left_ms = l->try.next_ms - loop_now(g->loop).ms;
        put(w, "entry", text_of(l->sending));
        put_whole(w, "next_in_ms", left_ms > 0 ? left_ms : 0);
    }
    json_write_end_object(w);
}

static void write_dead(const struct hook_dead *d, struct json_writer *w)
{
    json_write_begin_object(w);
    put_whole(w, "partition", d->partition);
    put(w, "stream", text_of(hook_stream_name(d->stream)));
    put(w, "entry", text_of(d->entry));
    put_whole(w, "at", d->at_ms);
    put_whole(w, "status", d->status);
    put(w, "reason", text_of(d->reason));
    json_write_end_object(w);
}

static void write_hook(const struct gateway *g, const struct hook_at *h, struct json_writer *w)
{
    json_write_begin_object(w);
    put(w, "name", h->config.name);
    put(w, "url", h->config.url);
    put_whole(w, "told", (int64_t)h->told);
    put_whole(w, "status", h->status);
    put(w, "reason", text_of(h->reason));
    json_write_key(w, "lanes");
    json_write_begin_array(w);
    for (size_t i = 0; i < g->hooking.lane_count; i++)
        if (g->hooking.lanes[i].hook == h)
            write_lane(g, &g->hooking.lanes[i], w);
    json_write_end_array(w);
    json_write_key(w, "dead");
    json_write_begin_array(w);
    for (size_t i = h->dead_count; i-- > 0;)
        write_dead(&h->dead[i], w);
    json_write_end_array(w);
    json_write_end_object(w);
}

void handle_hooks(void *context, const struct web_match *match, struct web_answer *out)
{
    (void)match;
    const struct gateway *g = context;
    struct json_writer w;
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_key(&w, "items");
    json_write_begin_array(&w);
    for (size_t i = 0; i < g->hooking.count; i++)
        write_hook(g, &g->hooking.hooks[i], &w);
    json_write_end_array(&w);
    json_write_key(&w, "next");
    json_write_null(&w);
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}
