/*
 * heap: deadlines, the earliest first; at most one for each id.
 *
 * A binary heap that knows where each id stands, so that a vehicle's deadline can be moved at every fix. Ids
 * are small and dense (a vehicle's place in its table). Equal times come out by id, so that the order never
 * depends on the history of the heap.
 */
#ifndef MW_HEAP_H
#define MW_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_item {
    int64_t at_ms;
    uint32_t id;
};

struct heap {
    struct heap_item *items;
    uint32_t *places; /* by id: place in items + 1, or 0 */
    uint32_t count, cap, ids;
};

void heap_init(struct heap *h);
void heap_fini(struct heap *h);
/* Makes room for ids below `ids`, so that heap_set does not allocate. False without memory. */
bool heap_reserve(struct heap *h, uint32_t ids);
/* Sets or moves the deadline of an id that heap_reserve has made room for. O(log n). */
void heap_set(struct heap *h, uint32_t id, int64_t at_ms);
/* When the deadline of an id is; false if it has none. */
bool heap_get(const struct heap *h, uint32_t id, int64_t *out_at_ms);
/* Takes an id out, if it is in. */
void heap_remove(struct heap *h, uint32_t id);
/* The earliest, or NULL when there is none. */
const struct heap_item *heap_first(const struct heap *h);

#endif
