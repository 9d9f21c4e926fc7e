#include "array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool array_reserve(void *items, size_t *cap, size_t count, size_t size)
{
    if (count <= *cap)
        return true;
    size_t want = *cap + *cap / 2 + 8;
    if (want < count)
        want = count;
    if (want > SIZE_MAX / size)
        return false;
    void *old;
    memcpy(&old, items, sizeof old); /* items is a pointer to a pointer of a type we do not know */
    void *grown = realloc(old, want * size);
    if (grown == NULL)
        return false;
    memcpy(items, &grown, sizeof grown);
    *cap = want;
    return true;
}
