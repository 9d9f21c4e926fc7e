/*
 * pages: memory for large arrays that are read at random.
 *
 * A read of a place that was not read lately misses the cache and also the processor's cache of page tables.
 * On a virtual machine the second miss is a walk through two sets of tables. Large pages of 2 MiB make it
 * rare. The gain was measured on a shared machine only, one position at a time, with and without large pages
 * in turns: with 10,000 fences 130, 125, 93 ns with them and 149, 120, 115 ns without; with 100,000 fences
 * 484, 460 ns with and 500, 512 ns without. The system may refuse large pages; only speed depends on them.
 */
#ifndef MW_GEO_PAGES_H
#define MW_GEO_PAGES_H

#include <stddef.h>

/* Memory for an array that will grow to about `bytes`. As with malloc, it can be passed to realloc and free.
 * Its pages take up memory only once they are written. NULL: no memory. */
void *geo_pages_room(size_t bytes);

/* Brings an array from malloc or geo_pages_room to its final size in a block of large pages. If it lies in
 * such a block, the rest of the block is given back; otherwise the array is moved. Returns the array itself
 * if memory is short or the array is small. The result is freed by free(). */
void *geo_pages_settle(void *array, size_t bytes, size_t *out_held_bytes);

#endif
