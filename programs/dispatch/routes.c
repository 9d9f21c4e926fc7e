/*
 * The table of what can be asked.
 */
#include "alert_query.h"
#include "gateway.h"
#include "handlers.h"

static const struct web_parameter_row of_hours[] = {
    {"expr", WEB_PARAMETER_TEXT, .min = 1, .max = MW_HOURS_MAX_LENGTH, .required = true},
    {"from", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000},
    {"n", WEB_PARAMETER_WHOLE, .min = 1, .max = 500},
};

#define CRS_WORDS "wgs84|gcj02|bd09|cgcs2000"

static const struct web_parameter_row of_convert[] = {
    {"crs", WEB_PARAMETER_WORD, .words = CRS_WORDS, .required = true},
    {"to", WEB_PARAMETER_WORD, .words = CRS_WORDS},
};

static const struct web_parameter_row of_place[] = {
    {"lat", WEB_PARAMETER_NUMBER, .min = -90, .max = 90, .required = true},
    {"lon", WEB_PARAMETER_NUMBER, .min = -180, .max = 180, .required = true},
};

static const struct web_parameter_row of_track[] = {
    {"from", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000},
    {"to", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000},
    {"max", WEB_PARAMETER_WHOLE, .min = 2, .max = 20000},
    {"purpose", WEB_PARAMETER_TEXT, .min = 1, .max = 200},
};

static const struct web_parameter_row of_violations[] = {
    ALERT_PARAMETERS,
    ALERT_WHETHER("archived"),
    {"order", WEB_PARAMETER_WORD, .words = "to_do|time"},
    {"limit", WEB_PARAMETER_WHOLE, .min = 1, .max = ALERTS_LISTED_MAX},
    {"cursor", WEB_PARAMETER_TEXT, .min = 1, .max = REGISTER_CURSOR_MAX},
};

static const struct web_parameter_row of_stats[] = {
    ALERT_PARAMETERS,
    ALERT_WHETHER("on_time"),
    ALERT_WHETHER("archived"),
    {"by", WEB_PARAMETER_WORD,
     .words = "kind|company|jurisdiction|fence|vehicle|assignee|class|hour|reason|acknowledged_by",
     .required = true},
};

static const struct web_parameter_row of_shifts[] = {
    {"limit", WEB_PARAMETER_WHOLE, .min = 1, .max = 500},
};

static const struct web_parameter_row of_vehicles[] = {
    ALERT_TEXT("company"),
    {"plate", WEB_PARAMETER_TEXT, .min = 1, .max = 64},
    {"limit", WEB_PARAMETER_WHOLE, .min = 1, .max = 500},
    {"cursor", WEB_PARAMETER_TEXT, .min = 1, .max = VEHICLE_NOW_ID_MAX},
};

static const struct web_parameter_row of_vehicle[] = {
    {"purpose", WEB_PARAMETER_TEXT, .min = 1, .max = 200},
};

#define SPAN                                                                                                 \
    {"from", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000},                                           \
    {                                                                                                        \
        "to", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000                                            \
    }
#define PURPOSE                                                                                              \
    {                                                                                                        \
        "purpose", WEB_PARAMETER_TEXT, .min = 1, .max = 200                                                  \
    }
#define TRIP_PARAMETERS                                                                                      \
    SPAN, ALERT_TEXT("vehicle"), ALERT_TEXT("company"), ALERT_TEXT("permit"), ALERT_TEXT("site"),            \
        ALERT_TEXT("disposal")
#define LANGUAGE                                                                                             \
    {                                                                                                        \
        "lang", WEB_PARAMETER_WORD, .words = "zh|en"                                                         \
    }

static const struct web_parameter_row of_explain[] = {LANGUAGE, PURPOSE};
static const struct web_parameter_row of_export_violations[] = {ALERT_PARAMETERS, ALERT_WHETHER("archived"),
                                                                LANGUAGE, PURPOSE};
static const struct web_parameter_row of_export_trips[] = {TRIP_PARAMETERS, ALERT_WHETHER("archived"),
                                                           LANGUAGE, PURPOSE};
