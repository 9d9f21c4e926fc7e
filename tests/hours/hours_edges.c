/*
 * hours_edges: prints the edges of expressions, for comparison with other implementations.
 *
 * Reads lines:  year YYYY | off YYYY-MM-DD | work YYYY-MM-DD     the calendar, years are also the school's
 *               school YYYY-MM-DD                                a school holiday
 *               range FROM TO                                    minutes since the epoch, UTC
 *               expr EXPRESSION                                  answered by one line
 * Answers:      error AT TEXT | STATE EDGE EDGE ...              state at FROM (0, 1), minutes of the
 *                                                                changes before TO
 *
 * The edges come from asking for the next change again and again. Then instants in random order are asked
 * without that history; an answer that disagrees ends the program with a line on stderr and status 1.
 */
#include <muckwatch/hours.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EDGES = 1 << 16, PROBES = 40, MINUTE_MS = 60000 };

static int64_t edges[MAX_EDGES];
static uint64_t random_state = 20260607;

static uint64_t next_random(void) /* splitmix64 */
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t list_edges(const struct mw_hours *hours, const struct mw_calendar *calendar, int64_t from_ms,
                         int64_t to_ms, bool *out_open)
{
    struct mw_hours_answer answer;
    size_t count = 0;
    mw_hours_at(hours, calendar, NULL, from_ms, &answer);
    *out_open = answer.open;
    while (answer.until_ms < to_ms && count < MAX_EDGES) {
        edges[count++] = answer.until_ms;
        bool before = answer.open;
        mw_hours_at(hours, calendar, NULL, answer.until_ms, &answer);
        if (answer.open == before || answer.since_ms != edges[count - 1])
            return MAX_EDGES;
    }
    return count;
}

static bool probe(const struct mw_hours *hours, const struct mw_calendar *calendar, int64_t from_ms,
                  int64_t to_ms, bool open, size_t count)
{
    for (int i = 0; i < PROBES; i++) {
        int64_t t_ms = from_ms + (int64_t)(next_random() % (uint64_t)(to_ms - from_ms));
        size_t before = 0, after = count; /* how many edges are not later than t */
        while (before < after) {
            size_t middle = (before + after) / 2;
            if (edges[middle] <= t_ms)
                before = middle + 1;
            else
                after = middle;
        }
        struct mw_hours_answer answer;
        mw_hours_at(hours, calendar, NULL, t_ms, &answer);
        bool good = answer.open == (open ^ ((before & 1) != 0));
        good = good && (before == count ? answer.until_ms >= to_ms : answer.until_ms == edges[before]);
        good = good && answer.since_ms <= t_ms && (before == 0 || answer.since_ms >= edges[before - 1]);
        if (!good) {
            fprintf(stderr, "hours_edges: another answer at %" PRId64 "\n", t_ms);
            return false;
        }
    }
    return true;
}

static bool answer_expression(const char *text, const struct mw_calendar *calendar, int64_t from_ms,
                              int64_t to_ms)
{
    struct mw_hours *hours;
    struct mw_hours_error error;
    if (mw_hours_parse(text, strlen(text), &hours, &error) != MW_HOURS_OK) {
        printf("error %zu %s\n", error.at, error.text);
        return true;
    }
    bool open;
    size_t count = list_edges(hours, calendar, from_ms, to_ms, &open);
    bool good = count < MAX_EDGES && probe(hours, calendar, from_ms, to_ms, open, count);
    printf("%d", open);
    for (size_t i = 0; good && i < count; i++)
        printf(" %" PRId64, edges[i] / MINUTE_MS);
    putchar('\n');
    if (!good)
        fprintf(stderr, "hours_edges: '%s' disagrees with itself\n", text);
    mw_hours_free(hours);
    return good;
}

int main(void)
{
    static char line[4096];
    struct mw_calendar *calendar = mw_calendar_new();
    int64_t from_ms = 0, to_ms = 1;
    bool good = calendar != NULL;
    while (good && fgets(line, sizeof line, stdin) != NULL) {
        int year, month, day;
        int64_t from, to;
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "expr ", 5) == 0)
            good = answer_expression(line + 5, calendar, from_ms, to_ms);
        else if (sscanf(line, "year %d", &year) == 1)
            good = mw_calendar_add_year(calendar, year) == MW_CALENDAR_OK &&
                   mw_calendar_add_school_year(calendar, year) == MW_CALENDAR_OK;
        else if (sscanf(line, "off %d-%d-%d", &year, &month, &day) == 3)
            good = mw_calendar_add_day(calendar, year, month, day, true) == MW_CALENDAR_OK;
        else if (sscanf(line, "school %d-%d-%d", &year, &month, &day) == 3)
            good = mw_calendar_add_school_day(calendar, year, month, day, true) == MW_CALENDAR_OK;
        else if (sscanf(line, "work %d-%d-%d", &year, &month, &day) == 3)
            good = mw_calendar_add_day(calendar, year, month, day, false) == MW_CALENDAR_OK;
        else if (sscanf(line, "range %" SCNd64 " %" SCNd64, &from, &to) == 2) {
            from_ms = from * MINUTE_MS;
            to_ms = to * MINUTE_MS;
        } else
            good = false;
    }
    mw_calendar_free(calendar);
    return good ? 0 : 1;
}
