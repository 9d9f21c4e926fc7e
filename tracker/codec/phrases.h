/*
 * phrases: what a transition says to a person, in Chinese and in English.
 *
 * One row a kind. A phrase names who, what, where and how much; names from files are cut at 96 bytes, so that
 * a phrase is under PHRASE_MAX. Dispatchers and the cab read the same sentence; to the cab it goes without
 * `who`.
 */
#ifndef MW_PHRASES_H
#define MW_PHRASES_H

#include "buf.h"
#include "names.h"
#include "outcome.h"

enum phrase_language { PHRASE_ZH, PHRASE_EN };

enum { PHRASE_MAX = 480 };

/* Appends the sentence. `event` TRANSITION_NONE words it as a warning that can still be heeded. */
void phrase_write(const struct transition *t, enum transition_event event, const struct names *names,
                  enum phrase_language language, bool to_cab, struct buf *out);

/* How many decimals a value of this unit is written with: 0 for seconds, per cent and counts, 1 for all else.
 */
int unit_decimals(const char *unit);

#endif
