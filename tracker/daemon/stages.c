#include "stages.h"

#include "flow.h"
#include "receiving.h"
#include "refusal.h"
#include "telemetry.h"

#include <assert.h>
#include <sysexits.h>

enum {
    TICK_MS = 250,
    BEAT_MS = 1000,
    PARK_AFTER_MS = 30000, /* half of the keep-alive: a connection that is held longer is given up */
    STOP_WITHIN_MS = 1500,
};

bool stages_init(struct stages *m, const struct stages_options *options, struct world *take_world,
                 struct recording take_recording)
{
    struct shared *s = &m->shared;
    *m = (struct stages){
        .starting = {.instance = options->instance,
                     .token = options->token,
                     .take_over = options->take_over,
                     .recording = take_recording},
        .durability = {.required = options->require_durable},
        .reload = {.retention = options->retention},
    };
    m->partition.redoing = &m->redoing;
    s->names = options->partition.names;
    s->world = take_world;
    s->metrics = telemetry_new();
    actions_init(&s->actions);
    return partition_init(&m->partition, &options->partition) && s->metrics != NULL &&
           committing_init(&m->committing, &m->partition) &&
           fleet_set_world(m->partition.fleet, take_world) &&
           redoing_init(&m->redoing, &options->redoing, take_world);
}

void stages_fini(struct stages *m)
{
    reload_fini(&m->reload);
    starting_fini(&m->starting);
    committing_fini(&m->committing);
    redoing_fini(&m->redoing);
    partition_fini(&m->partition);
    world_free(m->settling.before);
    world_free(m->shared.world);
    metrics_free(m->shared.metrics);
    actions_fini(&m->shared.actions);
}

static void put(struct stages *m, enum action_kind kind)
{
    actions_put_kind(&m->shared.actions, kind);
}

static void set_timer(struct stages *m, enum timer timer, int64_t after_ms)
{
    actions_set_timer(&m->shared.actions, timer, after_ms);
}

/* ---- the store ---- */

static void beat_was_refused(struct stages *m, struct text error)
{
    telemetry_count_refusal(m->shared.metrics, error);
    tell_error(&m->shared.actions, "store_refuses", LOG_STR("what", "beat"), LOG_TEXT("reply", error));
    if (refusal_no_function(error))
        committing_load_library(&m->shared);
}

static void take_beat(struct stages *m, const struct reply *reply)
{
    struct text said = reply_at(reply, 0).text;
    m->beat_waiting = false;
    m->beat_refused = reply->type == REPLY_ERROR;
    if (m->beat_refused)
        beat_was_refused(m, reply->text);
    if (text_equal(said, TEXT("alive")))
        starting_agreed(&m->starting);
    if (flow_busy(m) || m->stage == STAGE_STARTING)
        return; /* the commit's own answer decides */
    if (text_equal(said, TEXT("fenced")))
        flow_end_fenced(m);
    else if (text_equal(said, TEXT("behind")))
        flow_start_over(m, "the owner's record went back");
}

/* Between commits the store is told that we live; a tracker that slept too long hears that it is fenced. */
static void beat(struct stages *m)
{
    struct partition *p = &m->partition;
    struct actions *a = &m->shared.actions;
    set_timer(m, TIMER_BEAT, BEAT_MS);
    flow_run_due(m);
    if (!flow_may_read(m) || m->beat_waiting || !m->shared.store_up)
        return;
    const struct commit_header header = {p->number, p->epoch, p->committer.number, p->fired_ms,
                                         text_of(p->token)};
    size_t from = a->bytes.len;
    commit_write_beat(&header, &a->bytes);
    actions_send_written(a, (struct sending){.ask = ASK_BEAT}, from);
    m->beat_waiting = true;
}

static void take_store(struct stages *m, bool up)
{
    m->shared.store_up = up;
    if (!up) {
        m->beat_waiting = m->beat_refused = false;
        m->fresh_log = LOG_OLD; /* what is there next may be another, or the same started anew */
        m->shared.store_fresh = m->shared.store_looked_at = false;
        durability_lost(&m->durability);
        reload_store_lost(&m->reload, &m->shared);
        redoing_drop_all(&m->redoing, &m->partition);
        flow_lose_attention(m);
        return;
    }
    metrics_add(m->shared.metrics, METRIC_CONNECTS, LINK_STORE, 1);
    flow_follow_look(m, durability_begin(&m->durability, &m->shared));
    flow_step_reload(m);
}

static void take_commit(struct stages *m, const struct reply *reply)
{
    enum committing_step step = committing_answered(&m->committing, &m->shared, &m->partition, reply);
    if (step == COMMITTING_FINISHED)
        starting_agreed(&m->starting);
    flow_follow(m, step);
}

static void take_question(struct stages *m, const struct reply *reply)
{
    if (!asking_answered(&m->partition.asking, &m->shared, reply))
        return;
    reload_question(&m->reload, m->partition.asking.expect);
    flow_step_reload(m);
}

