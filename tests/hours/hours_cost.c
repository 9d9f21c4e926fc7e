/*
 * hours_cost: what an evaluation costs, with and without the caller's cache. Not a test: it prints and judges
 * nothing.
 *
 * Each expression is asked at instants of 2026 drawn at random (no cache helps there), and then through a
 * cache at instants that follow each other by ten seconds, as fixes do. The median of several rounds is
 * printed.
 */
#include <muckwatch/hours.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9, ASKS = 20000, CACHED_ASKS = 4000000 };

static const char *const expressions[] = {
    "22:00-06:00",
    "24/7",
    "Mo-Fr 07:00-09:00,17:00-19:00",
    "22:00-06:00; 2026 Jun 07-09 off",
    "Fr,PH -1 day 16:00-21:00",
    "WD 07:00-09:00,17:00-19:00; PH off",
    "Jun-Aug Mo-Fr 05:00-07:00; Sep-May Mo-Fr 06:00-08:00; Dec 30-Jan 02 off",
    "2026 Jun 07-09 00:00-24:00",
    "Sa[1,3] 22:00-06:00",
    "22:00-06:00; Su[-1] off",
    "week 1-53/2 Mo-Fr 22:00-06:00",
    "Mo-Fr 07:00-08:30,16:00-17:30; SH off",
    "Jun-Aug: week 23-35/2 SH We[1,-1] +1 day 06:00-20:00",
    "Feb 29 Mo 10:00-11:00",
};

static uint64_t random_state = 1;
static int64_t open_count; /* printed, so that no call is optimised away */

static uint64_t next_random(void) /* splitmix64 */
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static double seconds(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const int64_t year_ms = INT64_C(1767225600000); /* 2026 */

static double ask_fresh(const struct mw_hours *hours, const struct mw_calendar *calendar,
                        const struct mw_zone *zone)
{
    static int64_t instants_ms[ASKS];
    struct mw_hours_answer answer;
    for (int i = 0; i < ASKS; i++)
        instants_ms[i] = year_ms + (int64_t)(next_random() % (UINT64_C(365) * MW_DAY_MS));
    double start = seconds();
    for (int i = 0; i < ASKS; i++) {
        mw_hours_at(hours, calendar, zone, instants_ms[i], &answer);
        open_count += answer.open;
    }
    return (seconds() - start) / ASKS * 1e9;
}

static double ask_cached(const struct mw_hours *hours, const struct mw_calendar *calendar,
                         const struct mw_zone *zone)
{
    struct mw_hours_answer cache = {0};
    double start = seconds();
    for (int i = 0; i < CACHED_ASKS; i++)
        open_count += mw_hours_at_cached(&cache, hours, calendar, zone, year_ms + i * INT64_C(10000))->open;
    return (seconds() - start) / CACHED_ASKS * 1e9;
}

static void print_cost(const char *expression, const struct mw_calendar *calendar, const struct mw_zone *zone)
{
    struct mw_hours *hours;
    double fresh_ns[ROUNDS], cached_ns[ROUNDS];
    if (mw_hours_parse(expression, strlen(expression), &hours, NULL) != MW_HOURS_OK)
        abort();
    for (int i = 0; i < ROUNDS; i++) {
        fresh_ns[i] = ask_fresh(hours, calendar, zone);
        cached_ns[i] = ask_cached(hours, calendar, zone);
    }
    qsort(fresh_ns, ROUNDS, sizeof fresh_ns[0], compare);
    qsort(cached_ns, ROUNDS, sizeof cached_ns[0], compare);
    printf("%8.0f %10.2f  %s\n", fresh_ns[ROUNDS / 2], cached_ns[ROUNDS / 2], expression);
    mw_hours_free(hours);
}

static struct mw_zone *load_zone(const char *path)
{
    static char bytes[1 << 16];
    struct mw_zone *zone = NULL;
    FILE *f = fopen(path, "rb");
    size_t size = f != NULL ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f != NULL)
        fclose(f);
    if (mw_zone_parse(bytes, size, &zone) != MW_ZONE_OK)
        abort();
    return zone;
}

int main(void)
{
    static const int holidays[][2] = {{1, 1}, {1, 2},  {2, 15}, {2, 16}, {2, 17}, {2, 18}, {4, 5},  {5, 1},
                                      {5, 2}, {6, 19}, {9, 25}, {10, 1}, {10, 2}, {10, 3}, {10, 4}, {10, 5}};
    static const char *const zones[] = {"Asia/Shanghai", "Europe/Berlin"};
    struct mw_calendar *calendar = mw_calendar_new();
    if (calendar == NULL)
        return 1;
    for (int year = 2025; year <= 2027; year++)
        mw_calendar_add_year(calendar, year);
    for (size_t i = 0; i < sizeof holidays / sizeof holidays[0]; i++)
        mw_calendar_add_day(calendar, 2026, holidays[i][0], holidays[i][1], true);
    for (int year = 2025; year <= 2027; year++) {
        mw_calendar_add_school_year(calendar, year);
        for (int day = 1; day <= 31; day++) {
            mw_calendar_add_school_day(calendar, year, 7, day, true);
            mw_calendar_add_school_day(calendar, year, 8, day, true);
        }
    }
    for (size_t z = 0; z < 2; z++) {
        char path[64];
        snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zones[z]);
        struct mw_zone *zone = load_zone(path);
        printf("%s: ns an evaluation, then through the cache\n", zones[z]);
        for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++)
            print_cost(expressions[i], calendar, zone);
        mw_zone_free(zone);
    }
    mw_calendar_free(calendar);
    return open_count == 0;
}
