#include "deed.h"

/*
 * Why units are not accused (docs/RULES.md): a haul that no load sensor shows is inferred, and whoever rolls
 * through the wash looks as if he stood there to one who does not hear how fast he is.
 */
static const struct deed_row rows[DEED_COUNT] = {
    [DEED_NONE] = {"", KIND_NONE, NULL, false, 0, 0},
    [DEED_OFF_ROUTE] = {"off_route", KIND_OFF_ROUTE, NULL, false, 0, 0},
    [DEED_HOURS_PERMIT] = {"wrong_hours, permit", KIND_WRONG_HOURS, NULL, false, 0, 0},
    [DEED_HOURS_AREA] = {"wrong_hours, area", KIND_WRONG_HOURS, NULL, false, 0, 0},
    [DEED_BAN_DRIVE] = {"banned_area, along", KIND_BANNED_AREA, NULL, false, 0, 0},
    [DEED_BAN_PIECES] = {"banned_area, pieces", KIND_BANNED_AREA, NULL, false, 0, 0},
    [DEED_BAN_STRIP] = {"banned_area, strip", KIND_BANNED_AREA, NULL, false, 0, 0},
    [DEED_BAN_WIDE] = {"banned_area, circle", KIND_BANNED_AREA, NULL, false, 0, 0},
    [DEED_SPILL] = {"spill", KIND_SPILL, NULL, false, 0, 0},
    [DEED_UNCOVERED] = {"uncovered", KIND_UNCOVERED, NULL, false, 0, 0},
    [DEED_OVERLOAD] = {"overload", KIND_OVERLOAD, NULL, false, 0, 0},
    [DEED_HEIGHT] = {"over_height", KIND_OVER_HEIGHT, NULL, false, 0, 0},
    [DEED_DUMP_BODY] = {"dumping, body", KIND_ILLEGAL_DUMPING, NULL, false, 0, 0},
    [DEED_DUMP_LOAD] = {"dumping, load", KIND_ILLEGAL_DUMPING, NULL, false, 0, 0},
    [DEED_LOAD] = {"illegal_loading", KIND_ILLEGAL_LOADING, NULL, false, 0, 0},
    [DEED_UNNAMED] = {"no_permit, none", KIND_NO_PERMIT, NULL, false, 0, NEEDS_LOAD},
    [DEED_OTHER_SITE] = {"no_permit, site", KIND_NO_PERMIT, NULL, false, 0, NEEDS_LOAD},
    [DEED_EXPIRED] = {"no_permit, expired", KIND_NO_PERMIT, NULL, false, 0, NEEDS_LOAD},
    [DEED_SUSPENDED] = {"no_permit, suspended", KIND_NO_PERMIT, NULL, false, 0, NEEDS_LOAD},
    [DEED_WRONG_SITE] = {"wrong_site", KIND_WRONG_SITE, NULL, false, 0, 0},
    [DEED_UNWASHED] = {"unwashed_exit", KIND_UNWASHED_EXIT, NULL, false, 0, NEEDS_SPEED},
    [DEED_SPEED_PIECES] = {"speeding, pieces", KIND_SPEEDING, NULL, false, 0, 0},
    [DEED_SPEED_WHOLE] = {"speeding, whole", KIND_SPEEDING, NULL, false, 0, 0},
    [DEED_OVERSTAY] = {"overstay", KIND_OVERSTAY, NULL, false, 300, 0},
    [DEED_OFFLINE] = {"offline", KIND_OFFLINE, NULL, true, 0, 0},
    [DEED_NO_FIX] = {"no_fix", KIND_NO_FIX, "position", true, 180, 0},
    [DEED_ANTENNA_CUT] = {"tamper, cut", KIND_TAMPER, "antenna_cut", false, 0, 0},
    [DEED_ANTENNA_SHORT] = {"tamper, short", KIND_TAMPER, "antenna_short", false, 0, 0},
    [DEED_POWER] = {"tamper, power", KIND_TAMPER, "power", false, 0, 0},
    [DEED_JUMP] = {"tamper, jump", KIND_TAMPER, "jump", true, 0, 0},
    [DEED_JUMP_BACK] = {"tamper, jump back", KIND_TAMPER, "jump", true, 0, 0},
    [DEED_FROZEN] = {"tamper, frozen long", KIND_TAMPER, "frozen", true, 0, 0},
    [DEED_FROZEN_STILL] = {"tamper, frozen still", KIND_TAMPER, "frozen", true, 0, 0},
};

const struct deed_row *deed_row(enum deed deed)
{
    return &rows[deed];
}

double deed_lasts_s(const struct planting *p, enum deed deed, bool deep)
{
    double confirm_s = (double)kind_settings_initial(rows[deed].kind).confirm_ms / 1000;
    if (deed == DEED_FROZEN)
        confirm_s = 900;
    return confirm_s + (deep ? 3 : 1) * p->interval_s;
}

double deed_depth_m(const struct planting *p, bool deep)
{
    return (deep ? 2 : 1) * p->error_m;
}
