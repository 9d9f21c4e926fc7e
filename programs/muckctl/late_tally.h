/*
 * late_tally: of each vehicle how much of its track came late, what that corrected, and what still waits.
 *
 * From what Redis has: states, tracks, the streams of violations and trips, marks. All is read in pages; kept is a
 * row a vehicle.
 */
#ifndef MW_LATE_TALLY_H
#define MW_LATE_TALLY_H

#include "look.h"

enum late_event { LATE_WITHDRAWN, LATE_UPDATED, LATE_OPENED, LATE_CLOSED, LATE_TRIPS, LATE_EVENTS };

struct late_row {
    struct text vehicle; /* followed by a zero byte */
    bool waits;
    int64_t since_clock_ms;     /* it waits since then by the tracker's count of attended time, */
    int64_t since_ms;           /* and by the wall clock; 0: no mark tells */
    int64_t redo_from_ms;       /* the least late time */
    uint64_t fixes, late;       /* in the track; of these not in order */
    uint64_t clock;             /* of these by a clock that was wrong */
    uint64_t told[LATE_EVENTS]; /* entries that correct */
    uint64_t redos;
    int64_t redo_ms; /* when the last was */
};

struct late_tally {
    struct look *look;
    const char *command;
    const char *from; /* where streams are read from: milliseconds */
    struct late_row *rows;
    size_t count, cap;
    uint32_t unread; /* states that this version cannot read */
};

/* Of all vehicles, or of one. EX_OK, or an exit code after a sentence on stderr; late_tally_fini is due either way. */
int late_tally(struct late_tally *t, const char *vehicle);
void late_tally_fini(struct late_tally *t);

#endif
