/*
 * The 16,967 stops of Tainan's garbage routes as collection windows: each stop's weekdays and ten minutes
 * from its time on. Each is open on just these days, from the minute it says to ten minutes later, and says
 * when that changes.
 */
#include "cmocka_all.h"

#include <muckwatch/hours.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STOPS = 16967, WINDOW_MIN = 10, MONDAY = 20605 /* 2026-06-01 */ };

static const char *const days_zh[] = {"一", "二", "三", "四", "五", "六", "日"};
static const char *const days_en[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};

/* "一,二,四" as seven bits, Monday first. */
static unsigned read_days(const char *text)
{
    unsigned days = 0;
    for (size_t i = 0; i < 7; i++)
        if (strstr(text, days_zh[i]) != NULL)
            days |= 1u << i;
    return days;
}

static struct mw_hours *make_hours(unsigned days, int from_min)
{
    char text[128];
    size_t used = 0;
    int to_min = (from_min + WINDOW_MIN) % 1440;
    struct mw_hours *hours = NULL;
    struct mw_hours_error error;
    for (size_t i = 0; i < 7; i++)
        if ((days & 1u << i) != 0)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? "," : "", days_en[i]);
    snprintf(text + used, sizeof text - used, " %02d:%02d-%02d:%02d", from_min / 60, from_min % 60,
             to_min / 60, to_min % 60);
    if (mw_hours_parse(text, strlen(text), &hours, &error) != MW_HOURS_OK)
        fail_msg("'%s': %s", text, error.text);
    return hours;
}

static void check_stop(const json_t *stop, const struct mw_zone *zone)
{
    int hour, minute;
    const char *time = json_string_value(json_object_get(stop, "time"));
    unsigned days = read_days(json_string_value(json_object_get(stop, "days")));
    assert_non_null(time);
    assert_int_equal(sscanf(time, "%2d:%2d", &hour, &minute), 2);
    assert_true(days != 0);
    struct mw_hours *hours = make_hours(days, hour * 60 + minute);
    for (int day = 0; day < 7; day++) {
        struct mw_hours_answer answer;
        int64_t from_ms = mw_zone_day_start_ms(zone, MONDAY + day) + (hour * 60 + minute) * INT64_C(60000);
        bool today = (days & 1u << day) != 0;
        mw_hours_at(hours, NULL, zone, from_ms, &answer);
        assert_int_equal(answer.open, today);
        assert_true(!today || answer.until_ms == from_ms + WINDOW_MIN * 60000);
        mw_hours_at(hours, NULL, zone, from_ms - 1, &answer);
        assert_true(!answer.open && (!today || answer.until_ms == from_ms));
        mw_hours_at(hours, NULL, zone, from_ms + WINDOW_MIN * 60000, &answer);
        assert_false(answer.open);
    }
    mw_hours_free(hours);
}

static void every_stop(void **state)
{
    const char *path = MW_DATA_DIR "/tainan-garbage-routes/routes.ndjson";
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        print_message("%s is absent: skipped\n", path);
        skip();
    }
    struct mw_zone *zone = mw_zone_fixed(8 * 3600);
    size_t stops = 0, room = 1 << 20;
    char *line = malloc(room);
    while (fgets(line, (int)room, f) != NULL) {
        json_t *route = json_loads(line, 0, NULL);
        const json_t *list = json_object_get(route, "stops");
        for (size_t i = 0; i < json_array_size(list); i++, stops++)
            check_stop(json_array_get(list, i), zone);
        json_decref(route);
    }
    free(line);
    fclose(f);
    mw_zone_free(zone);
    assert_int_equal(stops, STOPS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_stop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
