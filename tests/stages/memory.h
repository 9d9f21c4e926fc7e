/*
 * memory: counts what is allocated while it is watched, and lets some of it fail. malloc and its kin are
 * wrapped by the linker.
 */
#ifndef MW_TEST_MEMORY_H
#define MW_TEST_MEMORY_H

#include "../codec/random.h"

#include <stdbool.h>

struct memory {
    bool watching;
    uint64_t count;       /* allocations, grown ones too */
    unsigned fail_one_in; /* 0: none */
    struct random random;
};

extern struct memory memory;

#endif
