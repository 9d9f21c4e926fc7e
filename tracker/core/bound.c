#include "bound.h"

const char *bound_name(size_t place)
{
    static const char *const names[BOUND_COUNT] = {"fences", "paths", "episodes", "places", "permits"};
    return place < BOUND_COUNT ? names[place] : "";
}
