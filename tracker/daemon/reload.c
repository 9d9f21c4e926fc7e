#include "reload.h"

#include "telemetry.h"

#include <assert.h>
#include <stdio.h>

enum { AGAIN_MS = 1000 };

void proposal_fini(struct proposal *proposal)
{
    world_free(proposal->world);
    proposal->world = NULL;
    recording_fini(&proposal->recording);
}

void reload_fini(struct reload *r)
{
    proposal_fini(&r->next);
    proposal_fini(&r->gone);
}

/* ---- the end ---- */

/* Clears away what is in hand. */
static void leave(struct reload *r, struct shared *s)
{
    assert(!r->thread_busy);
    r->phase = RELOAD_NONE;
    metrics_set(s->metrics, METRIC_RELOADING, 0, 0);
    actions_word(&s->actions, ACTION_NOTIFY, "READY=1");
    r->gone = r->next;
    r->next = (struct proposal){0};
    r->thread_busy = true;
    actions_put(&s->actions, (struct action){.kind = ACTION_CLEAR, .gone = &r->gone});
}

void reload_cleared(struct reload *r)
{
    r->gone = (struct proposal){0};
    r->thread_busy = false;
}

static double seconds_since_begin(const struct reload *r, const struct shared *s)
{
    return (double)(s->now.mono.ms - r->begun.ms) / 1000;
}

/* Who asked is told once. */
static void note_outcome(struct reload *r, enum reload_outcome outcome, const char *reason)
{
    if (r->for_question) {
        r->outcome = outcome;
        problem_set(&r->reason, "%s", reason);
    }
    r->for_question = false;
}

void reload_question(struct reload *r, const char *expect)
{
    r->wanted = r->question_waits = true;
    snprintf(r->expect, sizeof r->expect, "%s", expect);
}

static void refuse(struct reload *r, struct shared *s, const char *reason)
{
    note_outcome(r, RELOAD_OUTCOME_REFUSED, reason);
    tell_error(&s->actions, "reload_failed", LOG_STR("reason", reason));
    metrics_add(s->metrics, METRIC_RELOADS, 1, 1);
    leave(r, s);
}

static void succeed(struct reload *r, struct shared *s, const char *event)
{
    double seconds = seconds_since_begin(r, s);
    tell_info(&s->actions, event, LOG_STR("ruleset", s->world->hash), LOG_REAL("seconds", seconds));
    note_outcome(r, RELOAD_OUTCOME_OK, "");
    if (!r->for_texts)
        r->retention = r->next.retention;
    metrics_add(s->metrics, METRIC_RELOADS, 0, 1);
    metrics_set(s->metrics, METRIC_RELOAD_SECONDS, 0, seconds);
    leave(r, s);
}

/* ---- building ---- */

static bool is_in_force(const struct reload *r, const struct shared *s)
{
    return r->next.world != NULL && strcmp(r->next.world->hash, s->world->hash) == 0;
}

/* Whoever asked wants another world than the files give. */
static bool is_unexpected(const struct reload *r)
{
    return r->for_question && r->expect[0] != '\0' && strcmp(r->expect, r->next.world->hash) != 0;
}

static void refuse_unexpected(struct reload *r, struct shared *s)
{
    struct problem reason;
    problem_set(&reason, "the files give another world: %s", r->next.world->hash);
    refuse(r, s, reason.text);
}

void reload_built(struct reload *r, struct shared *s, struct proposal *take)
{
    r->thread_busy = false;
    r->next = *take;
    *take = (struct proposal){0};
    bool same = is_in_force(r, s);
    r->phase = RELOAD_BUILT;
    if (r->for_texts && !same) {
        tell_warn(&s->actions, "ruleset_lost", LOG_STR("ruleset", s->world->hash),
                  LOG_STR("meaning", "the store lost its texts, and the files are others now"));
        leave(r, s);
    } else if (r->next.world == NULL) {
        refuse(r, s, r->next.problem.text);
    } else if (is_unexpected(r)) {
        refuse_unexpected(r, s);
    } else if (same && !r->texts_lost) {
        succeed(r, s, "reload_unchanged");
    } else {
        tell_info(&s->actions, "reload_built", LOG_STR("ruleset", r->next.world->hash),
                  LOG_REAL("seconds", seconds_since_begin(r, s)));
    }
    r->texts_lost = false;
}

