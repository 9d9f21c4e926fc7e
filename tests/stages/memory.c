#include "memory.h"

#include <stdlib.h>

struct memory memory;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__real_realloc(void *p, size_t n);

static bool fails(void)
{
    if (!memory.watching)
        return false;
    memory.count++;
    return memory.fail_one_in > 0 && random_below(&memory.random, memory.fail_one_in) == 0;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t m)
{
    return fails() ? NULL : __real_calloc(n, m);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}
