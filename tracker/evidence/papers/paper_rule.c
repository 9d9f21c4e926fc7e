/*
 * paper_rule: the rule that was applied, with its thresholds, in Chinese and in English: settings as the world has them, and what each means.
 */
#include "papers.h"

#include <stdio.h>
#include <string.h>

/* What a setting means. One that has no row is written by its name. */
struct meaning {
    const char *name, *unit, *zh, *en;
};

static const struct meaning meanings[] = {
    {"confirm_fixes", "", "连续满足条件的定位点数达到此数",
     "opens after so many fixes that meet the condition"},
    {"confirm_s", "s", "且按定位时间持续达到此时长，方予认定", "and after so much of the fixes' own time"},
    {"clear_fixes", "", "连续不满足条件的定位点数达到此数", "closes after so many fixes that do not"},
    {"clear_s", "s", "且持续达到此时长，方认定结束", "and after so much time"},
    {"warn_s", "s", "认定前提前此时长提醒驾驶员；0 为不提醒",
     "the cab is warned so long before; 0: not at all"},
    {"severity", "", "基本级别", "how grave it is"},
    {"major", "", "达到此值转为严重；0 为不转", "turns major; 0: never"},
    {"event_code", "", "城市管理事件代码", "code of the city-management platform"},
    {"department", "", "主管部门", "the competent department"},
    {"over_kmh", "km/h", "速度高于此值方适用", "only above this speed"},
    {"over_percent", "%", "超过限值此百分比方适用", "only so much over the limit"},
    {"jump_mps", "m/s", "两点间所需速度高于此值视为跳变", "a way that takes more is a jump"},
    {"gap_s", "s", "两点间隔超过此时长视为轨迹中断，不跨越认定",
     "a longer silence is a gap, across which nothing is confirmed"},
    {"eph_default_m", "m", "终端未报定位误差时取此值", "error of a place that does not say its own"},
    {"edge_m", "m", "围栏边界容差", "tolerance at a fence's edge"},
    {"moving_kmh", "km/h", "高于此速度视为行驶", "faster is moving"},
    {"stopped_kmh", "km/h", "低于此速度视为停车", "slower is standing"},
    {"trip_s", "s", "一次运输的最长时间", "longest haul"},
};

static const struct meaning *meaning_of(struct text name)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (text_equal(text_of(meanings[i].name), name))
            return &meanings[i];
    return NULL;
}

static void put_setting(struct buf *out, struct text name, const struct json_node *value)
{
    const struct meaning *m = meaning_of(name);
    if (value->type >= JSON_NODE_ARRAY)
        return;
    struct text written = json_node_is(value, JSON_NODE_STRING)   ? json_node_text(value)
                          : json_node_is(value, JSON_NODE_NUMBER) ? (struct text){value->at, value->len}
                          : json_node_is(value, JSON_NODE_TRUE)   ? TEXT("true")
                                                                  : TEXT("false");
    buf_printf(out, "  %.*s = %.*s%s%s", TEXT_ARG(name), TEXT_ARG(written),
               m != NULL && m->unit[0] != '\0' ? " " : "", m != NULL ? m->unit : "");
    if (m != NULL)
        buf_printf(out, "   %s / %s", m->zh, m->en);
    buf_put_char(out, '\n');
}

static void put_settings(struct buf *out, const struct json_node *settings)
{
    if (!json_node_is(settings, JSON_NODE_OBJECT) || settings->len == 0)
        return;
    const struct json_node *key = json_node_first(settings);
    for (uint32_t i = 0; i < settings->len; i++, key = json_node_next(json_node_next(key)))
        put_setting(out, json_node_text(key), json_node_next(key));
}

static void put_hours(struct buf *out, const char *what, const struct json_node *item)
{
    const struct json_node *properties = json_node_member(item, "properties"); /* a fence's */
    const struct json_node *said = properties != NULL ? properties : item;
    struct text hours = case_field(said, "hours"), name = case_field(said, "name");
    if (item == NULL)
        return;
    buf_printf(out, "\n%s %.*s", what, TEXT_ARG(case_field(item, "id")));
    if (name.len > 0)
        buf_printf(out, " %.*s", TEXT_ARG(name));
    buf_puts(out, "\n  时段 hours: ");
    buf_put_text(out, hours.len > 0 ? hours : TEXT("不限 / at all times"));
    buf_put_char(out, '\n');
    if (case_field(said, "valid_from").len > 0 || case_field(said, "valid_to").len > 0)
        buf_printf(out, "  有效期 valid: %.*s .. %.*s\n", TEXT_ARG(case_field(said, "valid_from")),
                   TEXT_ARG(case_field(said, "valid_to")));
}

void paper_rule(const struct case_facts *f, struct buf *out)
{
    char kind[64];
    const struct json_node *of_kind;
    snprintf(kind, sizeof kind, "%.*s", TEXT_ARG(f->header.kind));
    of_kind = json_node_member(json_node_member(f->canonical, "rules"), kind);
    buf_printf(out, "规则 / Rule: %s (%s)\n\n", case_kind_zh(f->header.kind), kind);
    buf_printf(out, "%.*s\n%.*s\n\n", TEXT_ARG(case_field(f->last, "text_zh")),
               TEXT_ARG(case_field(f->last, "text_en")));
    buf_puts(out, "阈值 / Thresholds, rules.");
    buf_puts(out, kind);
    buf_put_char(out, '\n');
    put_settings(out, json_node_member(of_kind, ""));
    const struct json_node *vehicle = case_world_item(f, "vehicles", f->header.vehicle);
    char class_name[128];
    snprintf(class_name, sizeof class_name, "%.*s", TEXT_ARG(case_field(vehicle, "class")));
    const struct json_node *of_class = class_name[0] != '\0' ? json_node_member(of_kind, class_name) : NULL;
    if (of_class != NULL)
        buf_printf(out, "\n车型 / Of the class %s\n", class_name);
    put_settings(out, of_class);
    buf_puts(out, "\n通用设定 / For all rules, common\n");
    put_settings(out, json_node_member(f->canonical, "common"));
    put_hours(out, "核准证 / Permit", case_world_item(f, "permits", case_field(f->last, "permit")));
    put_hours(out, "围栏 / Fence", case_world_item(f, "fences", case_field(f->last, "fence")));
    buf_printf(out, "\n规则集 / Ruleset (BLAKE2b-256 of data/world.json): %.*s\n",
               TEXT_ARG(case_field(f->last, "ruleset")));
}
