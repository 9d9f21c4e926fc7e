#include "dice.h"

#include <math.h>

struct dice dice_of(uint64_t seed, uint64_t purpose)
{
    struct dice d = {seed * UINT64_C(0x9e3779b97f4a7c15) + purpose * UINT64_C(0xd1342543de82ef95)};
    dice_next(&d);
    return (struct dice){dice_next(&d)};
}

uint64_t dice_next(struct dice *d)
{
    uint64_t z = (d->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double dice_unit(struct dice *d)
{
    return (double)(dice_next(d) >> 11) / 9007199254740992.0;
}

double dice_between(struct dice *d, double lo, double hi)
{
    return lo + (hi - lo) * dice_unit(d);
}

uint32_t dice_below(struct dice *d, uint32_t n)
{
    return (uint32_t)((dice_next(d) >> 32) * n >> 32);
}

bool dice_chance(struct dice *d, double probability)
{
    return dice_unit(d) < probability;
}

/* Marsaglia's polar method; the second value is dropped, so that the number of throws tells the state. */
double dice_normal(struct dice *d)
{
    double x, y, s;
    do {
        x = dice_between(d, -1, 1);
        y = dice_between(d, -1, 1);
        s = x * x + y * y;
    } while (s >= 1 || s == 0);
    return x * sqrt(-2 * log(s) / s);
}
