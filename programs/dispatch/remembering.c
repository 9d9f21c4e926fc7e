#include "gateway.h"

#include "array.h"
#include "desk_call.h"
#include "log.h"
#include "past_reading.h"

#include <malloc.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { TRIM_EACH = 1000, TOLD_EACH_MS = 5000, TRIM_BEATS = 60000, COMMAND_MAX = 4096, SILENCE_MS = 5000 };
_Static_assert(SILENCE_MS > 2 * WALK_BLOCK_MS, "a store that waits is not silent");

/* ---- entries ---- */

struct fields memory_fields(struct gateway *g, const struct redis_reply *list)
{
    struct memory *m = &g->memory;
    size_t count = redis_reply_count(list) / 2;
    if (!array_reserve(&m->fields, &m->field_cap, count, sizeof *m->fields))
        count = 0;
    for (size_t i = 0; i < count; i++)
        m->fields[i] = (struct field){redis_reply_text(redis_reply_at(list, 2 * i)),
                                      redis_reply_text(redis_reply_at(list, 2 * i + 1))};
    return (struct fields){m->fields, count};
}

static struct text keep(struct text t, char out[DESK_NAME_MAX])
{
    size_t len = t.len < DESK_NAME_MAX ? t.len : DESK_NAME_MAX;
    memcpy(out, t.data, len);
    return (struct text){out, len};
}

static void take_shift(struct memory *m, struct entry_id id, struct fields entry)
{
    struct shift shift = {.rev = m->shift.rev};
    if (!shift_take_entry(&shift, entry, id.ms))
        return;
    m->shift = shift;
    m->shift.on = keep(shift.on, m->shift_text[0]);
    m->shift.to = keep(shift.to, m->shift_text[1]);
}

void memory_take_action(struct gateway *g, uint32_t partition, struct text entry_id, struct fields entry)
{
    struct register_place place = {.partition = partition};
    if (!entry_id_read(entry_id, &place.id))
        return;
    register_take_action(g->memory.book, place, entry);
    past_follow_alert(g, place, true, entry);
}

void memory_take_shift(struct gateway *g, struct text entry_id, struct fields entry)
{
    struct entry_id id;
    if (entry_id_read(entry_id, &id))
        take_shift(&g->memory, id, entry);
}

static void note_first(struct memory_reader *r, enum walk_stream stream, struct entry_id id)
{
    if (stream != WALK_VIOLATIONS && stream != WALK_TRIPS)
        return;
    int64_t *first_ms = &r->first_ms[stream == WALK_TRIPS ? PAST_TRIPS : PAST_ALERTS];
    *first_ms = id.ms < *first_ms ? id.ms : *first_ms;
}

static void read_nothing_yet(struct memory_reader *r)
{
    store_walk_init(&r->walk, r->walk.partition);
    r->unknown = 0;
    for (size_t i = 0; i < PAST_KIND_COUNT; i++)
        r->first_ms[i] = INT64_MAX;
    memory_sweep_anew(r);
}

/* As memory understands it. */
static enum register_taken take(struct memory_reader *r, enum walk_stream stream, struct entry_id id,
                                struct fields entry)
{
    struct memory *m = &r->g->memory;
    const struct register_place place = {r->walk.partition, id};
    bool ok = true;
    note_first(r, stream, id);
    switch (stream) {
    case WALK_VIOLATIONS:
        past_follow_alert(r->g, place, false, entry);
        return register_take_violation(m->book, place, entry);
    case WALK_ACTIONS:
        past_follow_alert(r->g, place, true, entry);
        return register_take_action(m->book, place, entry);
    case WALK_LIVE:
        ok = fleet_now_take_moves(m->fleet, r->walk.partition, fields_value(entry, "moves"));
        break;
    case WALK_TRIPS:
        past_follow_trip(r->g, place, entry);
        ok = trip_book_take(m->trips, r->walk.partition, id.ms, entry);
        break;
    case WALK_SHIFTS:
        take_shift(m, id, entry);
        break;
    case WALK_RULESETS: /* following.c reads it again, with what it names */
    case WALK_STREAM_COUNT:
        break;
    }
    return ok ? REGISTER_CHANGED : REGISTER_FULL;
}

