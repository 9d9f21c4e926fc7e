/*
 * duty_entry: duties and the store: an entry of `work` as duties need it, and what is said of a duty as an entry of
 * `collections`, `coverage` or `violations`.
 */
#ifndef MW_DUTY_ENTRY_H
#define MW_DUTY_ENTRY_H

#include "commit.h"
#include "duty_telling.h"
#include "entry.h"

/* The fields of an entry, wherever they stand: the one at a place; false: there are no more. */
struct entry_fields {
    const void *context;
    bool (*at)(const void *context, size_t place, struct text *out_name, struct text *out_value);
};

/* Of kinds that are not known, and of vehicles that `names` has not, `type` is DUTY_WORK_NONE. */
struct duty_work duty_work_read(const struct entry_fields *fields, const struct names *names);

/* Makes the entry of a telling; returns the stream it belongs to. `world` is the one in force. */
const char *duty_entry(struct entry *e, const struct duty_telling *telling, const struct world *world,
                       const struct names *names);
/* The same, into a commit. `e` is scratch. */
void commit_put_duty(struct commit_group *g, struct entry *e, const struct duty_telling *telling,
                     const struct world *world, const struct names *names);

#endif
