/* Chance from a seed: splitmix64 (Steele, Lea and Flood 2014). */
#include "properties.h"

#include <math.h>

uint64_t chance_next(struct chance *c)
{
    uint64_t z = c->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

struct chance chance_of(uint64_t seed, uint64_t key)
{
    struct chance c = {seed * 0x2545f4914f6cdd1d + key};
    c.state = chance_next(&c) ^ key << 32;
    return c;
}

uint32_t chance_below(struct chance *c, uint32_t bound)
{
    return (uint32_t)((chance_next(c) >> 32) * bound >> 32);
}

double chance_between(struct chance *c, double low, double high)
{
    return low + (high - low) * (double)(chance_next(c) >> 11) * 0x1p-53;
}

bool chance_one_in(struct chance *c, uint32_t n)
{
    return chance_below(c, n) == 0;
}

double chance_normal(struct chance *c)
{
    double u = 1 - chance_between(c, 0, 1), v = chance_between(c, 0, 1);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}
