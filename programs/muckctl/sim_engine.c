/*
 * sim_engine: see the header.
 *
 * A turn of the loop (a timer, an acknowledgement, an answer of the broker's) makes the fixes that are due,
 * puts their units into a queue, and lets each unit of the queue send what its sender wants, until the
 * connection's window of unanswered messages is full. Units are looked at all together only four times a
 * second, for what time alone brings.
 */
#include "sim_engine.h"

#include "sim_make.h"
#include "sim_send.h"
#include "sim_units.h"
#include "topics.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>

enum { TURN_MS = 5, SWEEP_MS = 250, PAYLOAD_MAX = 200 << 10 };

static bool all_acknowledged(struct sim_engine *e)
{
    for (uint32_t i = 0; i < e->unit_count; i++)
        if (e->units[i].sender.acked < e->units[i].sender.last)
            return false;
    return true;
}

/* ---- events ---- */

static void run_turn(struct sim_engine *e)
{
    struct mono now = loop_now(e->loop);
    if (!e->begun)
        return;
    sim_make_due(e, now);
    sim_pump(e, now);
}

static void on_turn(void *arg)
{
    struct sim_engine *e = arg;
    loop_timer_set(e->turn, TURN_MS);
    run_turn(e);
}

static void on_sweep(void *arg)
{
    struct sim_engine *e = arg;
    struct mono now = loop_now(e->loop);
    loop_timer_set(e->sweep, SWEEP_MS);
    for (uint32_t i = 0; i < e->unit_count; i++) {
        /* When the trace has ended nobody drives out of a dead zone any more. */
        if (!e->making && e->begun && e->units[i].dead)
            sim_toggle_dead_zone(e, i, 0);
        if (sender_wait_ms(&e->units[i].sender, now) == 0)
            sim_enqueue(e, i);
    }
    sim_pump(e, now);
    if (e->begun && !e->making) {
        e->complete = all_acknowledged(e);
        if (e->complete || (double)(now.ms - e->done_making.ms) >= e->o->wait_s * 1000)
            loop_stop(e->loop);
    }
}

static uint64_t count_acked(const struct sim_engine *e)
{
    uint64_t acked = 0;
    for (uint32_t i = 0; i < e->unit_count; i++)
        acked += sim_unit_k(&e->units[i], e->units[i].sender.acked + 1);
    return acked;
}

static void on_second(void *arg)
{
    struct sim_engine *e = arg;
    loop_timer_set(e->second, 1000);
    uint64_t acked = count_acked(e);
    fprintf(stderr, "made %llu (+%llu), acknowledged %llu (+%llu)\n", (unsigned long long)e->report.fixes,
            (unsigned long long)(e->report.fixes - e->last_second_fixes), (unsigned long long)acked,
            (unsigned long long)(acked - e->last_second_acked));
    e->last_second_fixes = e->report.fixes;
    e->last_second_acked = acked;
}

static void on_interrupt(void *arg)
{
    struct sim_engine *e = arg;
    if (e->interrupted || !e->begun)
        loop_stop(e->loop);
    e->interrupted = true;
}

static void begin_when_all_are_up(struct sim_engine *e)
{
    for (uint32_t i = 0; i < e->link_count; i++)
        if (!e->links[i].up)
            return;
    if (e->begun)
        return;
    e->begun = true;
    e->making = true;
    e->started = e->budget_at = loop_now(e->loop);
}

static void on_subscribed(void *arg, bool all_granted)
{
    struct sim_link *link = arg;
    struct sim_engine *e = link->engine;
    (void)all_granted;
    link->up = true;
    e->report.reconnects += link->was_up;
    link->was_up = true;
    for (uint32_t i = 0; i < link->unit_count; i++)
        if (!e->units[link->first_unit + i].dead) {
            sender_online(&e->units[link->first_unit + i].sender, loop_now(e->loop));
            sim_enqueue(e, link->first_unit + i);
        }
    begin_when_all_are_up(e);
}

static void on_disconnected(void *arg, const char *reason)
{
    struct sim_link *link = arg;
    (void)reason;
    link->up = false;
    for (uint32_t i = 0; i < link->unit_count; i++)
        sender_offline(&link->engine->units[link->first_unit + i].sender);
}

static bool unit_of_topic(struct sim_engine *e, struct text topic, uint32_t *out)
{
    struct text vehicle;
    uint32_t symbol = topic_vehicle(topic, MW_TOPIC_ACK, &vehicle) ? names_find(e->names, vehicle) : 0;
    if (symbol == 0)
        return false;
    assert(symbol <= e->unit_count); /* units alone have names there */
    *out = e->unit_of_name[symbol];
    return true;
}

static void on_message(void *arg, const struct mqtt_message *message)
{
    struct sim_engine *e = ((struct sim_link *)arg)->engine;
    struct unit_ack ack;
    uint32_t unit;
    if (!e->o->acks || !unit_of_topic(e, message->topic, &unit) || !unit_ack_read(message->payload, &ack))
        return;
    struct sim_unit *u = &e->units[unit];
    if (!text_equal(ack.boot, (struct text){u->boot_bytes, 16}) || u->dead)
        return;
    e->report.acks_received++;
    sender_acked(&u->sender, ack.seq, loop_now(e->loop));
    sim_enqueue(e, unit);
}

