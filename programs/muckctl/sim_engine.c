/*
 * sim_engine: see the header.
 *
 * A turn of the loop (a timer, an acknowledgement, an answer of the broker's) makes the fixes that are due,
 * puts their units into a queue, and lets each unit of the queue send what its sender wants, until the
 * connection's window of unanswered messages is full. Units are looked at all together only four times a
 * second, for what time alone brings.
 */
#include "sim_engine.h"

#include "fix_write.h"
#include "loop.h"
#include "names.h"
#include "sim_unit.h"

#include <muckwatch/contract.h>

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>

enum { TURN_MS = 5, SWEEP_MS = 250, PAYLOAD_MAX = 200 << 10, TOKENS = 65536 };

struct engine;

struct token {
    uint32_t unit;
    uint64_t to; /* 0: nothing waits for it */
};

/* A connection, and the units that share it. */
struct link {
    struct engine *engine;
    struct mqtt *mqtt;
    char client_id[96];
    char filter[128];
    struct mqtt_subscription subscriptions[2];
    uint32_t first_unit, unit_count;
    struct token *tokens; /* by message id */
    bool up, was_up;
};

struct engine {
    const struct sim_trace *trace;
    const struct sim_options *o;
    struct sender_options sender;
    struct loop *loop;
    struct loop_timer *turn, *sweep, *second;
    struct link *links;
    uint32_t link_count;
    struct sim_unit *units; /* those of a vehicle lie together */
    uint32_t unit_count;
    uint32_t *unit_of_vehicle; /* the first, and one more entry for the end */
    struct names *names;
    uint32_t *unit_of_name;
    uint32_t *queue; /* ring */
    uint32_t queue_head, queue_count;
    struct buf payload;
    uint64_t random;
    uint64_t next_line; /* counted on over the end when the trace repeats */
    struct mono started;
    double budget; /* fixes that the rate allows now */
    struct mono budget_at;
    bool begun, making, interrupted;
    struct mono done_making;
    bool complete;
    struct sim_report report;
    uint64_t last_second_fixes, last_second_acked;
};

