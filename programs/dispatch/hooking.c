/*
 * What hook_desk.h says, done.
 */
#include "gateway.h"

#include "file_text.h"
#include "log.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEP_MS = 500, PAGE = 64, TIMEOUT_MS = 10000, COMMAND_MAX = 65536 };

/* A hook whose receiver hangs holds its own share and nobody else's. */
static_assert(HOOK_POSTS_MAX * DISPATCH_HOOKS_MAX <= WEB_POSTS_MAX, "each hook has room for its posts");

static void step(struct hook_lane *l);

static void keep(char *out, size_t size, struct text t)
{
    snprintf(out, size, "%.*s", (int)(t.len < size ? t.len : size - 1), t.data);
}

static void place_field(const struct hook_lane *l, char out[96])
{
    snprintf(out, 96, "%s/%s", l->hook->config.name.data, hook_stream_name(l->stream));
}

static void dead_field(const struct hook_at *h, const struct hook_dead *d, char out[160])
{
    snprintf(out, 160, "%s!%s!%s", h->config.name.data, hook_stream_name(d->stream), d->entry);
}

/* ---- what the store has ---- */

/* The newest of them, whatever order they are met in. */
static bool put_dead(struct hook_at *h, const struct hook_dead *dead, struct hook_dead *out_gone)
{
    bool full = h->dead_count == HOOK_DEAD_MAX;
    if (full) {
        *out_gone = h->dead[0];
        memmove(h->dead, h->dead + 1, (HOOK_DEAD_MAX - 1) * sizeof *h->dead);
        h->dead_count--;
    }
    size_t at = h->dead_count++;
    for (; at > 0 && h->dead[at - 1].at_ms > dead->at_ms; at--)
        h->dead[at] = h->dead[at - 1];
    h->dead[at] = *dead;
    return full;
}

/* NAME!STREAM!ENTRY, and "STATUS AT REASON". */
static void take_dead(struct hooking *h, uint32_t partition, struct text name, struct text value)
{
    char field[160], line[HOOK_REASON_MAX + 64];
    struct hook_dead dead = {.partition = partition}, gone;
    keep(field, sizeof field, name);
    keep(line, sizeof line, value);
    char *stream = strchr(field, '!'), *entry = stream != NULL ? strchr(stream + 1, '!') : NULL;
    long long at_ms = 0;
    if (entry == NULL || sscanf(line, "%d %lld %127[^\n]", &dead.status, &at_ms, dead.reason) < 2)
        return;
    *stream++ = *entry++ = '\0';
    dead.at_ms = at_ms;
    dead.stream = strcmp(stream, hook_stream_name(HOOK_OVERDUE)) == 0 ? HOOK_OVERDUE : HOOK_VIOLATIONS;
    keep(dead.entry, sizeof dead.entry, text_of(entry));
    for (size_t i = 0; i < h->count; i++)
        if (strcmp(h->hooks[i].config.name.data, field) == 0)
            put_dead(&h->hooks[i], &dead, &gone);
}

static void take_field(struct hooking *h, uint32_t partition, struct text name, struct text value)
{
    char field[96];
    struct overdue_alert alert;
    for (size_t i = 0; i < h->lane_count; i++) {
        struct hook_lane *l = &h->lanes[i];
        place_field(l, field);
        if (l->partition == partition && text_equal(name, text_of(field)))
            keep(l->place, sizeof l->place, value);
    }
    if (overdue_field_read(name, value, partition, &alert))
        overdue_told_put(&h->overdue, &alert);
    else
        take_dead(h, partition, name, value);
}

static void on_hash(void *arg, const struct redis_reply *reply)
{
    struct gateway *g = arg;
    struct hooking *h = &g->hooking;
    uint32_t partition = (uint32_t)g->config.partitions.items[h->partitions_known];
    h->asking = false;
    if (redis_reply_type(reply) != REDIS_ARRAY) {
        if (redis_reply_type(reply) == REDIS_ERROR)
            log_error("hooks_refused", LOG_TEXT("said", redis_reply_text(reply)));
        return;
    }
    for (size_t i = 0; i + 1 < redis_reply_count(reply); i += 2)
        take_field(h, partition, redis_reply_text(redis_reply_at(reply, i)),
                   redis_reply_text(redis_reply_at(reply, i + 1)));
    for (size_t i = 0; i < h->lane_count; i++)
        if (h->lanes[i].partition == partition && h->lanes[i].place[0] != '\0')
            h->lanes[i].state = LANE_IDLE;
    h->partitions_known++;
}

