/*
 * fix_fields: the value of one field of a fix, from JSON into a struct fix, with the contract's types and
 * ranges.
 *
 * Used by the readers of fixes (fix_json, owntracks) only. Each function stands at the start of a value that
 * is not null. A value of the wrong type is refused in the record and stepped over, and so is one out of
 * range of a field that a fix cannot do without; of any other field it is unknown. Only bytes that are not
 * JSON are a fault, and stop the reader.
 */
#ifndef MW_FIX_FIELDS_H
#define MW_FIX_FIELDS_H

#include "fix_item.h"
#include "json_scan.h"
#include "time_text.h"

/* One element being read. */
struct fix_record {
    struct json_scan scan;
    struct fix_item *item;
    unsigned depth; /* levels open around a field's value */
};

/* Where the number of a field lies. `bit` of enum fix_has: a fix can do without it; 0: it cannot. */
struct fix_range {
    const char *field;
    double min, max;
    unsigned bit;
};

struct fix_whole_range {
    const char *field;
    uint64_t min, max;
    unsigned bit;
};

/* Keeps the first reason. */
void fix_refuse(struct fix_record *r, enum fix_error error, const char *field);
/* Refuses, and steps over the value. */
enum json_fault fix_refuse_value(struct fix_record *r, enum fix_error error, const char *field);

/* Any number; of another type it is refused and leaves *out as it was. */
enum json_fault fix_read_number(struct fix_record *r, const char *field, double *out);
/* A number from min to max; anything else is refused and leaves *out as it was. */
enum json_fault fix_read_double(struct fix_record *r, const char *field, double min, double max, double *out);
/* A number in range of a field that may be missing, into a struct fix's float; sets its bit, also in the
 * item's `unknown` where it is out of range. */
enum json_fault fix_read_float(struct fix_record *r, const struct fix_range *range, float *out);
/* A whole number in range, however written (5, 5.0, 5e0). Out of range: unknown by its bit, or without one
 * refused; *out stays as it was. */
enum json_fault fix_read_integer(struct fix_record *r, const struct fix_whole_range *range, uint64_t *out);
/* Degrees from 0 to 360; 360 becomes 0. */
enum json_fault fix_read_track(struct fix_record *r, const char *field);
/* RFC 3339 text or a number in `unit`, within FIX_TIME_MIN_MS and FIX_TIME_END_MS. */
enum json_fault fix_read_time(struct fix_record *r, const char *field, enum time_unit unit, struct wall *out);
enum json_fault fix_read_boot(struct fix_record *r, const char *field);
/* A string, borrowed; escaped ones are refused, since what they stand for is nowhere to borrow. */
enum json_fault fix_read_plain(struct fix_record *r, const char *field, struct text *out);
enum json_fault fix_read_sensors(struct fix_record *r, const char *field);
/* An array of strings. */
enum json_fault fix_read_media(struct fix_record *r, const char *field);

#endif