static uint64_t random_u64(uint64_t *state)
{
    /* SplitMix64 (Steele, Lea, Flood 2014). */
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static double random_unit(uint64_t *state)
{
    return ((double)(random_u64(state) >> 11) + 0.5) / 9007199254740992.0;
}

static int64_t random_after_ms(struct engine *e, int64_t now_ms, double mean_s)
{
    return mean_s > 0 ? now_ms + (int64_t)(-log(random_unit(&e->random)) * mean_s * 1000) : INT64_MAX;
}

static struct link *link_of(struct engine *e, uint32_t unit)
{
    return &e->links[e->link_count > 1 ? unit : 0];
}

static void enqueue(struct engine *e, uint32_t unit)
{
    struct sim_unit *u = &e->units[unit];
    if (u->queued)
        return;
    u->queued = true;
    e->queue[(e->queue_head + e->queue_count++) % e->unit_count] = unit;
}

/* ---- sending ---- */

static enum mqtt_error publish(struct engine *e, uint32_t unit, const char *suffix, int qos, int *out_id)
{
    char topic[160];
    size_t id_len = strlen(e->units[unit].id);
    memcpy(topic, MW_TOPIC_PREFIX, sizeof MW_TOPIC_PREFIX - 1);
    memcpy(topic + sizeof MW_TOPIC_PREFIX - 1, e->units[unit].id, id_len);
    strcpy(topic + sizeof MW_TOPIC_PREFIX - 1 + id_len, suffix);
    struct mqtt_publication p = {
        .topic = topic,
        .payload = buf_text(&e->payload),
        .qos = qos,
        .retain = strcmp(suffix, MW_TOPIC_STATUS) == 0,
    };
    enum mqtt_error error = mqtt_publish(link_of(e, unit)->mqtt, &p, out_id);
    if (error == MQTT_OK) {
        e->report.messages++;
        e->report.bytes += e->payload.len + strlen(topic) + 7; /* fixed header, lengths, id, properties */
    }
    return error;
}

static bool send_status(struct engine *e, uint32_t unit)
{
    struct sim_unit *u = &e->units[unit];
    int id = 0;
    buf_clear(&e->payload);
    sim_unit_status(u, &e->payload);
    if (e->o->numbers && publish(e, unit, MW_TOPIC_STATUS, 1, &id) != MQTT_OK)
        return false;
    link_of(e, unit)->tokens[id].to = 0;
    sender_sent_status(&u->sender);
    return true;
}

static bool send_live(struct engine *e, uint32_t unit, struct mono now)
{
    struct sim_unit *u = &e->units[unit];
    struct fix fix = sim_unit_fix(u, u->made - 1, false);
    buf_clear(&e->payload);
    fix_write(&fix, &e->payload);
    if (publish(e, unit, MW_TOPIC_LIVE, 0, NULL) != MQTT_OK)
        return false;
    e->report.live++;
    sender_sent_live(&u->sender, now);
    return true;
}

static bool send_fixes(struct engine *e, uint32_t unit, const struct sender_action *action, struct mono now)
{
    struct sim_unit *u = &e->units[unit];
    uint64_t to = 0;
    uint32_t count = 0;
    int id = 0;
    buf_clear(&e->payload);
    sim_unit_payload(u, action, e->o->numbers, &e->payload, &to, &count);
    if (count == 0) {
        sender_missing(&u->sender);
        return true;
    }
    if (publish(e, unit, MW_TOPIC_FIX, 1, &id) != MQTT_OK)
        return false;
    link_of(e, unit)->tokens[id] = (struct token){unit, to};
    sender_sent_fixes(&u->sender, to, count, (uint32_t)e->payload.len, id, now);
    e->report.sent_fixes += count;
    if (e->o->duplicates > 0 && random_unit(&e->random) < e->o->duplicates &&
        publish(e, unit, MW_TOPIC_FIX, 1, &id) == MQTT_OK) {
        link_of(e, unit)->tokens[id].to = 0;
        e->report.duplicates++;
    }
    return true;
}

/* Whatever the unit's sender wants now. False when the connection takes no more. */
static bool send_unit(struct engine *e, uint32_t unit, struct mono now)
{
    struct sim_unit *u = &e->units[unit];
    for (;;) {
        struct sender_action action = sender_next(&u->sender, now);
        bool sent = true;
        if (action.verb == SENDER_NOTHING)
            return true;
        if (action.verb == SENDER_STATUS)
            sent = send_status(e, unit);
        else if (action.verb == SENDER_LIVE)
            sent = send_live(e, unit, now);
        else
            sent = send_fixes(e, unit, &action, now);
        if (!sent)
            return false;
    }
}

static void pump(struct engine *e, struct mono now)
{
    /* Each unit once: those that come back to the queue wait for the next turn. */
    for (uint32_t n = e->queue_count; n > 0; n--) {
        uint32_t unit = e->queue[e->queue_head];
        e->queue_head = (e->queue_head + 1) % e->unit_count;
        e->queue_count--;
        e->units[unit].queued = false;
        if (!send_unit(e, unit, now)) {
            enqueue(e, unit);
            if (e->link_count == 1)
                return;
        }
    }
}

/* ---- making fixes ---- */

static void toggle_dead_zone(struct engine *e, uint32_t unit, int64_t at_ms)
{
    struct sim_unit *u = &e->units[unit];
    u->dead = !u->dead;
    u->dead_change_ms = random_after_ms(e, at_ms, u->dead ? e->o->dead_zone.for_s : e->o->dead_zone.every_s);
    if (u->dead) {
        e->report.dead_zones++;
        sender_offline(&u->sender);
    } else if (link_of(e, unit)->up) {
        sender_online(&u->sender, loop_now(e->loop));
        enqueue(e, unit);
    }
}

static void reboot(struct engine *e, uint32_t unit, int64_t at_ms)
{
    struct sim_unit *u = &e->units[unit];
    u->reboot_ms = random_after_ms(e, at_ms, e->o->reboot.every_s);
    if (!sim_unit_reboot(u, 1 + random_u64(&e->random) % 1024, &e->sender))
        return;
    e->report.reboots++;
    if (!u->dead && link_of(e, unit)->up)
        sender_online(&u->sender, loop_now(e->loop));
    enqueue(e, unit);
}

static void toggle_clock_error(struct engine *e, struct sim_unit *u, int64_t at_ms)
{
    bool wrong = u->error_count > 0 && u->errors[u->error_count - 1].until == UINT64_MAX;
    if (wrong) {
        u->errors[u->error_count - 1].until = u->made;
    } else if (u->error_count < SIM_EPISODES_MAX) {
        int64_t off_ms = (int64_t)(e->o->clock_off_s * 1000);
        u->errors[u->error_count++] = (struct sim_clock_error){u->made, UINT64_MAX, off_ms};
        e->report.clock_errors++;
    }
    u->error_change_ms =
        random_after_ms(e, at_ms, wrong ? e->o->clock_error.every_s : e->o->clock_error.for_s);
}

static void make_fix(struct engine *e, uint32_t unit, int64_t at_ms)
{
    struct sim_unit *u = &e->units[unit];
    if (at_ms >= u->dead_change_ms)
        toggle_dead_zone(e, unit, at_ms);
    if (at_ms >= u->reboot_ms)
        reboot(e, unit, at_ms);
    if (at_ms >= u->error_change_ms)
        toggle_clock_error(e, u, at_ms);
    sim_unit_make(u);
    e->report.fixes++;
    if (e->o->ledger != NULL) {
        struct fix fix = sim_unit_fix(u, u->made - 1, e->o->numbers);
        buf_clear(&e->payload);
        fix_write_line(text_of(u->id), &fix, NULL, &e->payload);
        fwrite(e->payload.data, 1, e->payload.len, e->o->ledger);
    }
    enqueue(e, unit);
}

/* How many fixes may wait in all before making pauses: as fast as it goes is as fast as they are
 * acknowledged. */
static bool is_full(const struct engine *e)
{
    return e->o->speed == 0 && e->queue_count >= e->unit_count / 2 + 1 &&
           mqtt_unanswered(e->links[0].mqtt) > 500;
}

static bool line_is_due(struct engine *e, int64_t due_ms, struct mono now)
{
    if (e->o->rate > 0) {
        double elapsed_s = (double)(now.ms - e->budget_at.ms) / 1000;
        e->budget_at = now;
        e->budget += elapsed_s * e->o->rate;
        if (e->budget > e->o->rate) /* a second's worth is what a pause may save up */
            e->budget = e->o->rate;
        if (e->budget < 1)
            return false;
    }
    if (e->o->speed == 0)
        return !is_full(e);
    double at_ms = (double)(now.ms - e->started.ms) * e->o->speed;
    return (double)(due_ms - sim_trace_begin_ms(e->trace)) <= at_ms;
}

static int64_t period_ms(const struct sim_trace *trace)
{
    return sim_trace_end_ms(trace) - sim_trace_begin_ms(trace) + 1000;
}

static bool is_finished(const struct engine *e, struct mono now)
{
    return e->interrupted || (!e->o->repeat && e->next_line >= e->trace->line_count) ||
           (e->o->fixes > 0 && e->report.fixes >= e->o->fixes) ||
           (e->o->for_s > 0 && (double)(now.ms - e->started.ms) >= e->o->for_s * 1000);
}

static void make_due(struct engine *e, struct mono now)
{
    const struct sim_trace *t = e->trace;
    /* So many a turn at most, that acknowledgements are read in between. */
    for (int n = 0; e->making && n < 2000; n++) {
        if (is_finished(e, now)) {
            e->making = false;
            e->done_making = now;
            return;
        }
        const struct sim_line *line = &t->lines[e->next_line % t->line_count];
        int64_t due_ms = line->due_ms + (int64_t)(e->next_line / t->line_count) * period_ms(t);
        if (!line_is_due(e, due_ms, now))
            return;
        e->next_line++;
        for (uint32_t u = e->unit_of_vehicle[line->vehicle]; u < e->unit_of_vehicle[line->vehicle + 1]; u++) {
            make_fix(e, u, due_ms);
            e->budget -= e->o->rate > 0;
        }
    }
}

static bool all_acknowledged(struct engine *e)
{
    for (uint32_t i = 0; i < e->unit_count; i++)
        if (e->units[i].sender.acked < e->units[i].sender.last)
            return false;
    return true;
}

/* ---- events ---- */

static void run_turn(struct engine *e)
{
    struct mono now = loop_now(e->loop);
    if (!e->begun)
        return;
    make_due(e, now);
    pump(e, now);
}

static void on_turn(void *arg)
{
    struct engine *e = arg;
    loop_timer_set(e->turn, TURN_MS);
    run_turn(e);
}

static void on_sweep(void *arg)
{
    struct engine *e = arg;
    struct mono now = loop_now(e->loop);
    loop_timer_set(e->sweep, SWEEP_MS);
    for (uint32_t i = 0; i < e->unit_count; i++) {
        /* When the trace has ended nobody drives out of a dead zone any more. */
        if (!e->making && e->begun && e->units[i].dead)
            toggle_dead_zone(e, i, 0);
        if (sender_wait_ms(&e->units[i].sender, now) == 0)
            enqueue(e, i);
    }
    pump(e, now);
    if (e->begun && !e->making) {
        e->complete = all_acknowledged(e);
        if (e->complete || (double)(now.ms - e->done_making.ms) >= e->o->wait_s * 1000)
            loop_stop(e->loop);
    }
}

static uint64_t count_acked(const struct engine *e)
{
    uint64_t acked = 0;
    for (uint32_t i = 0; i < e->unit_count; i++)
        acked += sim_unit_k(&e->units[i], e->units[i].sender.acked + 1);
    return acked;
}

static void on_second(void *arg)
{
    struct engine *e = arg;
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
    struct engine *e = arg;
    if (e->interrupted || !e->begun)
        loop_stop(e->loop);
    e->interrupted = true;
}

static void begin_when_all_are_up(struct engine *e)
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
    struct link *link = arg;
    struct engine *e = link->engine;
    (void)all_granted;
    link->up = true;
    e->report.reconnects += link->was_up;
    link->was_up = true;
    for (uint32_t i = 0; i < link->unit_count; i++)
        if (!e->units[link->first_unit + i].dead) {
            sender_online(&e->units[link->first_unit + i].sender, loop_now(e->loop));
            enqueue(e, link->first_unit + i);
        }
    begin_when_all_are_up(e);
}