/* And then tells it to who listens. */
static enum register_taken take_and_tell(struct memory_reader *r, enum walk_stream stream, struct entry_id id,
                                         struct fields entry)
{
    static const enum feed_stream streams[WALK_STREAM_COUNT] = {
        [WALK_VIOLATIONS] = FEED_VIOLATIONS, [WALK_ACTIONS] = FEED_ACTIONS,
        [WALK_SHIFTS] = FEED_SHIFTS,         [WALK_RULESETS] = FEED_WORLDS,
        [WALK_TRIPS] = FEED_STREAM_COUNT,    [WALK_LIVE] = FEED_STREAM_COUNT};
    struct pushing_entry told = {streams[stream], id, entry, false};
    struct pushing_was was;
    r->g->memory.taken++;
    r->g->memory.since_trim++;
    if (stream == WALK_VIOLATIONS)
        pushing_before(r->g, entry, &was);
    enum register_taken taken = take(r, stream, id, entry);
    if (taken == REGISTER_FULL)
        return taken;
    told.understood = taken != REGISTER_STRANGE;
    if (stream == WALK_LIVE)
        pushing_moved(r, id, entry);
    else if (told.stream != FEED_STREAM_COUNT)
        pushing_take(r, &told, stream == WALK_VIOLATIONS ? &was : NULL);
    return taken;
}

/* False without memory: then the walk does not go on, and the same is asked for again. */
static bool take_entries(struct memory_reader *r, enum walk_stream stream, const struct redis_reply *entries)
{
    for (size_t i = 0; i < redis_reply_count(entries); i++) {
        const struct redis_reply *entry = redis_reply_at(entries, i);
        struct entry_id id;
        if (!entry_id_read(redis_reply_text(redis_reply_at(entry, 0)), &id))
            continue;
        struct store_walk before = r->walk;
        if (store_walk_entry(&r->walk, stream, id) &&
            take_and_tell(r, stream, id, memory_fields(r->g, redis_reply_at(entry, 1))) == REGISTER_FULL) {
            r->walk = before;
            return false;
        }
    }
    return true;
}

/* ---- what actions alone do not tell ---- */

static redis_answer on_hash;

static void ask_hash(struct memory_reader *r)
{
    struct register_book *book = r->g->memory.book;
    struct register_alert a;
    char key[64 + DESK_ID_LENGTH];
    for (; register_next_unknown(book, &r->unknown); r->unknown++) {
        register_alert(book, r->unknown, &a);
        if (a.partition != r->walk.partition)
            continue;
        int n = snprintf(key, sizeof key, "muck:{%u}:alert:%.*s", a.partition, DESK_ID_LENGTH, a.id);
        const struct text words[] = {TEXT("HGETALL"), {key, (size_t)n}};
        redis_send(r->g->redis, 2, words, on_hash, r);
        return;
    }
}

static void on_hash(void *arg, const struct redis_reply *reply)
{
    struct memory_reader *r = arg;
    uint32_t number = r->unknown;
    struct register_alert a;
    if (redis_reply_type(reply) != REDIS_ARRAY || !register_next_unknown(r->g->memory.book, &number) ||
        number != r->unknown)
        return;
    register_alert(r->g->memory.book, number, &a);
    char id[DESK_ID_LENGTH];
    memcpy(id, a.id, sizeof id);
    register_take_hash(r->g->memory.book, a.partition, (struct text){id, sizeof id},
                       memory_fields(r->g, reply));
    r->unknown++;
    ask_hash(r);
}

/* ---- a walk ---- */

static redis_answer on_answer;

static void ask(struct memory_reader *r)
{
    struct buf *command = &r->g->memory.command;
    if (r->walk.stage == WALK_AWAY)
        return;
    buf_clear(command);
    store_walk_ask(&r->walk, command);
    if (!buf_ok(command) || !redis_send_formatted(r->redis, buf_text(command), on_answer, r))
        redis_drop(r->redis, "a question could not be sent");
}

static struct register_book *new_book(const struct memory *m)
{
    const struct register_settings settings = {REGISTER_BYTES_MAX, MEMORY_KEEP_MS, m->key, &m->desk};
    return register_new(&settings);
}

