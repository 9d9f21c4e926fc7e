/*
 * deed: what a driver of the planted run does that he must not, or what befalls his unit.
 *
 * A row a deed: its name in the table and the kind it is to be found as. Some are done by the driver
 * (deed_plan, one on each way), some lie in his way: bans and slow zones that concern him alone
 * (town_plant.c). meter.h says when they were done, how deep and how long.
 */
#ifndef MW_HONEST_DEED_H
#define MW_HONEST_DEED_H

#include "kinds.h"

#include <stdbool.h>
#include <stdint.h>

enum deed {
    DEED_NONE,
    DEED_OFF_ROUTE,    /* another way than the permitted one */
    DEED_HOURS_PERMIT, /* drives while every permit is closed */
    DEED_HOURS_AREA,   /* sweeps while every area is closed */
    DEED_BAN_DRIVE,    /* along a wide banned strip */
    DEED_BAN_PIECES,   /* the same in pieces */
    DEED_BAN_STRIP,    /* across a narrow one */
    DEED_BAN_WIDE,     /* through a circle */
    DEED_SPILL,
    DEED_UNCOVERED,
    DEED_OVERLOAD,
    DEED_HEIGHT,
    DEED_DUMP_BODY,
    DEED_DUMP_LOAD,
    DEED_LOAD,
    DEED_UNNAMED, /* no permit names this vehicle and site: the permit was never given */
    DEED_OTHER_SITE,
    DEED_EXPIRED,
    DEED_SUSPENDED,
    DEED_WRONG_SITE,
    DEED_UNWASHED,
    DEED_SPEED_PIECES,
    DEED_SPEED_WHOLE,
    DEED_OVERSTAY,
    DEED_OFFLINE,
    DEED_NO_FIX,
    DEED_ANTENNA_CUT,
    DEED_ANTENNA_SHORT,
    DEED_POWER,
    DEED_JUMP,         /* there, and */
    DEED_JUMP_BACK,    /* back: the same deed; it may be told, and need not */
    DEED_FROZEN,       /* held for long */
    DEED_FROZEN_STILL, /* held over a round, and still there */
    DEED_COUNT
};

/* What a unit must say for its driver to be accused of it. */
enum { NEEDS_LOAD = 1, NEEDS_SPEED = 2 };

struct deed_row {
    const char *name;
    enum kind kind;
    const char *cause; /* of a finding; NULL: any */
    bool hides;        /* the unit does not say truly where it is */
    int early_s; /* a finding may rightly begin so long before: it stood nearby already, or was in a tunnel */
    unsigned needs;
};

const struct deed_row *deed_row(enum deed deed);

/* What is planted, and how: NULL in a town says that everyone is honest. */
struct planting {
    double error_m; /* 95 % of the receivers' errors */
    int interval_s;
};

/* How long a deed has to be done to be found for sure: confirm_s and three intervals; a shallow one, one. */
double deed_lasts_s(const struct planting *p, enum deed deed, bool deep);
/* How far from an edge: twice the error, or once. */
double deed_depth_m(const struct planting *p, bool deep);

/* One deed of a driver, on one way. */
struct deed_plan {
    enum deed deed;
    bool deep;
    bool on;                /* it is being done */
    double share;           /* of the way, before it begins */
    uint32_t at;            /* the point of the way where it begins; UINT32_MAX: not laid yet */
    double lasts_s;         /* from there; INFINITY: to the end of the way */
    int64_t from_ms;        /* since then; 0: not yet */
    double east_m, north_m; /* of a jump */
};

#endif
