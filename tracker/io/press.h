/*
 * press: bytes made small and whole again, by Zstandard. The only file that knows it.
 */
#ifndef MW_PRESS_H
#define MW_PRESS_H

#include "buf.h"

#include <stdbool.h>

struct press;

/* What is kept for years is made small, and its owner has a hash of it; what is soon made anew is made small in little
 * time, and says by itself whether it is whole. */
enum press_for { PRESS_TO_KEEP, PRESS_TO_PASS };
/* With a dictionary of raw content; empty: without. NULL without memory. */
struct press *press_new(struct text dictionary, enum press_for what);
void press_free(struct press *press);
/* Into an emptied buffer. False without memory, or where the bytes are no frame of this dictionary or give more than
 * the buffer takes. */
bool press_pack(struct press *press, struct text in, struct buf *out);
bool press_unpack(struct press *press, struct text in, struct buf *out);

#endif
