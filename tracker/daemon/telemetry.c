#include "telemetry.h"

#include "bound.h"
#include "correction_type.h"
#include "fix_json.h"
#include "refusal.h"

static const char *const topics[] = {"other", "fix", "live", "status", "owntracks", NULL};
static const char *const verdicts[] = {"none",      "judged", "late",     "clock",
                                       "duplicate", "hole",   "addition", NULL};
static const char *const distrusts[] = {"none", "absent", "mode", "zero", "jump", "frozen", NULL};
static const char *const events[] = {"warning", "opened", "updated", "closed", NULL};
static const char *const late_fates[] = {"stays", "waits", "horizon", NULL};
static const char *const redos_not[] = {"world", "unreadable", "repeated", "too_much", NULL};
static const char *const corrections[] = {[CORRECTION_WITHDRAWN] = "withdrawn",
                                          [CORRECTION_UPDATED] = "updated",
                                          [CORRECTION_REOPENED] = "reopened",
                                          [CORRECTION_LATE_DATA] = "late_data",
                                          [CORRECTION_OPENED] = "opened",
                                          [CORRECTION_GOES_ON] = "went_on",
                                          [CORRECTION_COUNT] = NULL};
static const char *const links[] = {"broker", "store", NULL};
static const char *const limits[] = {"batch", "vehicles", NULL};
const char *const telemetry_settings[SETTING_COUNT + 1] = {
    "default_user",     "appendonly",         "appendfsync", "no-appendfsync-on-rewrite",
    "maxmemory-policy", "aof-load-truncated", NULL,
};
static const char *const outcomes[] = {"done", "refused", NULL};
/* The fields that a fix can do without, and their bits. */
static const char *const fields[] = {"position", "speed", "track",   "alt", "eph",
                                     "mode",     "sats",  "sensors", NULL};
static const unsigned field_bits[] = {FIX_HAS_POSITION, FIX_HAS_SPEED, FIX_HAS_TRACK, FIX_HAS_ALT,
                                      FIX_HAS_EPH,      FIX_HAS_MODE,  FIX_HAS_SATS,  FIX_HAS_SENSORS};
/* Filled from bound_name. */
static const char *bounds[BOUND_COUNT + 1];
static const char *const versions[] = {MW_VERSION, NULL};
/* Filled from fix_error_name, and what is refused beyond single fixes. */
static const char *refused[FIX_ERROR_COUNT + REFUSED_MORE + 1];
static const char *const refused_more[REFUSED_MORE] = {"commit", "too_many_vehicles", "topic", "status",
                                                       "too_much"};

