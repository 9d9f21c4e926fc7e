/* handlers: what answers each route; the table is in routes.c. `context` is the gateway. */
#ifndef MW_HANDLERS_H
#define MW_HANDLERS_H

#include "web_route.h"

/* ---- routes_page.c ---- */
web_handler handle_healthz, handle_readyz, handle_metrics, handle_basemap;

/* ---- routes_session.c ---- */
web_handler handle_session, handle_sign_in, handle_sign_out, handle_lockouts;

/* ---- routes_engine.c ---- */
web_handler handle_hours, handle_convert, handle_place;

/* ---- routes_alerts.c ---- */
web_handler handle_violations;

/* ---- routes_alert.c ---- */
web_handler handle_violation;

/* ---- routes_about.c ---- */
web_handler handle_about;

/* ---- routes_stats.c ---- */
web_handler handle_stats;

/* ---- routes_actions.c ---- */
web_handler handle_action, handle_actions, handle_reasons;

/* ---- routes_shifts.c ---- */
web_handler handle_shifts, handle_shift, handle_hand_over;

/* ---- routes_duty.c ---- */
web_handler handle_duty_log;

/* ---- routes_track.c ---- */
web_handler handle_track;

/* ---- routes_vehicles.c ---- */
web_handler handle_vehicles, handle_vehicle, handle_state;

/* ---- routes_events.c ---- */
web_handler handle_events;

/* ---- routes_trips.c ---- */
web_handler handle_trips, handle_trip;

/* ---- routes_explain.c ---- */
web_handler handle_explain;

/* ---- routes_near.c ---- */
web_handler handle_near;

/* ---- drawing.c ---- */
web_handler handle_fences;

/* ---- routes_export.c ---- */
web_handler handle_export_violations, handle_export_trips, handle_export_track;
/* ---- routes_world.c ---- */
web_handler handle_world, handle_world_file, handle_world_put;

/* ---- routes_cases.c ---- */
web_handler handle_case, handle_package;

/* ---- routes_hooks.c ---- */
web_handler handle_hooks;

#endif
