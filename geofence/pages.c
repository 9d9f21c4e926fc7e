#include "pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE_BYTES ((size_t)2 << 20)
/* Below this the rounding up to whole pages would show. */
#define HUGE_MIN_BYTES (4 * HUGE_PAGE_BYTES)

static void *shrink(void *array, size_t bytes, size_t *out_held_bytes)
{
    void *smaller = realloc(array, bytes);
    if (!smaller) {
        return array;
    }
    *out_held_bytes = bytes;
    return smaller;
}

void *geo_pages_settle(void *array, size_t bytes, size_t *out_held_bytes)
{
    if (bytes == 0 || *out_held_bytes == 0) {
        return array;
    }
    size_t rounded = (bytes + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    void *block;
    if (bytes < HUGE_MIN_BYTES || posix_memalign(&block, HUGE_PAGE_BYTES, rounded) != 0) {
        return shrink(array, bytes, out_held_bytes);
    }
#ifdef MADV_HUGEPAGE
    (void)madvise(block, rounded, MADV_HUGEPAGE);
#endif
    memcpy(block, array, bytes);
    free(array);
    *out_held_bytes = rounded;
    return block;
}
