/*
 * engine_state: the engine, and what its files share.
 *
 * The path of a fix is in engine.c, whole; what all kinds of moments have in common is inline here, so
 * that some twenty rules a fix do not pay for the cut. Beside it: engine_heard.c (what is no fix to be
 * judged), engine_settle.c (another world), engine_trace.c (who is told of findings).
 */
#ifndef MW_ENGINE_STATE_H
#define MW_ENGINE_STATE_H

#include "engine.h"

#include "addition.h"
#include "episode.h"
#include "moment.h"
#include "rule.h"
#include "trace.h"

/* The tick of a vehicle's duties that follows any instant from `from_ms` on and before it. */
struct engine_tick_known {
    int64_t from_ms, next_ms;
};

struct engine {
    const struct world *world;
    const struct trace *trace;
    struct hours_memory hours;
    struct engine_tick_known *ticks; /* by the place of its vehicle; remembered, changes no result */
    struct moment_near near;
    uint32_t full;          /* bits of enum bound, of the moment in hand */
    struct moment moment;   /* large; kept here so that the stack stays small */
    struct sensors sensors; /* of the moment, where they are not the fix's own */
};

static inline void engine_set_flag(struct vehicle_state *state, enum vehicle_flag flag, bool on)
{
    state->flags = on ? state->flags | (uint32_t)flag : state->flags & ~(uint32_t)flag;
}

/* The moment in hand, at a time that is no fix's: all that is known is from before. */
void engine_moment_of_tick(struct engine *e, const struct vehicle_state *state, int64_t at_ms);
void engine_find_fences(struct moment *m);
/* Keeps what sensors say in the state. */
void engine_follow_sensors(struct vehicle_state *state, const struct fix *fix);
/* The moment in hand, by every rule. */
void engine_judge(struct engine *e, struct vehicle_state *state, int64_t received_ms, struct outcome *out);
/* Closes the episodes of which the world, or the trip, has no subject any more. */
void engine_close_gone(struct engine *e, struct vehicle_state *state, struct outcome *out);
/* Apart, lest every rule of every fix pays for what `explain` alone asks for. */
void engine_trace_findings(const struct engine *e, const struct episode_context *c,
                           const struct findings *findings);

static inline const struct rule *engine_rule_of(enum kind kind)
{
    const struct rule *rule = rules;
    while (rule->judge != NULL && rule->kind != kind)
        rule++;
    return rule;
}

/* Tells of what the moment has brought: transitions after the first `from`, bounds that it met. */
static inline void engine_end_moment(const struct engine *e, struct outcome *out, uint32_t from)
{
    out->full |= e->full;
    for (uint32_t i = from; e->trace != NULL && i < out->transition_count; i++)
        e->trace->transition(e->trace->context, &out->transitions[i]);
}

/* Once, before rules are asked about a moment. */
static inline void engine_begin_judging(const struct engine *e, const struct vehicle_state *state,
                                        struct findings *findings)
{
    findings->count = 0;
    findings->full = false;
    findings->news_only = state->episode_count == 0 && e->trace == NULL;
}

/* What the rule has found where there may be news; empties `findings` for the next rule. */
void engine_take_findings(const struct engine *e, struct findings *findings, struct episode_context *c);

/* The context comes with rule and settings. */
static inline void engine_judge_rule(const struct engine *e, struct findings *findings,
                                     struct episode_context *c)
{
    const struct moment *m = &e->moment;
    if (!c->settings->enabled)
        return;
    findings->rest = m->tick ? HELD_UNKNOWN : HELD_NO;
    c->rule->judge(m, c->settings, findings);
    if (findings->count > 0 || !findings->news_only)
        engine_take_findings(e, findings, c);
}

#endif
