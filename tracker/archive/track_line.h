/*
 * track_line: an entry of the tracker's streams as the line that a replay takes (docs/PROTOCOL.md, "Recorded lines").
 *
 * One rendering for whoever prints from Redis and for what the archive keeps, so that both are equal to the byte.
 */
#ifndef MW_TRACK_LINE_H
#define MW_TRACK_LINE_H

#include "buf.h"

/* Of one batch they stand in this order. */
enum track_line_kind {
    TRACK_LINE_LIFE,
    TRACK_LINE_CLOCK,
    TRACK_LINE_RULESET,
    TRACK_LINE_FIX,
    TRACK_LINE_REDO,
    TRACK_LINE_SYNC /* for no replay: how good the machine's clock was */
};

/* An entry of a stream, however its reader holds it: a field's value, empty where there is none. */
struct track_entry_fields {
    struct text (*field)(const void *entry, const char *name);
    const void *entry;
};

/* Appends the line, without a line feed; nothing for an entry that makes none. `vehicle` is that of a fix. */
void track_line_put(struct buf *out, enum track_line_kind kind, struct text vehicle,
                    const struct track_entry_fields *from);

#endif