static const struct metric_row rows[METRIC_COUNT] = {
    [METRIC_BUILD_INFO] = {"muckwatch_build_info", METRIC_GAUGE, "1, labelled with the version.", "version",
                           versions},
    [METRIC_MESSAGES] = {"muckwatch_messages_total", METRIC_COUNTER, "MQTT messages received.", "topic",
                         topics},
    [METRIC_FIXES] = {"muckwatch_fixes_total", METRIC_COUNTER, "Fixes received, good or not.", NULL, NULL},
    [METRIC_VERDICTS] = {"muckwatch_fixes_taken_total", METRIC_COUNTER,
                         "Well-formed fixes by what became of them.", "verdict", verdicts},
    [METRIC_DISTRUST] = {"muckwatch_positions_distrusted_total", METRIC_COUNTER,
                         "Judged fixes whose position was missing or not believed.", "reason", distrusts},
    [METRIC_REFUSED] = {"muckwatch_refused_total", METRIC_COUNTER, "Fixes and messages refused.", "reason",
                        refused},
    [METRIC_UNKNOWN] = {"muckwatch_fields_unknown_total", METRIC_COUNTER,
                        "Fixes that said a field out of its range, which is then unknown.", "field", fields},
    [METRIC_HOLES] = {"muckwatch_hole_numbers_total", METRIC_COUNTER,
                      "Journal numbers given up as lost by their unit.", NULL, NULL},
    [METRIC_HOLES_SEEN] = {"muckwatch_hole_numbers_seen_total", METRIC_COUNTER,
                           "Of them, numbers given up although one had come before its turn.", NULL, NULL},
    [METRIC_RESTARTED] = {"muckwatch_counters_restarted_total", METRIC_COUNTER,
                          "Units whose numbers began again within a boot, and are not heeded since.", NULL,
                          NULL},
    [METRIC_GUESSED] =
        {"muckwatch_holidays_unknown_total", METRIC_COUNTER,
         "Judgements by hours that name holidays or school holidays, in a year that no calendar file covers.",
         NULL, NULL},
    [METRIC_BOUNDS] = {"muckwatch_bounds_reached_total", METRIC_COUNTER,
                       "Judgements at which something did not fit, and was left out.", "bound", bounds},
    [METRIC_LATE] = {"muckwatch_late_fixes_total", METRIC_COUNTER,
                     "Late fixes: those that wait to be judged in their place, and those beyond the horizon.",
                     "fate", late_fates},
    [METRIC_REDOS] = {"muckwatch_redos_total", METRIC_COUNTER, "Stretches of a vehicle's track judged again.",
                      NULL, NULL},
    [METRIC_REDOS_NOT] = {"muckwatch_redos_left_total", METRIC_COUNTER,
                          "Stretches that were not judged again after all.", "reason", redos_not},
    [METRIC_REDO_FIXES] = {"muckwatch_redo_fixes_total", METRIC_COUNTER, "Fixes judged again.", NULL, NULL},
    [METRIC_REDO_SECONDS] = {"muckwatch_redo_seconds", METRIC_HISTOGRAM,
                             "From the begin of judging a stretch again to its result.", NULL, NULL},
    [METRIC_CORRECTIONS] = {"muckwatch_corrections_total", METRIC_COUNTER,
                            "Entries that corrected what was said.", "event", corrections},
    [METRIC_LIVE] = {"muckwatch_live_total", METRIC_COUNTER, "Live positions received.", NULL, NULL},
    [METRIC_RETAINED] = {"muckwatch_retained_total", METRIC_COUNTER,
                         "Retained messages but statuses: shown at most, not judged.", NULL, NULL},
    [METRIC_SHED] = {"muckwatch_live_shed_total", METRIC_COUNTER,
                     "Live positions dropped because the batch was full.", NULL, NULL},
    [METRIC_OVER_SHARE] = {"muckwatch_fixes_over_share_total", METRIC_COUNTER,
                           "Fixes passed over because their vehicle had written its share.", NULL, NULL},
    [METRIC_UNREAD] = {"muckwatch_messages_over_share_total", METRIC_COUNTER,
                       "Messages left unread because reading them would take their vehicle beyond its share.",
                       NULL, NULL},
    [METRIC_TRANSITIONS] = {"muckwatch_violations_total", METRIC_COUNTER,
                            "Entries of the stream of violations.", "event", events},
    [METRIC_TRIPS] = {"muckwatch_trips_total", METRIC_COUNTER, "Entries of the trip ledger.", NULL, NULL},
    [METRIC_WARNINGS] = {"muckwatch_warnings_total", METRIC_COUNTER, "Warnings sent to cabs.", NULL, NULL},
    [METRIC_ACKS] = {"muckwatch_acks_total", METRIC_COUNTER, "Acknowledgements sent to units.", NULL, NULL},
    [METRIC_BATCHES] = {"muckwatch_batches_total", METRIC_COUNTER, "Batches made durable.", NULL, NULL},
    [METRIC_QUARANTINED] = {"muckwatch_quarantined_total", METRIC_COUNTER,
                            "Vehicles' parts of a batch that the store refused.", NULL, NULL},
    [METRIC_COMMIT_SECONDS] = {"muckwatch_commit_seconds", METRIC_HISTOGRAM,
                               "From the commit to the store's answer.", NULL, NULL},
    [METRIC_ALERT_SECONDS] = {"muckwatch_alert_seconds", METRIC_HISTOGRAM,
                              "From the first fix of a batch to its violations in the stream.", NULL, NULL},
    [METRIC_COMMIT_RETRIES] = {"muckwatch_commit_retries_total", METRIC_COUNTER,
                               "Commits whose outcome was unknown and that were sent again.", NULL, NULL},
    [METRIC_RELOADS] = {"muckwatch_reloads_total", METRIC_COUNTER, "Reloads of the world.", "result",
                        outcomes},
    [METRIC_RELOADING] = {"muckwatch_reloading", METRIC_GAUGE,
                          "1 while a new world is built or waits for the store.", NULL, NULL},
    [METRIC_RELOAD_SECONDS] = {"muckwatch_reload_seconds", METRIC_GAUGE,
                               "How long the last reload took until its world was in force.", NULL, NULL},
    [METRIC_STORE_RELOADS] = {"muckwatch_store_rollbacks_total", METRIC_COUNTER,
                              "Times the store had lost what it acknowledged.", NULL, NULL},
    [METRIC_STORE_REFUSALS] = {"muckwatch_store_refusals_total", METRIC_COUNTER,
                               "Answers that mean the store is away: nothing is given up for them.", "reason",
                               refusal_reasons},
    [METRIC_CONNECTS] = {"muckwatch_connects_total", METRIC_COUNTER, "Connections made.", "link", links},
    [METRIC_CONNECTED] = {"muckwatch_connected", METRIC_GAUGE, "1 while connected.", "link", links},
    [METRIC_VEHICLES] = {"muckwatch_vehicles", METRIC_GAUGE, "Vehicles in memory.", NULL, NULL},
    [METRIC_BATCH_BYTES] = {"muckwatch_batch_bytes", METRIC_GAUGE, "Size of the batch under way.", NULL,
                            NULL},
    [METRIC_ATTENDED] = {"muckwatch_attended_seconds", METRIC_GAUGE, "Time in which vehicles could be heard.",
                         NULL, NULL},
    [METRIC_CAUGHT_UP] = {"muckwatch_caught_up", METRIC_GAUGE,
                          "1 when what waited at the broker has been read.", NULL, NULL},
    [METRIC_STORE_DURABLE] = {"muckwatch_store_durable", METRIC_GAUGE,
                              "1 when the store's settings keep what it acknowledges.", NULL, NULL},
    [METRIC_SETTING_WRONG] = {"muckwatch_store_setting_wrong", METRIC_GAUGE,
                              "1 while the store has a setting that it should not have.", "setting",
                              telemetry_settings},
    [METRIC_SETTING_UNKNOWN] = {"muckwatch_store_setting_unknown", METRIC_GAUGE,
                                "1 while the store does not let us look at a setting.", "setting",
                                telemetry_settings},
    [METRIC_STORE_MEMORY] = {"muckwatch_store_memory_bytes", METRIC_GAUGE, "Memory the store uses.", NULL,
                             NULL},
    [METRIC_STORE_MEMORY_LIMIT] = {"muckwatch_store_memory_limit_bytes", METRIC_GAUGE,
                                   "Memory it may use; 0: no limit.", NULL, NULL},
    [METRIC_ARCHIVE_REGISTERED] = {"muckwatch_archive_registered", METRIC_GAUGE,
                                   "1: an archive is, and nothing is let go of that it has not.", NULL, NULL},
    [METRIC_ARCHIVE_LAG] = {"muckwatch_archive_behind_seconds", METRIC_GAUGE,
                            "Since the time up to which it has everything; 0: none is registered.", NULL,
                            NULL},
    [METRIC_BROKER_DROPS] = {"muckwatch_broker_dropped_messages", METRIC_GAUGE,
                             "Messages the broker says it has dropped since it started.", NULL, NULL},
    [METRIC_AT_LIMIT] = {"muckwatch_at_limit", METRIC_GAUGE, "1 while a limit holds intake back.", "limit",
                         limits},
};

