/*
 * What is heard of a vehicle beside the fixes that are judged: signs of life, wrong clocks, additions.
 *
 * Each is a moment of its own, at the place of the last fix; only the rules that it can tell something to
 * are asked, and the deadlines of the others stay.
 */
#include "engine_state.h"

#include "lag.h"

/* One rule alone, at a moment that is no fix and no deadline: the deadlines of the others stay. */
static void judge_only(struct engine *e, struct vehicle_state *state, enum kind kind, int64_t received_ms,
                       struct outcome *out)
{
    struct episode_context c = {
        .m = &e->moment, .state = state, .out = out, .received_ms = received_ms, .deadline_ms = TIME_NEVER};
    struct findings findings;
    c.rule = engine_rule_of(kind);
    c.settings = world_rule(e->world, kind, e->moment.info->class_number);
    engine_begin_judging(e, state, &findings);
    engine_judge_rule(e, &findings, &c);
    if (c.deadline_ms < state->deadline_ms)
        state->deadline_ms = c.deadline_ms;
}

static int64_t now_of(const struct vehicle_state *state, struct arrival arrival)
{
    return state->flags & VEHICLE_SEEN ? vehicle_clock_ms(state, arrival.clock_ms) : arrival.received_ms;
}

bool engine_owes_life(const struct world *world, const struct vehicle_state *state, int64_t at_ms)
{
    if (!(state->flags & VEHICLE_SEEN) || state->heard.clock_ms == TIME_NONE)
        return false;
    uint32_t class_number = world_vehicle(world, state->vehicle)->class_number;
    return at_ms >= offline_due_ms(state, world_rule(world, KIND_OFFLINE, class_number));
}

void engine_tell_life(struct vehicle_state *state, struct outcome *out)
{
    if (state->heard.clock_ms == TIME_NONE)
        return;
    out->life_told = true;
    out->life = state->heard;
    if (state->heard.clock_ms > state->message_clock_ms)
        state->message_clock_ms = state->heard.clock_ms;
    state->heard = life_none;
}

void engine_hear(struct engine *e, struct vehicle_state *state, struct arrival arrival, struct outcome *out)
{
    uint32_t told = out->transition_count;
    if (vehicle_episode(state, KIND_OFFLINE, 0) == NULL)
        return;
    engine_moment_of_tick(e, state, now_of(state, arrival));
    e->moment.heard = true;
    judge_only(e, state, KIND_OFFLINE, arrival.received_ms, out);
    out->state_changed = true;
    engine_end_moment(e, out, told);
}

void engine_clock(struct engine *e, struct vehicle_state *state, const struct fix *fix,
                  struct arrival arrival, struct outcome *out)
{
    uint32_t told = out->transition_count;
    engine_moment_of_tick(e, state, now_of(state, arrival));
    bool ahead = state->lag.stage == LAG_AHEAD;
    if (lag_told(state))
        e->moment.clock_s = ahead ? (double)(fix->time.ms - arrival.received_ms) / 1000 : lag_offset_s(state);
    judge_only(e, state, KIND_NO_FIX, arrival.received_ms, out);
    out->state_changed = true;
    engine_end_moment(e, out, told);
}

void engine_add(struct engine *e, struct vehicle_state *state, const struct fix *fix, struct arrival arrival,
                struct outcome *out)
{
    uint32_t told = out->transition_count;
    int64_t at_ms = now_of(state, arrival) > state->time_ms ? now_of(state, arrival) : state->time_ms;
    engine_follow_sensors(state, fix);
    addition_follow(state, &fix->sensors, at_ms);
    engine_moment_of_tick(e, state, at_ms);
    if (!addition_moment(&e->moment, &fix->sensors))
        engine_find_fences(&e->moment);
    struct episode_context c = {.m = &e->moment,
                                .state = state,
                                .out = out,
                                .received_ms = arrival.received_ms,
                                .deadline_ms = state->deadline_ms};
    struct findings findings;
    const struct rule_settings *settings = world_rules(e->world, e->moment.info->class_number);
    engine_begin_judging(e, state, &findings);
    for (c.rule = rules; c.rule->judge != NULL; c.rule++) {
        if (c.rule->senses == SENSES_NOTHING)
            continue;
        c.settings = &settings[c.rule->kind];
        addition_begin_rule(&c, &e->moment, at_ms);
        uint32_t before = state->episode_count;
        engine_judge_rule(e, &findings, &c);
        addition_began(&c, before);
    }
    state->deadline_ms = c.deadline_ms;
    out->state_changed = true;
    engine_end_moment(e, out, told);
}
