/*
 * pages: memory for large arrays that are read at random.
 *
 * Every read of a place not seen lately costs a look into the page tables beside the cache miss, and on a
 * virtual machine that look is a walk through two sets of tables. Pages of 2 MiB make it rare. What that is
 * worth was seen only on a shared machine, a point one by one: at 10,000 fences 130, 125, 93 ns with them and
 * 149, 120, 115 ns without, in turns; at 100,000 484 and 460 against 500 and 512. The system may refuse;
 * nothing but speed depends on it.
 */
#ifndef MW_GEO_PAGES_H
#define MW_GEO_PAGES_H

#include <stddef.h>

/* Memory for an array that grows to about so many bytes, as from malloc: realloc and free take it. Pages are
 * filled when they are first written. NULL when memory is short. */
void *geo_pages_room(size_t bytes);

/* Gives an array, from malloc or geo_pages_room, its final size in a block of large pages: where it lies in
 * one, what is too much is given back, else it is moved. Returns the array itself when memory is short or the
 * array is small. Either is freed by free(). */
void *geo_pages_settle(void *array, size_t bytes, size_t *out_held_bytes);

#endif
