/*
 * track_lines: the recorded track, of the store or of an archive, as lines that a replay takes, in the order the fixes came, with the tracker's marks
 * between them (docs/PROTOCOL.md, "Recorded lines").
 */
#ifndef MW_TRACK_LINES_H
#define MW_TRACK_LINES_H

#include "look.h"
#include "look_asked.h"
#include "look_ids.h"

struct track_lines {
    const char *command;
    const struct look_ids *ids;     /* whose tracks */
    bool all;                       /* that is everybody: marks of others are not left out */
    int64_t since_ms;               /* what came since */
    const struct look_asked *asked; /* of fixes these alone, and of marks those of their span; NULL: all */
};

/* Anything but EX_OK ends it, and is returned. A line has no line feed and is borrowed for the call. It may not ask the
 * store. */
struct track_listener {
    int (*line)(void *context, struct text line);
    void *context;
};
int track_lines(struct look *look, const struct track_lines *which, struct track_listener listener);

#endif
