#include "pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE_BYTES ((size_t)2 << 20)
/* For smaller arrays, rounding up to whole large pages would waste too much. */
#define HUGE_MIN_BYTES (4 * HUGE_PAGE_BYTES)

static void *shrink(void *array, size_t bytes, size_t *out_held_bytes)
{
    void *smaller = realloc(array, bytes);
    if (smaller == NULL)
        return array;
    *out_held_bytes = bytes;
    return smaller;
}

static void *large_pages(size_t bytes)
{
    void *block;
    if (posix_memalign(&block, HUGE_PAGE_BYTES, bytes) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    (void)madvise(block, bytes, MADV_HUGEPAGE);
#endif
    return block;
}

static size_t whole_pages(size_t bytes)
{
    return (bytes + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
}

void *geo_pages_room(size_t bytes)
{
    return bytes < HUGE_MIN_BYTES ? malloc(bytes) : large_pages(whole_pages(bytes));
}

void *geo_pages_settle(void *array, size_t bytes, size_t *out_held_bytes)
{
    if (bytes == 0 || *out_held_bytes == 0)
        return array;
    bool large = bytes >= HUGE_MIN_BYTES;
    if (large && (uintptr_t)array % HUGE_PAGE_BYTES == 0)
        return shrink(array, whole_pages(bytes), out_held_bytes);
    void *block = large ? large_pages(whole_pages(bytes)) : NULL;
    if (block == NULL)
        return shrink(array, bytes, out_held_bytes);
    memcpy(block, array, bytes);
    free(array);
    *out_held_bytes = whole_pages(bytes);
    return block;
}
