/*
 * retelling: recorded fixes once more through the engine, with what led to a violation told in plain words.
 *
 * From a store, an archive, or from lines that somebody else has. Failures are exit codes after a sentence on stderr, in the name of `command`.
 */
#ifndef MW_RETELLING_H
#define MW_RETELLING_H

#include "city.h"
#include "look.h"
#include "replay.h"
#include "tellings.h"
#include "worlds.h"

struct retelling {
    const char *command;
    struct text id; /* of the violation, with a zero behind it; empty: all */
    enum phrase_language language;
    struct look look;
    struct city city; /* a world of its own; without one those that the track names are found */
    struct worlds worlds;
    bool named_worlds; /* those that the track names are found, whatever the city */
    uint64_t lines;    /* of a stored track */
    struct replay *engine;
    struct tellings *tellings;
    struct buf sink; /* the entries, which nobody wants here */
};

/* `command`, `id`, `look`, `city` and where worlds lie are set; the look is open, unless lines are fed. EX_OK, or an exit code. retelling_fini is
 * due either way; it closes neither look nor city. */
int retelling_begin(struct retelling *r);
void retelling_fini(struct retelling *r);

enum replay_status retelling_line(struct retelling *r, struct text line);
/* The track of its vehicle as the store has it. EX_DATAERR: the store knows no such violation. */
int retelling_from_store(struct retelling *r);
/* From the day on which it began to that on which it was told last. EX_DATAERR: the archive has none. */
int retelling_from_archive(struct retelling *r);
/* Appends what there is to tell; *out_told is of how many violations. */
int retelling_end(struct retelling *r, struct buf *out, uint32_t *out_told);

#endif
