/* fix_item: what a reader makes of one element of a payload: a fix, or why it was refused. */
#ifndef MW_FIX_ITEM_H
#define MW_FIX_ITEM_H

#include "fix.h"

#include <stdint.h>

/* Accepted times: from 2010-01-01 on; to before 2101-01-01, which also catches milliseconds given as seconds.
 */
#define FIX_TIME_MIN_MS INT64_C(1262304000000)
#define FIX_TIME_END_MS INT64_C(4133980800000)
#define FIX_SEQ_MAX     ((UINT64_C(1) << 53) - 1)

enum fix_error {
    FIX_OK,
    FIX_TOO_LARGE,  /* the payload is over FIX_PAYLOAD_MAX and was not looked into */
    FIX_NOT_JSON,   /* from here on not JSON; the rest of the payload goes with it */
    FIX_TOO_DEEP,   /* nested over JSON_SCAN_DEPTH_MAX; the rest of the payload goes with it */
    FIX_WRONG_TYPE, /* a field, or the element, is of another JSON type, or text is not in the field's form */
    FIX_OUT_OF_RANGE,  /* a time, place, boot or seq outside those there are */
    FIX_TOO_OLD,       /* a time before 2010 */
    FIX_DUPLICATE_KEY, /* a field of the contract stands twice */
    FIX_NO_TIME,
    FIX_NO_POSITION,  /* lat or lon missing though mode is neither 0 nor 1 */
    FIX_UNPAIRED_SEQ, /* boot without seq or seq without boot */
    FIX_NO_VEHICLE,   /* a replayed line only: vehicle is missing or not a vehicle id */
    FIX_ERROR_COUNT
};

/* The word for `rejects`: "not_json", "out_of_range" and so on; "ok" for FIX_OK. */
const char *fix_error_name(enum fix_error error);

/* One element of a payload. */
struct fix_item {
    enum fix_error error;
    const char *field; /* which field was refused, first of several; "" where it was no field */
    struct text
        json; /* the element's bytes as received; with FIX_NOT_JSON, FIX_TOO_DEEP the rest of the payload */
    struct fix fix; /* refused: only boot and seq, if FIX_HAS_SEQ is set */
    /* Bits of enum fix_has: what it said out of the field's range, and is therefore not in the fix. */
    uint16_t unknown;
};

/* A line of recorded fixes: a fix's fields, whose it is and when it came. */
struct fix_line {
    struct fix_item item;
    struct text vehicle;
    bool has_received;
    struct wall received;
    struct text added[2]; /* the bytes of vehicle and received, which are not the fix's */
};

#endif
