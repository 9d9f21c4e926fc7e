/*
 * fleet: the engine over all vehicles of a partition: their states, their deadlines, and what to do with an
 * input.
 *
 * Everything that judges goes through here, whether it comes from a broker, a file or a test: duplicates and
 * holes are told (intake.h), deadlines fire in their order, the fix is stepped (engine.h). Inputs come with
 * their arrival; nothing here reads a clock, writes, or allocates once a vehicle is known.
 *
 * A fix later than the vehicle's next deadline has to wait for it: fleet_take_fix then fires the deadline,
 * fills `out` with what that caused, and returns true: carry it out and call again with the same fix.
 */
#ifndef MW_FLEET_H
#define MW_FLEET_H

#include "arrival.h"
#include "fix.h"
#include "outcome.h"
#include "unit_status.h"
#include "vehicle.h"
#include "world.h"

#include <stdbool.h>
#include <stdint.h>

struct fleet;
struct trace;

struct fleet_options {
    uint32_t vehicle_limit;
    /*
     * The first number heard of a journal starts it, whatever it is. For files, which cannot be asked for
     * what came before their first line; a unit can, so the daemon leaves this off and treats it as a hole.
     */
    bool adopt_first;
    int64_t late_horizon_ms; /* what comes later than this is never judged; 0: nothing that comes late is */
};

/* NULL without memory. Names is borrowed. */
struct fleet *fleet_new(struct names *names, struct fleet_options options);
void fleet_free(struct fleet *fleet);

/*
 * Puts a world in force; it is borrowed until the next call. States that name what it no longer has are
 * settled by fleet_settle. False without memory; the old world then stays in force.
 */
bool fleet_set_world(struct fleet *fleet, const struct world *world);
/* Who is told of every finding (trace.h); borrowed, NULL: nobody. */
void fleet_set_trace(struct fleet *fleet, const struct trace *trace);
/*
 * Signs of life: any message that is no duplicate. What is tracked is on record by itself; of the others
 * (statuses, live positions, fixes refused or beyond a hole) the newest waits in the state, and silence is
 * counted from the last one that is on record. Where the newest would decide otherwise (a deadline of silence
 * is due, `offline` is open) it is told: out->life_told, to be recorded with what this input has caused and before
 * it. So of a vehicle at most one is recorded in the time it may be silent for, and one for each end of a
 * silence; and who plays the record again, with these alone, finds every deadline at the same time.
 */
/*
 * Before a world replaces the one in force, or states that were put back are settled: the next vehicle whose
 * waiting sign of life decides under it that the vehicle is not silent, from *place on; *place is then its
 * own. It has to be on record before the world is, since settling asks for it. False: there is none any more.
 */
bool fleet_owes_life(const struct fleet *fleet, const struct world *world, int64_t clock_ms, uint32_t *place);
/*
 * Call until it returns false after fleet_set_world replaced a world and after states were put back: takes
 * the next vehicle whose episodes or deadlines need a look under the world in force, and fills `out` with
 * what that closed.
 */
bool fleet_settle(struct fleet *fleet, int64_t clock_ms, uint32_t *out_place, struct outcome *out);

/* The place of a vehicle, added if new; false at the limit, and then nothing of it is kept, or without
 * memory. Ids are checked by who decodes them. */
bool fleet_place(struct fleet *fleet, struct text vehicle, uint32_t *out_place);
/* It takes no new one: where it is not, what failed is memory. */
bool fleet_is_full(const struct fleet *fleet);
/* Its place if it is known. */
bool fleet_find(const struct fleet *fleet, struct text vehicle, uint32_t *out_place);

/* Says that a fix of this vehicle is about to come: its state is on its way from memory while the caller
 * reads the fix. States of a large fleet are seldom in the cache. */
void fleet_expect(const struct fleet *fleet, uint32_t place);
uint32_t fleet_count(const struct fleet *fleet);
const struct vehicle_state *fleet_state(const struct fleet *fleet, uint32_t place);
/* Puts a state back: loaded from the store, or undone. Its vehicle names the place. */
bool fleet_restore(struct fleet *fleet, const struct vehicle_state *state);
/* A fix of the track of a vehicle whose state is gone, oldest first: what came of it is VERDICT_JUDGED (or an
 * addition), VERDICT_LATE or VERDICT_CLOCK. Its journal stands behind the last one. */
void fleet_recall(struct fleet *fleet, uint32_t place, const struct fix *fix, enum verdict verdict);
/* Forgets all vehicles; the world stays. */
void fleet_clear(struct fleet *fleet);

/* Takes a fix. True: a deadline came first, see above. */
bool fleet_take_fix(struct fleet *fleet, uint32_t place, const struct fix *fix, struct arrival arrival,
                    struct outcome *out);
/* A fix that was refused but whose number could be read: the number is used up. True as above. */
bool fleet_take_refused(struct fleet *fleet, uint32_t place, struct fix_number number, struct arrival arrival,
                        struct outcome *out);
/* A live position: not judged; out->shown if it is newer than what is shown. True as above. */
bool fleet_take_live(struct fleet *fleet, uint32_t place, const struct fix *fix, struct arrival arrival,
                     struct outcome *out);

/*
 * A retained fix: what the broker remembers, perhaps of a unit that has long been given up. Not judged, and
 * no sign of life; out->shown if it is newer than what is shown and not from the future. True as above.
 */
bool fleet_take_retained(struct fleet *fleet, uint32_t place, const struct fix *fix, struct arrival arrival,
                         struct outcome *out);

/* A sign of life from a record. True as above. */
bool fleet_take_life(struct fleet *fleet, uint32_t place, struct arrival arrival, struct outcome *out);
/* From here on fixes come from a record of what was taken: numbers that are missing in it were used up, and
 * are no holes. */
void fleet_trust_order(struct fleet *fleet);

/* What a unit says of itself. True as above. */
bool fleet_take_status(struct fleet *fleet, uint32_t place, const struct unit_status *status,
                       struct arrival arrival, struct outcome *out);

/* The tracker's clock at which to ask for deadlines again, not later than the next one; TIME_NEVER if none
 * waits. */
int64_t fleet_next_due_ms(const struct fleet *fleet);
/* The earliest of those that are due at clock_ms; TIME_NEVER if none is. */
int64_t fleet_due_ms(struct fleet *fleet, int64_t clock_ms);
/* Fires the earliest deadline that is due at clock_ms; false when none is. */
bool fleet_fire(struct fleet *fleet, int64_t clock_ms, uint32_t *out_place, struct outcome *out);

#endif
