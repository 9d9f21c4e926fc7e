/*
 * look_asked: which of what is kept is wanted: of a vehicle, of a span of event time, near a place. One set of options for
 * all commands that show findings, trips and tracks, from the store and from an archive.
 */
#ifndef MW_LOOK_ASKED_H
#define MW_LOOK_ASKED_H

#include "look.h"

struct look_asked {
    const char *vehicle, *from, *to, *near;
    const char *since; /* written since then; NULL: all */
    struct argument_number radius;
    int64_t from_ms, to_ms; /* [from, to), in event time */
    int64_t since_ms;       /* 0: all */
    double lat_deg, lon_deg;
};

/* Nothing that is not wanted; to begin with. */
struct look_asked look_asked_all(void);

#define LOOK_SPAN_ARGUMENTS(asked)                                                                           \
    {ARGUMENT_TEXT, "from", "T", "what was so at T or later, by the units' time: as --since",                \
     &(asked)->from},                                                                                        \
    {                                                                                                        \
        ARGUMENT_TEXT, "to", "T", "what was so before T", &(asked)->to                                       \
    }
#define LOOK_NEAR_ARGUMENTS(asked)                                                                           \
    {ARGUMENT_TEXT, "near", "LAT,LON", "what was within --radius of this place (WGS 84)", &(asked)->near},   \
    {                                                                                                        \
        ARGUMENT_NUMBER, "radius", "M", "how near, in metres (100)", &(asked)->radius                        \
    }

/* Reads them. False after a sentence on stderr. */
bool look_asked_read(const char *command, struct look_asked *asked);
bool look_asked_is_all(const struct look_asked *asked);
/* Whether an entry is wanted that tells of the time between two of its fields, of the first that is there each; near: where
 * it says lat and lon, or start_lat and start_lon. */
struct look_asked_span {
    const char *first[2], *last[2];
};
bool look_asked_entry(const struct look_asked *asked, const struct look_asked_span *span,
                      const struct reply *fields);
/* Whether a recorded line of a fix is. What is no fix is not, unless all is wanted. */
bool look_asked_line(const struct look_asked *asked, struct text line);
/* A box around what is near, for an archive; false: everywhere. */
bool look_asked_box(const struct look_asked *asked, struct archive_box *out);

/* How such a command ends: opens what is looked into, has it shown and closes it. An exit code. */
typedef int look_asked_shown(struct look *look, void *context);
int look_asked_show(struct look *look, const char *command, look_asked_shown *show, void *context);

#endif
