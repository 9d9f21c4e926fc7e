/*
 * fix: what an onboard unit says at one instant: where it was and what its sensors saw.
 *
 * The contract's fix object (docs/PROTOCOL.md) as a plain struct. What the unit left out, or sent as null, is
 * absent here: a bit in `has` is clear, or a sensor is at its zero value, which always means unknown. A
 * struct fix owns nothing; `boot` borrows the bytes it was read from.
 */
#ifndef MW_FIX_H
#define MW_FIX_H

#include "clock.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum fix_has {
    FIX_HAS_POSITION = 1 << 0, /* lat and lon */
    FIX_HAS_SPEED = 1 << 1,
    FIX_HAS_TRACK = 1 << 2,
    FIX_HAS_ALT = 1 << 3,
    FIX_HAS_EPH = 1 << 4,
    FIX_HAS_MODE = 1 << 5,
    FIX_HAS_SATS = 1 << 6,
    FIX_HAS_SEQ = 1 << 7, /* boot and seq */
    FIX_HAS_SENSORS = 1 << 8,
    FIX_HAS_MEDIA = 1 << 9,
};

/* Every enum starts at unknown, which neither raises nor clears anything; fault behaves like unknown. */
enum sensor_cover { COVER_UNKNOWN, COVER_OPEN, COVER_CLOSED, COVER_FAULT };
enum sensor_body { BODY_UNKNOWN, BODY_RAISED, BODY_DOWN, BODY_FAULT };
enum sensor_load { LOAD_UNKNOWN, LOAD_EMPTY, LOAD_LOADED, LOAD_OVER, LOAD_FAULT };
enum sensor_flag { FLAG_UNKNOWN, FLAG_FALSE, FLAG_TRUE };
enum sensor_work { WORK_UNKNOWN, WORK_OFF, WORK_SWEEPING, WORK_WASHING, WORK_SPRAYING, WORK_COLLECTING };
enum sensor_power { POWER_UNKNOWN, POWER_MAIN, POWER_BACKUP };
enum sensor_antenna { ANTENNA_UNKNOWN, ANTENNA_OK, ANTENNA_CUT, ANTENNA_SHORT };

struct sensors {
    uint8_t cover;     /* enum sensor_cover */
    uint8_t body;      /* enum sensor_body */
    uint8_t load;      /* enum sensor_load */
    uint8_t spill;     /* enum sensor_flag, as the next three */
    uint8_t discharge; /* water is being let out */
    uint8_t wash;      /* the vehicle is being washed */
    uint8_t ignition;
    uint8_t work;    /* enum sensor_work */
    uint8_t power;   /* enum sensor_power */
    uint8_t antenna; /* enum sensor_antenna */
    float load_kg;   /* NaN: unknown */
    float height_m;  /* NaN: unknown */
};

/* gpsd's words for how good a fix is. */
enum fix_mode { FIX_MODE_UNKNOWN, FIX_MODE_NONE, FIX_MODE_2D, FIX_MODE_3D };

struct fix {
    struct wall time;        /* when the unit was there */
    double lat_deg, lon_deg; /* WGS-84 */
    float speed_mps;
    float track_deg; /* over ground, from true north, [0, 360) */
    float alt_m;
    float eph_m;  /* horizontal error, 95 % */
    uint16_t has; /* bits of enum fix_has */
    uint8_t mode; /* enum fix_mode */
    uint8_t sats;
    struct text boot; /* 1 to FIX_BOOT_MAX bytes; names the unit's journal */
    uint64_t seq;     /* from 1 */
    uint64_t content; /* of a fix without boot and seq: hash of its bytes */
    struct sensors sensors;
};

/* The longest `boot` accepted: a UUID is 36. The state of a vehicle carries it, so it has to have a bound. */
#define FIX_BOOT_MAX 64

/* What tells a fix from all others of its unit. */
struct fix_number {
    struct text boot;
    uint64_t seq;
};

static inline bool fix_has(const struct fix *fix, unsigned bits)
{
    return (fix->has & bits) == bits;
}

/* A struct sensors in which nothing is known. */
struct sensors sensors_none(void);

#endif