static void ask_hash(struct gateway *g)
{
    char key[MW_KEY_MAX];
    snprintf(key, sizeof key, MW_KEY_HOOKS, g->config.partitions.items[g->hooking.partitions_known]);
    const struct text words[] = {TEXT("HGETALL"), text_of(key)};
    g->hooking.asking = redis_send(g->redis, 2, words, on_hash, g);
}

/* A hook that is new: behind what is there now. */
static void on_newest(void *arg, const struct redis_reply *reply)
{
    struct hook_lane *l = arg;
    l->state = LANE_UNKNOWN;
    if (redis_reply_type(reply) != REDIS_ARRAY)
        return;
    struct text newest = redis_reply_count(reply) > 0
                             ? redis_reply_text(redis_reply_at(redis_reply_at(reply, 0), 0))
                             : TEXT("0-0");
    keep(l->place, sizeof l->place, newest);
    l->dirty = true;
    l->state = LANE_IDLE;
    log_info("hook_begins", LOG_TEXT("hook", l->hook->config.name), LOG_STR("behind", l->place));
}

static void stream_key(const struct hook_lane *l, char out[MW_KEY_MAX])
{
    if (l->stream == HOOK_OVERDUE)
        snprintf(out, MW_KEY_MAX, MW_KEY_OVERDUE, l->partition);
    else
        snprintf(out, MW_KEY_MAX, MW_KEY_VIOLATIONS, l->partition);
}

static void ask_newest(struct hook_lane *l)
{
    char key[MW_KEY_MAX];
    stream_key(l, key);
    const struct text words[] = {TEXT("XREVRANGE"), text_of(key),  TEXT("+"),
                                 TEXT("-"),         TEXT("COUNT"), TEXT("1")};
    if (redis_send(l->hook->g->redis, 6, words, on_newest, l))
        l->state = LANE_ASKING;
}

/* ---- storing ---- */

static void on_stored(void *arg, const struct redis_reply *reply)
{
    struct hook_lane *l = arg;
    bool stored = redis_reply_type(reply) == REDIS_INTEGER;
    if (redis_reply_type(reply) == REDIS_ERROR)
        log_error("hook_not_stored", LOG_TEXT("said", redis_reply_text(reply)));
    l->state = LANE_IDLE;
    l->dirty = !stored;
    l->buries = l->buries && !stored;
    if (stored)
        step(l);
}

static void forget_dead(struct hook_at *h, const struct hook_dead *gone)
{
    char key[MW_KEY_MAX], field[160];
    snprintf(key, sizeof key, MW_KEY_HOOKS, gone->partition);
    dead_field(h, gone, field);
    const struct text words[] = {TEXT("HDEL"), text_of(key), text_of(field)};
    redis_send(h->g->redis, 3, words, NULL, NULL);
}

static void store(struct hook_lane *l)
{
    char key[MW_KEY_MAX], place[96], dead[160], value[HOOK_REASON_MAX + 64];
    snprintf(key, sizeof key, MW_KEY_HOOKS, l->partition);
    place_field(l, place);
    dead_field(l->hook, &l->dead, dead);
    snprintf(value, sizeof value, "%d %lld %s", l->dead.status, (long long)l->dead.at_ms, l->dead.reason);
    const struct text words[] = {TEXT("HSET"),      text_of(key),  text_of(place),
                                 text_of(l->place), text_of(dead), text_of(value)};
    if (redis_send(l->hook->g->redis, l->buries ? 6 : 4, words, on_stored, l))
        l->state = LANE_STORING;
    else
        l->state = LANE_IDLE;
}

/* ---- sending ---- */

static void bury(struct hook_lane *l, int status, const char *reason)
{
    struct hook_dead gone;
    l->buries = true;
    l->dead = (struct hook_dead){
        .stream = l->stream, .partition = l->partition, .status = status, .at_ms = clock_wall().ms};
    keep(l->dead.entry, sizeof l->dead.entry, text_of(l->sending));
    keep(l->dead.reason, sizeof l->dead.reason, text_of(reason[0] != '\0' ? reason : "refused"));
    if (put_dead(l->hook, &l->dead, &gone))
        forget_dead(l->hook, &gone);
}

