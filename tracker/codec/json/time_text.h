/*
 * time_text: an instant as text or number, to milliseconds since the epoch and back.
 *
 * Text is RFC 3339 with an offset: `2026-05-01T08:00:00+08:00`, upper or lower case T and Z, a fraction of
 * any length, and no space in place of the T. Everything finer than a millisecond is floored away. A leap
 * second (23:59:60 in UTC) has no millisecond of its own and becomes 23:59:59.999, so that it stays in its
 * day and never lies before what came ahead of it.
 */
#ifndef MW_TIME_TEXT_H
#define MW_TIME_TEXT_H

#include "buf.h"
#include "clock.h"
#include "json_scan.h"

enum time_error {
    TIME_OK,
    TIME_SYNTAX, /* not of this form */
    TIME_RANGE,  /* no such day, hour, offset; or a number too far from zero */
};

enum time_unit { TIME_UNIT_S, TIME_UNIT_MS };

enum time_error time_text_read(struct text t, struct wall *out);
/* A number of seconds or milliseconds since the epoch, floored exactly, as its decimal digits say. */
enum time_error time_number_read(const struct json_number *n, enum time_unit unit, struct wall *out);
/* Appends RFC 3339 in UTC with a Z, with milliseconds only where there are some. For years 1 to 9999; others
 * are clamped. */
void time_text_write(struct wall t, struct buf *out);

#endif
