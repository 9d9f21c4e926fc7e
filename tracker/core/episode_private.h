/* episode_private: what following an episode and telling of it share. */
#ifndef MW_EPISODE_PRIVATE_H
#define MW_EPISODE_PRIVATE_H

#include "episode.h"

static inline int64_t episode_held_for_ms(const struct episode_context *c, const struct episode *e)
{
    return c->m->at_ms - e->start_ms - e->unknown_ms;
}

/* Whether the cab has been warned of this kind a short time ago. Inline, since it is asked at most fixes. */
static inline bool episode_warned_lately(const struct episode_context *c)
{
    uint32_t now_s = (uint32_t)(c->m->at_ms / 1000), last_s = c->state->warned_s[c->rule->kind];
    return last_s != 0 && (int64_t)(now_s - last_s) * 1000 < c->m->world->common.warn_again_ms;
}

/* One more revision of it is told. */
struct transition *episode_emit(struct episode_context *c, struct episode *e, enum transition_event event);
/* From confirming to open: counted for the repeats and for the trip, told, and told to the cab. */
void episode_open(struct episode_context *c, struct episode *e);
/* Opened and closed at once: that it was driven through is certain only now. */
void episode_tell_crossing(struct episode_context *c, struct episode *e);
/* Another limit holds from here on: told with what breaks it, while the worst stays what the end tells. */
void episode_tell_limit(struct episode_context *c, struct episode *e, const struct finding *f);
/* Warns the cab if it is a little before it opens. */
void episode_warn(struct episode_context *c, struct episode *e);
/* Warns of what does not hold yet, but will. Who calls has asked whether it was warned lately. */
void episode_foretell(struct episode_context *c, const struct finding *f);
/* The fences of its thing that were driven through since the last fix, and those that hold the vehicle now. */
void episode_keep_pieces(const struct episode_context *c, struct episode *e, const struct finding *f);
/* Without a word. Those behind it move up. */
void episode_remove(struct vehicle_state *state, struct episode *e);

#endif
