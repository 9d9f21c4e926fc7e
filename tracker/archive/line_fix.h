/*
 * line_fix: what a recorded line says: a unit's fix or, from a phone, an OwnTracks message, as a replay takes it.
 */
#ifndef MW_LINE_FIX_H
#define MW_LINE_FIX_H

#include "fix_item.h"

/* False where it is no fix that could be judged. Texts are borrowed from the line. */
bool line_fix_read(struct text line, struct fix_line *out);
/* The time of arrival, which stands behind the vehicle; 0 where it does not. */
int64_t line_fix_received_ms(struct text line);
/* What stands behind the first place of `key` (quotes and colon included) up to the next quote, comma or brace: of what the
 * tracker put into a line itself. Empty where it is not there. */
struct text line_fix_behind(struct text line, const char *key);

#endif
