/*
 * episode: from findings to opened, updated and closed, without flapping.
 *
 *              holds                     held for confirm_fixes and confirm_s
 *     (none) ---------> confirming ------------------------------------------> open ---.
 *        ^                  |                                                   |  ^    | holds again: counts
 * from 0 |   does not hold  |                 did not hold for clear_fixes      |  '----'
 *        '------------------+------------------- and clear_s, or its window ----'
 *                                                closed, or its subject went
 *
 * `start` is the first moment at which the condition held, `end` the first at which it no longer did; both
 * are known only later, so both are kept. What a sensor or position cannot tell (HELD_UNKNOWN) moves nothing,
 * and the time it lasts counts neither way. What lies within the error of a place (finding.weak) goes on but
 * proves nothing: an episode opens by fixes of which two are beyond it, and it closes by such only. Out of a
 * thing made of pieces (finding.seam) is out after two fixes and THING_NEAR_M of way, so that one thing
 * driven is one finding; what then was never confirmed may have been driven through (crossing.h).
 *
 * After a gap in the track both counts begin again. An episode that began at a window's edge, between two
 * fixes, is confirmed by time alone while the last fix is fresh. The cab is warned a set time before an
 * episode opens, not when it begins, and of one kind not again within a set time.
 */
#ifndef MW_EPISODE_H
#define MW_EPISODE_H

#include "moment.h"
#include "outcome.h"
#include "rule.h"

struct episode_context {
    const struct moment *m;
    const struct rule *rule;
    const struct rule_settings *settings;
    struct vehicle_state *state;
    struct outcome *out;
    int64_t received_ms; /* of the fix; TIME_NONE for a tick */
    int64_t deadline_ms; /* earliest that anything here wants; in and out */
    bool held_again;     /* an addition to a fix that has been counted as one at which it held, */
    bool clear_again;    /* or did not: it counts no more */
};

/* Takes what one rule has found at one moment. */
void episodes_take(struct episode_context *c, const struct findings *findings);
/* The track has a gap before this fix: nothing is half confirmed or half cleared across it. */
void episodes_gap(struct vehicle_state *state);
/* What an episode of this kind about this finding is found by (struct episode.key). */
uint32_t finding_key(enum kind kind, const struct finding *f);
/* Another world may make other things of the same fences: keys follow, ids stay. */
void episodes_key(struct vehicle_state *state, const struct world *world);
/* Whether one before this place is now about the same thing. */
bool episode_doubles(const struct vehicle_state *state, uint32_t place);
/* Closes the open episode at `place`, or drops a confirming one. */
void episode_close(struct episode_context *c, struct episode *e, enum close_reason reason, int64_t end_ms);

#endif
