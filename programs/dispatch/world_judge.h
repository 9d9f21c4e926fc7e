/*
 * world_judge: whether files make a world, and what it would change: the same that muckctl check --against … --redis says.
 *
 * The engine's own loader looks at them; then the world that the store says is in force is made as well, and the states of all vehicles of
 * all partitions are put under the new one. Blocks on the store; for the thread. Names are the judge's own, so what is refused
 * leaves none behind.
 */
#ifndef MW_WORLD_JUDGE_H
#define MW_WORLD_JUDGE_H

#include "redis_look.h"
#include "world_files.h"

enum { WORLD_FINDINGS_BYTES = 4 << 20, WORLD_AGAINST_BYTES = 8 << 20 };

struct world_judged {
    struct buf errors, warnings; /* finding_lines.h: objects with commas between them */
    size_t error_count;
    char ruleset[65];   /* of the new world; empty: there is none */
    struct buf against; /* one object (trial.h) */
    char reason[256];   /* why nothing could be said of what it changes; empty: it was */
};

struct world_judge_store {
    struct store_options options;
    const uint32_t *partitions;
    size_t count;
};

/* world_judged_fini is due either way. False without memory. */
bool world_judge(struct world_files *files, const struct world_judge_store *store, struct world_judged *out);
void world_judged_fini(struct world_judged *judged);

#endif
