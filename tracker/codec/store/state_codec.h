/*
 * state_codec: what the engine remembers of a vehicle, to bytes and back: a field of the hash
 * `muck:{P}:state`.
 *
 * Opaque to everyone else. A version byte comes first; states of this version and of the seven before are read.
 * One of an earlier version is told apart from one of a later, which this program must not overwrite. Times
 * are written relative to the last evaluated fix, places to one another, numbers in as few bytes as they need, floats bit for bit
 * (the same input must give the same output after a restart). Symbols are written as texts, each once, since
 * a symbol means nothing in another process.
 *
 * The vehicle itself is not in the bytes: it names the field they are stored in.
 *
 * Size: a vehicle never seen some 146 bytes, one that drives and has nothing open some 240. Sixteen open
 * episodes that each name a fence and a permit of their own are under STATE_TYPICAL_MAX with ids of 20 bytes;
 * the largest possible state stays under STATE_BYTES_MAX, which is what a reader accepts.
 */
#ifndef MW_STATE_CODEC_H
#define MW_STATE_CODEC_H

#include "buf.h"
#include "names.h"
#include "vehicle.h"

enum { STATE_VERSION = 9, STATE_VERSION_OLDEST = 2, STATE_TYPICAL_MAX = 2560, STATE_BYTES_MAX = 16384 };

enum state_error {
    STATE_OK,
    STATE_EARLIER_VERSION, /* written by an earlier program */
    STATE_UNKNOWN_VERSION, /* written by a later program, or not ours */
    STATE_MALFORMED,       /* cut off, or values that no state has */
    STATE_NAMES_FULL,      /* the table of names takes no more */
};

const char *state_error_name(enum state_error error);

/* Appends the bytes of a state. */
void state_write(const struct vehicle_state *state, const struct names *names, struct buf *out);
/* The same in fewer bytes, for what is kept many times and read seldom. */
void state_write_packed(const struct vehicle_state *state, const struct names *names, struct buf *out);
/* Reads either back as the state of `vehicle`; interns the names they mention. */
enum state_error state_read(struct text bytes, uint32_t vehicle, struct names *names,
                            struct vehicle_state *out_state);

#endif
