/*
 * story_words: the lines of a story, in Chinese or in English: the rule with its thresholds, a moment, what was told.
 *
 * It puts words to what explain.h follows, and keeps nothing. A line ends with its newline.
 */
#ifndef MW_STORY_WORDS_H
#define MW_STORY_WORDS_H

#include "buf.h"
#include "names.h"
#include "outcome.h"
#include "trace.h"
#include "wording.h"

/* All is borrowed. */
struct story_words {
    const struct names *names;
    const struct world *world; /* in whose zone times are told */
    enum phrase_language language;
};

/* What it is, of whom, and the rule. */
void story_put_rule(const struct story_words *w, struct buf *b, const struct trace_finding *t);
/* Where the vehicle was, the value and the limit, and how far the count had come. */
void story_put_moment(const struct story_words *w, struct buf *b, const struct trace_finding *t);
/* How many moments said the same; nothing of none. */
void story_put_same(const struct story_words *w, struct buf *b, uint32_t same);
/* What was told, under this id. */
void story_put_transition(const struct story_words *w, struct buf *b, const struct transition *t,
                          const char *id);
/* That it is still open at the end; that a story had no room for the rest. */
void story_put_open(const struct story_words *w, struct buf *b);
struct text story_cut(enum phrase_language language);

/* Local date and time, as all lines have it; `with_date`: else the time alone. */
void story_put_time(const struct story_words *w, struct buf *b, int64_t ms, bool with_date);
void story_say(const struct story_words *w, struct buf *b, const char *zh, const char *en);

#endif
