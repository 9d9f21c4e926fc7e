/* late_settings: until when what comes late is judged, and when. */
#ifndef MW_LATE_SETTINGS_H
#define MW_LATE_SETTINGS_H

#include <stdint.h>

struct late_settings {
    int64_t horizon_ms;    /* what is later than this stays unjudged; 0: all does */
    int64_t quiet_ms;      /* no late fix for so long: it may be judged */
    int64_t max_wait_ms;   /* nor longer than this after the first */
    int64_t checkpoint_ms; /* of event time between two states that it can begin with */
};

#endif
