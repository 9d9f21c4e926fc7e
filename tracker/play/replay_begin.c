/*
 * A replay that begins with a state: it is put back, and kept as a point from which what comes late can be judged.
 */
#include "replay_private.h"

#include "state_codec.h"

enum replay_begun replay_begin(struct replay *r, const struct replay_beginning *b)
{
    struct vehicle_state state;
    uint32_t vehicle, place;
    if (!names_intern(r->names, b->vehicle, &vehicle) ||
        state_read(b->state, vehicle, r->names, &state) != STATE_OK)
        return REPLAY_BEGUN_UNREAD;
    bool seen = state.flags & VEHICLE_SEEN;
    if (seen && b->fix_ms <= state.time_ms)
        return REPLAY_BEGUN_BEFORE;
    if (!fleet_place(r->fleet, b->vehicle, &place) || !fleet_restore(r->fleet, &state))
        return REPLAY_BEGUN_UNREAD;
    const struct remembered_point point = {
        .upto_ms = b->upto_ms, .time_ms = seen ? state.time_ms : TIME_NONE, .world = r->late.world};
    r->no_memory |= !replay_late_begin(r, place, &point, b->state);
    return REPLAY_BEGUN;
}
