/*
 * who_print: passes as lines for people, as JSON, or as GeoJSON, with what was open about the vehicle then and on which haul
 * it was, as far as the archive knows.
 */
#ifndef MW_WHO_PRINT_H
#define MW_WHO_PRINT_H

#include "look.h"
#include "who_search.h"

struct who_print {
    struct look *look; /* for zone and line */
    struct kept *kept;
    bool json, geojson;
};

/* An exit code. */
int who_print(const struct who_print *how, const struct who_found *found);

#endif