static void take_answer(struct stages *m, enum ask ask, uint32_t slot, const struct reply *reply)
{
    struct shared *s = &m->shared;
    struct partition *p = &m->partition;
    switch (ask) {
    case ASK_COMMIT:
        take_commit(m, reply);
        break;
    case ASK_BEAT:
        take_beat(m, reply);
        break;
    case ASK_SETTINGS:
    case ASK_DEFAULT_USER:
        flow_follow_look(m, durability_answered(&m->durability, s, ask, reply));
        break;
    case ASK_PERSISTENCE:
    case ASK_REWRITE:
        flow_follow_log(m, fresh_log_answered(&m->fresh_log, s, ask, reply));
        break;
    case ASK_TRACK:
        flow_follow_start(m, starting_recalled(&m->starting, s, p, slot, reply));
        break;
    case ASK_TEXTS:
        reload_answered(&m->reload, s, reply);
        break;
    case ASK_LATE:
        redoing_answered(&m->redoing, s, p, slot, reply);
        break;
    case ASK_MEMORY:
        janitor_memory(s, reply);
        break;
    case ASK_ARCHIVE:
        janitor_archived(&m->janitor, s, reply);
        break;
    case ASK_EVIDENCE:
        janitor_kept(&m->janitor, s, p, reply);
        break;
    case ASK_DUTIES:
    case ASK_WORK:
        duty_stage_answered(&p->duties, s, reply);
        break;
    case ASK_QUESTIONS_BEFORE:
        asking_begun(&p->asking, s, p->number, reply);
        break;
    case ASK_QUESTION:
        take_question(m, reply);
        break;
    case ASK_CHORE:
        janitor_answered(&m->janitor, s, slot, p, reply);
        break;
    case ASK_NOTHING:
    case ASK_COUNT:
        break;
    default:
        /* A walk is left only at its end, when nothing of it is in hand. */
        assert(m->stage == STAGE_STARTING && ask == m->starting.in_hand);
        flow_follow_start(m, starting_answered(&m->starting, s, p, reply));
    }
}

static void take_unsent(struct stages *m, enum ask ask, uint32_t slot)
{
    const struct reply nothing = {0};
    switch (ask) {
    case ASK_COMMIT:
        committing_unsent(&m->committing, &m->shared);
        break;
    case ASK_SETTINGS:
    case ASK_DEFAULT_USER:
        flow_follow_look(m, durability_unsent(&m->durability));
        break;
    case ASK_PERSISTENCE:
    case ASK_REWRITE:
        flow_follow_log(m, fresh_log_unsent(&m->fresh_log));
        break;
    case ASK_TRACK:
        flow_follow_start(m, starting_recall_unsent(&m->starting, &m->shared, &m->partition, slot));
        break;
    case ASK_TEXTS:
        reload_unsent(&m->reload, &m->shared);
        break;
    case ASK_INFO:
    case ASK_LIBRARY:
    case ASK_CLAIM:
    case ASK_RECORD:
    case ASK_RECORDED:
    case ASK_STATES:
    case ASK_KEYS:
        starting_unsent(&m->starting, &m->shared);
        break;
    default:
        take_answer(m, ask, slot, &nothing);
    }
}

/* ---- the broker ---- */

static void take_connected(struct stages *m)
{
    m->shared.broker_up = true;
    metrics_add(m->shared.metrics, METRIC_CONNECTS, LINK_BROKER, 1);
    if (!flow_may_read(m))
        put(m, ACTION_HOLD); /* what comes again must wait for the commit under way */
    else
        set_timer(m, TIMER_DEADLINE, 0); /* acks may have become due meanwhile */
}

static void take_lost(struct stages *m)
{
    m->shared.broker_up = false;
    m->attention.subscribed = false;
    flow_lose_attention(m);
    /* What has been judged is committed all the same; the broker sends it again, and it is then a duplicate.
     */
    flow_begin_batch(m);
}

static void take_message(struct stages *m, const struct message *message)
{
    attention_message(&m->attention, m->shared.now);
    if (receiving_told(&m->shared, message))
        return;
    if (flow_may_read(m))
        receiving_take(&m->shared, &m->partition, message);
    else /* only after the connection was dropped in the middle of the library's reading */
        actions_word(&m->shared.actions, ACTION_DROP_BROKER, "a message came while none may");
}

static void take_read(struct stages *m, bool drained)
{
    attention_read(&m->attention, drained, &m->partition.batch);
    flow_begin_batch(m);
    if (attention_after_small_batches(&m->attention))
        flow_catch_up(m);
}

/* ---- time ---- */

static void tick(struct stages *m)
{
    struct shared *s = &m->shared;
    set_timer(m, TIMER_TICK, TICK_MS);
    actions_word(&s->actions, ACTION_NOTIFY, "WATCHDOG=1");
    if (flow_busy(m) && s->now.mono.ms - m->committing.begun.ms > PARK_AFTER_MS && s->broker_up) {
        tell_warn(&s->actions, "mqtt_parked", LOG_STR("reason", "the store is away for too long"));
        flow_leave_broker(m); /* started again when the commit is done */
    }
    if (attention_after_silence(&m->attention, s->now))
        flow_catch_up(m);
    flow_look_for_late(m);
    flow_look_for_work(m);
}

