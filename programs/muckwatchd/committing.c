/*
 * committing: the batch to the store, and what may be said once it is there.
 *
 * While a commit is under way MQTT is held and no deadline fires, so the states in memory are those of the
 * batch and of nothing later: acknowledgements read their numbers from them.
 */
#include "daemon.h"
#include "failpoint.h"
#include "log.h"
#include "status_json.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <stdio.h>

enum {
    RETRY_MIN_MS = 100,
    RETRY_MAX_MS = 2000,
    COMMAND_MAX = 512 << 20,
    WARN_EXPIRES_S = 60,
    TOPIC_MAX = 128
};

bool committing_store_away(struct text error)
{
    static const char *const words[] = {"LOADING",
                                        "BUSY",
                                        "READONLY",
                                        "MASTERDOWN",
                                        "CLUSTERDOWN",
                                        "TRYAGAIN",
                                        "MISCONF",
                                        "OOM",
                                        "NOREPLICAS",
                                        "MOVED",
                                        "ASK",
                                        "NOAUTH",
                                        "NOPERM",
                                        "UNKILLABLE",
                                        "NOSCRIPT",
                                        "WRONGPASS",
                                        "CROSSSLOT",
                                        "ERR max number of clients",
                                        "ERR Function not found"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (error.len >= n && memcmp(error.data, words[i], n) == 0)
            return true;
    }
    return false;
}

static void load_library(struct daemon *d)
{
    const struct text argv[] = {
        TEXT("FUNCTION"), TEXT("LOAD"), TEXT("REPLACE"), {commit_library, commit_library_len}};
    redis_send(d->redis, 4, argv, NULL, NULL);
}

static enum commit_answer read_answer(struct daemon *d, const struct redis_reply *reply)
{
    struct text said = redis_reply_text(redis_reply_at(reply, 0));
    switch (redis_reply_type(reply)) {
    case REDIS_ARRAY:
        if (text_equal(said, TEXT("applied")) || text_equal(said, TEXT("done")))
            return COMMIT_APPLIED;
        if (text_equal(said, TEXT("fenced")))
            return COMMIT_FENCED;
        if (text_equal(said, TEXT("behind")))
            return COMMIT_BEHIND;
        break;
    case REDIS_ERROR:
        said = redis_reply_text(reply);
        log_error("commit_refused", LOG_TEXT("reply", said));
        if (said.len >= 22 && memcmp(said.data, "ERR Function not found", 22) == 0)
            load_library(
                d); /* a store that was restored, or never had it: answered before the commit sent again */
        return committing_store_away(said) ? COMMIT_UNKNOWN : COMMIT_BAD;
    case REDIS_NOTHING:
        return COMMIT_UNKNOWN;
    default:
        break;
    }
    /* Not an answer of ours: questions and answers have come apart, and only a new connection mends that. */
    log_error("commit_answer", LOG_TEXT("reply", said));
    redis_drop(d->redis, "an answer that is not one to our question");
    return COMMIT_UNKNOWN;
}

/* What the vehicle's part writes besides what its messages put there. */
static void finish_group(struct daemon *d, struct batch_group *g)
{
    if (g->place == UINT32_MAX || !g->state_changed)
        return;
    const struct vehicle_state *s = fleet_state(d->fleet, g->place);
    commit_put_state(&g->ops, s, d->names);
    commit_put_vehicle(&g->ops, s, world_vehicle(d->world, s->vehicle), d->names, &d->shown[g->place]);
}

