/*
 * Time zones against the C library: offsets and local times at random instants and on both sides of every
 * change, and time windows through changes of the clock against a walk that looks at the wall clock minute by
 * minute.
 */
#include "cmocka_all.h"

#include <muckwatch/hours.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Beside ordinary ones: half an hour of summer time, a day left out, changes at midnight, negative summer
 * time, two steps of summer time, rules that were suspended for a month, odd offsets, and no summer time for
 * long. */
static const char *const zone_names[] = {
    "Europe/Berlin",    "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",      "America/Sao_Paulo",
    "America/Havana",   "Europe/Dublin",    "Antarctica/Troll",    "Africa/Casablanca", "Asia/Kathmandu",
    "Asia/Shanghai",    "Asia/Taipei",      "Asia/Gaza",           "Pacific/Chatham",   "America/St_Johns",
    "America/Santiago", "Asia/Tehran",      "Africa/Cairo",        "Asia/Pyongyang",    "UTC",
    "Etc/GMT-14",
};
enum { ZONE_COUNT = sizeof zone_names / sizeof zone_names[0] };

static uint64_t random_state = 41;

static uint64_t next_random(void) /* splitmix64 */
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t random_between(int64_t from, int64_t to)
{
    return from + (int64_t)(next_random() % (uint64_t)(to - from));
}

static size_t read_zone(const char *name, unsigned char *bytes, size_t room)
{
    char path[256];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("%s is missing (package tzdata)", path);
    size_t size = fread(bytes, 1, room, f);
    fclose(f);
    return size;
}

static struct mw_zone *load_zone(const char *name)
{
    static unsigned char bytes[1 << 16];
    struct mw_zone *zone = NULL;
    size_t size = read_zone(name, bytes, sizeof bytes);
    if (mw_zone_parse(bytes, size, &zone) != MW_ZONE_OK)
        fail_msg("%s does not parse", name);
    return zone;
}

static void use_in_libc(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

static void check_instant(const char *name, const struct mw_zone *zone, int64_t t_s)
{
    struct tm tm;
    struct mw_civil c;
    time_t t = (time_t)t_s;
    assert_non_null(localtime_r(&t, &tm));
    mw_civil_from_ms(zone, t_s * 1000 + 999, &c);
    bool same = c.offset_s == tm.tm_gmtoff && c.year == tm.tm_year + 1900 && c.month == tm.tm_mon + 1 &&
                c.day == tm.tm_mday && c.hour == tm.tm_hour && c.minute == tm.tm_min &&
                c.second == tm.tm_sec && c.millisecond == 999 && c.weekday == (tm.tm_wday + 6) % 7;
    if (!same)
        fail_msg("%s at %lld: %04d-%02d-%02d %02d:%02d:%02d%+d, libc has %+ld", name, (long long)t_s, c.year,
                 c.month, c.day, c.hour, c.minute, c.second, c.offset_s, tm.tm_gmtoff);
}

static long libc_offset(int64_t t_s)
{
    struct tm tm;
    time_t t = (time_t)t_s;
    localtime_r(&t, &tm);
    return tm.tm_gmtoff;
}

/* Where the offset changes between two instants, to the second: the first instant of the new offset. */
static int64_t bisect_change(int64_t before, int64_t after)
{
    long offset = libc_offset(before);
    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;
        if (libc_offset(middle) == offset)
            before = middle;
        else
            after = middle;
    }
    return after;
}

/* The map there and back around an instant, in steps that end on both sides of it. */
static void check_inverse(const char *name, const struct mw_zone *zone, int64_t around_s)
{
    for (int i = 0; i < 40; i++) {
        int64_t t_ms = (around_s + random_between(-9000, 9000)) * 1000 + random_between(-1, 2);
        int64_t local_ms = mw_zone_furthest_local_ms(zone, t_ms) + random_between(-9000, 9000) * 1000;
        int64_t back_ms = mw_zone_local_to_ms(zone, local_ms);
        bool reached = mw_zone_furthest_local_ms(zone, t_ms) >= local_ms;
        if ((back_ms <= t_ms) != reached)
            fail_msg("%s: the clock reaches local %lld at %lld, but not seen from %lld", name,
                     (long long)local_ms, (long long)back_ms, (long long)t_ms);
    }
}

