/*
 * explain: why there is a violation, in plain words, Chinese or English: the reviewer's first question.
 *
 * It is the engine's trace (trace.h) while recorded fixes run through the engine again. For each violation it
 * writes the rule with its thresholds, and then for each moment: where the vehicle was, the value and the
 * limit, how far the count had come, and whether the moment was that of a fix or of a deadline. Moments that
 * only repeat the line before are counted.
 */
#ifndef MW_EXPLAIN_H
#define MW_EXPLAIN_H

#include "buf.h"
#include "story_words.h"
#include "text.h"
#include "trace.h"
#include "vehicle.h"

struct explain;

/* Who gets the stories: each when it ends (in two parts, if not all of it has room), with the id of its violation. All is borrowed for the call. */
struct explain_listener {
    void *context;
    void (*story)(void *context, const char *id, struct text story);
};

/* For one violation, or all when the id is empty; the id, and what the words need, are borrowed. NULL without memory.
 * The world may be NULL until there is something to tell. */
struct explain *explain_new(struct story_words words, struct text id, struct explain_listener listener);
void explain_free(struct explain *x);
/* Another world is in force: times are told in its zone. */
void explain_set_world(struct explain *x, const struct world *world);
const struct trace *explain_trace(const struct explain *x);
/* Stories that have begun are not told. */
void explain_forget(struct explain *x);
/*
 * A vehicle was judged again, which `again` has followed, and now stands so: what goes on as before goes on here, and
 * is told there as far as it came; what does not is told here, and goes on as there.
 */
void explain_go_on(struct explain *x, struct explain *again, const struct vehicle_state *state);
/* At the end of the fixes: also tells of what is still open. */
void explain_finish(struct explain *x);

#endif