static struct fleet_now *new_fleet(void)
{
    struct hash_key key;
    randombytes_buf(&key, sizeof key);
    return fleet_now_new(key, FLEET_NOW_MAX);
}

/* The store is another one, or older than what was read. Nothing of it may be answered any more. */
static void forget(struct memory_reader *from)
{
    struct memory *m = &from->g->memory;
    randombytes_buf(&m->key, sizeof m->key);
    struct register_book *book = new_book(m);
    struct fleet_now *fleet = new_fleet();
    struct trip_book *trips = trip_book_new(m->key, TRIP_BOOK_MAX);
    if (book == NULL || fleet == NULL || trips == NULL) {
        register_free(book);
        fleet_now_free(fleet);
        trip_book_free(trips);
        redis_drop(from->redis, "out of memory");
        return;
    }
    log_warn("store_went_back", LOG_INT("partition", from->walk.partition));
    pushing_forget(from->g);
    register_free(m->book);
    m->book = book;
    fleet_now_free(m->fleet);
    m->fleet = fleet;
    trip_book_free(m->trips);
    m->trips = trips;
    pushing_remembers(from->g);
    m->shift = (struct shift){0};
    m->whole = m->given_back = false;
    m->rebuilt++;
    for (size_t i = 0; i < m->count; i++) {
        struct memory_reader *r = &m->readers[i];
        enum walk_stage stage = r->walk.stage;
        read_nothing_yet(r);
        if (r != from && stage != WALK_AWAY)
            redis_drop(r->redis, "all is read anew"); /* an answer to the former walk may be under way */
    }
    store_walk_connected(&from->walk);
}

static void caught_up(struct gateway *g)
{
    struct memory *m = &g->memory;
    struct register_figures f;
    for (size_t i = 0; i < m->count; i++)
        if (!m->readers[i].walk.caught_up)
            return;
    m->whole = true;
    register_trim(m->book, clock_wall().ms);
    register_figures(m->book, &f);
    log_info("memory_whole", LOG_INT("entries", m->taken), LOG_INT("alerts", f.alerts),
             LOG_INT("bytes", f.bytes), LOG_INT("ms", loop_now(g->loop).ms - m->begun_ms));
    for (size_t i = 0; i < m->count; i++)
        ask_hash(&m->readers[i]);
    /* Answers left pages free between what is kept. Nobody has been answered, so nobody waits. */
    if (!m->given_back)
        malloc_trim(0);
    m->given_back = true;
}

static void progress(struct gateway *g)
{
    struct memory *m = &g->memory;
    int64_t now_ms = loop_now(g->loop).ms;
    if (m->since_trim >= TRIM_EACH) {
        m->since_trim = 0;
        register_trim(m->book, clock_wall().ms);
    }
    if (m->whole || now_ms - m->told_ms < TOLD_EACH_MS)
        return;
    m->told_ms = now_ms;
    log_info("remembering", LOG_INT("entries", m->taken));
}

/* An answer of XRANGE is entries; of XREAD nothing, or a key with entries for each stream that has some. */
static bool take_answer(struct memory_reader *r, const struct redis_reply *reply)
{
    if (r->walk.stage != WALK_WAIT)
        return take_entries(r, r->walk.stream, reply);
    for (size_t i = 0; i < redis_reply_count(reply); i++) {
        const struct redis_reply *of = redis_reply_at(reply, i);
        enum walk_stream stream;
        if (store_walk_find(&r->walk, redis_reply_text(redis_reply_at(of, 0)), &stream) &&
            !take_entries(r, stream, redis_reply_at(of, 1)))
            return false;
    }
    return true;
}