static void offsets_as_in_libc(void **state)
{
    const int64_t first_s = -INT64_C(2000000000), last_s = INT64_C(7200000000); /* 1906 to 2198 */
    for (size_t z = 0; z < ZONE_COUNT; z++) {
        struct mw_zone *zone = load_zone(zone_names[z]);
        use_in_libc(zone_names[z]);
        for (int i = 0; i < 2000; i++)
            check_instant(zone_names[z], zone, random_between(first_s, last_s));
        int changes = 0;
        const int64_t step_s = 5 * 86400;
        for (int64_t t_s = first_s; t_s < INT64_C(4200000000) && changes < 400; t_s += step_s) {
            if (libc_offset(t_s) == libc_offset(t_s + step_s))
                continue;
            int64_t change_s = bisect_change(t_s, t_s + step_s);
            changes++;
            for (int64_t d = -2; d <= 2; d++)
                check_instant(zone_names[z], zone, change_s + d);
            check_inverse(zone_names[z], zone, change_s);
        }
        mw_zone_free(zone);
    }
}

/* Whether a span of the day list, given in minutes, covers this wall clock time: the words of docs/HOURS.md.
 */
struct plain_window {
    const char *text;
    int from_min, to_min; /* to > from */
};

static bool covers(const struct plain_window *w, int64_t local_ms)
{
    int64_t minute = local_ms / 60000, in_day = minute % 1440;
    return (in_day >= w->from_min && in_day < w->to_min) || in_day + 1440 < w->to_min;
}

static int64_t libc_local_ms(int64_t t_s)
{
    return (t_s + libc_offset(t_s)) * 1000;
}

/* From two days before a change to two days after, a minute at a time: open is what the furthest reading of
 * the wall clock says, and until_ms is the first minute at which that differs. */
static void walk_change(const char *name, const struct mw_zone *zone, int64_t change_s,
                        const struct plain_window *w)
{
    enum { MINUTES = 4 * 1440 };
    static bool open[MINUTES];
    struct mw_hours *hours = NULL;
    assert_int_equal(mw_hours_parse(w->text, strlen(w->text), &hours, NULL), MW_HOURS_OK);
    int64_t start_s = (change_s - 2 * 86400) / 60 * 60, furthest_ms = 0;
    for (int i = -1440; i < MINUTES; i++) { /* the day before brings the furthest reading up */
        int64_t local_ms = libc_local_ms(start_s + i * 60);
        /* Just before the clock is put back it reads a minute more than the last whole minute. */
        int64_t before_ms = libc_local_ms(start_s + i * 60 - 1) + 999;
        furthest_ms = before_ms > furthest_ms ? before_ms : furthest_ms;
        furthest_ms = local_ms > furthest_ms ? local_ms : furthest_ms;
        if (i >= 0)
            open[i] = covers(w, furthest_ms);
    }
    int next = MINUTES;
    for (int i = MINUTES - 1; i >= 0; i--) {
        struct mw_hours_answer answer;
        int64_t t_ms = (start_s + i * 60) * 1000;
        if (i + 1 < MINUTES && open[i + 1] != open[i])
            next = i + 1;
        mw_hours_at(hours, NULL, zone, t_ms, &answer);
        bool good = answer.open == open[i] && answer.since_ms <= t_ms;
        good = good && (next == MINUTES || answer.until_ms == (start_s + next * 60) * 1000);
        if (!good)
            fail_msg("%s, '%s' at %lld: open %d until %lld, expected %d until %lld", name, w->text,
                     (long long)t_ms / 1000, answer.open, (long long)answer.until_ms / 1000, open[i],
                     (long long)start_s + next * 60);
    }
    mw_hours_free(hours);
}

