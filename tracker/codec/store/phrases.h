/*
 * phrases: what a transition says to a person, in Chinese and in English.
 *
 * Three lengths. The sentence is for a dispatcher and for a hearing: who, what, where, since when, how much
 * against which limit, under which permit or rule, and how it went on. The headline is who, what and how
 * much. The cab is told what to do, then that it was recorded, then that it is over. No figure is said twice
 * in one of them. Names are bounded and made harmless by wording.h; what is longest is measured in the tests.
 */
#ifndef MW_PHRASES_H
#define MW_PHRASES_H

#include "buf.h"
#include "names.h"
#include "outcome.h"
#include "wording.h"

/* Bytes that a headline or a phrase for the cab, and a sentence, never exceed. */
enum { PHRASE_MAX = 640, SENTENCE_MAX = 1536 };

void phrase_put_sentence(const struct transition *t, const struct names *names, enum phrase_language language,
                         struct buf *out);
void phrase_put_headline(const struct transition *t, const struct names *names, enum phrase_language language,
                         struct buf *out);
/* `event` TRANSITION_NONE words it as a warning that can still be heeded. */
void phrase_put_cab(const struct transition *t, enum transition_event event, enum phrase_language language,
                    struct buf *out);

#endif
