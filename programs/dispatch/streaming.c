/*
 * Streams of events, wired: entries that memory has taken go to the feed, and what it makes of them to the server.
 *
 * A stream ends with the right it was opened by: with the session, when that is signed out, or idle for too long, or with whom it belongs to, when users
 * are read anew and they are others. What an open stream is told is no question: it keeps no session.
 */
#include "pushing.h"

#include "alerts_answer.h"
#include "gateway.h"
#include "store_json.h"
#include "vehicle_scope.h"

#include <stdio.h>
#include <string.h>

enum { TOLD_MAX = 256 << 10, LAG_WINDOW_MS = 10000, LAG_OLD_MS = 30000 };

/* ---- what the feed needs ---- */

static bool push(void *arg, uint64_t ticket, struct web_chunk *chunk)
{
    return web_server_push(((struct gateway *)arg)->server, ticket, chunk);
}

static size_t unsent(void *arg, uint64_t ticket)
{
    return web_server_unsent(((struct gateway *)arg)->server, ticket);
}

static void end(void *arg, uint64_t ticket, bool politely)
{
    web_server_end_stream(((struct gateway *)arg)->server, ticket, politely);
}

static bool covers(void *arg, const struct scope *scope, struct vehicle_now *v)
{
    const struct person of = {.scope = *scope};
    return vehicle_covered(arg, &of, v);
}

static void write_partition(const struct memory_reader *r, int64_t now_ms, struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_key(w, "partition");
    json_write_u64(w, r->walk.partition);
    json_write_key(w, "connected");
    json_write_bool(w, r->walk.stage != WALK_AWAY);
    json_write_key(w, "batch");
    json_write_u64(w, r->batch);
    json_write_key(w, "at");
    json_write_i64(w, r->batch_ms);
    json_write_key(w, "lag");
    if (r->lag_since_ms > 0 && now_ms - r->batch_ms < LAG_OLD_MS)
        json_write_i64(w, r->lag_ms);
    else
        json_write_null(w);
    json_write_end_object(w);
}

/* How far each tracker is: its newest batch that moved anything, and by how much what it writes is late, at best. */
static void beat(void *arg, struct buf *out)
{
    const struct memory *m = &((struct gateway *)arg)->memory;
    struct json_writer w;
    int64_t now_ms = clock_wall().ms;
    buf_puts(out, ",\"partitions\":");
    json_writer_init(&w, out);
    json_write_begin_array(&w);
    for (size_t i = 0; i < m->count; i++)
        write_partition(&m->readers[i], now_ms, &w);
    json_write_end_array(&w);
}

static void on_tick(void *arg)
{
    struct gateway *g = arg;
    struct pushing *p = &g->pushing;
    feed_tick(p->feed, g->following.number, loop_now(g->loop).ms, clock_wall().ms);
    if (feed_figures(p->feed).streams > 0)
        loop_timer_set(p->tick, FEED_TICK_MS);
}

/* ---- beginning and end ---- */

void pushing_remembers(struct gateway *g)
{
    feed_use(g->pushing.feed, &(struct feed_memory){g->memory.book, g->memory.fleet});
}

bool pushing_make(struct gateway *g)
{
    struct pushing *p = &g->pushing;
    const struct feed_sink sink = {push, unsent, end, covers, beat, g};
    uint32_t partitions[FEED_PARTITIONS_MAX];
    size_t count = g->memory.count <= FEED_PARTITIONS_MAX ? g->memory.count : 0;
    for (size_t i = 0; i < count; i++)
        partitions[i] = g->memory.readers[i].walk.partition;
    buf_init(&p->told, TOLD_MAX);
    p->log = feed_log_new(partitions, count, FEED_LOG_BYTES);
    p->feed = p->log != NULL ? feed_new(p->log, &sink, g->config.http.connections * 3 / 4) : NULL;
    p->tick = p->feed != NULL ? loop_timer_new(g->loop, on_tick, g) : NULL;
    if (p->tick == NULL)
        return false;
    pushing_remembers(g);
    return true;
}

void pushing_unmake(struct gateway *g)
{
    struct pushing *p = &g->pushing;
    if (p->tick != NULL)
        loop_timer_free(p->tick);
    feed_free(p->feed);
    feed_log_free(p->log);
    buf_fini(&p->told);
    *p = (struct pushing){0};
}

void pushing_forget(struct gateway *g)
{
    feed_forget(g->pushing.feed);
}

struct settling {
    const struct gateway *g;
    bool people_too;
    struct mono now;
};

static bool keeps(void *arg, const struct feed_owner *owner)
{
    const struct settling *s = arg;
    if (owner->session[0] != '\0')
        return sessions_are_open(&s->g->sessions, owner->session, s->now);
    if (!s->people_too)
        return true;
    const struct person *who = people_find(&s->g->people, (struct text){owner->name, owner->name_length});
    return who != NULL && memcmp(who->mark, owner->mark, sizeof owner->mark) == 0;
}

