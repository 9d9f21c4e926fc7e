#include "committing.h"

#include "answering.h"
#include "judging.h"
#include "redoing.h"
#include "refusal.h"
#include "telemetry.h"

#include <assert.h>
#include <stdlib.h>

enum {
    RETRY_MIN_MS = 100,
    RETRY_MAX_MS = 2000,
    PATIENCE_MIN_MS = 1000, /* beside what the size of a commit says, once it was not answered in time */
    PATIENCE_DOUBLINGS = 5,
    PASSES_WITHIN_MS = 5000, /* a batch that takes longer does not pass, as far as others can tell */
    COMMAND_MAX = 512 << 20,
};

bool committing_init(struct committing *c, const struct partition *p)
{
    *c = (struct committing){.pieces = calloc(p->batch.cap, sizeof *c->pieces)};
    buf_init(&c->command, COMMAND_MAX);
    return c->pieces != NULL;
}

void committing_fini(struct committing *c)
{
    buf_fini(&c->command);
    free(c->pieces);
    *c = (struct committing){0};
}

void committing_load_library(struct shared *s)
{
    const struct text argv[] = {
        TEXT("FUNCTION"), TEXT("LOAD"), TEXT("REPLACE"), {commit_library, commit_library_len}};
    actions_send(&s->actions, (struct sending){.ask = ASK_NOTHING}, 4, argv);
}

static enum commit_answer read_answer(struct shared *s, const struct reply *reply)
{
    struct text said = reply_at(reply, 0).text;
    switch (reply->type) {
    case REPLY_ARRAY:
        if (text_equal(said, TEXT("applied")) || text_equal(said, TEXT("done")))
            return COMMIT_APPLIED;
        if (text_equal(said, TEXT("fenced")))
            return COMMIT_FENCED;
        if (text_equal(said, TEXT("behind")))
            return COMMIT_BEHIND;
        break;
    case REPLY_ERROR:
        said = reply->text;
        tell_error(&s->actions, "commit_refused", LOG_TEXT("reply", said));
        if (refusal_is_ours(said))
            return COMMIT_BAD;
        telemetry_count_refusal(s->metrics, said);
        if (refusal_no_function(
                said)) /* it was restored, or never had it; loaded before the commit comes again */
            committing_load_library(s);
        return COMMIT_UNKNOWN;
    case REPLY_NOTHING:
        return COMMIT_UNKNOWN;
    default:
        break;
    }
    /* Not an answer of ours: questions and answers have come apart, and only a new connection mends that. */
    tell_error(&s->actions, "commit_answer", LOG_TEXT("reply", said));
    actions_word(&s->actions, ACTION_DROP_STORE, "an answer that is not one to our question");
    return COMMIT_UNKNOWN;
}

/* What the vehicle's part writes besides what its messages put there. */
static void finish_group(struct shared *s, struct partition *p, struct batch_group *g)
{
    judging_refused_more(s, p, g);
    if (g->place == UINT32_MAX)
        return;
    const size_t weights[SHARE_KINDS] = {
        [SHARE_WRITTEN] = g->ops.ops.len + g->ops.args * (size_t)SHARE_OF_WORD, [SHARE_READ] = g->read};
    if (shares_take(&p->shares, g->place, weights, s->now.mono))
        tell_warn(&s->actions, "vehicle_over_share",
                  LOG_TEXT("vehicle", names_text(s->names, g->before.vehicle)),
                  LOG_STR("effect", "what it sends is passed over for a while"));
    const struct commit_vehicle shown = {fleet_state(p->fleet, g->place), s->world, s->names, g->live};
    if (g->state_changed) {
        commit_put_state(&g->ops, shown.state, s->names);
        commit_put_vehicle(&g->ops, &shown, &p->shown[g->place]);
        commit_put_haul(&g->ops, &shown, &p->shown[g->place]);
    }
    if (g->state_changed || g->live.time_ms != TIME_NONE)
        commit_put_move(&g->ops, &shown);
}

/* ---- quarantine ---- */

