/*
 * place_words: where a position is, as a dispatcher would say it: in which fences, and in or how far from which
 * named place.
 */
#ifndef MW_PLACE_WORDS_H
#define MW_PLACE_WORDS_H

#include "json_write.h"
#include "world.h"

void place_words_write(const struct world *world, struct mw_point at, struct wall now, struct json_writer *w);

/* Whose it is: that of the innermost district there, told by the longest path; empty where there is none. Borrowed from the world. */
struct text place_jurisdiction(const struct world *world, struct mw_point at);

#endif
