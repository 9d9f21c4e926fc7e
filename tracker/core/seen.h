/*
 * seen: numbers that are in the track and that the journal's mark does not tell of.
 *
 * The mark says that every number up to it is used up. That is not enough in two cases. A number that is used
 * up, in a fix newer than the last judged one, may be a counter that began again, or the repeat of a fix that
 * is in the track and was not judged: one from the future, one that filled a hole. And fixes of other boots
 * have no mark. What is kept are ranges of numbers, each with the latest time of their fixes: a fix within
 * range and time is in the track. Not each fix: a unit whose clock is wrong for a week makes 60,000 of them.
 *
 * Where more than JOURNAL_SEEN_MAX are needed, two of the journal in hand become one, if all between them is
 * used up: that may take a fix of a counter that begins again, or one that was given up, for a repeat, and
 * never a repeat for a new fix. Else the oldest of another boot is forgotten.
 */
#ifndef MW_SEEN_H
#define MW_SEEN_H

#include "vehicle.h"

/* Whether a fix of this number and time is in the track. `boot`: its hash; 0: of the journal in hand. A
 * number without a fix has TIME_NONE. */
bool seen_covers(const struct journal_mark *j, uint64_t boot, uint64_t seq, int64_t time_ms);
/* Takes note of one that is; TIME_NEVER: its time is not known. Of such of the journal in hand only the last
 * are kept: what comes before them is older than what has been judged since. */
void seen_note(struct journal_mark *j, uint64_t boot, uint64_t seq, int64_t time_ms);
/* Takes note of a range of them. */
void seen_add(struct journal_mark *j, struct seq_seen range);
/* All up to the mark is in the track, with times up to this one: no judged fix tells of them. */
void seen_recall(struct journal_mark *j, int64_t time_ms);
/* 2: the boot's journal is that before the one in hand; 1: it was in hand once; 0: never, as far as is known.
 */
uint64_t seen_left(const struct journal_mark *j, uint64_t boot);
/* A fix of the journal in hand has been judged: what is older than it is told by its time. */
void seen_judged(struct journal_mark *j, int64_t time_ms);
/* The journal in hand becomes that before a new one; no judged fix of it is newer than `time_ms`. */
void seen_leave(struct journal_mark *j, uint64_t boot, int64_t time_ms);
/* The journal in hand is that of this boot now: how far it is in the track from its first number on; 0: not.
 */
uint64_t seen_adopt(struct journal_mark *j, uint64_t boot);

#endif
