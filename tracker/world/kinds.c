#include "kinds.h"

#include "common_options.h"

#define SECONDS(n) ((int64_t)(n)*1000)

/* Defaults of design and field: docs/RULES.md tells where each figure comes from. */
static const struct kind_row rows[KIND_COUNT] = {
    [KIND_NONE] = {.name = ""},
    [KIND_OFF_ROUTE] =
        {
            .name = "off_route",
            .subject = SUBJECT_PERMIT,
            .single = true,
            .past = true,
            .initial = {.confirm_fixes = 3,
                        .confirm_ms = SECONDS(30),
                        .clear_fixes = 2,
                        .clear_ms = SECONDS(30),
                        .warn_ms = SECONDS(20),
                        .major = 600},
            .basis = MAJOR_SECONDS,
            .text = "on a trip or loaded, outside every fence that the permit allows",
        },
    [KIND_WRONG_HOURS] =
        {
            .name = "wrong_hours",
            .driving = true,
            .subject = SUBJECT_PERMIT_OR_AREA,
            .single = true,
            .past = true,
            .initial = {.confirm_fixes = 2,
                        .confirm_ms = SECONDS(60),
                        .clear_fixes = 2,
                        .clear_ms = SECONDS(30),
                        .warn_ms = SECONDS(600)},
            .text = "moving while the hours of the permit, or of the area, are closed",
        },
    [KIND_BANNED_AREA] =
        {
            .name = "banned_area",
            .subject = SUBJECT_FENCE,
            .initial =
                {.confirm_fixes = 2, .confirm_ms = SECONDS(10), .clear_fixes = 2, .warn_ms = SECONDS(10)},
            .text =
                "inside a banned fence in force for this class, without a permit whose route leads through",
        },
    [KIND_SPILL] =
        {
            .name = "spill",
            .initial = {.confirm_fixes = 1, .clear_fixes = 2},
            .text = "the spill sensor says so",
        },
    [KIND_UNCOVERED] =
        {
            .name = "uncovered",
            .driving = true,
            .initial =
                {.confirm_fixes = 2, .confirm_ms = SECONDS(20), .clear_fixes = 2, .warn_ms = SECONDS(10)},
            .text = "loaded, cover open, moving",
            .own = {{"over_kmh", "km/h", 0, 200, 5, "judged above this speed"}},
        },
    [KIND_OVERLOAD] =
        {
            .name = "overload",
            .initial =
                {.confirm_fixes = 2, .confirm_ms = SECONDS(60), .clear_fixes = 2, .warn_ms = SECONDS(30)},
            .text = "the load sensor says over, or the load is above the vehicle's limit",
        },
    [KIND_OVER_HEIGHT] =
        {
            .name = "over_height",
            .initial =
                {.confirm_fixes = 2, .confirm_ms = SECONDS(60), .clear_fixes = 2, .warn_ms = SECONDS(30)},
            .text = "the height is above the vehicle's limit",
        },
    [KIND_ILLEGAL_DUMPING] =
        {
            .name = "illegal_dumping",
            .past = true,
            .initial = {.confirm_fixes = 2,
                        .confirm_ms = SECONDS(5),
                        .clear_fixes = 2,
                        .warn_ms = SECONDS(5),
                        .severity = SEVERITY_MAJOR},
            .text = "body raised outside disposal, site and depot fences, or unloaded outside disposal "
                    "fences",
        },
    [KIND_ILLEGAL_LOADING] =
        {
            .name = "illegal_loading",
            .past = true,
            .initial = {.confirm_fixes = 3, .clear_fixes = 2, .warn_ms = SECONDS(60)},
            .text = "load goes from empty to loaded outside site fences",
        },
    [KIND_NO_PERMIT] =
        {
            .name = "no_permit",
            .subject = SUBJECT_TRIP,
            .past = true,
            .initial = {.confirm_fixes = 1, .clear_fixes = 1, .severity = SEVERITY_MAJOR},
            .text = "a loaded haul leaves a site and no permit names vehicle, site and date",
            .own = {{"inferred", "0 or 1", 0, 1, 0, "also where no load sensor, only a stop says loaded"}},
        },
    [KIND_WRONG_SITE] =
        {
            .name = "wrong_site",
            .subject = SUBJECT_FENCE,
            .initial = {.confirm_fixes = 1, .clear_fixes = 1, .severity = SEVERITY_MAJOR},
            .text = "unloaded in a disposal fence that the permit does not name",
            .own = {{"inferred", "0 or 1", 0, 1, 0, "also where no sensor, only a stop says unloaded"}},
        },
    [KIND_UNWASHED_EXIT] =
        {
            .name = "unwashed_exit",
            .subject = SUBJECT_FENCE,
            .initial = {.confirm_fixes = 1, .clear_fixes = 1},
            .text = "left a site that has a wash fence without a stop in it or a wash signal",
        },
    [KIND_SPEEDING] =
        {
            .name = "speeding",
            .driving = true,
            .single = true,
            .initial = {.confirm_fixes = 2,
                        .confirm_ms = SECONDS(10),
                        .clear_fixes = 2,
                        .clear_ms = SECONDS(30),
                        .warn_ms = SECONDS(5),
                        .major = 50},
            .basis = MAJOR_PERCENT,
            .text = "faster than the lowest limit in force",
        },
    [KIND_OVERSTAY] =
        {
            .name = "overstay",
            .past = true,
            .initial =
                {.confirm_fixes = 2, .confirm_ms = SECONDS(1800), .clear_fixes = 2, .warn_ms = SECONDS(300)},
            .text = "stopped outside fences that allow it",
        },
    [KIND_OFFLINE] =
        {
            .machine = true,
            .name = "offline",
            .past = true,
            .initial = {.confirm_fixes = 0, .confirm_ms = SECONDS(600), .clear_fixes = 1},
            .text = "silent while in service",
        },
    [KIND_NO_FIX] =
        {
            .machine = true,
            .name = "no_fix",
            .subject = SUBJECT_REASON,
            .initial = {.confirm_fixes = 2, .confirm_ms = SECONDS(300), .clear_fixes = 2},
            .text = "messages without a usable position, or ten fixes in a row from a wrong clock",
        },
    [KIND_TAMPER] =
        {
            .machine = true,
            .name = "tamper",
            .subject = SUBJECT_CAUSE,
            .initial = {.confirm_fixes = 1, .clear_fixes = 2, .severity = SEVERITY_MAJOR},
            .text = "antenna cut or short, main power lost, an impossible jump, a frozen position",
            .own = {{"jump_mps", "m/s", 1, 1000, 60, "a jump implies more than this speed"},
                    {"jump_fixes", "fixes", 1, 100, 2, "fixes that confirm the place jumped to"},
                    {"frozen_m", "m", 0, 100, 1, "frozen: positions within this distance"},
                    {"frozen_fixes", "fixes", 2, 1000, 6, "frozen: for this many fixes"},
                    {"frozen_s", "s", 0, 86400, 60, "frozen: and for this long"},
                    {"frozen_kmh", "km/h", 0, 200, 5, "frozen: with a reported speed above this"},
                    {"tunnel_m", "m", 0, 100000, 5000,
                     "no tunnel: held for more than this way at that speed"},
                    {"tunnel_s", "s", 0, 86400, 900, "no tunnel: held for longer than this"}},
        },
};

