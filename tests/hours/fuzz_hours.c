/*
 * Fuzzes the parser of expressions, and evaluates what parses: answers must hold together at every instant
 * asked.
 */
#include <muckwatch/hours.h>

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct mw_hours *hours, const struct mw_calendar *calendar, int64_t t_ms)
{
    struct mw_hours_answer answer, again;
    mw_hours_at(hours, calendar, NULL, t_ms, &answer);
    if (answer.since_ms > t_ms || answer.until_ms <= t_ms || answer.reask_ms <= t_ms ||
        answer.reask_ms > answer.until_ms)
        abort();
    if (answer.until_ms == INT64_MAX)
        return;
    mw_hours_at(hours, calendar, NULL, answer.until_ms - 1, &again);
    if (again.open != answer.open || again.until_ms != answer.until_ms)
        abort();
    mw_hours_at(hours, calendar, NULL, answer.until_ms, &again);
    if (again.open == answer.open || again.since_ms != answer.until_ms)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mw_hours *hours = NULL;
    struct mw_hours_error error;
    if (mw_hours_parse((const char *)data, size, &hours, &error) != MW_HOURS_OK) {
        if (hours != NULL || error.at > size || error.length > size - error.at || error.text[0] == '\0')
            abort();
        return 0;
    }
    struct mw_calendar *calendar = mw_calendar_new();
    if (calendar == NULL)
        abort();
    mw_calendar_add_year(calendar, 2026);
    mw_calendar_add_day(calendar, 2026, 10, 1, true);
    mw_calendar_add_day(calendar, 2026, 10, 10, false);
    mw_calendar_add_school_year(calendar, 2026);
    for (int day = 1; day <= 31; day++)
        mw_calendar_add_school_day(calendar, 2026, 12, day, true);
    check(hours, calendar, INT64_C(1790810000000)); /* the last days of September 2026 */
    check(hours, calendar, INT64_C(1798704000000)); /* the last day of 2026 */
    check(hours, NULL, INT64_MIN);
    check(hours, NULL, INT64_C(253402300000000)); /* the last minutes of 9999 */
    mw_calendar_free(calendar);
    mw_hours_free(hours);
    return 0;
}
