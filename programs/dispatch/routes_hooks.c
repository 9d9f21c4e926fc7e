/*
 * How webhooks get on, and what was given up.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_members.h"

static void write_lane(const struct gateway *g, const struct hook_lane *l, struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_table(w, JSON_WHOLE("partition", l->partition),
                     JSON_WORD("stream", hook_stream_name(l->stream)), JSON_TEXT("place", text_of(l->place)),
                     JSON_WHOLE("failed", l->try.failed));
    if (l->state == LANE_LATER) {
        int64_t left_ms = l->try.next_ms - loop_now(g->loop).ms;
        json_write_table(w, JSON_TEXT("entry", text_of(l->sending)),
                         JSON_WHOLE("next_in_ms", left_ms > 0 ? left_ms : 0));
    }
    json_write_end_object(w);
}

static void write_dead(const struct hook_dead *d, struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_table(w, JSON_WHOLE("partition", d->partition),
                     JSON_WORD("stream", hook_stream_name(d->stream)), JSON_TEXT("entry", text_of(d->entry)),
                     JSON_WHOLE("at", d->at_ms), JSON_WHOLE("status", d->status),
                     JSON_TEXT("reason", text_of(d->reason)));
    json_write_end_object(w);
}

static void write_hook(const struct gateway *g, const struct hook_at *h, struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_table(w, JSON_TEXT("name", h->config.name), JSON_TEXT("url", h->config.url),
                     JSON_WHOLE("told", h->told), JSON_WHOLE("status", h->status),
                     JSON_TEXT("reason", text_of(h->reason)));
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
    json_write_table(&w, JSON_WORD("next", NULL));
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}