static void on_disconnected(void *arg, const char *reason)
{
    struct link *link = arg;
    (void)reason;
    link->up = false;
    for (uint32_t i = 0; i < link->unit_count; i++)
        sender_offline(&link->engine->units[link->first_unit + i].sender);
}

static bool unit_of_topic(struct engine *e, struct text topic, uint32_t *out)
{
    size_t before = sizeof MW_TOPIC_PREFIX - 1, after = sizeof MW_TOPIC_ACK - 1;
    if (topic.len <= before + after)
        return false;
    uint32_t symbol = names_find(e->names, (struct text){topic.data + before, topic.len - before - after});
    if (symbol == 0)
        return false;
    *out = e->unit_of_name[symbol];
    return true;
}

static void on_message(void *arg, const struct mqtt_message *message)
{
    struct engine *e = ((struct link *)arg)->engine;
    struct unit_ack ack;
    uint32_t unit;
    if (!e->o->acks || !unit_of_topic(e, message->topic, &unit) || !unit_ack_read(message->payload, &ack))
        return;
    struct sim_unit *u = &e->units[unit];
    if (!text_equal(ack.boot, (struct text){u->boot_bytes, 16}) || u->dead)
        return;
    e->report.acks_received++;
    sender_acked(&u->sender, ack.seq, loop_now(e->loop));
    enqueue(e, unit);
}

