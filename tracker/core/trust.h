/*
 * trust: whether a position is believed.
 *
 * Receivers report zero-zero, stale places and reflections; cheap units are moved by hand. What is not
 * believed is tracked and counted by reason, but the vehicle is then not `placed`: no rule of place sees it,
 * and neither opens nor closes anything by it.
 *
 * - Absent, mode 1, zero-zero: no position at all.
 * - Jump: the place is farther from the last believed one, both errors granted, than jump_mps reaches in the
 *   time between. Further places that fit it confirm it: after jump_fixes of them the vehicle is
 *   believed to be there, and that it jumped is a finding of `tamper`. A fix that fits the old place again
 *   forgets it. A first place that nothing ever confirmed accuses nobody when it proves wrong.
 * - Frozen: within frozen_m for frozen_fixes and frozen_s while the unit reports more than frozen_kmh. A held
 *   place is a tunnel until it proves otherwise: receivers repeat their last place there, with its speed or
 *   with none, and are right again behind it. It has proved otherwise when it lasts longer than any tunnel
 *   (tunnel_s, or tunnel_m at speeds that the unit goes on measuring), or when the vehicle is still where it
 *   was though those speeds say that it has gone. What is reached behind a tunnel was driven since the first
 *   of the held places, so it is no jump; which way, nobody saw.
 *
 * Rejected: smoothing (a Kalman filter moves true fixes too, and evidence has to be what the unit said), and
 * holding a fix back until the next one comes (rules would be one fix late for everybody).
 */
#ifndef MW_TRUST_H
#define MW_TRUST_H

#include "fix.h"
#include "kinds.h"
#include "vehicle.h"

enum distrust {
    DISTRUST_NONE,
    DISTRUST_ABSENT, /* no latitude and longitude */
    DISTRUST_MODE,   /* the receiver says that it has none */
    DISTRUST_ZERO,   /* zero-zero */
    DISTRUST_JUMP,
    DISTRUST_FROZEN,
    DISTRUST_COUNT
};

const char *distrust_name(enum distrust reason);

struct trust {
    enum distrust reason;
    bool jumped;       /* believed again, at another place: */
    int64_t jump_ms;   /* the first fix there */
    float jump_mps;    /* speed it would have taken */
    bool frozen;       /* the place is held though the unit goes on driving, and no tunnel explains it: */
    int64_t frozen_ms; /* the first fix at that place */
    bool thawed;       /* that is over with this fix, which proved it */
    bool tunnel;       /* it held its last place until now, and must have driven on meanwhile */
};

/* Whether a fix that has latitude and longitude has a position: not mode 1, not zero-zero. */
bool trust_usable(const struct fix *fix);

/* Judges the position of a fix, and remembers in state->trust what the next one needs. The last believed
 * place of the state is still that of the fix before. `settings` are those of KIND_TAMPER. */
void trust_judge(struct vehicle_state *state, const struct fix *fix, float eph_m,
                 const struct rule_settings *settings, struct trust *out);

#endif
