#include "flow.h"

#include "answering.h"
#include "judging.h"
#include "receiving.h"
#include "telemetry.h"

#include <assert.h>
#include <sysexits.h>

enum { LOG_AGAIN_MS = 500, LOOK_AGAIN_MS = 500 };

static void after_batch(struct stages *m);

bool flow_busy(const struct stages *m)
{
    return committer_busy(&m->partition.committer);
}

bool flow_may_read(const struct stages *m)
{
    return m->stage == STAGE_RUNNING && !flow_busy(m);
}

bool flow_between_batches(const struct stages *m)
{
    return !flow_busy(m) && m->partition.batch.count == 0 && backlog_empty(&m->partition.backlog);
}

static void put(struct stages *m, enum action_kind kind)
{
    actions_put_kind(&m->shared.actions, kind);
}

void flow_lose_attention(struct stages *m)
{
    attention_lost(&m->attention, &m->partition, m->shared.now);
}

/* What is not durable is given up. */
void flow_end(struct stages *m, int exit_code)
{
    m->stage = STAGE_ENDED;
    if (!flow_between_batches(m))
        put(m, ACTION_HOLD); /* a polite end would acknowledge what was read */
    actions_put(&m->shared.actions, (struct action){.kind = ACTION_END, .exit_code = exit_code});
}

void flow_end_fenced(struct stages *m)
{
    tell_error(&m->shared.actions, "fenced", LOG_INT("epoch", m->partition.epoch));
    flow_end(m, EX_TEMPFAIL); /* someone else owns the partition */
}

/* ---- a batch ---- */

void flow_follow(struct stages *m, enum committing_step step)
{
    switch (step) {
    case COMMITTING_GOES_ON:
        break;
    case COMMITTING_PAUSED:
        flow_lose_attention(m);
        break;
    case COMMITTING_FINISHED:
        after_batch(m);
        break;
    case COMMITTING_WENT_BACK:
        flow_start_over(m, "the store has not what it had acknowledged");
        break;
    case COMMITTING_FENCED:
        flow_end_fenced(m);
        break;
    }
}

static enum committing_step begin_commit(struct stages *m)
{
    return committing_begin(&m->committing, &m->shared, &m->partition);
}

/* What was judged again comes behind all that is due. */
static void finish_redone(struct stages *m)
{
    struct batch_group *g;
    uint32_t place;
    while (redoing_next_ready(&m->redoing, &place) && !batch_full(&m->partition.batch) &&
           (g = judging_group(&m->shared, &m->partition, place)) != NULL)
        redoing_finish(&m->redoing, &m->shared, &m->partition, g);
}

/* What was judged, and what is due by now, to the store. */
void flow_begin_batch(struct stages *m)
{
    if (m->stage != STAGE_RUNNING || flow_busy(m))
        return;
    if (m->partition.batch.count > 0 && judging_fire(&m->shared, &m->partition))
        finish_redone(m);
    flow_follow(m, begin_commit(m));
}

void flow_redo(struct stages *m)
{
    struct partition *p = &m->partition;
    int64_t after_ms = redoing_slice(&m->redoing, &m->shared);
    if (after_ms >= 0)
        actions_set_timer(&m->shared.actions, TIMER_REDO, after_ms);
    uint32_t place;
    if (!redoing_next_ready(&m->redoing, &place) || !flow_may_read(m) || !backlog_empty(&p->backlog))
        return; /* the end of the batch in hand asks again */
    if (p->batch.count == 0)
        partition_stamp(p, m->shared.now);
    if (judging_fire(&m->shared, p))
        finish_redone(m);
    flow_begin_batch(m);
}

static void arm_deadline(struct stages *m)
{
    struct partition *p = &m->partition;
    /* Acks that are due while there is no broker wait for its connection, not for a time that is past. */
    int64_t ack_ms = m->shared.broker_up ? acks_due_ms(&p->acks) : INT64_MAX;
    int64_t due_ms = fleet_next_due_ms(p->fleet);
    int64_t wait_ms = ack_ms == INT64_MAX ? INT64_MAX : ack_ms - m->shared.now.mono.ms;
    if (p->attended.running && due_ms != TIME_NEVER) {
        int64_t until_ms = due_ms - partition_clock_ms(p, m->shared.now);
        wait_ms = until_ms < wait_ms ? until_ms : wait_ms;
    }
    if (wait_ms == INT64_MAX)
        actions_clear_timer(&m->shared.actions, TIMER_DEADLINE);
    else
        actions_set_timer(&m->shared.actions, TIMER_DEADLINE, wait_ms);
}