static void windows_through_changes(void **state)
{
    for (size_t z = 0; z < ZONE_COUNT; z++) {
        struct mw_zone *zone = load_zone(zone_names[z]);
        use_in_libc(zone_names[z]);
        int changes = 0;
        for (int64_t t_s = INT64_C(600000000); t_s < INT64_C(2000000000); t_s += 5 * 86400) {
            if (libc_offset(t_s) == libc_offset(t_s + 5 * 86400))
                continue;
            int64_t change_s = bisect_change(t_s, t_s + 5 * 86400);
            if (changes++ % 9 != 0 || change_s % 60 != 0)
                continue;
            char text[32];
            int from = (int)random_between(0, 288) * 5, to = from + 5 + (int)random_between(0, 287) * 5;
            snprintf(text, sizeof text, "%02d:%02d-%02d:%02d", from / 60, from % 60, to / 60, to % 60);
            walk_change(zone_names[z], zone, change_s, &(struct plain_window){text, from, to});
            walk_change(zone_names[z], zone, change_s, &(struct plain_window){"01:00-02:30", 60, 150});
            walk_change(zone_names[z], zone, change_s, &(struct plain_window){"02:30-05:00", 150, 300});
            walk_change(zone_names[z], zone, change_s, &(struct plain_window){"02:00-03:00", 120, 180});
            walk_change(zone_names[z], zone, change_s, &(struct plain_window){"23:30-24:30", 1410, 1470});
        }
        mw_zone_free(zone);
    }
}

static void cut_files_are_broken(void **state)
{
    static unsigned char bytes[1 << 16];
    for (size_t z = 0; z < ZONE_COUNT; z++) {
        size_t size = read_zone(zone_names[z], bytes, sizeof bytes);
        for (size_t cut = 0; cut < size; cut++) { /* a file cut short is broken, wherever it is cut */
            struct mw_zone *zone = NULL;
            assert_int_equal(mw_zone_parse(bytes, cut, &zone), MW_ZONE_BROKEN);
            assert_null(zone);
        }
    }
}

/* Lasts `hours` from the instant it opens next. */
static void expect_window(const struct mw_zone *zone, const char *text, const char *from, int hours)
{
    struct mw_hours *compiled = NULL;
    struct mw_hours_answer before, in;
    int year, month, day;
    assert_int_equal(mw_hours_parse(text, strlen(text), &compiled, NULL), MW_HOURS_OK);
    assert_int_equal(sscanf(from, "%d-%d-%d", &year, &month, &day), 3);
    mw_hours_at(compiled, NULL, zone, mw_zone_day_start_ms(zone, mw_civil_to_days(year, month, day)),
                &before);
    assert_false(before.open);
    mw_hours_at(compiled, NULL, zone, before.until_ms, &in);
    assert_true(in.open && in.since_ms == before.until_ms);
    if (in.until_ms - in.since_ms != hours * INT64_C(3600000))
        fail_msg("'%s' from %s: %lld ms", text, from, (long long)(in.until_ms - in.since_ms));
    mw_hours_free(compiled);
}

/* The last Sundays of March and of October change the clocks of Berlin, and are the ends of ISO weeks. */
static void days_that_change_the_clocks(void **state)
{
    struct mw_zone *zone = load_zone("Europe/Berlin");
    expect_window(zone, "Mar Su[-1] 01:30-03:30", "2026-03-01", 1);
    expect_window(zone, "Oct Su[-1] 01:30-03:30", "2026-10-01", 3);
    expect_window(zone, "Mar Su[-1]", "2026-03-01", 23);
    expect_window(zone, "Oct Su[-1]", "2026-10-01", 25);
    expect_window(zone, "Sa[4] +1 day", "2026-10-01", 25);
    expect_window(zone, "week 13", "2026-03-01", 7 * 24 - 1);
    expect_window(zone, "week 43", "2026-10-01", 7 * 24 + 1);
    expect_window(zone, "week 43-44", "2026-10-01", 14 * 24 + 1);
    expect_window(zone, "week 53", "2026-10-01", 7 * 24);
    expect_window(zone, "06:00-06:00; Sa off", "2026-03-29", 6 * 24); /* ends on the next Saturday */
    mw_zone_free(zone);
}

