/*
 * press: bytes made small and whole again, by Zstandard. The only file that knows it.
 */
#ifndef MW_PRESS_H
#define MW_PRESS_H

#include "buf.h"

#include <stdbool.h>

struct press;

/* With a dictionary of raw content; empty: without. NULL without memory. */
struct press *press_new(struct text dictionary);
void press_free(struct press *press);
/* Into an emptied buffer. False without memory, or where the bytes are no frame of this dictionary or give more than
 * the buffer takes. */
bool press_pack(struct press *press, struct text in, struct buf *out);
bool press_unpack(struct press *press, struct text in, struct buf *out);

#endif
