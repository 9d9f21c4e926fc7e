/*
 * pages: memory for large arrays that are read at random.
 *
 * Every read of a place not seen lately costs a look into the page tables beside the cache miss, and on a
 * virtual machine that look is a walk through two sets of tables. Pages of 2 MiB make it rare: at 100,000
 * fences a point query takes a third less. The system may refuse; nothing but speed depends on it.
 */
#ifndef MW_GEO_PAGES_H
#define MW_GEO_PAGES_H

#include <stddef.h>

/* Moves an array from malloc into a block of its own size; returns the array itself when memory is short or
 * the array is small. Either is freed by free(). */
void *geo_pages_settle(void *array, size_t bytes, size_t *out_held_bytes);

#endif
