/*
 * look_ids: which vehicles have been heard of.
 */
#ifndef MW_LOOK_IDS_H
#define MW_LOOK_IDS_H

#include "look.h"

struct look_ids {
    struct text *items; /* each followed by a zero byte */
    size_t count, cap;
};

/* The ids of all vehicles of the partition, in order, each once. EX_OK, or an exit code after a sentence on
 * stderr; look_ids_fini is due either way. */
int look_ids_find(struct look *look, const char *command, struct look_ids *out);
bool look_ids_add(struct look_ids *ids, struct text id);
/* In order, each once. */
void look_ids_sort(struct look_ids *ids);
void look_ids_fini(struct look_ids *ids);

#endif
