/* city_doubts_private: what its files share. */
#ifndef MW_CITY_DOUBTS_PRIVATE_H
#define MW_CITY_DOUBTS_PRIVATE_H

#include "city_doubts.h"

struct doubts {
    const struct city_facts *facts;
    const struct city_judging *judging;
};

void doubts_tell(const struct doubts *d, const struct city_fact *fact, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fences that lie far from all others, and outlines that stand twice. False without memory. */
bool doubts_of_places(const struct doubts *d);

#endif
