/*
 * intake: whether a fix is new, a duplicate, late, from the future, or beyond a hole.
 *
 * Decided before anything is judged, from the vehicle's journal mark and its last fixes alone
 * (docs/PROTOCOL.md, "Duplicates, late fixes and holes"). Deciding uses numbers up and takes note of the lag;
 * nothing else of the state changes here.
 */
#ifndef MW_INTAKE_H
#define MW_INTAKE_H

#include "arrival.h"
#include "outcome.h"
#include "unit_status.h"
#include "vehicle.h"

/* A fix this much after its arrival is from a wrong clock. */
#define INTAKE_FUTURE_MS (5 * 60 * 1000)

struct intake_settings {
    int64_t hole_ms;
    bool adopt_first;
};

/*
 * Returns what the fix is, VERDICT_JUDGED if it is to be judged, and uses its number up unless that is
 * VERDICT_HOLE. What its time tells of the unit's clock is remembered (lag.h). A hole that is given up with
 * it is told in out->hole_from and hole_to; out->ack says that the unit is owed an ack.
 */
enum verdict intake_fix(struct vehicle_state *state, const struct fix *fix, struct arrival arrival,
                        const struct intake_settings *settings, struct outcome *out);
/* The same for the number of a fix that could not be read: VERDICT_NONE stands for taken. */
enum verdict intake_number(struct vehicle_state *state, struct fix_number number, struct arrival arrival,
                           const struct intake_settings *settings, struct outcome *out);
/* Takes note of a fix that is in the track, of a state that is gone (fleet_recall). */
void intake_recall(struct vehicle_state *state, const struct fix *fix, enum verdict verdict);
/* What a unit says of its journal. */
void intake_status(struct vehicle_state *state, const struct unit_status *status, struct outcome *out);

#endif