/* Every zone that the database lists for some place. */
static void every_listed_zone(void **state)
{
    char line[512], name[128];
    FILE *f = fopen("/usr/share/zoneinfo/zone1970.tab", "r");
    assert_non_null(f);
    int zones = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        if (line[0] == '#' || sscanf(line, "%*s %*s %127s", name) != 1)
            continue;
        struct mw_zone *zone = load_zone(name);
        use_in_libc(name);
        for (int i = 0; i < 200; i++)
            check_instant(name, zone, random_between(-INT64_C(2000000000), INT64_C(7200000000)));
        mw_zone_free(zone);
        zones++;
    }
    fclose(f);
    assert_true(zones > 250);
}

/* A version 3 file without transitions that ends in this rule. */
static size_t write_rule_file(const char *rule, unsigned char *out)
{
    static const unsigned char block[] = {'T', 'Z', 'i', 'f', '3', [39] = 1, [43] = 4};
    static const unsigned char type[] = {0, 0, 0, 0, 0, 0, 'U', 'T', 'C', 0};
    size_t size = 0;
    for (int i = 0; i < 2; i++) { /* the same for 32 and 64 bits, as there are no times */
        memcpy(out + size, block, sizeof block);
        memcpy(out + size + sizeof block, type, sizeof type);
        size += sizeof block + sizeof type;
    }
    return size + (size_t)sprintf((char *)out + size, "\n%s\n", rule);
}

static void yearly_rules_as_in_libc(void **state)
{
    static const char *const rules[] = {"CET-1CEST,M3.5.0,M10.5.0/3",
                                        "NZST-12NZDT,M9.5.0,M4.1.0/3",
                                        "AAA5BBB,J60,J300",
                                        "AAA5BBB,J59/0,J61/0",
                                        "AAA-5:30BBB-7,59/1:30,300/24",
                                        "<+03>-3<+04>,J60/-2:30,M10.5.6/26:15:01",
                                        "IST-2IDT,M3.4.4/26,M10.5.0",
                                        "IST-1GMT0,M10.5.0,M3.5.0/1",
                                        "<-03>3",
                                        "MSK-3"};
    unsigned char bytes[512];
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct mw_zone *zone = NULL;
        assert_int_equal(mw_zone_parse(bytes, write_rule_file(rules[i], bytes), &zone), MW_ZONE_OK);
        use_in_libc(rules[i]);
        for (int k = 0; k < 4000; k++)
            check_instant(rules[i], zone, random_between(0, INT64_C(6900000000)));
        for (int64_t t_s = 0; t_s < INT64_C(1000000000); t_s += 86400)
            if (libc_offset(t_s) != libc_offset(t_s + 86400))
                for (int64_t d = -1; d <= 1; d++)
                    check_instant(rules[i], zone, bisect_change(t_s, t_s + 86400) + d);
        mw_zone_free(zone);
    }
}

