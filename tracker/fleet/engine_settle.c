/*
 * What another world, or the end of a trip, leaves of a vehicle's episodes.
 *
 * One whose subject is gone, or that has become one with another, closes at the moment in hand. That is
 * told before the rules are asked: what they begin then is of the world in force.
 */
#include "engine_state.h"

#include "trip.h"

#include <assert.h>
#include <string.h>

/* Whether what the episode is about still stands in the world, and its kind is still judged. */
static bool subject_stands(const struct engine *e, const struct vehicle_state *state,
                           const struct episode *ep)
{
    const struct world *w = e->world;
    enum kind kind = (enum kind)ep->kind;
    if (!world_rule(w, kind, world_vehicle(w, state->vehicle)->class_number)->enabled)
        return false;
    switch (kind_row(kind)->subject) {
    case SUBJECT_FENCE:
        return ep->subject == 0 || world_fence_by_id(w, ep->subject) != UINT32_MAX;
    case SUBJECT_PERMIT:
        return world_permit_by_id(w, ep->subject) != UINT32_MAX;
    case SUBJECT_PERMIT_OR_AREA:
        return (ep->permit != 0 ? world_permit_by_id(w, ep->permit) : world_fence_by_id(w, ep->fence)) !=
               UINT32_MAX;
    case SUBJECT_TRIP:
        return trip_is_on(&state->trip) && ep->trip_ms == state->trip.start_ms;
    default:
        return true;
    }
}

void engine_close_gone(struct engine *e, struct vehicle_state *state, struct outcome *out)
{
    struct episode_context c = {.m = &e->moment, .state = state, .out = out, .received_ms = TIME_NONE};
    for (uint32_t i = state->episode_count; i > 0; i--) {
        struct episode *ep = &state->episodes[i - 1];
        if (subject_stands(e, state, ep) && !episode_doubles(state, i - 1))
            continue;
        c.rule = engine_rule_of((enum kind)ep->kind);
        c.settings = world_rule(e->world, (enum kind)ep->kind, e->moment.info->class_number);
        episode_close(&c, ep, CLOSE_SUBJECT_GONE, e->moment.at_ms);
    }
}

void engine_settle(struct engine *e, struct vehicle_state *state, int64_t at_ms, struct outcome *out)
{
    uint32_t told = out->transition_count;
    assert(state->flags & VEHICLE_SEEN);
    struct vehicle_state before = *state;
    engine_moment_of_tick(e, state, at_ms);
    if (engine_owes_life(e->world, state, at_ms))
        engine_tell_life(state, out);
    episodes_key(state, e->world);
    engine_close_gone(e, state, out);
    engine_judge(e, state, TIME_NONE, out);
    /* After a restart every vehicle is settled; few change by it, and only those are to be written. */
    out->state_changed = memcmp(&before, state, sizeof before) != 0;
    engine_end_moment(e, out, told);
}
