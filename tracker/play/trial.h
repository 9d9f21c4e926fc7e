/*
 * trial: what another world would change for vehicles as they stand: which open violations would close when it comes into force.
 *
 * The states that a tracker keeps are put into a fleet under the old world, where time runs up to the last message heard, and
 * then the new world comes into force, as in a reload: what closes then, closes. What a new threshold changes shows only with
 * a vehicle's next fix; that nobody can tell beforehand. States of one partition after the other, since each has a clock of its own.
 *
 * Both worlds and the names are borrowed. It blocks nobody but whoever calls it.
 */
#ifndef MW_TRIAL_H
#define MW_TRIAL_H

#include "json_write.h"
#include "kinds.h"
#include "names.h"
#include "outcome.h"
#include "violation_id.h"
#include "world.h"

struct trial;

/* Symbols, 0: none. */
struct trial_closing {
    char id[VIOLATION_ID_LENGTH + 1];
    enum kind kind;
    enum close_reason reason;
    uint32_t vehicle, fence, permit;
};

struct trial_figures {
    uint32_t open, closing;
    uint32_t unread; /* states that could not be read */
};

/* NULL without memory. */
struct trial *trial_new(struct names *names, const struct world *old, const struct world *new);
void trial_free(struct trial *trial);

/* The states of a partition are to come; after the last of them it is settled. False without memory. */
bool trial_begin(struct trial *trial);
void trial_take_state(struct trial *trial, struct text vehicle, struct text bytes);
bool trial_settle(struct trial *trial);

struct trial_figures trial_figures(const struct trial *trial);
const struct trial_closing *trial_closing(const struct trial *trial, size_t i);

/* How many permits of the new world name no route, though the same permit did in the old one, or was not there: nothing will
 * be off route under them. *nth, if not NULL, is filled with the symbols, at most `max`. */
uint32_t trial_unrouted(const struct world *old, const struct world *new, uint32_t *out, size_t max);

/*
 * Writes one object, which muckctl and the gateway both show: {"differences":2,"changes":["+ fence x",…],"open":…,"closing":…,
 * "closes":[{…}],"unread":…,"permits_without_route":[…]}. `changes` are the lines of world_diff.h, `count` of them. Of each
 * list at most TRIAL_TOLD_MAX are told. Without a trial no states were looked at, and `open` and what follows from it is not said.
 */
enum { TRIAL_TOLD_MAX = 1000 };
struct trial_said {
    const struct world *old, *new;
    struct text changes;
    uint32_t count;
    const struct trial *trial; /* may be NULL */
};
void trial_write_json(const struct trial_said *said, struct json_writer *w);

#endif