static void clean(struct stages *m, const struct clock_sync *sync)
{
    set_timer(m, TIMER_JANITOR, JANITOR_EVERY_MS);
    if (m->stage != STAGE_RUNNING || m->committing.waiting || !m->shared.store_up)
        return;
    janitor_run(&m->janitor, &m->shared, &m->partition, &m->reload.retention);
    asking_look(&m->partition.asking, &m->shared, m->partition.number);
    clock_telling_run(&m->clock_telling, &m->shared, m->partition.number,
                      (int64_t)m->partition.committer.number, sync);
}

static void take_due(struct stages *m, const struct fact *f)
{
    switch (f->timer) {
    case TIMER_TICK:
        tick(m);
        break;
    case TIMER_BEAT:
        beat(m);
        break;
    case TIMER_DEADLINE:
        flow_run_due(m);
        break;
    case TIMER_RETRY:
        flow_retry(m);
        break;
    case TIMER_GIVE_UP:
        tell_warn(&m->shared.actions, "stop_unfinished",
                  LOG_STR("meaning", "the batch in hand stays unacknowledged"));
        flow_end(m, EX_OK);
        break;
    case TIMER_JANITOR:
        clean(m, &f->sync);
        break;
    case TIMER_REDO:
        flow_redo(m);
        break;
    case TIMER_TURN:
        reload_turn(&m->reload, &m->shared);
        flow_step_reload(m);
        break;
    case TIMER_COUNT:
        break;
    }
}

static void stop(struct stages *m)
{
    tell_info(&m->shared.actions, "stopping");
    actions_word(&m->shared.actions, ACTION_NOTIFY, "STOPPING=1");
    flow_run_due(m);     /* what is owed to the store, too */
    flow_begin_batch(m); /* what has been read and judged would leave its PUBACK behind */
    if (m->stage == STAGE_ENDED)
        return;
    if (!flow_busy(m)) {
        flow_end(m, EX_OK);
        return;
    }
    if (m->stage != STAGE_STOPPING) /* asking again puts nothing off */
        set_timer(m, TIMER_GIVE_UP, STOP_WITHIN_MS);
    m->stage = STAGE_STOPPING;
}

/* ---- facts ---- */

static void begin(struct stages *m)
{
    set_timer(m, TIMER_TICK, TICK_MS);
    set_timer(m, TIMER_BEAT, BEAT_MS);
    set_timer(m, TIMER_JANITOR, JANITOR_EVERY_MS);
}

static void take_reload(struct stages *m, const struct fact *f)
{
    if (f->kind == FACT_BUILT)
        reload_built(&m->reload, &m->shared, f->take_proposal);
    else if (f->kind == FACT_CLEARED)
        reload_cleared(&m->reload);
    else
        m->reload.wanted = true;
    flow_step_reload(m);
}

static void take_broker(struct stages *m, const struct fact *f)
{
    if (f->kind == FACT_BROKER_CONNECTED)
        take_connected(m);
    else if (f->kind == FACT_BROKER_SUBSCRIBED)
        attention_subscribed(&m->attention, f->granted, m->shared.now);
    else if (f->kind == FACT_BROKER_LOST)
        take_lost(m);
    else if (f->kind == FACT_LIVE_SUBSCRIBED)
        m->live_granted = f->granted;
    else if (!flow_may_read(m))
        put(m, ACTION_HOLD);
}

static void take(struct stages *m, const struct fact *f)
{
    switch (f->kind) {
    case FACT_BEGUN:
        begin(m);
        break;
    case FACT_STORE_CONNECTED:
    case FACT_STORE_LOST:
        take_store(m, f->kind == FACT_STORE_CONNECTED);
        break;
    case FACT_ANSWERED:
        take_answer(m, f->answer.ask, f->answer.slot, &f->answer.reply);
        break;
    case FACT_UNSENT:
        take_unsent(m, f->answer.ask, f->answer.slot);
        break;
    case FACT_RECORDER_CONNECTED:
        reload_recorder_connected(&m->reload, &m->shared);
        break;
    case FACT_BROKER_CONNECTED:
    case FACT_BROKER_SUBSCRIBED:
    case FACT_BROKER_LOST:
    case FACT_LIVE_CONNECTED:
    case FACT_LIVE_SUBSCRIBED:
        take_broker(m, f);
        break;
    case FACT_MESSAGE:
        take_message(m, &f->message);
        break;
    case FACT_READ:
        take_read(m, f->drained);
        break;
    case FACT_LIVE_READ:
        flow_begin_batch(m);
        break;
    case FACT_WARNED:
    case FACT_TAKEN:
        warned_hear(&m->partition.warned, f);
        break;
    case FACT_DUE:
        take_due(m, f);
        break;
    case FACT_BUILT:
    case FACT_CLEARED:
    case FACT_RELOAD_ASKED:
        take_reload(m, f);
        break;
    case FACT_STOP_ASKED:
        stop(m);
        break;
    }
}

void stages_take(struct stages *m, const struct fact *fact)
{
    m->shared.now = fact->now;
    if (m->stage != STAGE_ENDED)
        take(m, fact);
}
