/*
 * engine: one moment of one vehicle, judged. step(world, state, fix) -> state, transitions.
 *
 * The heart of the tracker, and a function: the same world, state and input give the same state and
 * transitions, on any machine, however the input was batched. It reads no clock, writes nothing but the state
 * and outcome it is handed, and allocates nothing. What it remembers between calls are answers about hours,
 * which change no result.
 */
#ifndef MW_ENGINE_H
#define MW_ENGINE_H

#include "arrival.h"
#include "fix.h"
#include "outcome.h"
#include "vehicle.h"
#include "world.h"

struct engine;
struct trace;

/* NULL without memory. */
struct engine *engine_new(void);
void engine_free(struct engine *engine);
/* The world to judge by, borrowed until the next call. False, and the old one stays, without memory. */
bool engine_set_world(struct engine *engine, const struct world *world);

/* Who is told of every finding and transition; borrowed, NULL: nobody. */
void engine_set_trace(struct engine *engine, const struct trace *trace);

/* Judges a fix that intake found new and in order, and whose deadlines have fired. Sets state->deadline_ms.
 * It may be of the time of the last one, if that had no position. */
void engine_step(struct engine *engine, struct vehicle_state *state, const struct fix *fix,
                 struct arrival arrival, struct outcome *out);
/* Judges a deadline at its own time. */
void engine_tick(struct engine *engine, struct vehicle_state *state, int64_t at_ms, struct outcome *out);
/* Takes note of a message that is not judged (late, beyond a hole, refused, a status): the vehicle is not
 * silent. */
void engine_hear(struct engine *engine, struct vehicle_state *state, struct arrival arrival,
                 struct outcome *out);
/* Whether silence would be found at `at_ms` by what is on record, though the vehicle was heard since. */
bool engine_owes_life(const struct world *world, const struct vehicle_state *state, int64_t at_ms);
/* What waits is on record from here on, if something does: out->life_told. */
void engine_tell_life(struct vehicle_state *state, struct outcome *out);
/* Takes note of a fix whose time is wrong; that its clock is known to be is a finding (lag.h). */
void engine_clock(struct engine *engine, struct vehicle_state *state, const struct fix *fix,
                  struct arrival arrival, struct outcome *out);
/* Judges what sensors say in an addition to the last evaluated fix: at the vehicle's clock, at its place. */
void engine_add(struct engine *engine, struct vehicle_state *state, const struct fix *fix,
                struct arrival arrival, struct outcome *out);
/*
 * After another world came into force: closes what is about things it no longer has, at `at_ms` on the
 * vehicle's clock, and judges that moment under it.
 */
void engine_settle(struct engine *engine, struct vehicle_state *state, int64_t at_ms, struct outcome *out);

#endif
