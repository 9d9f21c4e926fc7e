/* arrival: when something that a unit said came to the tracker. */
#ifndef MW_ARRIVAL_H
#define MW_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

/* When an input came: by the wall clock, and by the tracker's count of attended time (attended.h). */
struct arrival {
    int64_t received_ms;
    int64_t clock_ms;
    /* Nobody knows when it came, and received_ms only says not before: no lag can be told from it. */
    bool assumed;
};

#endif
