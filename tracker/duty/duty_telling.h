/*
 * duty_telling: what is to be said of a duty, one change at a time. Plain data, good for the length of the call.
 */
#ifndef MW_DUTY_TELLING_H
#define MW_DUTY_TELLING_H

#include "duty_coverage.h"
#include "duty_ledger.h"

enum duty_event {
    DUTY_VISITED,
    DUTY_MISSED,
    DUTY_JUDGED, /* a window of sweeping, for the first time */
    DUTY_UPDATED,
    DUTY_WITHDRAWN,
    /* Of findings: */
    DUTY_OPENED,
    DUTY_CLOSED,
    DUTY_GONE, /* closed, since the files have no such duty, point or window any more */
};

enum duty_telling_type { DUTY_TELLS_POINT, DUTY_TELLS_WINDOW, DUTY_TELLS_FINDING };

struct duty_telling {
    enum duty_telling_type type;
    enum duty_event event;
    uint32_t duty_symbol;
    const struct duty *duty; /* NULL: the world has none any more */
    int32_t day;
    int64_t received_ms; /* of the fix that caused it; DUTY_NEVER: none did */
    uint32_t place;      /* of the point or the window */
    uint32_t fence;      /* symbol: of the point, or of the first road that lacks passes; 0: none */
    struct ledger_times times;
    uint16_t from_min, to_min;
    int64_t at_ms;                  /* when that was so */
    int64_t start_ms;               /* of a finding */
    const struct said_point *point; /* as it is said now; of a withdrawn one as it was */
    const struct said_window *window;
    const struct coverage *coverage; /* of a window; segments are places in the duty's */
    uint32_t vehicles;               /* that worked in it */
    struct said_violation finding;   /* as it is said now */
    bool has_finding;                /* the point or window has one */
};

struct duty_listener {
    void *context;
    void (*tell)(void *context, const struct duty_telling *telling);
};

#endif