/* The group is as the batch found it. */
static struct text undo_group(struct shared *s, struct partition *p, struct batch_group *g)
{
    g->quarantined = true;
    g->refused = g->refused_told = 0;
    commit_group_clear(&g->ops);
    if (g->place == UINT32_MAX) {
        /* A mark and the ruleset may have been among it: the next batch says them again. */
        p->recorded.known = false;
        p->ruleset_owed |= p->batch.has_ruleset;
        duty_stage_forget(&p->duties);
        return TEXT("");
    }
    fleet_restore(p->fleet, &g->before);
    redoing_drop(p->redoing, p, g->place);
    p->shown[g->place] = commit_shown_unknown;
    return names_text(s->names, g->before.vehicle);
}

/* Uses up the number of a fix. False: that was so already, and its refusal is no news. */
static bool use_up(struct shared *s, struct partition *p, const struct batch_group *g,
                   const struct batch_item *item)
{
    const struct arrival arrival = {.received_ms = p->batch.received.ms, .clock_ms = p->batch.clock_ms};
    if (item->seq == 0)
        return true;
    const struct fix_number number = {batch_bytes(&p->batch, item->boot_at, item->boot_len), item->seq};
    /* Deadlines on the way are left out as well; what they caused may be what was bad. */
    while (fleet_take_refused(p->fleet, g->place, number, arrival, &s->outcome))
        ;
    return s->outcome.verdict != VERDICT_DUPLICATE && s->outcome.verdict != VERDICT_HOLE;
}

/* The vehicle's part is bad: only the numbers of its fixes are used up, and they are recorded as refused. */
static void quarantine(struct shared *s, struct partition *p, struct batch_group *g)
{
    struct text vehicle = undo_group(s, p, g);
    for (uint32_t i = g->items_first; i != 0; i = p->batch.items[i - 1].next) {
        const struct batch_item *item = &p->batch.items[i - 1];
        if (!use_up(s, p, g, item))
            continue;
        judging_refuse(s, p, g,
                       &(struct refusal){vehicle, "commit",
                                         batch_bytes(&p->batch, item->payload_at, item->payload_len)});
    }
    g->refused += g->refused_unkept;
    judging_refused_more(s, p, g);
    if (g->place != UINT32_MAX)
        commit_put_state(&g->ops, fleet_state(p->fleet, g->place), s->names);
    metrics_add(s->metrics, METRIC_QUARANTINED, 0, 1);
    metrics_add(s->metrics, METRIC_REFUSED, telemetry_refused_label(REFUSED_COMMIT), g->refused);
    tell_error(&s->actions, "vehicle_quarantined", LOG_TEXT("vehicle", vehicle),
               LOG_INT("fixes", g->refused));
}

/* ---- sending ---- */

static bool write_piece(struct committing *c, struct shared *s, struct partition *p)
{
    struct commit_header header = {
        .partition = p->number, .epoch = p->epoch, .clock_ms = p->fired_ms, .token = text_of(p->token)};
    const struct commit_piece *piece = committer_piece(&p->committer, &header.number);
    if (piece->quarantined && !p->batch.groups[piece->from].quarantined)
        quarantine(s, p, &p->batch.groups[piece->from]);
    assert(piece->to <= p->batch.cap); /* there are as many pieces */
    for (uint32_t i = piece->from; i < piece->to; i++) {
        const struct commit_group *ops = &p->batch.groups[i].ops;
        c->pieces[i - piece->from] = ops;
        /* What it should say is lost, and the state in memory goes on from it: only a new start helps. */
        s->actions.failed |= !buf_ok(&ops->ops);
    }
    if (s->actions.failed)
        return false;
    buf_clear(&c->command);
    commit_write_call(&header, c->pieces, piece->to - piece->from, &c->command);
    if (!buf_ok(&c->command))
        tell_error(&s->actions, "out_of_memory", LOG_INT("groups", p->batch.count));
    return buf_ok(&c->command);
}

void committing_unsent(struct committing *c, struct shared *s)
{
    c->waiting = true;
    if (s->store_up)
        actions_set_timer(&s->actions, TIMER_RETRY, RETRY_MAX_MS);
}