/* The vehicle's part is bad: only the numbers of its fixes are used up, and they are recorded as refused. */
static void quarantine(struct daemon *d, struct batch_group *g)
{
    struct text vehicle = TEXT("");
    uint32_t count = 0;
    g->quarantined = true;
    commit_group_clear(&g->ops);
    if (g->place == UINT32_MAX) {
        /* A mark and the ruleset may have been among it: the next batch says them again. */
        d->recorded.known = false;
        d->ruleset_owed |= d->batch.has_ruleset;
    } else {
        vehicle = names_text(d->names, g->before.vehicle);
        fleet_restore(d->fleet, &g->before);
        d->shown[g->place] = COMMIT_SHOWN_UNKNOWN;
    }
    const struct arrival arrival = {.received_ms = d->batch.received.ms, .clock_ms = d->batch.clock_ms};
    for (uint32_t i = g->items_first; i != 0; i = d->batch.items[i - 1].next, count++) {
        const struct batch_item *item = &d->batch.items[i - 1];
        const struct text boot = {d->batch.bytes.data + item->boot_at, item->boot_len};
        const struct text payload = {d->batch.bytes.data + item->payload_at, item->payload_len};
        if (item->seq != 0) {
            /* Deadlines on the way are left out as well; what they caused may be what was bad. */
            while (fleet_take_refused(d->fleet, g->place, boot, item->seq, arrival, &d->outcome))
                ;
            if (d->outcome.verdict == VERDICT_DUPLICATE || d->outcome.verdict == VERDICT_HOLE)
                continue;
        }
        entry_of_reject(&d->entry, vehicle, d->batch.received, "commit", payload);
        commit_put_entry(&g->ops, "rejects", &d->entry);
    }
    if (g->place != UINT32_MAX)
        commit_put_state(&g->ops, fleet_state(d->fleet, g->place), d->names);
    metrics_add(d->metrics, METRIC_QUARANTINED, 0, 1);
    metrics_add(d->metrics, METRIC_REFUSED, telemetry_refused_label(REFUSED_COMMIT), count);
    log_error("vehicle_quarantined", LOG_TEXT("vehicle", vehicle), LOG_INT("fixes", count));
}

static void send_piece(struct daemon *d)
{
    struct commit_header header = {.partition = PARTITION, .epoch = d->epoch, .clock_ms = d->fired_ms};
    const struct commit_piece *piece = committer_piece(&d->committer, &header.number);
    if (piece->quarantined && !d->batch.groups[piece->from].quarantined)
        quarantine(d, &d->batch.groups[piece->from]);
    for (uint32_t i = piece->from; i < piece->to; i++)
        d->pieces[i - piece->from] = &d->batch.groups[i].ops;
    buf_clear(&d->command);
    commit_write_call(&header, d->pieces, piece->to - piece->from, &d->command);
    bool complete = buf_ok(&d->command);
    d->waiting_for_store = !complete || d->store_log != LOG_NEW ||
                           !redis_send_formatted(d->redis, buf_text(&d->command), committing_answered, d);
    if (!complete)
        log_error("out_of_memory", LOG_INT("groups", d->batch.count));
    if (d->waiting_for_store && redis_connected(d->redis))
        loop_timer_set(d->retry, RETRY_MAX_MS);
}

/* ---- after the commit ---- */

static void publish_to(struct daemon *d, struct text vehicle, const char *suffix, struct mqtt_publication p)
{
    char topic[TOPIC_MAX];
    snprintf(topic, sizeof topic, MW_TOPIC_PREFIX "%.*s%s", TEXT_ARG(vehicle), suffix);
    p.topic = topic;
    /* Best effort: a lost ack is asked for again. A warning that finds too many before it goes without an
     * answer. */
    if (mqtt_publish(d->mqtt, &p, NULL) == MQTT_FULL) {
        p.qos = 0;
        mqtt_publish(d->mqtt, &p, NULL);
    }
}

static void send_warnings(struct daemon *d)
{
    for (size_t i = 0; i < d->batch.warning_count; i++) {
        const struct batch_warning *w = &d->batch.warnings[i];
        const struct batch_group *g = &d->batch.groups[w->group];
        if (g->quarantined || g->place == UINT32_MAX)
            continue;
        const struct mqtt_publication p = {
            .payload = {d->batch.bytes.data + w->at, w->len}, .qos = 1, .expiry_s = WARN_EXPIRES_S};
        publish_to(d, names_text(d->names, fleet_state(d->fleet, g->place)->vehicle), MW_TOPIC_WARN, p);
        metrics_add(d->metrics, METRIC_WARNINGS, 0, 1);
    }
}