static void take_outcome(struct hook_lane *l, int status, const char *reason)
{
    struct hook_at *h = l->hook;
    enum hook_next next = hook_tried(&l->try, status, loop_now(h->g->loop).ms, h->g->config.hooks_give_up_ms,
                                     randombytes_random());
    h->status = status;
    keep(h->reason, sizeof h->reason, text_of(reason));
    gateway_count_hook(h->g, next);
    if (next == HOOK_AGAIN) {
        l->state = LANE_LATER;
        log_warn("hook_failed", LOG_TEXT("hook", h->config.name), LOG_STR("entry", l->sending),
                 LOG_INT("status", status), LOG_STR("reason", reason), LOG_INT("failed", l->try.failed));
        return;
    }
    if (next == HOOK_DEAD) {
        log_error("hook_given_up", LOG_TEXT("hook", h->config.name), LOG_STR("entry", l->sending),
                  LOG_INT("status", status), LOG_STR("reason", reason));
        bury(l, status, reason);
    }
    h->told += next == HOOK_TOLD;
    keep(l->place, sizeof l->place, text_of(l->sending));
    l->dirty = true;
    store(l);
}

/* The next of its hook's that waits, in their order, whoever was told last. */
static void let_in(struct hook_lane *l)
{
    struct hooking *h = &l->hook->g->hooking;
    size_t from = (size_t)(l - h->lanes);
    for (size_t i = 1; i <= h->lane_count; i++) {
        struct hook_lane *other = &h->lanes[(from + i) % h->lane_count];
        if (other->hook == l->hook && other->state == LANE_WAITING) {
            step(other);
            return;
        }
    }
}

static void on_posted(void *arg, int status, const char *reason)
{
    struct hook_lane *l = arg;
    l->hook->posts--;
    take_outcome(l, status, reason);
    let_in(l);
}

static void send_event(struct hook_lane *l, const struct hook_event *event)
{
    struct hook_at *h = l->hook;
    struct buf body;
    char id[HOOK_EVENT_ID_MAX], signature[HOOK_SIGNATURE_MAX], headers[3][160];
    const char *lines[] = {"Content-Type: application/cloudevents+json; charset=utf-8", headers[0],
                           headers[1], headers[2]};
    int64_t at_s = clock_wall().ms / 1000;
    buf_init(&body, HOOK_BODY_MAX);
    hook_event_write(event, &body);
    hook_event_id(event, id);
    hook_sign(text_of(h->secret), &(struct hook_signed){id, at_s, buf_text(&body)}, signature);
    snprintf(headers[0], sizeof headers[0], "Webhook-Id: %s", id);
    snprintf(headers[1], sizeof headers[1], "Webhook-Timestamp: %lld", (long long)at_s);
    snprintf(headers[2], sizeof headers[2], "Webhook-Signature: %s", signature);
    keep(l->sending, sizeof l->sending, event->entry_id);
    const struct web_post post = {.url = h->config.url.data,
                                  .ca_file = h->config.ca_file.len > 0 ? h->config.ca_file.data : NULL,
                                  .headers = lines,
                                  .header_count = 4,
                                  .body = buf_text(&body),
                                  .timeout_ms = TIMEOUT_MS,
                                  .name_lost = &h->name_lost};
    enum web_post_sent sent = WEB_POST_NO_MEMORY;
    /* One that cannot be written can never be told. */
    if (!buf_ok(&body)) {
        take_outcome(l, 413, "the event is too large");
    } else if ((sent = web_post_send(h->g->hooking.poster, &post, on_posted, l)) == WEB_POST_SENT) {
        l->state = LANE_SENDING;
        h->posts++;
    } else {
        take_outcome(l, 0, sent == WEB_POST_CROWDED ? "too many names are being looked up" : "out of memory");
    }
    buf_fini(&body);
}

/* ---- reading ---- */

static void on_page(void *arg, const struct redis_reply *reply)
{
    struct hook_lane *l = arg;
    struct gateway *g = l->hook->g;
    size_t count = redis_reply_type(reply) == REDIS_ARRAY ? redis_reply_count(reply) : 0;
    l->state = LANE_IDLE;
    if (redis_reply_type(reply) == REDIS_ARRAY && count == 0)
        l->try = (struct hook_try){0}; /* what was tried has left the stream */
    for (size_t i = 0; i < count; i++) {
        const struct redis_reply *entry = redis_reply_at(reply, i);
        const struct hook_event event = {l->partition, l->stream, redis_reply_text(redis_reply_at(entry, 0)),
                                         memory_fields(g, redis_reply_at(entry, 1))};
        if (hook_wants(&l->hook->wish, &event)) {
            if (l->hook->posts < HOOK_POSTS_MAX)
                send_event(l, &event);
            else
                l->state = LANE_WAITING;
            return;
        }
        keep(l->place, sizeof l->place, event.entry_id);
        l->dirty = true;
    }
    if (count == PAGE)
        step(l);
}

