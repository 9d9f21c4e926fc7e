/*
 * world_steps: how a builder goes on after something that is wrong, and who hears of it.
 *
 * A thing is looked at step by step. The first problem is the one that is returned; where somebody listens
 * (world_builder_tell) each one is told, and looking goes on behind it.
 */
#ifndef MW_WORLD_STEPS_H
#define MW_WORLD_STEPS_H

#include "world_builder_state.h"

/* A thing being looked at. */
struct world_steps {
    struct world_builder *b;
    const char *what; /* "fence", "permit", for messages; and its id */
    struct text id;
    struct world_error *out_error; /* the first */
    struct world_error now;        /* of the step in hand */
    enum world_status status;
};

/* Says what is wrong. Always WORLD_BAD. */
enum world_status world_fail(struct world_error *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes what a step says. Whether the next is due: after what is wrong only if somebody hears of it. */
bool world_step(struct world_steps *s, enum world_status status);

#endif
