/*
 * remembered: what a replay keeps of one vehicle, to judge again what came late: the store's part in it.
 *
 * The fixes of its track as far back as the horizon, checkpoints among them, and what was said. Older ones go when
 * a checkpoint comes, but for the last before the horizon: a late fix at its edge needs one to begin with.
 */
#ifndef MW_REMEMBERED_H
#define MW_REMEMBERED_H

#include "redo.h"
#include "said.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct remembered_point {
    int64_t upto_ms;
    int64_t time_ms; /* of the last fix it has; TIME_NONE: none */
    uint64_t world;  /* which, counted through the replay */
    char *bytes;     /* the state as it is written */
    size_t len;
};

struct remembered {
    struct late_fix *fixes;
    size_t fix_count, fix_cap;
    struct remembered_point *points;
    size_t point_count, point_cap;
    struct said said;
    uint64_t redone_batch;  /* what came up to here has been judged again, or needed not be */
    uint64_t settled_world; /* the vehicle was settled under this world, */
    int64_t settled_ms;     /* at this time on its clock */
};

void remembered_init(struct remembered *m);
void remembered_fini(struct remembered *m);

bool remembered_add_fix(struct remembered *m, const struct late_fix *fix);
/* Its bytes are copied. */
bool remembered_add_point(struct remembered *m, const struct remembered_point *point, struct text state);
/* The last that ends before a time, or else the first, of those of this world or a later one; NULL: none. */
const struct remembered_point *remembered_before(const struct remembered *m, int64_t ms, uint64_t world);
/* Those from a time on are no longer true. */
void remembered_drop_from(struct remembered *m, int64_t ms);
/* Lets go of what nothing within the horizon needs; of what was said only if `keep_said` is not wanted. */
void remembered_trim(struct remembered *m, int64_t horizon_begins_ms, bool keep_said);

#endif
