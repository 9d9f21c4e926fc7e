/*
 * fuzz_city: a loader of one file, fed any bytes; what it takes, the builder has to be able to build. `check`
 * (may be NULL) sees what has been taken.
 */
#ifndef MW_FUZZ_CITY_H
#define MW_FUZZ_CITY_H

#include "city_load.h"

#include <stdint.h>

void fuzz_city(const uint8_t *data, size_t size, bool (*load)(struct city_load *load, struct text bytes),
               void (*check)(struct city_load *load, struct text bytes));

#endif