const struct kind_row *kind_row(enum kind kind)
{
    return &rows[kind < KIND_COUNT ? kind : KIND_NONE];
}

struct rule_settings kind_settings_initial(enum kind kind)
{
    const struct kind_row *row = kind_row(kind);
    struct rule_settings settings = row->initial;
    settings.enabled = true;
    if (settings.severity == SEVERITY_NONE)
        settings.severity = SEVERITY_MINOR;
    for (int i = 0; i < KIND_OWN_MAX && row->own[i].name != NULL; i++)
        settings.own[i] = row->own[i].initial;
    return settings;
}

enum kind kind_find(struct text name)
{
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        if (text_equal(name, text_of(rows[k].name)))
            return k;
    return KIND_NONE;
}

static const char *const severities[] = {"", "minor", "major", "critical"};

const char *severity_name(enum severity severity)
{
    return severities[severity <= SEVERITY_CRITICAL ? severity : SEVERITY_NONE];
}

enum severity severity_find(struct text name)
{
    for (int s = SEVERITY_MINOR; s <= SEVERITY_CRITICAL; s++)
        if (text_equal(name, text_of(severities[s])))
            return (enum severity)s;
    return SEVERITY_NONE;
}

#define INITIAL_SECONDS(n)                                    SECONDS(n)
#define INITIAL_NUMBER(n)                                     (n)
#define INITIAL_BOOL(n)                                       (n)
#define INITIAL(TYPE, key, member, most, initial, unit, text) .member = INITIAL_##TYPE(initial),

struct common_settings common_settings_initial(void)
{
    return (struct common_settings){COMMON_OPTIONS(INITIAL)};
}