static void on_answer(void *arg, const struct redis_reply *reply)
{
    struct memory_reader *r = arg;
    enum redis_type type = redis_reply_type(reply);
    if (type == REDIS_NOTHING)
        return; /* `lost` comes */
    if (type == REDIS_ERROR) {
        log_error("stream_refused", LOG_TEXT("said", redis_reply_text(reply)));
        redis_drop(r->redis, "a stream could not be read");
        return;
    }
    if (!take_answer(r, reply)) {
        log_error("memory_full");
        redis_drop(r->redis, "out of memory");
        return;
    }
    switch (store_walk_answered(&r->walk, redis_reply_count(reply))) {
    case WALK_CAUGHT_UP:
        memory_sweep(r);
        caught_up(r->g);
        break;
    case WALK_WENT_BACK:
        forget(r);
        break;
    case WALK_ON:
        break;
    }
    progress(r->g);
    ask(r);
}

static void on_connected(void *arg)
{
    struct memory_reader *r = arg;
    store_walk_connected(&r->walk);
    ask(r);
}

static void on_lost(void *arg, const char *reason)
{
    struct memory_reader *r = arg;
    bool followed = r->walk.stage != WALK_AWAY;
    store_walk_lost(&r->walk);
    if (followed) /* once; the other connection tells of each attempt */
        log_warn("partition_lost", LOG_INT("partition", r->walk.partition), LOG_STR("reason", reason));
}

/* ---- beginning and end ---- */

static const char *given(struct text t)
{
    return t.len > 0 ? t.data : NULL;
}

bool memory_make(struct gateway *g)
{
    struct memory *m = &g->memory;
    const struct redis_config *c = &g->config.redis;
    const struct redis_options options = {.host = given(c->host),
                                          .port = (uint16_t)c->port,
                                          .unix_socket = given(c->unix_socket),
                                          .username = given(c->username),
                                          .password = g->redis_password,
                                          .silence_ms = SILENCE_MS,
                                          .quiet = true};
    const struct redis_callbacks callbacks = {on_connected, on_lost};
    buf_init(&m->command, COMMAND_MAX);
    randombytes_buf(&m->key, sizeof m->key);
    m->book = new_book(m);
    m->fleet = new_fleet();
    m->trips = trip_book_new(m->key, TRIP_BOOK_MAX);
    m->readers = calloc(g->config.partitions.count, sizeof *m->readers);
    if (m->book == NULL || m->fleet == NULL || m->trips == NULL || m->readers == NULL)
        return false;
    for (; m->count < g->config.partitions.count; m->count++) {
        struct memory_reader *r = &m->readers[m->count];
        r->g = g;
        r->walk.partition = (uint32_t)g->config.partitions.items[m->count];
        read_nothing_yet(r);
        r->redis = redis_new(g->loop, &options, &callbacks, r);
        if (r->redis == NULL)
            return false;
    }
    return true;
}

void memory_unmake(struct gateway *g)
{
    struct memory *m = &g->memory;
    for (size_t i = 0; i < m->count; i++)
        redis_free(m->readers[i].redis);
    for (size_t i = 0; i < m->count; i++)
        free(m->readers[i].sweep.ids);
    free(m->readers);
    free(m->fields);
    buf_fini(&m->command);
    register_free(m->book);
    fleet_now_free(m->fleet);
    trip_book_free(m->trips);
}

void memory_start(struct gateway *g)
{
    g->memory.begun_ms = g->memory.told_ms = loop_now(g->loop).ms;
    for (size_t i = 0; i < g->memory.count; i++)
        redis_start(g->memory.readers[i].redis);
}

void memory_beat(struct gateway *g)
{
    struct memory *m = &g->memory;
    for (size_t i = 0; i < m->count; i++)
        memory_sweep(&m->readers[i]);
    if (loop_now(g->loop).ms - m->told_ms < TRIM_BEATS)
        return;
    m->told_ms = loop_now(g->loop).ms;
    register_trim(m->book, clock_wall().ms);
    trip_book_trim(m->trips, clock_wall().ms - MEMORY_KEEP_MS);
}

bool memory_is_whole(const struct gateway *g)
{
    const struct memory *m = &g->memory;
    for (size_t i = 0; i < m->count; i++)
        if (m->readers[i].walk.stage == WALK_AWAY)
            return false;
    return m->whole && memory_knows_vehicles(g);
}

bool memory_knows_vehicles(const struct gateway *g)
{
    for (size_t i = 0; i < g->memory.count; i++)
        if (!g->memory.readers[i].sweep.done)
            return false;
    return true;
}