static void broken_rules(void **state)
{
    static const char *const rules[] = {"CE-1",
                                        "CET",
                                        "CET-25",
                                        "CET-1CEST",
                                        "CET-1CEST,M3.5.0",
                                        "CET-1CEST,M13.5.0,M10.5.0",
                                        "<CET-1",
                                        "CET-1:60",
                                        "CET-1X",
                                        "CET-1CEST,M3.6.0,M10.5.0",
                                        "CET-1CEST,J0,J1",
                                        "CET-1CEST,M3.5.7,M10.5.0",
                                        "CET-1CEST,366,1",
                                        "CET-1CEST,1/168,2",
                                        "CET-1CEST,1,2x"};
    unsigned char bytes[512];
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct mw_zone *zone = NULL;
        if (mw_zone_parse(bytes, write_rule_file(rules[i], bytes), &zone) != MW_ZONE_BROKEN)
            fail_msg("'%s' is taken for a rule", rules[i]);
        assert_null(zone);
    }
}

/* Changes have to come one after the other (RFC 8536, 3.2). */
static void changes_out_of_order(void **state)
{
    static const unsigned char head[] = {'T', 'Z', 'i', 'f', [35] = 2, [39] = 2, [43] = 4};
    static const unsigned char rest[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 14, 16, 1, 0, 'A', 0, 'B', 0};
    static const struct {
        unsigned char first, second;
        enum mw_zone_status status;
    } cases[] = {{1, 2, MW_ZONE_OK}, {2, 2, MW_ZONE_BROKEN}, {2, 1, MW_ZONE_BROKEN}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char bytes[sizeof head + 8 + sizeof rest] = {0};
        struct mw_zone *zone = NULL;
        memcpy(bytes, head, sizeof head);
        bytes[sizeof head + 3] = cases[i].first;
        bytes[sizeof head + 7] = cases[i].second;
        memcpy(bytes + sizeof head + 8, rest, sizeof rest);
        assert_int_equal(mw_zone_parse(bytes, sizeof bytes, &zone), cases[i].status);
        mw_zone_free(zone);
    }
}

static void fixed_zone(void **state)
{
    struct mw_zone *zone = mw_zone_fixed(-5 * 3600 - 1800);
    assert_int_equal(mw_zone_offset_s(zone, 0), -19800);
    assert_int_equal(mw_zone_local_to_ms(zone, 0), 19800000);
    assert_int_equal(mw_zone_day_start_ms(zone, 1), MW_DAY_MS + 19800000);
    mw_zone_free(zone);
    assert_null(mw_zone_fixed(26 * 3600));
    assert_null(mw_zone_fixed(-26 * 3600));
    mw_zone_free(NULL);
}

static void civil_days(void **state)
{
    int32_t days = mw_civil_to_days(1, 1, 1);
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++) {
            int last = mw_civil_month_days(year, month);
            assert_int_equal(mw_civil_to_days(year, month, 1), days);
            for (int day = 1; day <= last; day += day == 1 ? last - 1 : 1) {
                int y, m, d;
                mw_civil_from_days(days + day - 1, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
                assert_true(mw_civil_date_valid(year, month, day));
            }
            assert_false(mw_civil_date_valid(year, month, last + 1));
            days += last;
        }
    assert_int_equal(mw_civil_to_days(1970, 1, 1), 0);
    assert_int_equal(mw_civil_weekday(0), 3);
    assert_int_equal(mw_civil_weekday(-4), 6);
    assert_false(mw_civil_date_valid(0, 1, 1) || mw_civil_date_valid(10000, 1, 1) ||
                 mw_civil_date_valid(2026, 13, 1) || mw_civil_date_valid(2026, 0, 1) ||
                 mw_civil_date_valid(2026, 1, 0) || mw_civil_date_valid(1900, 2, 29));
    assert_true(mw_civil_date_valid(2000, 2, 29));
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)random_state);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(civil_days),           cmocka_unit_test(changes_out_of_order),
        cmocka_unit_test(fixed_zone),           cmocka_unit_test(days_that_change_the_clocks),
        cmocka_unit_test(cut_files_are_broken), cmocka_unit_test(every_listed_zone),
        cmocka_unit_test(offsets_as_in_libc),   cmocka_unit_test(yearly_rules_as_in_libc),
        cmocka_unit_test(broken_rules),         cmocka_unit_test(windows_through_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
