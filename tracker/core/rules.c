#include "rule.h"

const struct rule rules[] = {
    {KIND_OFF_ROUTE, rule_off_route, "m"},
    {KIND_WRONG_HOURS, rule_wrong_hours, NULL},
    {KIND_BANNED_AREA, rule_banned_area, NULL},
    {KIND_SPILL, rule_spill, NULL},
    {KIND_ILLEGAL_DUMPING, rule_illegal_dumping, NULL},
    {KIND_ILLEGAL_LOADING, rule_illegal_loading, NULL},
    {KIND_NO_PERMIT, rule_no_permit, NULL},
    {KIND_WRONG_SITE, rule_wrong_site, NULL},
    {KIND_UNWASHED_EXIT, rule_unwashed_exit, NULL},
    {KIND_OVERSTAY, rule_overstay, NULL},
    {KIND_UNCOVERED, rule_uncovered, "km/h"},
    {KIND_OVERLOAD, rule_overload, "kg"},
    {KIND_OVER_HEIGHT, rule_over_height, "m"},
    {KIND_SPEEDING, rule_speeding, "km/h"},
    {KIND_OFFLINE, rule_offline, NULL},
    {KIND_NO_FIX, rule_no_fix, "s"},
    {KIND_TAMPER, rule_tamper, "m/s"},
    {0},
};

void findings_set(struct findings *out, enum held held, float value, float limit)
{
    if (findings_no_news(out, held, TIME_NEVER))
        return;
    struct finding f = finding_none();
    f.held = held;
    f.value = value;
    f.limit = limit;
    findings_add(out, f);
}