static void read_page(struct hook_lane *l)
{
    char key[MW_KEY_MAX], from[HOOK_ENTRY_MAX + 1], count[16];
    stream_key(l, key);
    snprintf(from, sizeof from, "(%s", l->place);
    snprintf(count, sizeof count, "%d", PAGE);
    const struct text words[] = {TEXT("XRANGE"), text_of(key),  text_of(from),
                                 TEXT("+"),      TEXT("COUNT"), text_of(count)};
    if (redis_send(l->hook->g->redis, 6, words, on_page, l))
        l->state = LANE_READING;
}

static void step(struct hook_lane *l)
{
    struct gateway *g = l->hook->g;
    if (l->state == LANE_UNKNOWN)
        ask_newest(l);
    else if (l->state == LANE_IDLE && l->dirty)
        store(l);
    else if (l->state == LANE_IDLE || (l->state == LANE_WAITING && l->hook->posts < HOOK_POSTS_MAX) ||
             (l->state == LANE_LATER && loop_now(g->loop).ms >= l->try.next_ms))
        read_page(l);
}

static void on_step(void *arg)
{
    struct gateway *g = arg;
    struct hooking *h = &g->hooking;
    loop_timer_set(h->timer, STEP_MS);
    if (!redis_connected(g->redis))
        return;
    if (h->partitions_known < g->config.partitions.count) {
        if (!h->asking)
            ask_hash(g);
        return;
    }
    for (size_t i = 0; i < h->lane_count; i++)
        step(&h->lanes[i]);
    overdue_look(g);
}

/* ---- beginning and end ---- */

static bool make_hook(struct gateway *g, struct hook_at *h, const struct dispatch_hook *config,
                      struct problem *out_problem)
{
    h->g = g;
    h->config = *config;
    h->wish = (struct hook_wish){config->events, config->kinds, config->severities, config->jurisdictions};
    return file_text_read_secret(config->secret_file.data, h->secret, sizeof h->secret, out_problem);
}

bool hooking_make(struct gateway *g, struct problem *out_problem)
{
    struct hooking *h = &g->hooking;
    const struct dispatch_config *c = &g->config;
    if (c->hook_count == 0)
        return true;
    problem_set(out_problem, "out of memory");
    buf_init(&h->command, COMMAND_MAX);
    h->hooks = calloc(c->hook_count, sizeof *h->hooks);
    h->lanes = calloc(c->hook_count * c->partitions.count * HOOK_STREAM_COUNT, sizeof *h->lanes);
    if (h->hooks == NULL || h->lanes == NULL)
        return false;
    for (; h->count < c->hook_count; h->count++) {
        struct hook_at *hook = &h->hooks[h->count];
        if (!make_hook(g, hook, &c->hooks[h->count], out_problem))
            return false;
        for (size_t p = 0; p < c->partitions.count; p++)
            for (int s = 0; s < HOOK_STREAM_COUNT; s++)
                h->lanes[h->lane_count++] = (struct hook_lane){.hook = hook,
                                                               .partition = (uint32_t)c->partitions.items[p],
                                                               .stream = (enum hook_stream)s};
    }
    return true;
}

void hooking_start(struct gateway *g)
{
    struct hooking *h = &g->hooking;
    if (h->count == 0)
        return;
    h->poster = web_poster_new(g->loop);
    h->timer = loop_timer_new(g->loop, on_step, g);
    if (h->poster != NULL && h->timer != NULL)
        loop_timer_set(h->timer, STEP_MS);
    else
        log_error("hooks_not_begun");
}

void hooking_unmake(struct gateway *g)
{
    struct hooking *h = &g->hooking;
    web_poster_free(h->poster);
    if (h->timer != NULL)
        loop_timer_free(h->timer);
    if (h->hooks != NULL)
        sodium_memzero(h->hooks, g->hooking.count * sizeof *h->hooks);
    free(h->hooks);
    free(h->lanes);
    overdue_told_fini(&h->overdue);
    buf_fini(&h->command);
}