static void begin(struct reload *r, struct shared *s)
{
    r->for_texts = !r->wanted;
    r->wanted = false;
    r->for_question = r->question_waits;
    r->question_waits = false;
    r->phase = RELOAD_BUILDING;
    r->thread_busy = true;
    r->begun = s->now.mono;
    tell_info(&s->actions, "reload_begins");
    actions_word(&s->actions, ACTION_NOTIFY, "RELOADING=1");
    metrics_set(s->metrics, METRIC_RELOADING, 0, 1);
    actions_put_kind(&s->actions, ACTION_BUILD);
}

/* ---- recording ---- */

static void turn_soon(struct shared *s, int64_t after_ms)
{
    actions_set_timer(&s->actions, TIMER_TURN, after_ms);
}

static void record_on(struct reload *r, struct shared *s)
{
    if (r->asked)
        return; /* two at a time would count one command's answer as the next one's */
    if (r->recorded == r->next.recording.count) {
        r->phase = RELOAD_RECORDED;
        turn_soon(s, 0); /* the connection is not closed from inside its own answer */
        return;
    }
    r->asked = true;
    actions_send_borrowed(&s->actions, (struct sending){.link = LINK_TO_RECORDER, .ask = ASK_TEXTS},
                          buf_text(&r->next.recording.commands[r->recorded]));
}

void reload_recorder_connected(struct reload *r, struct shared *s)
{
    r->recorder_up = true;
    r->recorded = 0;
    if (r->phase == RELOAD_RECORDING)
        record_on(r, s);
}

void reload_unsent(struct reload *r, struct shared *s)
{
    r->asked = false;
    if (r->phase != RELOAD_RECORDING)
        return;
    if (!r->recorder_up) { /* it could not be opened at all */
        r->recorder = false;
        r->phase = RELOAD_BUILT;
    }
    turn_soon(s, AGAIN_MS);
}

void reload_answered(struct reload *r, struct shared *s, const struct reply *reply)
{
    r->asked = false;
    if (reply->type == REPLY_NOTHING)
        r->recorder_up = false; /* its next connection begins anew */
    if (reply->type == REPLY_NOTHING || r->phase != RELOAD_RECORDING)
        return;
    if (reply->type == REPLY_ERROR) {
        tell_error(&s->actions, "store_refuses", LOG_STR("what", "recording the texts of a ruleset"),
                   LOG_TEXT("reply", reply->text));
        turn_soon(s, AGAIN_MS);
        return;
    }
    r->recorded++;
    record_on(r, s);
}

static void close_recorder(struct reload *r, struct shared *s)
{
    r->recorder = r->recorder_up = r->asked = false;
    actions_put_kind(&s->actions, ACTION_CLOSE_RECORDER);
}

static void open_recorder(struct reload *r, struct shared *s)
{
    r->phase = RELOAD_RECORDING;
    r->recorder = true;
    actions_put(&s->actions, (struct action){.kind = ACTION_OPEN_RECORDER, .size = r->next.recording.bytes});
}

void reload_store_lost(struct reload *r, struct shared *s)
{
    if (r->phase != RELOAD_RECORDING && r->phase != RELOAD_RECORDED)
        return;
    if (r->recorder)
        close_recorder(r, s);
    r->phase = RELOAD_BUILT;
    turn_soon(s, AGAIN_MS);
}

void reload_turn(struct reload *r, struct shared *s)
{
    if (r->phase == RELOAD_RECORDING && r->recorder_up)
        record_on(r, s);
    else if (r->phase == RELOAD_RECORDED && r->recorder)
        close_recorder(r, s);
}

/* ---- all of it ---- */

static enum reload_step enter(struct reload *r, struct shared *s, struct world **out_before)
{
    if (is_in_force(r, s)) { /* only its texts were wanted */
        succeed(r, s, "ruleset_recorded");
        return RELOAD_GOES_ON;
    }
    actions_put_kind(&s->actions, ACTION_HOLD);
    r->phase = RELOAD_ENTERING;
    *out_before = s->world;
    s->world = r->next.world;
    r->next.world = NULL;
    return RELOAD_ENTERS;
}

enum reload_step reload_step(struct reload *r, struct shared *s, bool between, struct world **out_before)
{
    if (r->phase == RELOAD_NONE && (r->wanted || r->texts_lost) && !r->thread_busy)
        begin(r, s);
    else if (r->phase == RELOAD_BUILT)
        open_recorder(r, s);
    else if (r->phase == RELOAD_RECORDED && !r->recorder && between)
        return enter(r, s, out_before);
    return RELOAD_GOES_ON;
}

void reload_entered(struct reload *r, struct shared *s, struct world *take_gone, bool entered)
{
    r->next.world = take_gone;
    if (entered)
        succeed(r, s, "reloaded");
    else
        refuse(r, s, "out of memory");
}
