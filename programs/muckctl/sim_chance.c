#include "sim_chance.h"

#include <math.h>

uint64_t sim_random_u64(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double sim_random_unit(uint64_t *state)
{
    return ((double)(sim_random_u64(state) >> 11) + 0.5) / 9007199254740992.0;
}

int64_t sim_random_after_ms(uint64_t *state, int64_t now_ms, double mean_s)
{
    return mean_s > 0 ? now_ms + (int64_t)(-log(sim_random_unit(state)) * mean_s * 1000) : INT64_MAX;
}
