/*
 * wording: the parts that sentences for people are put together from: names, times, durations, amounts, in
 * Chinese and in English.
 *
 * Names come from files that anybody may have written. Whatever they hold, a sentence stays one line,
 * bounded, and readable from left to right: what does not print becomes a space, marks that turn or hide text
 * are left out, a script that runs from right to left is closed off from what stands around it, quotes cannot
 * end a quotation, and what is too long is cut between two characters and ends in an ellipsis.
 */
#ifndef MW_WORDING_H
#define MW_WORDING_H

#include "buf.h"

#include <muckwatch/zone.h>

enum phrase_language { PHRASE_ZH, PHRASE_EN };

/* Bytes of a name that are written, and with all that may be put around it. */
enum { NAME_SHOWN_MAX = 96, NAME_WRITTEN_MAX = NAME_SHOWN_MAX + 16 };

void wording_put_name(struct buf *out, struct text name);
/* In quotation marks. */
void wording_put_quoted(struct buf *out, struct text name);

/* Local date and time to the second. The date is left out when it is that of `day_ms`, TIME_NONE: never. */
void wording_put_time(struct buf *out, int64_t ms, const struct mw_zone *zone, int64_t day_ms,
                      enum phrase_language language);
/* The same without seconds where they are 0: for the edges of hours and dates. */
void wording_put_edge(struct buf *out, int64_t ms, const struct mw_zone *zone, int64_t day_ms,
                      enum phrase_language language);
/* Its two largest units: "17 min 35 s". */
void wording_put_duration(struct buf *out, int64_t ms, enum phrase_language language);
/* "30.41235°N 112.90000°E" */
void wording_put_position(struct buf *out, double lat_deg, double lon_deg, enum phrase_language language);

/* Whether a figure can be a measurement; all others, and NaN, are not written. */
bool wording_is_amount(float amount);
void wording_put_amount(struct buf *out, float amount, const char *unit, enum phrase_language language);

/* How many decimals a value of this unit is written with: 0 for seconds, minutes, per cent and counts, 1 for
 * all else. */
int unit_decimals(const char *unit);

#endif
