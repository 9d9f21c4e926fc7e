#include "work_follow.h"

#include <math.h>
#include <string.h>

static uint32_t find_road(const void *world, uint32_t symbol)
{
    return world_road_by_id(world, symbol);
}

static void tell(const struct vehicle_state *state, const struct moment *m, int64_t received_ms,
                 const struct work_ended *ended, struct outcome *out)
{
    for (uint32_t i = 0; i < ended->count; i++)
        out->works[out->work_count++] =
            (struct work_entry){.vehicle = state->vehicle,
                                .segment = m->world->road_symbols[ended->list[i].road],
                                .plate = m->info->plate,
                                .company = m->info->company_name,
                                .work = ended->list[i],
                                .received_ms = received_ms,
                                .ruleset = m->world->hash};
}

void work_follow(struct vehicle_state *state, const struct moment *m, int64_t received_ms,
                 struct outcome *out)
{
    const struct work_world world = {
        .roads = m->world->roads, .symbols = m->world->road_symbols, .find = find_road, .context = m->world};
    struct work_ended ended = {.count = 0};
    if (m->info->work_modes == 0 || world.roads == NULL) { /* no duty asks for it any more */
        if (world.roads != NULL)
            work_end(&state->work, &world, &ended);
        memset(&state->work, 0, sizeof state->work);
        state->flags &= ~(uint32_t)VEHICLE_WORKS;
    } else if (m->placed) {
        const struct work_fix fix = {.ms = m->at_ms,
                                     .lat_deg = m->lat_deg,
                                     .lon_deg = m->lon_deg,
                                     .error_m = m->eph_m,
                                     .speed_mps = m->derived ? NAN : m->speed_mps,
                                     .signal = m->last->work,
                                     .modes = m->info->work_modes};
        if (!(state->flags & VEHICLE_WORKS))
            work_init(&state->work);
        state->flags |= VEHICLE_WORKS;
        work_step(&state->work, &world, &fix, &ended);
    }
    tell(state, m, received_ms, &ended, out);
}
