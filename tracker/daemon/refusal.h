/*
 * refusal: what an error of the store says: that the command was bad, or that the store is away.
 *
 * Only the function library's own refusals are about what was asked. Every other error, known or not, is about
 * the store, its rights, its memory, what stands between: whoever waits loses nothing, whoever gives up does.
 */
#ifndef MW_REFUSAL_H
#define MW_REFUSAL_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

/* The library's own: the batch is bad, and nothing of it was written. */
bool refusal_is_ours(struct text error);
/* A key of a type that is not ours: about that key alone, where only that was asked for. */
bool refusal_is_type(struct text error);
/* The function library is not there. */
bool refusal_no_function(struct text error);
/* We may not, or it cannot be done there: asking again does not help. */
bool refusal_is_for_good(struct text error);
/* Why one that is not ours was said: its place among the names. */
size_t refusal_reason(struct text error);

/* Names of the reasons, for the metric. */
extern const char *const refusal_reasons[];

#endif
