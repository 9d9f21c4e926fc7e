/*
 * recording: what records the texts of a world in Redis, as `muck:ruleset:HASH` (docs/PROTOCOL.md).
 *
 * Commands in Redis' protocol, whole, so that a thread that has time for it can write them and the loop only
 * sends them: a text may have hundreds of megabytes. Small texts share a command, a large one has its own.
 * Sending them again does no harm.
 */
#ifndef MW_RECORDING_H
#define MW_RECORDING_H

#include "buf.h"
#include "world_load.h"

struct recording {
    struct buf *commands;
    size_t count, cap;
    size_t bytes; /* of all of them */
};

/* Writes the commands; each text goes as soon as it is in one. False without memory, and nothing in *out. */
bool recording_write(const char *hash, struct world_texts *take_texts, struct recording *out);
void recording_fini(struct recording *recording);

#endif
