/*
 * rule_options: the settings that every rule takes: rules.KIND.NAME in muckwatch.yaml, and the same for a
 * class of vehicles. Their defaults are the kind's (kinds.c). A row is written as option_row.h says.
 */
#ifndef MW_RULE_OPTIONS_H
#define MW_RULE_OPTIONS_H

#include "option_row.h"

#define RULE_OPTIONS(X)                                                                                      \
    X(BOOL, "enabled", settings.enabled, 0, 0, NULL, NULL, "judge this at all")                              \
    X(WHOLE, "confirm_fixes", settings.confirm_fixes, 0, 1000, NULL, "fixes",                                \
      "opens after so many fixes that meet the condition")                                                   \
    X(SECONDS, "confirm_s", settings.confirm_ms, 0, 86400, NULL, "s",                                        \
      "and after so much of the fixes' own time")                                                            \
    X(WHOLE, "clear_fixes", settings.clear_fixes, 0, 1000, NULL, "fixes",                                    \
      "closes after so many fixes that do not")                                                              \
    X(SECONDS, "clear_s", settings.clear_ms, 0, 86400, NULL, "s", "and after so much time")                  \
    X(SECONDS, "warn_s", settings.warn_ms, 0, 86400, NULL, "s",                                              \
      "the cab is warned so long before it opens; 0: not at all")                                            \
    X(WORD, "severity", settings.severity, 0, 0, NULL, NULL, "how grave it is",                              \
      .words = "minor|major|critical")                                                                       \
    X(NUMBER, "major", settings.major, 0, 1000000, NULL, NULL, "turns major; 0: never")                      \
    X(TEXT, "event_code", settings.event_code, 0, 64, NULL, NULL, "code of the city-management platform")    \
    X(TEXT, "department", settings.department, 0, 128, NULL, NULL, "the competent department")

#endif
