/*
 * common_options: the settings of rules.common, one row each, from which their defaults, their reading and
 * their documentation come.
 *
 *     X(TYPE, key, member of struct common_settings, largest, default, unit, one line for people)
 *
 * TYPE is SECONDS (a member in milliseconds), NUMBER or BOOL; all of them begin at 0.
 */
#ifndef MW_COMMON_OPTIONS_H
#define MW_COMMON_OPTIONS_H

#define COMMON_OPTIONS(X)                                                                                    \
    X(SECONDS, gap_s, gap_ms, 86400, 300, "s", "after a longer pause a track starts anew")                   \
    X(NUMBER, moving_kmh, moving_kmh, 200, 5, "km/h", "at least this fast is moving")                        \
    X(NUMBER, stopped_kmh, stopped_kmh, 200, 3, "km/h", "at most this fast is stopped")                      \
    X(NUMBER, eph_default_m, eph_default_m, 1000, 15, "m", "error of a fix that does not say its own")       \
    X(NUMBER, edge_m, edge_m, 1000, 5, "m",                                                                  \
      "what is entered is entered by more than this, whatever a fix says of its error")                      \
    X(BOOL, crossing, crossing, 0, true, NULL, "judge the path between two fixes too")                       \
    X(SECONDS, hole_s, hole_ms, 3600, 10, "s",                                                               \
      "how long to wait for missing fixes of a unit before going on")                                        \
    X(SECONDS, trip_s, trip_ms, 30 * 86400, 12 * 3600, "s",                                                  \
      "a trip that has not ended after so long is given up")                                                 \
    X(SECONDS, pause_s, pause_ms, 86400, 300, "s",                                                           \
      "standing for less than this ends nothing that is about driving")                                      \
    X(SECONDS, warn_again_s, warn_again_ms, 86400, 600, "s",                                                 \
      "the cab is warned of one kind no more often than this")

#endif