static const struct web_parameter_row of_export_track[] = {
    {"vehicle", WEB_PARAMETER_TEXT, .min = 1, .max = 64, .required = true}, SPAN, LANGUAGE, PURPOSE};

static const struct web_parameter_row of_near[] = {
    {"lat", WEB_PARAMETER_NUMBER, .min = -90, .max = 90, .required = true},
    {"lon", WEB_PARAMETER_NUMBER, .min = -180, .max = 180, .required = true},
    {"radius", WEB_PARAMETER_NUMBER, .min = 1, .max = 5000},
    ALERT_WHETHER("tracks"),
    {"from", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000, .required = true},
    {"to", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000, .required = true},
    PURPOSE,
};

static const struct web_parameter_row of_fences[] = {
    {"bbox", WEB_PARAMETER_TEXT, .min = 7, .max = 128, .required = true},
    {"zoom", WEB_PARAMETER_NUMBER, .min = 0, .max = 24, .required = true},
    {"at", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000},
};

static const struct web_parameter_row of_trips[] = {
    TRIP_PARAMETERS,
    ALERT_WHETHER("archived"),
    {"limit", WEB_PARAMETER_WHOLE, .min = 1, .max = 500},
    {"cursor", WEB_PARAMETER_TEXT, .min = 1, .max = 64},
};

#define EXPORT(route, path, row, handle)                                                                     \
    {                                                                                                        \
        .name = (route), .method = WEB_GET, .pattern = "/api/v1/export/" path, WEB_PARAMETERS(row),          \
        .least = ROLE_VIEWER, .rate = WEB_RATE_HEAVY, .audited = true, .handler = (handle)                   \
    }

static const struct web_parameter_row of_hand_over[] = {
    {"since", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000},
};

static const struct web_parameter_row of_duty_log[] = {
    {"day", WEB_PARAMETER_TEXT, .min = 10, .max = 10, .required = true},
    {"format", WEB_PARAMETER_WORD, .words = "json|csv|html"},
};

static const struct web_parameter_row of_world_file[] = {
    {"version", WEB_PARAMETER_WHOLE, .min = 1, .max = 1e15},
};

static const struct web_parameter_row of_world_put[] = {
    {"dry_run", WEB_PARAMETER_WORD, .words = "true|false"},
};

static const struct web_parameter_row of_events[] = {
    {"after", WEB_PARAMETER_TEXT, .min = 1, .max = FEED_PLACE_TEXT_MAX},
    {"pos", WEB_PARAMETER_WORD, .words = "1|2|5|10|off"},
    {"bbox", WEB_PARAMETER_TEXT, .min = 7, .max = 100},
    {"purpose", WEB_PARAMETER_TEXT, .min = 1, .max = 200},
};

static const struct web_parameter_row of_package[] = {
    {"edition", WEB_PARAMETER_WHOLE, .min = 1, .max = UINT32_MAX},
    PURPOSE,
};

