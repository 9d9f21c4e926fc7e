#include "sample_transitions.h"

#include "../cmocka_all.h"

#include <math.h>

struct names *sample_names;
static struct mw_zone *sample_zone;

int sample_set_up(void **state)
{
    (void)state;
    sample_names = names_new(100);
    sample_zone = mw_zone_fixed(8 * 3600);
    return sample_names == NULL || sample_zone == NULL;
}

int sample_tear_down(void **state)
{
    (void)state;
    mw_zone_free(sample_zone);
    names_free(sample_names);
    return 0;
}

uint32_t sample_name(const char *text)
{
    uint32_t symbol = 0;
    assert_true(names_intern(sample_names, text_of(text), &symbol));
    return symbol;
}

static struct transition base(enum kind kind)
{
    struct transition t = {
        .event = TRANSITION_OPENED,
        .kind = kind,
        .severity = SEVERITY_MINOR,
        .rev = 1,
        .vehicle = sample_name("truck-7"),
        .repeat = 2,
        .start_ms = SAMPLE_START_MS,
        .at_ms = SAMPLE_START_MS + 65000,
        .end_ms = TIME_NONE,
        .received_ms = SAMPLE_START_MS + 65250,
        .trip_ms = TIME_NONE,
        .has_position = true,
        .lat_deg = 30.4784,
        .lon_deg = 112.9067,
        .start_lat_deg = 30.4711,
        .start_lon_deg = 112.9012,
        .value = NAN,
        .limit = NAN,
        .error_m = NAN,
        .plate = TEXT("鄂A12345"),
        .company = TEXT("宏运渣土运输有限公司"),
        .ruleset = "00ff",
        .told = {.zone = sample_zone,
                 .lat_deg = 30.4711,
                 .lon_deg = 112.9012,
                 .place = TEXT("北辰路"),
                 .place_en = TEXT("Beichen Rd"),
                 .near_ms = TIME_NONE,
                 .closed_ms = TIME_NONE,
                 .opens_ms = TIME_NONE},
    };
    return t;
}

void sample_at_fence(struct transition *t, const char *id, const char *zh, const char *en)
{
    t->fence = sample_name(id);
    t->fence_name = text_of(zh);
    t->told.fence_name_en = text_of(en);
}

void sample_measured(struct transition *t, float value, float limit, const char *unit)
{
    t->value = value;
    t->limit = limit;
    t->unit = unit;
}

struct transition sample_transition(enum kind kind)
{
    struct transition t = base(kind);
    switch (kind) {
    case KIND_OFF_ROUTE:
        t.permit = sample_name("P26-0101");
        sample_measured(&t, 85.34f, 40, "m");
        t.error_m = 8;
        break;
    case KIND_WRONG_HOURS:
        t.permit = sample_name("P26-0104");
        t.allowed_ms = 60000;
        t.told.closed_ms = SAMPLE_START_MS - 56297000;
        t.told.opens_ms = SAMPLE_START_MS + 26503000;
        break;
    case KIND_BANNED_AREA:
        sample_at_fence(&t, "ban-centre", "内环中心城区禁行区", "Inner Ring ban");
        t.told.fence_reason = TEXT("中心城区渣土车限时禁行");
        break;
    case KIND_UNCOVERED:
        sample_measured(&t, 32.44f, 5, "km/h");
        break;
    case KIND_OVERLOAD:
        sample_measured(&t, 18600, 16000, "kg");
        break;
    case KIND_OVER_HEIGHT:
        sample_measured(&t, 3.62f, 3.3f, "m");
        break;
    case KIND_ILLEGAL_DUMPING:
        sample_at_fence(&t, "no-tipping-river", "澜江两岸禁倒带", "Lan River banks");
        t.told.fence_reason = TEXT("饮用水源二级保护区");
        t.severity = SEVERITY_CRITICAL;
        break;
    case KIND_NO_PERMIT:
        sample_at_fence(&t, "site-1", "江湾壹号基坑工程", "Jiangwan No. 1");
        t.severity = SEVERITY_MAJOR;
        t.why = GAP_EXPIRED;
        t.near_permit = sample_name("P26-0009");
        t.told.near_ms = INT64_C(1777564800000); /* the end of 30 April */
        break;
    case KIND_WRONG_SITE:
        sample_at_fence(&t, "disp-2", "东郊建筑垃圾消纳场", "East disposal");
        t.permit = sample_name("P26-0101");
        t.severity = SEVERITY_MAJOR;
        break;
    case KIND_UNWASHED_EXIT:
        sample_at_fence(&t, "site-1", "江湾壹号基坑工程", "Jiangwan No. 1");
        break;
    case KIND_SPEEDING:
        sample_at_fence(&t, "speed-hospital", "市一医院路段", "First Hospital");
        sample_measured(&t, 62.04f, 40, "km/h");
        break;
    case KIND_OVERSTAY:
        t.allowed_ms = 1800000;
        t.at_ms = SAMPLE_START_MS + 1800000;
        break;
    case KIND_OFFLINE:
        t.allowed_ms = 600000;
        break;
    case KIND_NO_FIX:
        t.cause = CAUSE_POSITION;
        break;
    case KIND_TAMPER:
        t.cause = CAUSE_JUMP;
        sample_measured(&t, 142.2f, 60, "m/s");
        t.severity = SEVERITY_MAJOR;
        break;
    default:
        break;
    }
    return t;
}

struct transition sample_turned(struct transition t, enum transition_event event, enum close_reason reason)
{
    t.event = event;
    t.reason = reason;
    t.rev++;
    if (event == TRANSITION_UPDATED) {
        t.severity = SEVERITY_MAJOR;
        t.at_ms = SAMPLE_START_MS + (t.kind == KIND_OVERSTAY ? 2402000 : 602000);
    }
    if (event == TRANSITION_CLOSED)
        t.at_ms = t.end_ms = SAMPLE_START_MS + (t.kind == KIND_OVERSTAY ? 2705000 : 945000);
    return t;
}