size_t telemetry_refused_label(int more)
{
    return FIX_ERROR_COUNT + (size_t)more;
}

void telemetry_count_unknown(struct metrics *m, unsigned unknown)
{
    for (size_t i = 0; unknown != 0 && i < sizeof field_bits / sizeof *field_bits; i++)
        if (unknown & field_bits[i])
            metrics_add(m, METRIC_UNKNOWN, i, 1);
}

void telemetry_count_refusal(struct metrics *m, struct text error)
{
    metrics_add(m, METRIC_STORE_REFUSALS, refusal_reason(error), 1);
}

void telemetry_count_bounds(struct metrics *m, struct actions *actions, unsigned full, struct text vehicle)
{
    for (size_t i = 0; full != 0 && i < BOUND_COUNT; i++)
        if (full >> i & 1u) {
            metrics_add(m, METRIC_BOUNDS, i, 1);
            tell_warn(actions, "bound_reached", LOG_STR("bound", bound_name(i)),
                      LOG_TEXT("vehicle", vehicle));
        }
}

struct metrics *telemetry_new(void)
{
    for (size_t i = 0; i < BOUND_COUNT; i++)
        bounds[i] = bound_name(i);
    for (size_t i = 0; i < FIX_ERROR_COUNT; i++)
        refused[i] = fix_error_name((enum fix_error)i);
    for (size_t i = 0; i < REFUSED_MORE; i++)
        refused[FIX_ERROR_COUNT + i] = refused_more[i];
    struct metrics *m = metrics_new(rows, METRIC_COUNT);
    if (m != NULL)
        metrics_set(m, METRIC_BUILD_INFO, 0, 1);
    return m;
}
