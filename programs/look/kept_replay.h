/*
 * kept_replay: recorded days of an archive through a replay, which begins where a day began (docs/ARCHIVE.md, "Where a
 * replay begins"): each vehicle with its checkpoint, under the world and the marks in force.
 *
 * What lies between a checkpoint and the day is judged as well, and what that tells is dropped: it was told the day before.
 * Where what comes late is judged again it begins a day earlier, if there is one: a stretch may reach back so far. Vehicles
 * of which nobody knows how they stood are counted and told of; of what they are found to do `trip`, `repeat` and what they
 * did already at their first fix is left out.
 */
#ifndef MW_KEPT_REPLAY_H
#define MW_KEPT_REPLAY_H

#include "kept.h"
#include "replay.h"

struct kept_replay {
    const char *command;
    struct kept *kept;
    struct replay *replay;
    struct text vehicle;         /* empty: all */
    int32_t first_day, last_day; /* of arrival; INT32_MIN, INT32_MAX: all there are */
    bool late;                   /* what came late is judged again */
    bool all_told;               /* also what is told before the first day */
    /* Takes what has come out, and empties it. An exit code. */
    int (*took)(void *context, struct buf *out);
    void *context;
};

/* All lines of the days. An exit code, after a sentence on stderr where it is not EX_OK. */
int kept_replay(const struct kept_replay *asked, struct buf *out);
/* "2026-06-07", or a time of look_parse_time, as a day of UTC. False after a sentence on stderr. */
bool kept_replay_day(const char *command, const char *option, const char *text, int32_t *out);

#endif