static void send_acks(struct daemon *d)
{
    uint32_t place;
    int64_t now_ms = loop_now(d->loop).ms;
    while (mqtt_connected(d->mqtt) && acks_next(&d->acks, now_ms, &place)) {
        const struct vehicle_state *s = fleet_state(d->fleet, place);
        char bytes[256];
        struct buf payload = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
        if (s->journal.boot_len == 0 || s->journal.restarted)
            continue;
        /* A boot of odd bytes may grow in JSON; one that does not fit is never acknowledged, only kept. */
        ack_write((struct text){s->journal.boot, s->journal.boot_len}, s->journal.seq, &payload);
        if (!buf_ok(&payload))
            continue;
        publish_to(d, names_text(d->names, s->vehicle), MW_TOPIC_ACK,
                   (struct mqtt_publication){.payload = buf_text(&payload)});
        metrics_add(d->metrics, METRIC_ACKS, 0, 1);
    }
}

static void count_batch(struct daemon *d)
{
    struct mono now = loop_now(d->loop);
    double seconds = (double)(now.ms - d->batch.begun.ms) / 1000;
    metrics_add(d->metrics, METRIC_BATCHES, 0, 1);
    metrics_observe(d->metrics, METRIC_COMMIT_SECONDS, (double)(now.ms - d->commit_begun.ms) / 1000);
    for (uint32_t i = 0; i < d->batch.count; i++)
        for (uint32_t t = 0; t < d->batch.groups[i].transitions; t++)
            metrics_observe(d->metrics, METRIC_ALERT_SECONDS, seconds);
}

static void finish(struct daemon *d)
{
    count_batch(d);
    d->waiting_for_store = false;
    d->retries = 0;
    int64_t now_ms = loop_now(d->loop).ms;
    for (uint32_t i = 0; i < d->batch.count; i++)
        if (d->batch.groups[i].ack && !acks_owe(&d->acks, d->batch.groups[i].place, now_ms))
            log_error("out_of_memory", LOG_INT("groups", d->batch.count));
    send_warnings(d);
    batch_clear(&d->batch);
    metrics_set(d->metrics, METRIC_AT_LIMIT, LIMIT_BATCH, 0);
    send_acks(d);
    if (d->stage == STAGE_STOPPING) {
        daemon_stop(d, 0);
        return;
    }
    if (d->stage == STAGE_SETTLING) {
        starting_settle(d);
        return;
    }
    reload_step(d);
    if (d->stage == STAGE_RUNNING) {
        failpoint_pass("acks_queued");
        daemon_listen(d);
        failpoint_pass("acks_sent");
        committing_run_due(d);
    }
}

static void take_step(struct daemon *d, enum commit_step step, bool connected)
{
    switch (step) {
    case COMMIT_SEND:
        send_piece(d);
        break;
    case COMMIT_FINISHED:
        finish(d);
        break;
    case COMMIT_STUCK:
        log_error("commit_stuck", LOG_INT("number", (int64_t)d->committer.number + 1));
        /* fall through */
    case COMMIT_RETRY: {
        int64_t wait_ms = d->retries < 5 ? (int64_t)RETRY_MIN_MS << d->retries : RETRY_MAX_MS;
        d->waiting_for_store = true;
        d->retries++;
        daemon_unattended(d);
        metrics_add(d->metrics, METRIC_COMMIT_RETRIES, 0, 1);
        if (connected)
            loop_timer_set(d->retry, wait_ms);
        break;
    }
    case COMMIT_RELOAD:
        starting_over(d, "the store has not what it had acknowledged");
        break;
    case COMMIT_STOP:
        log_error("fenced", LOG_INT("epoch", d->epoch));
        daemon_stop(d, EXIT_FENCED);
        break;
    case COMMIT_IDLE:
        break;
    }
}

void committing_answered(void *daemon, const struct redis_reply *reply)
{
    struct daemon *d = daemon;
    enum commit_answer answer = read_answer(d, reply);
    failpoint_pass("commit_answered");
    take_step(d, committer_answer(&d->committer, answer), redis_reply_type(reply) == REDIS_ERROR);
}

void committing_resume(struct daemon *d)
{
    if (d->waiting_for_store && committer_busy(&d->committer))
        send_piece(d);
}

/* Whether something was found without a fix: nothing else in the track says that the clock has come so far.
 */
static bool found_by_clock(const struct batch *b)
{
    for (uint32_t i = 0; b->tracked == 0 && i < b->count; i++)
        if (b->groups[i].transitions > 0)
            return true;
    return false;
}