/* Whoever asked for the reload is to be told. */
static void take_outcome(struct stages *m)
{
    struct reload *r = &m->reload;
    if (r->outcome != RELOAD_OUTCOME_NONE)
        asking_reloaded(&m->partition.asking, r->outcome == RELOAD_OUTCOME_OK, text_of(r->reason.text));
    r->outcome = RELOAD_OUTCOME_NONE;
}

/* Fires deadlines and sends acks that are due, if nothing is under way; arms the timer for the next. */
void flow_run_due(struct stages *m)
{
    struct partition *p = &m->partition;
    if (!flow_may_read(m))
        return;
    take_outcome(m);
    /* The next burst may have begun a batch; then its fixes are judged and not committed. */
    if (p->batch.count == 0) {
        answering_acknowledge(&m->shared, p);
        partition_stamp(p, m->shared.now);
        if (committing_owes(p, m->shared.now))
            batch_nobody(&p->batch);
    }
    judging_fire(&m->shared, p);
    if (p->batch.count > 0)
        flow_begin_batch(m);
    if (flow_may_read(m))
        arm_deadline(m);
}

void flow_catch_up(struct stages *m)
{
    if (m->attention.caught_up || !m->attention.subscribed || !flow_may_read(m))
        return;
    attention_caught_up(&m->attention, &m->partition, m->shared.now);
    flow_run_due(m);
}

/* ---- worlds ---- */

static void exchange(struct stages *m)
{
    struct settling_exchange x = settling_exchange(&m->settling, &m->shared, &m->partition);
    if (x.gone == NULL)
        return;
    duty_stage_note_world(&m->partition.duties);
    redoing_drop_all(&m->redoing, &m->partition);
    if (x.entered)
        x.gone = redoing_exchange(&m->redoing, m->shared.world, x.gone);
    reload_entered(&m->reload, &m->shared, x.gone, x.entered);
}

static void begin_settling(struct stages *m, struct world *before);

void flow_step_reload(struct stages *m)
{
    struct world *before;
    bool between = flow_between_batches(m);
    if (m->stage == STAGE_RUNNING && reload_step(&m->reload, &m->shared, between, &before) == RELOAD_ENTERS)
        begin_settling(m, before);
}

static void run(struct stages *m)
{
    struct shared *s = &m->shared;
    uint32_t vehicles = fleet_count(m->partition.fleet);
    m->stage = STAGE_RUNNING;
    /* After the store went back units hear what is durable now, so that they send again what is not. */
    if (m->acknowledge_all)
        answering_owe_all(&m->partition, s->now);
    m->acknowledge_all = false;
    redoing_note_all(&m->redoing, &m->partition);
    assert(backlog_empty(&m->partition.backlog)); /* else what is not durable would be answered */
    put(m, ACTION_LISTEN);
    asking_begin(&m->partition.asking, s, m->partition.number);
    metrics_set(s->metrics, METRIC_VEHICLES, 0, vehicles);
    tell_info(&s->actions, "running", LOG_INT("vehicles", vehicles), LOG_STR("ruleset", s->world->hash));
    actions_word(&s->actions, ACTION_NOTIFY, "READY=1");
    flow_run_due(m);
    flow_step_reload(m);
}

/* One batch of a switch after the other, until nothing is left to settle. */
static void settle(struct stages *m)
{
    enum committing_step step;
    do {
        if (settling_fire(&m->settling, &m->shared, &m->partition)) {
            exchange(m);
            settling_fill(&m->shared, &m->partition);
        }
        if (m->partition.batch.count == 0) {
            run(m);
            return;
        }
        step = begin_commit(m);
    } while (step == COMMITTING_FINISHED);
    flow_follow(m, step);
}

static void begin_settling(struct stages *m, struct world *before)
{
    settling_begin(&m->settling, &m->partition, before, m->shared.now);
    m->stage = STAGE_SETTLING;
    settle(m);
}

/* What was kept back, batch after batch; false: one of them is under way. */
static bool go_on_reading(struct stages *m)
{
    enum committing_step step = COMMITTING_FINISHED;
    while (step == COMMITTING_FINISHED && !backlog_empty(&m->partition.backlog)) {
        receiving_go_on(&m->shared, &m->partition);
        if (m->partition.batch.count > 0) {
            judging_fire(&m->shared, &m->partition);
            step = begin_commit(m);
        }
    }
    if (step != COMMITTING_FINISHED)
        flow_follow(m, step);
    return step == COMMITTING_FINISHED;
}

