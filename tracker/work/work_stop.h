/*
 * work_stop: where a vehicle that collects stood, and how long.
 *
 * It stands at 3 km/h and less; where its `work` sensor says that it is collecting, at 8. A stop ends with the first fix
 * that is faster, or that is elsewhere; where the track has a gap, with the last fix before it.
 */
#ifndef MW_WORK_STOP_H
#define MW_WORK_STOP_H

#include "work.h"

/* Whether a stop has ended, which is then in `out`: a place and two times. */
bool work_stop_step(struct work_state *w, const struct work_fix *fix, struct work_interval *out);
/* The same where nothing more is expected of the vehicle. */
bool work_stop_end(struct work_state *w, struct work_interval *out);

#endif