/* A store that is asked again before it could have answered never comes to its end. */
static uint32_t patience_ms(uint32_t unanswered)
{
    if (unanswered == 0)
        return 0;
    uint32_t doublings = unanswered - 1 < PATIENCE_DOUBLINGS ? unanswered - 1 : PATIENCE_DOUBLINGS;
    return (uint32_t)PATIENCE_MIN_MS << doublings;
}

static void send_piece(struct committing *c, struct shared *s, struct partition *p)
{
    c->waiting = false;
    if (!write_piece(c, s, p) || !s->store_up || !s->store_fresh)
        committing_unsent(c, s);
    else
        actions_send_borrowed(&s->actions,
                              (struct sending){.ask = ASK_COMMIT, .more_ms = patience_ms(c->unanswered)},
                              buf_text(&c->command));
}

void committing_resume(struct committing *c, struct shared *s, struct partition *p)
{
    if (c->waiting && committer_busy(&p->committer))
        send_piece(c, s, p);
}

void committing_give_up(struct committing *c)
{
    c->waiting = false;
    c->retries = c->unanswered = 0;
}

bool committing_passes(const struct committing *c, const struct partition *p, struct now now)
{
    if (!committer_busy(&p->committer))
        return true;
    return c->retries == 0 && !c->waiting && now.mono.ms - c->begun.ms < PASSES_WITHIN_MS;
}

/* ---- after the commit ---- */

static void count_batch(const struct committing *c, struct shared *s, const struct batch *b)
{
    double seconds = (double)(s->now.mono.ms - b->begun.ms) / 1000;
    metrics_add(s->metrics, METRIC_BATCHES, 0, 1);
    metrics_observe(s->metrics, METRIC_COMMIT_SECONDS, (double)(s->now.mono.ms - c->begun.ms) / 1000);
    for (uint32_t i = 0; i < b->count; i++)
        for (uint32_t t = 0; t < b->groups[i].transitions; t++)
            metrics_observe(s->metrics, METRIC_ALERT_SECONDS, seconds);
}

static enum committing_step finish(struct committing *c, struct shared *s, struct partition *p)
{
    struct batch *b = &p->batch;
    assert(!committer_busy(&p->committer)); /* nothing is acknowledged that is not durable */
    count_batch(c, s, b);
    c->waiting = false;
    c->retries = 0;
    for (uint32_t i = 0; i < b->count; i++)
        if (b->groups[i].ack && !acks_owe(&p->acks, b->groups[i].place, s->now.mono.ms))
            tell_error(&s->actions, "out_of_memory", LOG_INT("groups", b->count));
    warned_durable(&p->warned);
    asking_durable(&p->asking);
    if (duty_stage_durable(&p->duties))
        duty_stage_look(&p->duties, s, p->number);
    answering_warn(s, p);
    batch_clear(b);
    metrics_set(s->metrics, METRIC_AT_LIMIT, LIMIT_BATCH, 0);
    answering_acknowledge(s, p);
    return COMMITTING_FINISHED;
}

static enum committing_step pause_commit(struct committing *c, struct shared *s, bool connected)
{
    int64_t wait_ms = c->retries < 5 ? (int64_t)RETRY_MIN_MS << c->retries : RETRY_MAX_MS;
    c->waiting = true;
    c->retries++;
    metrics_add(s->metrics, METRIC_COMMIT_RETRIES, 0, 1);
    if (connected) /* else the next connection sends it again */
        actions_set_timer(&s->actions, TIMER_RETRY, wait_ms);
    return COMMITTING_PAUSED;
}

