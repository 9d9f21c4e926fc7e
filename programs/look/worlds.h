/*
 * worlds: recorded worlds from a folder of rulesets (ruleset.h), or from an archive, one after the other as a track names
 * them.
 */
#ifndef MW_WORLDS_H
#define MW_WORLDS_H

#include "kept.h"
#include "names.h"
#include "replay.h"
#include "world.h"

struct worlds {
    const char *dir, *command;
    struct kept *kept;   /* instead of the folder; NULL: none */
    struct store *store; /* else this, which nobody else asks meanwhile; NULL: none */
    struct names *names;
    struct world *now, *before; /* the last two that were found: one may still be in force */
    /* Told of each before it comes into force; may be NULL. */
    void (*found)(void *context, const struct world *world);
    void *context;
};

/* For replay_set_worlds: says on stderr why there is none. */
struct replay_worlds worlds_of(struct worlds *worlds);
void worlds_fini(struct worlds *worlds);

/* What is to be said of a line that replay did not take; an exit code. `number` is the line's. */
int worlds_line_failed(const char *command, enum replay_status status, uint64_t number);

#endif
