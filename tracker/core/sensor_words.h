/*
 * sensor_words: when each sensor of a vehicle said its last word.
 *
 * Mostly a unit says the same sensors in every fix. So the state keeps which of them spoke in the last evaluated fix
 * (or in an addition to it): the time of their words is that fix's. Only of the others a time is kept: what stands
 * on the path of a fix is one comparison.
 */
#ifndef MW_SENSOR_WORDS_H
#define MW_SENSOR_WORDS_H

#include "vehicle.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

_Static_assert(offsetof(struct sensors, antenna) == 9 && VEHICLE_SENSORS == 12,
               "ten words of a byte each, then two numbers: a bit each, in this order");

/* Places of those that are numbers. */
enum { SENSOR_WORDS_LOAD_KG = 10, SENSOR_WORDS_HEIGHT_M = 11 };

/* A bit for each sensor of which something is said, a fault too. A byte each is at most 0x7f. */
static inline uint16_t sensor_words_of(const struct sensors *s)
{
    uint64_t first, high;
    memcpy(&first, s, sizeof first);
    high = (first + UINT64_C(0x7f7f7f7f7f7f7f7f)) & UINT64_C(0x8080808080808080);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    unsigned words = (unsigned)((high >> 7) * UINT64_C(0x0102040810204080) >> 56);
#else
    unsigned words = (unsigned)((high >> 7) * UINT64_C(0x8040201008040201) >> 56);
#endif
    words |= (unsigned)(s->power != 0) << 8 | (unsigned)(s->antenna != 0) << 9;
    return (uint16_t)(words | (unsigned)!isnan(s->load_kg) << SENSOR_WORDS_LOAD_KG |
                      (unsigned)!isnan(s->height_m) << SENSOR_WORDS_HEIGHT_M);
}

/* These spoke in a fix of this time, before anything of it is in the state. Only if they are not state->said. */
void sensor_words_follow(struct vehicle_state *state, uint16_t words, int64_t at_ms);
/* The time of a sensor's last word; TIME_NONE: it has said none, or nobody kept when. */
int64_t sensor_words_ms(const struct vehicle_state *state, unsigned sensor);
/* In their order, as a fix names them. */
extern const char *const sensor_words_names[VEHICLE_SENSORS];
/* A bit for each of which the last word is that it is at fault. */
uint16_t sensor_words_faults(const struct sensors *s);

#endif
