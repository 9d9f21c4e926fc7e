#include "vehicle.h"

#include <math.h>
#include <string.h>

void vehicle_init(struct vehicle_state *state, uint32_t vehicle)
{
    memset(state, 0, sizeof *state); /* padding too: states are compared as bytes */
    state->vehicle = vehicle;
    state->time_ms = TIME_NONE;
    state->received_ms = TIME_NONE;
    state->clock_ms = TIME_NONE;
    state->place_ms = TIME_NONE;
    state->speed_mps = NAN;
    state->track_deg = NAN;
    state->sensors = sensors_none();
    state->deadline_ms = TIME_NEVER;
    state->message_clock_ms = TIME_NONE;
    state->heard = life_none;
    state->live_ms = TIME_NONE;
    state->trip.start_ms = TIME_NONE;
    state->trip.loaded_ms = TIME_NONE;
    state->trip.arrived_ms = TIME_NONE;
    state->trip.unloaded_ms = TIME_NONE;
    state->trip.edge_ms = TIME_NONE;
    state->trip.load_kg = NAN;
    state->trust.jump_ms = TIME_NONE;
    state->trust.jump_last_ms = TIME_NONE;
    state->trust.frozen_ms = TIME_NONE;
    state->trust.drove_ms = TIME_NONE;
    state->trust.held_ms = TIME_NONE;
    state->previous.ms = TIME_NONE;
    state->base.ms = TIME_NONE;
    state->cross.ms = TIME_NONE;
    state->habits.stopped_ms = TIME_NONE;
    state->habits.visit_ms = TIME_NONE;
    state->habits.left_ms = TIME_NONE;
    state->habits.change_ms = TIME_NONE;
    state->habits.contradict_ms = TIME_NONE;
    state->habits.load_word_ms = TIME_NONE;
    state->habits.body_ms = TIME_NONE;
    state->journal.hole_clock_ms = TIME_NONE;
    state->lag.silent_from_ms = state->lag.silent_to_ms = TIME_NONE;
    for (int i = 0; i < VEHICLE_SENSORS; i++)
        state->said_ms[i] = TIME_NONE;
}

int64_t vehicle_clock_ms(const struct vehicle_state *state, int64_t clock_ms)
{
    if (!(state->flags & VEHICLE_SEEN))
        return TIME_NONE;
    return state->time_ms + (clock_ms - state->clock_ms);
}

struct episode *vehicle_episode(struct vehicle_state *state, enum kind kind, uint32_t key)
{
    for (uint32_t i = 0; i < state->episode_count; i++)
        if (state->episodes[i].kind == kind && state->episodes[i].key == key)
            return &state->episodes[i];
    return NULL;
}

uint32_t vehicle_open_count(const struct vehicle_state *state)
{
    uint32_t open = 0;
    for (uint32_t i = 0; i < state->episode_count; i++)
        open += state->episodes[i].phase == EPISODE_OPEN;
    return open;
}