static void on_published(void *arg, int id, int reason_code)
{
    struct link *link = arg;
    struct engine *e = link->engine;
    struct token *token = &link->tokens[id & (TOKENS - 1)];
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
    enqueue(e, token->unit);
}

static void on_burst(void *arg, bool drained)
{
    (void)drained;
    run_turn(((struct link *)arg)->engine);
}

/* ---- setting up ---- */

static void set_up_unit(struct engine *e, uint32_t unit, const struct sim_vehicle *vehicle, uint32_t copy)
{
    struct sim_unit *u = &e->units[unit];
    static const char digits[] = "0123456789abcdef";
    int64_t begin_ms = sim_trace_begin_ms(e->trace);
    u->trace = e->trace;
    u->vehicle = vehicle;
    if (copy == 0)
        snprintf(u->id, sizeof u->id, "%.8s%.54s", e->o->prefix, vehicle->id);
    else
        snprintf(u->id, sizeof u->id, "%.8s%.48s-%u", e->o->prefix, vehicle->id, copy + 1);
    /* Not by the seed: two runs are two journals, and the broker may still hold what it heard of the first.
     */
    uint64_t boot = 0;
    if (getrandom(&boot, sizeof boot, 0) != (ssize_t)sizeof boot)
        boot = random_u64(&e->random) ^ (uint64_t)clock_wall().ms;
    for (int i = 0; i < 16; i++)
        u->boot_bytes[i] = digits[boot >> (60 - 4 * i) & 15];
    u->shift_ms = e->o->shift_ms;
    u->period_ms = period_ms(e->trace);
    sender_init(&u->sender, &e->sender, 0);
    sender_journal(&u->sender, 1, 0, 0);
    u->dead_change_ms = random_after_ms(e, begin_ms, e->o->dead_zone.every_s);
    u->reboot_ms = random_after_ms(e, begin_ms, e->o->reboot.every_s);
    u->error_change_ms = random_after_ms(e, begin_ms, e->o->clock_error.every_s);
}

