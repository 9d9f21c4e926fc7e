/*
 * fix_keys: the keys of a fix: what each holds, its range, and where it goes.
 *
 * A table for the two readers of an object, fix_object (any order, any writing) and fix_lane (the usual one),
 * and for nobody else. It stands in the header so that the lane is compiled with a constant row for each key.
 */
#ifndef MW_FIX_KEYS_H
#define MW_FIX_KEYS_H

#include "fix_item.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* The keys of a fix, in the order of the contract, in which most units write them. */
enum fix_key {
    KEY_TIME,
    KEY_LAT,
    KEY_LON,
    KEY_SPEED,
    KEY_TRACK,
    KEY_ALT,
    KEY_EPH,
    KEY_MODE,
    KEY_SATS,
    KEY_BOOT,
    KEY_SEQ,
    KEY_SENSORS,
    KEY_MEDIA,
    KEY_VEHICLE, /* this and the next only in a line */
    KEY_RECEIVED,
    KEY_NONE
};

static_assert(KEY_NONE < 32, "a bit of an unsigned for each key");

/* What a field holds. */
enum fix_form { FORM_NONE, FORM_TIME, FORM_DOUBLE, FORM_FLOAT, FORM_TRACK, FORM_SMALL, FORM_SEQ, FORM_BOOT };

/*
 * The ranges: 150 m/s is more than any road vehicle does and less than a broken counter says; altitudes leave
 * room for what a receiver makes of two dimensions; an error over 1000 km is no measurement.
 */
static const struct fix_field {
    struct text name;
    char opening[9]; /* how it begins in a text without spaces; empty: not for the quick lane */
    uint8_t form;
    uint16_t offset; /* in struct fix */
    uint16_t bit;    /* of enum fix_has */
    double min, max;
} fix_fields[KEY_NONE + 1] = {
#define AT(member) offsetof(struct fix, member)
    [KEY_TIME] = {TEXT("time"), "\"time\":", FORM_TIME, AT(time), 0, 0, 0},
    [KEY_LAT] = {TEXT("lat"), "\"lat\":", FORM_DOUBLE, AT(lat_deg), 0, -90, 90},
    [KEY_LON] = {TEXT("lon"), "\"lon\":", FORM_DOUBLE, AT(lon_deg), 0, -180, 180},
    [KEY_SPEED] = {TEXT("speed"), "\"speed\":", FORM_FLOAT, AT(speed_mps), FIX_HAS_SPEED, 0, 150},
    [KEY_TRACK] = {TEXT("track"), "\"track\":", FORM_TRACK, AT(track_deg), FIX_HAS_TRACK, 0, 360},
    [KEY_ALT] = {TEXT("alt"), "\"alt\":", FORM_FLOAT, AT(alt_m), FIX_HAS_ALT, -1000, 20000},
    [KEY_EPH] = {TEXT("eph"), "\"eph\":", FORM_FLOAT, AT(eph_m), FIX_HAS_EPH, 0, 1000000},
    [KEY_MODE] = {TEXT("mode"), "\"mode\":", FORM_SMALL, AT(mode), FIX_HAS_MODE, 0, FIX_MODE_3D},
    [KEY_SATS] = {TEXT("sats"), "\"sats\":", FORM_SMALL, AT(sats), FIX_HAS_SATS, 0, 255},
    [KEY_BOOT] = {TEXT("boot"), "\"boot\":", FORM_BOOT, AT(boot), 0, 1, FIX_BOOT_MAX},
    [KEY_SEQ] = {TEXT("seq"), "\"seq\":", FORM_SEQ, AT(seq), 0, 1, FIX_SEQ_MAX},
    [KEY_SENSORS] = {.name = TEXT("sensors")},
    [KEY_MEDIA] = {.name = TEXT("media")},
    [KEY_VEHICLE] = {.name = TEXT("vehicle")},
    [KEY_RECEIVED] = {.name = TEXT("received")},
    [KEY_NONE] = {.name = TEXT("")},
#undef AT
};

#endif
