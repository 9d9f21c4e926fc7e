/*
 * owntracks: location messages of the OwnTracks apps (topic `owntracks/{user}/{device}`) as fixes.
 *
 * `tst` is the time in Unix seconds, `vel` km/h, `cog` the course, `acc` the horizontal error in metres,
 * `alt` the altitude. OwnTracks leaves `vel`, `cog` and `acc` out where it does not know them. There is no
 * boot and no seq: such fixes are recognised as duplicates by their bytes. Refusals and ranges are those
 * of fix_json.
 */
#ifndef MW_OWNTRACKS_H
#define MW_OWNTRACKS_H

#include "fix_json.h"

/*
 * Reads one message. False: it is well-formed and of another `_type` (lwt, transition, waypoints ...), or of
 * none, and there is nothing to do. True: `out` holds a fix or a refusal.
 */
bool owntracks_read(struct text payload, struct fix_item *out);

#endif
