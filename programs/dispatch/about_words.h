/*
 * about_words: how a kind is judged for a vehicle, and what it is permitted, as a world says: for those who look at an alert.
 *
 * Each writes a value into a buffer. A world of NULL says nothing.
 */
#ifndef MW_ABOUT_WORDS_H
#define MW_ABOUT_WORDS_H

#include "buf.h"
#include "world.h"

/* {thresholds in force for the vehicle's class}; null: no world, or a kind that this version does not know. */
void about_write_rule(const struct world *world, struct text kind, struct text vehicle, struct buf *out);
/* [each permit of the vehicle, held against a time] */
void about_write_permits(const struct world *world, struct text vehicle, int64_t at_ms, struct buf *out);

#endif