enum committing_step committing_answered(struct committing *c, struct shared *s, struct partition *p,
                                         const struct reply *reply)
{
    enum commit_step step = committer_answer(&p->committer, read_answer(s, reply));
    c->unanswered = reply->type == REPLY_NOTHING ? c->unanswered + 1 : 0;
    switch (step) {
    case COMMIT_SEND:
        send_piece(c, s, p);
        return COMMITTING_GOES_ON;
    case COMMIT_FINISHED:
        return finish(c, s, p);
    case COMMIT_STUCK:
        tell_error(&s->actions, "commit_stuck", LOG_INT("number", (int64_t)p->committer.number + 1));
        return pause_commit(c, s, reply->type == REPLY_ERROR);
    case COMMIT_RETRY:
        return pause_commit(c, s, reply->type == REPLY_ERROR);
    case COMMIT_RELOAD:
        return COMMITTING_WENT_BACK;
    case COMMIT_STOP:
        return COMMITTING_FENCED;
    case COMMIT_IDLE:
        break;
    }
    return COMMITTING_GOES_ON;
}

/* ---- the beginning ---- */

/* Whether something was found without a fix: nothing else in the track says that the clock has come so far.
 */
static bool found_by_clock(const struct batch *b)
{
    for (uint32_t i = 0; b->tracked == 0 && i < b->count; i++)
        if (b->groups[i].transitions > 0 || b->groups[i].clock_told)
            return true;
    return false;
}

/*
 * Where attended time does not go on from the last mark as the arrivals do, this batch begins a new one. So
 * does one that had no room for all that is due by its arrivals, and the one after it.
 */
static void mark_clock(struct partition *p)
{
    const struct batch *b = &p->batch;
    bool goes_on = p->recorded.known && attended_expected(&p->recorded, b->received.ms) == b->clock_ms;
    bool held = p->fired_ms < b->clock_ms;
    if (goes_on && !found_by_clock(b) && !held && !p->recorded.held)
        return;
    struct batch_group *g = batch_nobody(&p->batch);
    if (g == NULL)
        return; /* no room was kept: the next batch finds the same difference */
    p->recorded = (struct attended_mark){true, b->received.ms, b->clock_ms, b->attended, held, p->fired_ms};
    commit_put_mark(&g->ops, &p->recorded, p->committer.number + 1);
}

/* The first batch under a world says so. Without memory the next one does. */
static void mark_ruleset(struct shared *s, struct partition *p)
{
    struct batch_group *g = p->ruleset_owed && !p->ruleset_waits ? batch_nobody(&p->batch) : NULL;
    if (g == NULL)
        return;
    commit_put_ruleset(&g->ops, text_of(s->world->hash), p->batch.received, p->committer.number + 1);
    p->batch.has_ruleset = true;
    p->ruleset_owed = false;
}

/* What came of what this process did between batches. Without memory the next one says it. */
static void write_owed(struct shared *s, struct partition *p)
{
    struct batch_group *g = committing_owes(p, s->now) ? batch_nobody(&p->batch) : NULL;
    if (g == NULL)
        return;
    warned_write(&p->warned, s, g, p->committer.number + 1);
    if (asking_owes(&p->asking))
        asking_write(&p->asking, s, &p->batch, g, p->committer.number + 1);
    if (duty_stage_owes(&p->duties))
        duty_stage_write(&p->duties, s, g);
}

bool committing_owes(struct partition *p, struct now now)
{
    return warned_waits(&p->warned, now.mono) || asking_owes(&p->asking) || duty_stage_owes(&p->duties);
}

enum committing_step committing_begin(struct committing *c, struct shared *s, struct partition *p)
{
    if (committer_busy(&p->committer))
        return COMMITTING_GOES_ON;
    if (p->batch.count == 0) {
        p->batch.messages = 0; /* nothing that came is kept: the next burst is a new batch */
        return COMMITTING_GOES_ON;
    }
    c->begun = s->now.mono;
    uint32_t args = 0;
    mark_ruleset(s, p);
    write_owed(s, p);
    for (uint32_t i = 0; i < p->batch.count; i++) {
        finish_group(s, p, &p->batch.groups[i]);
        args += p->batch.groups[i].ops.args;
    }
    if (args == 0) /* duplicates only: all of it is durable already */
        return finish(c, s, p);
    mark_clock(p);
    actions_put_kind(&s->actions, ACTION_HOLD);
    enum commit_step step = committer_begin(&p->committer, p->batch.count);
    assert(step == COMMIT_SEND);
    (void)step;
    send_piece(c, s, p);
    return COMMITTING_GOES_ON;
}