void flow_look_for_late(struct stages *m)
{
    if (m->stage != STAGE_RUNNING || !flow_between_batches(m))
        return;
    redoing_begin(&m->redoing, &m->shared, &m->partition);
    uint32_t place;
    if (redoing_next_ready(&m->redoing, &place))
        actions_set_timer(&m->shared.actions, TIMER_REDO, 0);
}

void flow_look_for_work(struct stages *m)
{
    if (m->stage == STAGE_RUNNING && m->shared.store_up)
        duty_stage_look(&m->partition.duties, &m->shared, m->partition.number);
}

static void after_batch(struct stages *m)
{
    if (m->stage == STAGE_STOPPING) {
        flow_end(m, EX_OK);
        return;
    }
    if (m->stage == STAGE_SETTLING) {
        settle(m);
        return;
    }
    if (!go_on_reading(m))
        return;
    flow_step_reload(m);
    if (m->stage == STAGE_RUNNING) {
        put(m, ACTION_LISTEN);
        flow_look_for_late(m);
        flow_run_due(m);
    }
}

/* ---- the store ---- */

void flow_leave_broker(struct stages *m)
{
    m->attention.subscribed = false;
    m->shared.broker_up = false;
    put(m, ACTION_LEAVE);
}

/* The store lost what it had acknowledged: forget, load again, acknowledge backwards. */
void flow_start_over(struct stages *m, const char *reason)
{
    tell_error(&m->shared.actions, "store_went_back", LOG_STR("reason", reason));
    metrics_add(m->shared.metrics, METRIC_STORE_RELOADS, 0, 1);
    flow_leave_broker(m);
    flow_lose_attention(m);
    committing_give_up(&m->committing);
    redoing_forget(&m->redoing);
    partition_give_up(&m->partition);
    reload_store_lost(&m->reload, &m->shared);
    if (m->stage == STAGE_STOPPING) {
        flow_end(m, EX_OK);
        return;
    }
    m->acknowledge_all = true;
    m->stage = STAGE_STARTING;
    starting_begin_over(&m->starting, &m->shared);
}

void flow_follow_log(struct stages *m, enum fresh_log_step step)
{
    bool starts = m->stage == STAGE_STARTING, awaits = m->starting.awaits_log;
    switch (step) {
    case FRESH_LOG_WAITS:
        break;
    case FRESH_LOG_AGAIN: /* a start that is not so far comes to it by itself */
        if (!starts || awaits)
            actions_set_timer(&m->shared.actions, TIMER_RETRY, LOG_AGAIN_MS);
        break;
    case FRESH_LOG_BEGUN:
        m->shared.store_fresh = true;
        if (!starts)
            committing_resume(&m->committing, &m->shared, &m->partition);
        else if (awaits)
            starting_go_on(&m->starting, &m->shared);
        break;
    }
}

void flow_begin_log(struct stages *m)
{
    flow_follow_log(m, fresh_log_begin(&m->fresh_log, &m->shared));
}

void flow_follow_look(struct stages *m, enum durability_step step)
{
    switch (step) {
    case DURABILITY_WAITS:
        break;
    case DURABILITY_AGAIN:
        actions_set_timer(&m->shared.actions, TIMER_RETRY, LOOK_AGAIN_MS);
        break;
    case DURABILITY_LOOKED:
        m->shared.store_looked_at = true;
        if (m->stage == STAGE_STARTING)
            starting_begin(&m->starting, &m->shared);
        else
            flow_begin_log(m);
        break;
    case DURABILITY_ENDS:
        flow_end(m, EX_CONFIG);
        break;
    }
}

void flow_follow_start(struct stages *m, enum starting_step step)
{
    switch (step) {
    case STARTING_GOES_ON:
        break;
    case STARTING_AWAITS_LOG:
        flow_begin_log(m);
        break;
    case STARTING_CLAIMED:
        redoing_forget(&m->redoing);
        exchange(m); /* should this have come between a reload and its first batch */
        m->partition.ruleset_owed = true;
        starting_record(&m->starting, &m->shared);
        break;
    case STARTING_LOADED:
        m->reload.texts_lost |= m->starting.texts_lost;
        begin_settling(m, NULL);
        break;
    case STARTING_ENDS:
        flow_end(m, m->starting.exit_code);
        break;
    }
}

void flow_retry(struct stages *m)
{
    if (!m->shared.store_looked_at && m->shared.store_up)
        flow_follow_look(m, durability_begin(&m->durability, &m->shared));
    else if (m->stage == STAGE_STARTING)
        starting_begin(&m->starting, &m->shared);
    else if (!m->shared.store_fresh && m->shared.store_up)
        flow_begin_log(m);
    else
        committing_resume(&m->committing, &m->shared, &m->partition);
}