void pushing_settle(struct gateway *g, bool people_too)
{
    feed_settle(g->pushing.feed, keeps, &(struct settling){g, people_too, loop_now(g->loop)});
}

/* ---- entries ---- */

static size_t put_realm(const struct register_book *book, uint32_t number, char *out, size_t cap)
{
    struct text jurisdiction = register_of(book, number, COLUMN_JURISDICTION);
    struct text company = register_of(book, number, COLUMN_COMPANY);
    if (jurisdiction.len + 1 + company.len > cap)
        return 0;
    memcpy(out, jurisdiction.data, jurisdiction.len);
    out[jurisdiction.len] = '\0';
    memcpy(out + jurisdiction.len + 1, company.data, company.len);
    return jurisdiction.len + 1 + company.len;
}

void pushing_before(const struct gateway *g, struct fields entry, struct pushing_was *out)
{
    const struct register_scope all = {NULL, NULL};
    uint32_t number;
    out->known = register_look(g->memory.book, fields_value(entry, "id"), all, &number);
    out->len = out->known ? put_realm(g->memory.book, number, out->realm, sizeof out->realm) : 0;
}

/* Whose it was, where that is not whose it is. */
static void tell_was(struct gateway *g, struct text id, const struct pushing_was *was, struct buf *out)
{
    const struct register_scope all = {NULL, NULL};
    char now[sizeof was->realm];
    uint32_t number;
    if (was == NULL || !was->known || !register_look(g->memory.book, id, all, &number))
        return;
    size_t len = put_realm(g->memory.book, number, now, sizeof now);
    if (len != was->len || memcmp(now, was->realm, len) != 0)
        buf_put(out, was->realm, was->len);
}

static void tell_world(const struct memory_reader *r, struct fields entry, struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_key(w, "world");
    json_write_string(w, fields_value(entry, "ruleset"));
    json_write_key(w, "partition");
    json_write_u64(w, r->walk.partition);
    json_write_key(w, "received");
    json_write_i64(w, fields_whole(entry, "received", 0));
    json_write_end_object(w);
}

static enum feed_kind tell(struct memory_reader *r, enum feed_stream stream, struct entry_id id,
                           struct fields entry, const struct pushing_was *was)
{
    struct gateway *g = r->g;
    struct buf *out = &g->pushing.told;
    struct json_writer w;
    char name[48];
    json_writer_init(&w, out);
    switch (stream) {
    case FEED_VIOLATIONS:
        tell_was(g, fields_value(entry, "id"), was, out);
        return FEED_ALERT;
    case FEED_ACTIONS:
        snprintf(name, sizeof name, "%lld-%llu", (long long)id.ms, (unsigned long long)id.n);
        store_json_write_entry(&w, text_of(name), entry);
        return FEED_ACTION;
    case FEED_SHIFTS:
        shift_write(&g->memory.shift, &w);
        return FEED_SHIFT;
    case FEED_WORLDS:
        tell_world(r, entry, &w);
        return FEED_WORLD;
    case FEED_STREAM_COUNT:
        break;
    }
    return FEED_NOTHING;
}

void pushing_take(struct memory_reader *r, const struct pushing_entry *entry, const struct pushing_was *was)
{
    struct pushing *p = &r->g->pushing;
    struct feed_item item = {.id = entry->id};
    struct text alert = fields_value(entry->fields, "id");
    if (feed_log_end(p->log)->count == 0) /* more partitions than places have room for */
        return;
    buf_clear(&p->told);
    if (entry->understood)
        item.kind = tell(r, entry->stream, entry->id, entry->fields, was);
    if (!buf_ok(&p->told) || p->told.len > UINT32_MAX)
        item.kind = FEED_NOTHING;
    if (item.kind == FEED_ALERT || item.kind == FEED_ACTION)
        memcpy(item.alert, alert.data, sizeof item.alert);
    if (item.kind != FEED_NOTHING) {
        item.bytes = p->told.data;
        item.len = (uint32_t)p->told.len;
    }
    feed_take(p->feed, (size_t)(r - r->g->memory.readers), entry->stream, &item, clock_wall().ms);
}

/* At best, of some time: one unit that sends what it has kept is late by itself. */
void pushing_moved(struct memory_reader *r, struct entry_id id, struct fields entry)
{
    int64_t latest_ms = fleet_now_latest_ms(r->g->memory.fleet), lag_ms = id.ms - latest_ms;
    r->batch = (uint64_t)fields_whole(entry, "batch", 0);
    r->batch_ms = id.ms;
    if (latest_ms == 0)
        return;
    bool anew = id.ms - r->lag_since_ms > LAG_WINDOW_MS;
    if (anew || lag_ms < r->lag_ms)
        r->lag_ms = lag_ms;
    if (anew)
        r->lag_since_ms = id.ms;
}