static void on_published(void *arg, int id, int reason_code)
{
    struct sim_link *link = arg;
    struct sim_engine *e = link->engine;
    struct sim_token *token = &link->tokens[id & (SIM_TOKENS - 1)];
    uint64_t to = token->to;
    token->to = 0;
    if (reason_code >= 0x80)
        e->report.refused++;
    if (to == 0)
        return;
    struct sim_unit *u = &e->units[token->unit];
    if (u->dead)
        return;
    sender_taken(&u->sender, id, loop_now(e->loop));
    if (!e->o->acks && reason_code < 0x80 && to > u->sender.acked)
        sender_acked(&u->sender, to, loop_now(e->loop));
    sim_enqueue(e, token->unit);
}

static void on_burst(void *arg, bool drained)
{
    (void)drained;
    run_turn(((struct sim_link *)arg)->engine);
}

/* ---- setting up ---- */

static bool set_up_link(struct sim_engine *e, uint32_t i)
{
    static const struct mqtt_callbacks callbacks = {
        .subscribed = on_subscribed,
        .disconnected = on_disconnected,
        .message = on_message,
        .burst = on_burst,
        .published = on_published,
    };
    struct sim_link *link = &e->links[i];
    bool each = e->link_count > 1;
    const char *id = each ? e->units[i].id : e->o->mqtt.client_id;
    *link = (struct sim_link){.engine = e, .first_unit = i, .unit_count = each ? 1 : e->unit_count};
    snprintf(link->client_id, sizeof link->client_id, "%s", id);
    snprintf(link->filter, sizeof link->filter, MW_TOPIC_PREFIX "%s" MW_TOPIC_ACK, each ? id : "+");
    link->subscriptions[0] = (struct mqtt_subscription){.filter = link->filter};
    link->tokens = calloc(SIM_TOKENS, sizeof *link->tokens);
    struct mqtt_options options = e->o->mqtt;
    options.client_id = link->client_id;
    options.subscriptions = link->subscriptions;
    if (link->tokens == NULL || mqtt_new(e->loop, &options, &callbacks, link, &link->mqtt) != MQTT_OK)
        return false;
    mqtt_start(link->mqtt);
    return true;
}

static bool set_up(struct sim_engine *e)
{
    e->sender = sender_defaults();
    e->sender.batch_fixes = e->o->batch;
    e->sender.batch_bytes = e->o->batch * 400;
    e->sender.fixes_per_s = 0;
    e->sender.window_min_bytes = 16384;
    buf_init(&e->payload, PAYLOAD_MAX);
    e->loop = loop_new();
    if (e->loop == NULL || !sim_units_new(e))
        return false;
    e->link_count = e->o->connection_each ? e->unit_count : 1;
    e->links = calloc(e->link_count, sizeof *e->links);
    e->turn = loop_timer_new(e->loop, on_turn, e);
    e->sweep = loop_timer_new(e->loop, on_sweep, e);
    e->second = loop_timer_new(e->loop, on_second, e);
    if (e->links == NULL || e->turn == NULL || e->sweep == NULL || e->second == NULL ||
        !loop_on_signal(e->loop, SIGINT, on_interrupt, e) ||
        !loop_on_signal(e->loop, SIGTERM, on_interrupt, e))
        return false;
    for (uint32_t i = 0; i < e->link_count; i++)
        if (!set_up_link(e, i))
            return false;
    return true;
}

static void tear_down(struct sim_engine *e)
{
    for (uint32_t i = 0; e->links != NULL && i < e->link_count; i++) {
        if (e->links[i].mqtt != NULL)
            mqtt_stop(e->links[i].mqtt);
        mqtt_free(e->links[i].mqtt);
        free(e->links[i].tokens);
    }
    free(e->links);
    loop_timer_free(e->turn);
    loop_timer_free(e->sweep);
    loop_timer_free(e->second);
    if (e->loop != NULL)
        loop_free(e->loop);
    sim_units_free(e);
    buf_fini(&e->payload);
}

static void fill_report(struct sim_engine *e)
{
    struct sim_report *r = &e->report;
    r->units = e->unit_count;
    r->acked = count_acked(e);
    r->unacked = r->fixes - r->acked;
    r->seconds = (double)(loop_now(e->loop).ms - e->started.ms) / 1000;
    for (uint32_t i = 0; i < e->unit_count; i++) {
        const struct sender_stats *s = &e->units[i].sender.stats;
        r->resent += s->resent;
        r->rewinds_stalled += s->rewinds_stalled;
        r->rewinds_back += s->rewinds_back;
    }
}

int sim_run(const struct sim_trace *trace, const struct sim_options *options, struct sim_report *out_report)
{
    struct sim_engine e = {.trace = trace, .o = options, .random = options->seed};
    int code = EX_OSERR;
    mqtt_library_init();
    if (set_up(&e)) {
        loop_timer_set(e.turn, TURN_MS);
        loop_timer_set(e.sweep, SWEEP_MS);
        if (options->progress)
            loop_timer_set(e.second, 1000);
        if (loop_run(e.loop)) {
            code = e.complete ? EX_OK : EX_TEMPFAIL;
            fill_report(&e);
            *out_report = e.report;
        }
    }
    tear_down(&e);
    mqtt_library_fini();
    return code;
}
