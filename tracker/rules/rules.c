#include "rule.h"

const struct rule rules[] = {
    {KIND_OFF_ROUTE, rule_off_route, "m", SENSES_NOTHING},
    {KIND_WRONG_HOURS, rule_wrong_hours, NULL, SENSES_NOTHING},
    {KIND_BANNED_AREA, rule_banned_area, NULL, SENSES_NOTHING},
    {KIND_SPILL, rule_spill, NULL, SENSES_LASTING},
    {KIND_ILLEGAL_DUMPING, rule_illegal_dumping, NULL, SENSES_LASTING},
    {KIND_ILLEGAL_LOADING, rule_illegal_loading, NULL, SENSES_NOW},
    {KIND_NO_PERMIT, rule_no_permit, NULL, SENSES_NOTHING},
    {KIND_WRONG_SITE, rule_wrong_site, NULL, SENSES_NOTHING},
    {KIND_UNWASHED_EXIT, rule_unwashed_exit, NULL, SENSES_NOTHING},
    {KIND_OVERSTAY, rule_overstay, NULL, SENSES_NOTHING},
    {KIND_UNCOVERED, rule_uncovered, "km/h", SENSES_NOW},
    {KIND_OVERLOAD, rule_overload, "kg", SENSES_LASTING},
    {KIND_OVER_HEIGHT, rule_over_height, "m", SENSES_LASTING},
    {KIND_SPEEDING, rule_speeding, "km/h", SENSES_NOTHING},
    {KIND_OFFLINE, rule_offline, NULL, SENSES_NOTHING},
    {KIND_NO_FIX, rule_no_fix, "s", SENSES_NOTHING},
    {KIND_TAMPER, rule_tamper, "m/s", SENSES_LASTING},
    {KIND_DISCHARGE, rule_discharge, NULL, SENSES_LASTING},
    {KIND_MIXED_WASTE, rule_mixed_waste, NULL, SENSES_NOW},
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
