/*
 * shown_fields: what the hash of a vehicle says, a field at a time, and the flags of its row among what moved: a
 * table of the fields in docs/PROTOCOL.md, "The vehicle as it stands".
 */
#ifndef MW_SHOWN_FIELDS_H
#define MW_SHOWN_FIELDS_H

#include "entry.h"
#include "names.h"
#include "vehicle.h"
#include "world.h"

/* The first change with nearly every fix, the next seldom; the last three are of a live position. */
enum shown_field {
    SHOWN_TIME,
    SHOWN_RECEIVED,
    SHOWN_LAT,
    SHOWN_LON,
    SHOWN_SPEED,
    SHOWN_TRACK,
    SHOWN_EPH,
    SHOWN_MODE,
    SHOWN_LOAD_KG,
    SHOWN_HEIGHT_M,
    SHOWN_SENSORS_AT,
    SHOWN_ONLINE,
    SHOWN_TRIP,
    SHOWN_OPEN,
    SHOWN_WORST,
    SHOWN_PLATE,
    SHOWN_COMPANY,
    SHOWN_CLASS,
    SHOWN_WASTE,
    SHOWN_FENCES,
    SHOWN_COVER,
    SHOWN_BODY,
    SHOWN_LOAD,
    SHOWN_POWER,
    SHOWN_ANTENNA,
    SHOWN_WORK,
    SHOWN_IGNITION,
    SHOWN_SPILL,
    SHOWN_COUNT,
    SHOWN_LIVE_TIME = SHOWN_COUNT,
    SHOWN_FIELDS_AND_LIVE = SHOWN_LIVE_TIME + 3
};

#define SHOWN_MOVING ((1u << SHOWN_ONLINE) - 1)
#define SHOWN_STEADY (((1u << SHOWN_COUNT) - 1) & ~SHOWN_MOVING)
#define SHOWN_LIVE   (7u << SHOWN_LIVE_TIME)
/* These stay once they are there; the others may be absent again. */
#define SHOWN_STAYING                                                                                        \
    (1u << SHOWN_TIME | 1u << SHOWN_RECEIVED | 1u << SHOWN_LAT | 1u << SHOWN_LON | 1u << SHOWN_ONLINE |      \
     1u << SHOWN_OPEN)
#define SHOWN_PASSING     (((1u << SHOWN_FIELDS_AND_LIVE) - 1) & ~SHOWN_STAYING)
#define SHOWN_KMH_PER_MPS 3.6

/* Fences named of those that hold a vehicle, and corridors of a permit: their ids with every byte escaped. */
enum { SHOWN_FENCES_MAX = 16, SHOWN_VALUE_MAX = SHOWN_FENCES_MAX * (WORLD_ID_MAX * 6 + 3) + 32 };

extern const char *const shown_names[SHOWN_FIELDS_AND_LIVE];

/* A vehicle, and what is looked up for it once. */
struct shown {
    const struct vehicle_state *state;
    const struct vehicle_info *info;
    const struct names *names;
    struct text vehicle;
    uint32_t fences[SHOWN_FENCES_MAX]; /* symbols of those that hold it */
    uint32_t fence_count;              /* also of those that are not among them */
    enum severity worst;               /* of what is open */
};

void shown_begin(struct shown *x, const struct vehicle_state *state, const struct world *world,
                 const struct names *names);
/* A bit for each that has a value; those of a live position are not among them. */
uint32_t shown_fields(const struct shown *x);
/* In the buffer, or borrowed from the world. */
struct text shown_value(const struct shown *x, enum shown_field field, struct buf *out);
uint32_t shown_count(uint32_t set);
bool shown_on_haul(const struct vehicle_state *s);

/* Flags of a row. */
enum move_flag {
    MOVE_ONLINE = 1 << 0,
    MOVE_MOVING = 1 << 1,
    MOVE_PLACED = 1 << 2,
    MOVE_IGNITION = 1 << 3,
    MOVE_COVER_OPEN = 1 << 4,
    MOVE_BODY_RAISED = 1 << 5,
    MOVE_LOADED = 1 << 6,
    MOVE_SPILLING = 1 << 7,
    MOVE_WORKING = 1 << 8,
    MOVE_HAULING = 1 << 9,
    MOVE_LIVE = 1 << 10,
    MOVE_WORST_SHIFT = 11, /* two bits */
    MOVE_FAULT = 1 << 13,
};

/* All but MOVE_LIVE. */
uint32_t shown_flags(const struct vehicle_state *s);

#endif
