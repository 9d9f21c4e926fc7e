#include "addition.h"

#include "habits.h"

#include <math.h>

/* Farther than this from its last place it may be in another fence, or past a disposal's gate. */
#define REACH_M 50.0

void addition_follow(struct vehicle_state *state, const struct sensors *said, int64_t at_ms)
{
    habits_add(state, said, at_ms);
    state->flags |= VEHICLE_ADDED;
    if (said->load != LOAD_UNKNOWN)
        state->flags |= VEHICLE_LOAD_SAID;
}

bool addition_moment(struct moment *m, const struct sensors *said)
{
    double since_s = (double)(m->at_ms - m->fix_ms) / 1000;
    double reach_m = m->stopped ? 0 : (double)m->speed_mps * since_s;
    m->addition = true;
    m->tick = m->stale = false;
    m->fix_ms = m->at_ms;
    m->now = said;
    if (reach_m <= REACH_M) /* false for an unknown speed */
        return true;
    m->placed = m->moving = m->stopped = false;
    m->speed_mps = NAN;
    return false;
}

static uint32_t kind_bit(const struct episode_context *c)
{
    return UINT32_C(1) << c->rule->kind;
}

void addition_begin_rule(struct episode_context *c, struct moment *m, int64_t now_ms)
{
    bool at_once = c->settings->confirm_ms == 0 && c->settings->confirm_fixes <= 1;
    m->at_ms = at_once ? c->state->time_ms : now_ms;
    c->held_again = (c->state->held_kinds & kind_bit(c)) != 0;
    c->clear_again = (c->state->clear_kinds & kind_bit(c)) != 0;
}

static bool has_episode(const struct episode_context *c)
{
    for (uint32_t i = 0; i < c->state->episode_count; i++)
        if (c->state->episodes[i].kind == c->rule->kind)
            return true;
    return false;
}

void addition_note_counted(struct episode_context *c, const struct findings *findings)
{
    if (c->m->tick || c->rule->senses == SENSES_NOTHING)
        return;
    /* Where nothing is open there was nothing to count. */
    for (uint32_t i = 0; i < findings->count && has_episode(c); i++)
        if (findings->list[i].held == HELD_YES)
            c->state->held_kinds |= kind_bit(c);
        else if (findings->list[i].held == HELD_NO)
            c->state->clear_kinds |= kind_bit(c);
}

/* An episode of the rule that began with an addition, and waits for its time. */
static bool waits(const struct episode_context *c, const struct episode *ep)
{
    return ep->kind == c->rule->kind && ep->phase == EPISODE_CONFIRMING && (ep->flags & EPISODE_AT_EDGE);
}

static void find_again(const struct episode *ep, struct findings *findings)
{
    struct finding f = finding_none();
    f.held = HELD_YES;
    f.silence = true; /* however old the last place is */
    f.subject = ep->subject;
    f.fence = ep->fence;
    f.permit = ep->permit;
    findings_add(findings, f);
}

void addition_keep_word(struct episode_context *c, struct findings *findings)
{
    bool asks = c->m->tick && !c->m->heard; /* a tick, of which the rule itself knows nothing */
    for (uint32_t i = 0; c->rule->senses == SENSES_LASTING && i < c->state->episode_count; i++) {
        const struct episode *ep = &c->state->episodes[i];
        int64_t due_ms = ep->start_ms + c->settings->confirm_ms;
        if (!waits(c, ep))
            continue;
        if (asks && findings->count > 0 && findings->list[0].held != HELD_YES)
            findings->count = 0;
        if (asks && c->m->at_ms >= due_ms)
            find_again(ep, findings);
        else if (due_ms >= c->m->at_ms && due_ms < c->deadline_ms)
            c->deadline_ms = due_ms;
    }
}

void addition_began(struct episode_context *c, uint32_t before)
{
    struct findings none = {0};
    for (uint32_t i = before; c->rule->senses == SENSES_LASTING && i < c->state->episode_count; i++)
        c->state->episodes[i].flags |= EPISODE_AT_EDGE;
    addition_keep_word(c, &none);
}
