/*
 * Who follows the engine (trace.h) is told of every finding of a rule before it is acted on.
 *
 * An episode of which the rule says nothing is told of as well, with what the rule thinks of the rest.
 * Nothing changes by it.
 */
#include "engine_state.h"

static bool speaks_of(enum kind kind, const struct findings *findings, uint32_t key)
{
    for (uint32_t i = 0; i < findings->count; i++)
        if (finding_key(kind, &findings->list[i]) == key)
            return true;
    return false;
}

void engine_trace_findings(const struct engine *e, const struct episode_context *c,
                           const struct findings *findings)
{
    struct trace_finding t = {&e->moment, c->rule, c->settings, NULL, NULL, c->received_ms};
    for (uint32_t i = 0; i < findings->count; i++) {
        t.finding = &findings->list[i];
        t.episode = vehicle_episode(c->state, c->rule->kind, finding_key(c->rule->kind, t.finding));
        e->trace->finding(e->trace->context, &t);
    }
    for (uint32_t i = 0; i < c->state->episode_count; i++) {
        const struct episode *ep = &c->state->episodes[i];
        if (ep->kind != c->rule->kind || speaks_of(c->rule->kind, findings, ep->key))
            continue;
        struct finding rest = finding_none();
        rest.held = findings->rest;
        rest.subject = ep->subject;
        t.finding = &rest;
        t.episode = ep;
        e->trace->finding(e->trace->context, &t);
    }
}
