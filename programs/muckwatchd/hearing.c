/*
 * hearing: what the libraries say, as facts.
 */
#include "daemon.h"
#include "failpoint.h"
#include "log.h"

#include "array.h"

/* Reason codes of MQTT 5 from here on are failures. */
enum { MQTT_REFUSED_FROM = 0x80 };

static struct now read_clocks(struct daemon *d)
{
    return (struct now){clock_wall(), loop_now(d->loop)};
}

void hearing_tell(struct daemon *d, struct fact fact)
{
    fact.now = read_clocks(d);
    stages_take(&d->stages, &fact);
    carrying_out(d);
}

void hearing_tell_kind(struct daemon *d, enum fact_kind kind)
{
    hearing_tell(d, (struct fact){.kind = kind});
}

/* ---- the broker ---- */

static void on_connected(void *arg, bool session_present)
{
    (void)session_present;
    hearing_tell_kind(arg, FACT_BROKER_CONNECTED);
}

static void on_subscribed(void *arg, bool all_granted)
{
    struct daemon *d = arg;
    if (all_granted)
        log_info("mqtt_subscribed", LOG_TEXT("client_id", d->config.mqtt.client_id));
    else
        log_error("mqtt_subscriptions_missing", LOG_TEXT("client_id", d->config.mqtt.client_id));
    hearing_tell(d, (struct fact){.kind = FACT_BROKER_SUBSCRIBED, .granted = all_granted});
}

static void on_disconnected(void *arg, const char *reason)
{
    log_warn("mqtt_lost", LOG_STR("reason", reason));
    failpoint_pass("reconnecting");
    hearing_tell_kind(arg, FACT_BROKER_LOST);
}

static void on_published(void *arg, int message_id, int reason_code)
{
    if (reason_code < MQTT_REFUSED_FROM)
        hearing_tell(arg, (struct fact){.kind = FACT_TAKEN, .handing = {true, message_id}});
}

static void on_message(void *arg, const struct mqtt_message *m)
{
    hearing_tell(arg,
                 (struct fact){.kind = FACT_MESSAGE, .message = {m->topic, m->payload, m->qos, m->retain}});
}

static void on_burst(void *arg, bool drained)
{
    failpoint_pass("batch_read");
    hearing_tell(arg, (struct fact){.kind = FACT_READ, .drained = drained});
}

static void on_live_connected(void *arg, bool session_present)
{
    (void)session_present;
    hearing_tell_kind(arg, FACT_LIVE_CONNECTED);
}

static void on_live_subscribed(void *arg, bool all_granted)
{
    hearing_tell(arg, (struct fact){.kind = FACT_LIVE_SUBSCRIBED, .granted = all_granted});
}

static void on_live_burst(void *arg, bool drained)
{
    (void)drained;
    hearing_tell_kind(arg, FACT_LIVE_READ);
}

const struct mqtt_callbacks hearing_mqtt = {.connected = on_connected,
                                            .subscribed = on_subscribed,
                                            .disconnected = on_disconnected,
                                            .published = on_published,
                                            .message = on_message,
                                            .burst = on_burst};
const struct mqtt_callbacks hearing_live = {.connected = on_live_connected,
                                            .subscribed = on_live_subscribed,
                                            .message = on_message,
                                            .burst = on_live_burst};

/* ---- the store ---- */

static void on_redis_connected(void *arg)
{
    log_info("redis_connected");
    hearing_tell_kind(arg, FACT_STORE_CONNECTED);
}

static void on_redis_lost(void *arg, const char *reason)
{
    (void)reason;
    hearing_tell_kind(arg, FACT_STORE_LOST);
}

static void on_recorder_connected(void *arg)
{
    hearing_tell_kind(arg, FACT_RECORDER_CONNECTED);
}

const struct redis_callbacks hearing_redis = {on_redis_connected, on_redis_lost};
const struct redis_callbacks hearing_recorder = {.connected = on_recorder_connected};

/* Elements in it, and in those, and so on; hiredis bounds how deep. */
static size_t count_items(const struct redis_reply *reply)
{
    size_t count = redis_reply_count(reply);
    for (size_t i = 0; i < redis_reply_count(reply); i++)
        count += count_items(redis_reply_at(reply, i));
    return count;
}

static enum reply_type type_of(const struct redis_reply *reply)
{
    static const enum reply_type types[] = {
        [REDIS_NOTHING] = REPLY_NOTHING, [REDIS_NIL] = REPLY_NIL,     [REDIS_TEXT] = REPLY_TEXT,
        [REDIS_INTEGER] = REPLY_INTEGER, [REDIS_ARRAY] = REPLY_ARRAY, [REDIS_ERROR] = REPLY_ERROR};
    return types[redis_reply_type(reply)];
}

/* Fills in a reply; items of arrays are d->items from *used on. */
static void fill(struct daemon *d, const struct redis_reply *from, size_t *used, struct reply *out)
{
    size_t count = redis_reply_count(from), first = *used;
    *out = (struct reply){.type = type_of(from),
                          .text = redis_reply_text(from),
                          .integer = redis_reply_integer(from),
                          .items = count > 0 ? &d->items[first] : NULL,
                          .count = count};
    *used += count;
    for (size_t i = 0; i < count; i++)
        fill(d, redis_reply_at(from, i), used, &d->items[first + i]);
}

/* Where tests let it die: after an answer, before anything is made of it. */
static const char *const places[ASK_COUNT] = {
    [ASK_COMMIT] = "commit_answered", [ASK_CLAIM] = "claimed", [ASK_KEYS] = "state_loaded"};

void hearing_answer(void *arg, const struct redis_reply *reply)
{
    const struct asked *asked = arg;
    struct daemon *d = asked->daemon;
    struct fact fact = {.kind = FACT_ANSWERED, .answer = {.ask = asked->ask, .slot = asked->slot}};
    if (reply != NULL && places[asked->ask] != NULL)
        failpoint_pass(places[asked->ask]);
    if (array_reserve(&d->items, &d->item_cap, count_items(reply), sizeof *d->items)) {
        size_t used = 0;
        fill(d, reply, &used, &fact.answer.reply);
    } else {
        /* An answer that cannot be read is none; what was asked is asked again on a new connection. */
        redis_drop(asked->ask == ASK_TEXTS ? d->recorder : d->redis, "out of memory");
    }
    hearing_tell(d, fact);
}

/* ---- time, signals, pages ---- */

void hearing_due(void *arg)
{
    const struct due *due = arg;
    struct fact fact = {.kind = FACT_DUE, .timer = due->timer};
    if (due->timer == TIMER_JANITOR)
        fact.sync = clock_sync();
    hearing_tell(due->daemon, fact);
}

void hearing_stop(void *daemon)
{
    hearing_tell_kind(daemon, FACT_STOP_ASKED);
}

void hearing_reload(void *daemon)
{
    hearing_tell_kind(daemon, FACT_RELOAD_ASKED);
}

int hearing_page(void *daemon, const char *path, struct buf *out)
{
    struct daemon *d = daemon;
    return stages_page(&d->stages, read_clocks(d), path, out);
}
