/*
 * world_private: what world.c and the files of the builder share and nobody else may look at.
 */
#ifndef MW_WORLD_PRIVATE_H
#define MW_WORLD_PRIVATE_H

#include "arena.h"
#include "world.h"

/* A table from symbols to places: dense where the symbols are, UINT32_MAX elsewhere. */
struct symbol_map {
    uint32_t *places;
    size_t count;
};

struct world_store {
    struct world world; /* first: the public part */
    struct arena arena;
    struct symbol_map fences, permits, vehicles;
    struct mw_hours **hours; /* by slot */
    struct rule_settings rules[WORLD_CLASS_MAX + 1][KIND_COUNT];
    struct vehicle_info nameless;
};

#endif