static bool set_up_units(struct engine *e)
{
    uint32_t vehicles = e->trace->vehicle_count;
    e->unit_count = e->o->units > 0 ? e->o->units : vehicles;
    e->units = calloc(e->unit_count, sizeof *e->units);
    e->queue = calloc(e->unit_count, sizeof *e->queue);
    e->unit_of_vehicle = calloc((size_t)vehicles + 1, sizeof *e->unit_of_vehicle);
    e->names = names_new(e->unit_count + 1);
    e->unit_of_name = calloc((size_t)e->unit_count + 2, sizeof *e->unit_of_name);
    if (e->units == NULL || e->queue == NULL || e->unit_of_vehicle == NULL || e->names == NULL ||
        e->unit_of_name == NULL)
        return false;
    uint32_t unit = 0;
    for (uint32_t v = 0; v < vehicles; v++) {
        uint32_t copies = e->unit_count / vehicles + (v < e->unit_count % vehicles);
        e->unit_of_vehicle[v] = unit;
        for (uint32_t c = 0; c < copies; c++, unit++) {
            uint32_t symbol;
            set_up_unit(e, unit, &e->trace->vehicles[v], c);
            if (!names_intern(e->names, text_of(e->units[unit].id), &symbol))
                return false;
            if (symbol <= e->unit_count)
                e->unit_of_name[symbol] = unit;
        }
    }
    e->unit_of_vehicle[vehicles] = unit;
    return true;
}

static bool set_up_link(struct engine *e, uint32_t i)
{
    static const struct mqtt_callbacks callbacks = {
        .subscribed = on_subscribed,
        .disconnected = on_disconnected,
        .message = on_message,
        .burst = on_burst,
        .published = on_published,
    };
    struct link *link = &e->links[i];
    bool each = e->link_count > 1;
    const char *id = each ? e->units[i].id : e->o->mqtt.client_id;
    *link = (struct link){.engine = e, .first_unit = i, .unit_count = each ? 1 : e->unit_count};
    snprintf(link->client_id, sizeof link->client_id, "%s", id);
    snprintf(link->filter, sizeof link->filter, MW_TOPIC_PREFIX "%s" MW_TOPIC_ACK, each ? id : "+");
    link->subscriptions[0] = (struct mqtt_subscription){.filter = link->filter};
    link->tokens = calloc(TOKENS, sizeof *link->tokens);
    struct mqtt_options options = e->o->mqtt;
    options.client_id = link->client_id;
    options.subscriptions = link->subscriptions;
    if (link->tokens == NULL || mqtt_new(e->loop, &options, &callbacks, link, &link->mqtt) != MQTT_OK)
        return false;
    mqtt_start(link->mqtt);
    return true;
}

static bool set_up(struct engine *e)
{
    e->sender = sender_defaults();
    e->sender.batch_fixes = e->o->batch;
    e->sender.batch_bytes = e->o->batch * 400;
    e->sender.fixes_per_s = 0;
    e->sender.window_min_bytes = 16384;
    buf_init(&e->payload, PAYLOAD_MAX);
    e->loop = loop_new();
    if (e->loop == NULL || !set_up_units(e))
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

static void tear_down(struct engine *e)
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
    names_free(e->names);
    free(e->unit_of_name);
    free(e->unit_of_vehicle);
    free(e->queue);
    free(e->units);
    buf_fini(&e->payload);
}

static void fill_report(struct engine *e)
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
    struct engine e = {.trace = trace, .o = options, .random = options->seed};
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