/* Where attended time does not go on from the last mark as the arrivals do, this batch begins a new one. */
static void mark_clock(struct daemon *d)
{
    const struct batch *b = &d->batch;
    bool goes_on = d->recorded.known && attended_expected(&d->recorded, b->received.ms) == b->clock_ms;
    if (goes_on && !found_by_clock(b))
        return;
    struct batch_group *g = batch_nobody(&d->batch);
    if (g == NULL)
        return; /* no room was kept: the next batch finds the same difference */
    d->recorded = (struct attended_mark){true, b->received.ms, b->clock_ms, b->attended};
    commit_put_mark(&g->ops, &d->recorded, d->committer.number + 1);
}

/* The first batch under a world says so. Without memory the next one does. */
static void mark_ruleset(struct daemon *d)
{
    struct batch_group *g = d->ruleset_owed ? batch_nobody(&d->batch) : NULL;
    if (g == NULL)
        return;
    commit_put_ruleset(&g->ops, text_of(d->world->hash), d->batch.received, d->committer.number + 1);
    d->batch.has_ruleset = true;
    d->ruleset_owed = false;
}

void committing_begin(struct daemon *d)
{
    if (committer_busy(&d->committer) || d->batch.count == 0) {
        if (!committer_busy(&d->committer))
            d->batch.messages = 0; /* nothing that came is kept: the next burst is a new batch */
        return;
    }
    if (d->stage == STAGE_RUNNING)
        committing_fire(d);
    d->commit_begun = loop_now(d->loop);
    uint32_t args = 0;
    mark_ruleset(d);
    for (uint32_t i = 0; i < d->batch.count; i++) {
        finish_group(d, &d->batch.groups[i]);
        args += d->batch.groups[i].ops.args;
    }
    if (args == 0) { /* duplicates only: all of it is durable already */
        finish(d);
        return;
    }
    mark_clock(d);
    daemon_hold(d);
    take_step(d, committer_begin(&d->committer, d->batch.count), redis_connected(d->redis));
}

/* ---- deadlines ---- */

bool committing_fire(struct daemon *d)
{
    uint32_t place;
    int64_t clock_ms = d->batch.clock_ms;
    while (fleet_next_due_ms(d->fleet) <= clock_ms) {
        if (batch_full(&d->batch))
            return false;
        if (!fleet_fire(d->fleet, clock_ms, &place, &d->outcome))
            break;
        struct batch_group *g = intake_group(d, place);
        if (g == NULL)
            return false;
        intake_outcome(d, g);
    }
    d->fired_ms = clock_ms > d->fired_ms ? clock_ms : d->fired_ms;
    return true;
}

static void fire_deadlines(struct daemon *d)
{
    if (d->waiting_for_store)
        return;
    if (d->batch.count == 0)
        daemon_stamp_batch(d);
    committing_fire(d);
}

static void arm_deadline(struct daemon *d)
{
    int64_t now_ms = loop_now(d->loop).ms;
    int64_t wait_ms = acks_due_ms(&d->acks) == INT64_MAX ? INT64_MAX : acks_due_ms(&d->acks) - now_ms;
    int64_t due_ms = fleet_next_due_ms(d->fleet);
    if (d->attended.running && due_ms != TIME_NEVER) {
        int64_t until_ms = due_ms - daemon_clock_ms(d);
        wait_ms = until_ms < wait_ms ? until_ms : wait_ms;
    }
    if (wait_ms == INT64_MAX)
        loop_timer_clear(d->deadline);
    else
        loop_timer_set(d->deadline, wait_ms);
}

void committing_run_due(struct daemon *d)
{
    if (committer_busy(&d->committer) || d->stage != STAGE_RUNNING)
        return;
    /* The next burst may have begun a batch; then its fixes are judged and not committed. */
    if (d->batch.count == 0)
        send_acks(d);
    fire_deadlines(d);
    if (d->batch.count > 0)
        committing_begin(d);
    if (!committer_busy(&d->committer))
        arm_deadline(d);
}

void committing_on_timer(void *daemon)
{
    committing_run_due(daemon);
}
