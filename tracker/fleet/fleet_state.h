/*
 * fleet_state: the fleet, and what its files share: fleet.c (vehicles and their inputs) and fleet_due.c (deadlines, and
 * another world).
 *
 * A deadline is on the vehicle's clock; the heap holds when it falls due on the tracker's: a fix at event
 * time t that came at clock c lets a deadline d fire at c + (d - t). What the heap holds may be earlier than
 * the deadline, never later. Arming is inline: each fix does it.
 */
#ifndef MW_FLEET_STATE_H
#define MW_FLEET_STATE_H

#include "fleet.h"

#include "engine.h"
#include "heap.h"

enum { CHUNK = 256 /* vehicles */ };

struct fleet {
    struct names *names;
    struct fleet_options options;
    bool orderly; /* fixes come from a record */
    const struct world *world;
    struct engine *engine;
    struct vehicle_state **chunks;
    size_t chunk_cap;
    uint32_t count;
    uint32_t *places; /* by symbol: place + 1, or 0 */
    size_t places_cap;
    struct heap due;
    uint32_t settled; /* places below this have been looked at under the world in force */
};

static inline struct vehicle_state *fleet_state_at(const struct fleet *f, uint32_t place)
{
    return &f->chunks[place / CHUNK][place % CHUNK];
}

/* When the vehicle's deadline falls due on the tracker's clock. */
static inline int64_t fleet_due_of(const struct vehicle_state *s)
{
    if (s->deadline_ms == TIME_NEVER || !(s->flags & VEHICLE_SEEN))
        return TIME_NEVER;
    return s->clock_ms + (s->deadline_ms - s->time_ms);
}

/*
 * Sees to it that the heap comes back to the vehicle in time. A deadline that moves away, as that of silence
 * does with every fix, leaves its place in the heap: it is looked at again when that time comes.
 */
static inline void fleet_arm(struct fleet *f, uint32_t place)
{
    const struct vehicle_state *s = fleet_state_at(f, place);
    int64_t due_ms = fleet_due_of(s), armed_ms;
    if (due_ms == TIME_NEVER)
        heap_remove(&f->due, place);
    else if (!heap_get(&f->due, place, &armed_ms) || due_ms < armed_ms)
        heap_set(&f->due, place, due_ms);
}

#endif
