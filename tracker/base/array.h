/*
 * array: the step by which every list grows.
 */
#ifndef MW_ARRAY_H
#define MW_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes room in *items, which has *cap places of `size` bytes, for `count` of them, growing at least by half.
 * False, and nothing changed, without memory.
 */
bool array_reserve(void *items, size_t *cap, size_t count, size_t size);

#endif