static const struct web_route rows[] = {
    {.name = "healthz",
     .method = WEB_GET,
     .pattern = "/healthz",
     .rate = WEB_RATE_FREE,
     .handler = handle_healthz},
    {.name = "readyz",
     .method = WEB_GET,
     .pattern = "/readyz",
     .rate = WEB_RATE_FREE,
     .handler = handle_readyz},
    {.name = "metrics",
     .method = WEB_GET,
     .pattern = "/metrics",
     .rate = WEB_RATE_FREE,
     .handler = handle_metrics},
    {.name = "basemap", .method = WEB_GET, .pattern = "/api/v1/basemap", .handler = handle_basemap},
    {.name = "session",
     .method = WEB_GET,
     .pattern = "/api/v1/session",
     .least = ROLE_VIEWER,
     .handler = handle_session},
    {.name = "sign_in",
     .method = WEB_POST,
     .pattern = "/api/v1/session",
     .body_max = WEB_BODY_MAX,
     .handler = handle_sign_in},
    {.name = "sign_out",
     .method = WEB_DELETE,
     .pattern = "/api/v1/session",
     .rate = WEB_RATE_CHANGE,
     .handler = handle_sign_out},
    {.name = "lockouts",
     .method = WEB_GET,
     .pattern = "/api/v1/lockouts",
     .least = ROLE_ADMIN,
     .handler = handle_lockouts},
    {.name = "hours",
     .method = WEB_GET,
     .pattern = "/api/v1/hours",
     WEB_PARAMETERS(of_hours),
     .least = ROLE_VIEWER,
     .handler = handle_hours},
    /* 10,000 positions of 40 bytes. It changes nothing; a body is the only place for them. */
    {.name = "convert",
     .method = WEB_POST,
     .pattern = "/api/v1/convert",
     WEB_PARAMETERS(of_convert),
     .body_max = (size_t)512 << 10,
     .least = ROLE_VIEWER,
     .handler = handle_convert},
    {.name = "place",
     .method = WEB_GET,
     .pattern = "/api/v1/place",
     WEB_PARAMETERS(of_place),
     .least = ROLE_VIEWER,
     .handler = handle_place},
    {.name = "violations",
     .method = WEB_GET,
     .pattern = "/api/v1/violations",
     WEB_PARAMETERS(of_violations),
     .least = ROLE_VIEWER,
     .handler = handle_violations},
    {.name = "violation",
     .method = WEB_GET,
     .pattern = "/api/v1/violations/{id}",
     .least = ROLE_VIEWER,
     .handler = handle_violation},
    {.name = "about",
     .method = WEB_GET,
     .pattern = "/api/v1/violations/{id}/about",
     .least = ROLE_VIEWER,
     .handler = handle_about},
    {.name = "explain",
     .method = WEB_GET,
     .pattern = "/api/v1/violations/{id}/explain",
     WEB_PARAMETERS(of_explain),
     .least = ROLE_VIEWER,
     .rate = WEB_RATE_HEAVY,
     .audited = true,
     .handler = handle_explain},
    {.name = "act",
     .method = WEB_POST,
     .pattern = "/api/v1/violations/{id}/actions",
     .body_max = WEB_BODY_MAX,
     .least = ROLE_DISPATCHER,
     .rate = WEB_RATE_CHANGE,
     .handler = handle_action},
    {.name = "reasons",
     .method = WEB_GET,
     .pattern = "/api/v1/reasons",
     .least = ROLE_VIEWER,
     .handler = handle_reasons},
    /* 200 actions, each with a reason. */
    {.name = "act_on_many",
     .method = WEB_POST,
     .pattern = "/api/v1/actions",
     .body_max = (size_t)1 << 20,
     .least = ROLE_DISPATCHER,
     .rate = WEB_RATE_CHANGE,
     .handler = handle_actions},
    {.name = "stats",
     .method = WEB_GET,
     .pattern = "/api/v1/stats",
     WEB_PARAMETERS(of_stats),
     .least = ROLE_VIEWER,
     .handler = handle_stats},
    {.name = "shifts",
     .method = WEB_GET,
     .pattern = "/api/v1/shifts",
     WEB_PARAMETERS(of_shifts),
     .least = ROLE_VIEWER,
     .handler = handle_shifts},
    {.name = "shift",
     .method = WEB_POST,
     .pattern = "/api/v1/shifts",
     .body_max = WEB_BODY_MAX,
     .least = ROLE_DISPATCHER,
     .rate = WEB_RATE_CHANGE,
     .handler = handle_shift},
    {.name = "state",
     .method = WEB_GET,
     .pattern = "/api/v1/state",
     .least = ROLE_VIEWER,
     .rate = WEB_RATE_HEAVY,
     .handler = handle_state},
    {.name = "vehicles",
     .method = WEB_GET,
     .pattern = "/api/v1/vehicles",
     WEB_PARAMETERS(of_vehicles),
     .least = ROLE_VIEWER,
     .handler = handle_vehicles},
    {.name = "vehicle",
     .method = WEB_GET,
     .pattern = "/api/v1/vehicles/{id}",
     WEB_PARAMETERS(of_vehicle),
     .least = ROLE_VIEWER,
     .audited = true,
     .handler = handle_vehicle},
    {.name = "trips",
     .method = WEB_GET,
     .pattern = "/api/v1/trips",
     WEB_PARAMETERS(of_trips),
     .least = ROLE_VIEWER,
     .handler = handle_trips},
    {.name = "trip",
     .method = WEB_GET,
     .pattern = "/api/v1/trips/{id}",
     .least = ROLE_VIEWER,
     .handler = handle_trip},
    {.name = "events",
     .method = WEB_GET,
     .pattern = "/api/v1/events",
     WEB_PARAMETERS(of_events),
     .least = ROLE_VIEWER,
     .handler = handle_events},
    {.name = "track",
     .method = WEB_GET,
     .pattern = "/api/v1/vehicles/{id}/track",
     WEB_PARAMETERS(of_track),
     .least = ROLE_VIEWER,
     .audited = true,
     .handler = handle_track},
    {.name = "near",
     .method = WEB_GET,
     .pattern = "/api/v1/near",
     WEB_PARAMETERS(of_near),
     .least = ROLE_VIEWER,
     .rate = WEB_RATE_HEAVY,
     .audited = true,
     .handler = handle_near},
    {.name = "fences",
     .method = WEB_GET,
     .pattern = "/api/v1/worlds/{id}/fences",
     WEB_PARAMETERS(of_fences),
     .least = ROLE_VIEWER,
     .handler = handle_fences},
    EXPORT("export_violations", "violations.csv", of_export_violations, handle_export_violations),
    EXPORT("export_violations", "violations.xlsx", of_export_violations, handle_export_violations),
    EXPORT("export_trips", "trips.csv", of_export_trips, handle_export_trips),
    EXPORT("export_trips", "trips.xlsx", of_export_trips, handle_export_trips),
    EXPORT("export_track", "track.csv", of_export_track, handle_export_track),
    EXPORT("export_track", "track.xlsx", of_export_track, handle_export_track),
    {.name = "world",
     .method = WEB_GET,
     .pattern = "/api/v1/world",
     .least = ROLE_ADMIN,
     .handler = handle_world},
    {.name = "world_file",
     .method = WEB_GET,
     .pattern = "/api/v1/world/files/{id}",
     WEB_PARAMETERS(of_world_file),
     .least = ROLE_ADMIN,
     .handler = handle_world_file},
    {.name = "world_put",
     .method = WEB_PUT,
     .pattern = "/api/v1/world",
     WEB_PARAMETERS(of_world_put),
     .body_max = (size_t)32 << 20,
     .least = ROLE_ADMIN,
     .rate = WEB_RATE_CHANGE,
     .handler = handle_world_put},
    {.name = "hand_over",
     .method = WEB_GET,
     .pattern = "/api/v1/shifts/hand-over",
     WEB_PARAMETERS(of_hand_over),
     .least = ROLE_VIEWER,
     .rate = WEB_RATE_HEAVY,
     .handler = handle_hand_over},
    {.name = "duty_log",
     .method = WEB_GET,
     .pattern = "/api/v1/duty-log",
     WEB_PARAMETERS(of_duty_log),
     .least = ROLE_VIEWER,
     .rate = WEB_RATE_HEAVY,
     .audited = true,
     .handler = handle_duty_log},
    {.name = "case",
     .method = WEB_GET,
     .pattern = "/api/v1/cases/{id}",
     .least = ROLE_VIEWER,
     .handler = handle_case},
    {.name = "package",
     .method = WEB_GET,
     .pattern = "/api/v1/cases/{id}/package",
     WEB_PARAMETERS(of_package),
     .least = ROLE_ENFORCER,
     .rate = WEB_RATE_HEAVY,
     .audited = true,
     .handler = handle_package},
    {.name = "hooks",
     .method = WEB_GET,
     .pattern = "/api/v1/hooks",
     .least = ROLE_ADMIN,
     .handler = handle_hooks},
};

const struct web_routes gateway_routes = {rows, sizeof rows / sizeof rows[0]};
