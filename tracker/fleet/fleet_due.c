#include "fleet_state.h"

/*
 * A vehicle with nothing open and nothing due, and silent for longer than gap_s, is the same under any world
 * until its next fix. One heard of lately is not: the new world may have raised a ban around it.
 */
static bool needs_settling(const struct fleet *f, const struct vehicle_state *s, int64_t clock_ms)
{
    if (!(s->flags & VEHICLE_SEEN))
        return false;
    return s->episode_count > 0 || s->deadline_ms != TIME_NEVER ||
           world_vehicle(f->world, s->vehicle)->duty_count > 0 ||
           clock_ms - s->clock_ms <= f->world->common.gap_ms;
}

bool fleet_owes_life(const struct fleet *f, const struct world *world, int64_t clock_ms, uint32_t *place)
{
    for (; *place < f->count; ++*place)
        if (engine_owes_life(world, fleet_state_at(f, *place),
                             vehicle_clock_ms(fleet_state_at(f, *place), clock_ms)))
            return true;
    return false;
}

bool fleet_settle(struct fleet *f, int64_t clock_ms, uint32_t *out_place, struct outcome *out)
{
    for (; f->settled < f->count; f->settled++) {
        struct vehicle_state *s = fleet_state_at(f, f->settled);
        if (!needs_settling(f, s, clock_ms))
            continue;
        int64_t now_ms = vehicle_clock_ms(s, clock_ms);
        outcome_clear(out);
        *out_place = f->settled;
        /* What was due before the new world came is judged at its own time first. */
        bool due = s->deadline_ms <= now_ms;
        if (due)
            engine_tick(f->engine, s, s->deadline_ms, out);
        else
            engine_settle(f->engine, s, now_ms, out);
        fleet_arm(f, f->settled);
        if (!due)
            f->settled++;
        return true;
    }
    return false;
}

int64_t fleet_next_due_ms(const struct fleet *f)
{
    const struct heap_item *first = heap_first(&f->due);
    return first == NULL ? TIME_NEVER : first->at_ms;
}

int64_t fleet_due_ms(struct fleet *f, int64_t clock_ms)
{
    const struct heap_item *first;
    while ((first = heap_first(&f->due)) != NULL && first->at_ms <= clock_ms) {
        int64_t due_ms = fleet_due_of(fleet_state_at(f, first->id));
        if (due_ms == first->at_ms)
            return due_ms;
        heap_set(&f->due, first->id, due_ms); /* it has moved away since */
    }
    return TIME_NEVER;
}

bool fleet_fire(struct fleet *f, int64_t clock_ms, uint32_t *out_place, struct outcome *out)
{
    if (fleet_due_ms(f, clock_ms) == TIME_NEVER)
        return false;
    *out_place = heap_first(&f->due)->id;
    outcome_clear(out);
    engine_tick(f->engine, fleet_state_at(f, *out_place), fleet_state_at(f, *out_place)->deadline_ms, out);
    fleet_arm(f, *out_place);
    return true;
}
