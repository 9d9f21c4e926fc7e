/*
 * hours: evaluating a compiled expression.
 *
 * For one day, all rules are applied in order; the result is the day's list: the spans that start on that
 * day. The day's timeline is what is open between 00:00 and 24:00: the first 24 hours of the day's own list,
 * and what the list of the day before leaves over, since a span may reach up to 48:00. So a span belongs to
 * the day on which it starts, and a rule for another day does not change it.
 *
 * Everything is computed in local time. An instant is turned into the furthest local time that the wall clock
 * has reached; an edge is turned into the first instant at which the wall clock reaches it. zone.c says why
 * these two belong together. A span that lies wholly in a skipped hour becomes empty, and its edges are no
 * changes.
 *
 * The search for the next change goes day by day, but it leaves out most of the year. Dates, weeks, weekdays
 * of months and holidays change which rules apply only on certain days (hours_calm.c). Between two of these
 * only the weekday matters: after a week without a change (or after one day, if no rule names a weekday) the
 * search continues at the next such day. It ends after forty years, which covers the rarest yearly case, a
 * given weekday on 29 February, also around 2100.
 */
#include "hours_days.h"

#include <stdlib.h>
#include <string.h>

enum { HORIZON_DAYS = 40 * 366, LAST_DAY = 2932895 /* 9999-12-30, the last whole day */, MINUTE_MS = 60000 };

struct span_list {
    size_t count;
    struct hours_span spans[HOURS_MAX_SPANS];
};

/* A walk over local days, and the day it has reached. */
struct walk {
    const struct mw_hours *hours;
    const struct mw_calendar *calendar;
    int32_t day;
    struct span_list lists[2]; /* of the day, lists[current], and of the day before */
    int current;
    struct span_list timeline;
    int32_t calm_until; /* first day after `day` for which other dates or holidays may apply */
    int calm_days;      /* how many timelines without a change were seen since the last such day */
};

static void add_span(struct span_list *list, unsigned from_min, unsigned to_min)
{
    if (from_min < to_min && list->count < HOURS_MAX_SPANS)
        list->spans[list->count++] = (struct hours_span){(uint16_t)from_min, (uint16_t)to_min};
}

size_t hours_merge_spans(struct hours_span *spans, size_t count)
{
    for (size_t i = 1; i < count; i++) { /* insertion: lists are short and nearly sorted */
        struct hours_span s = spans[i];
        size_t k = i;
        for (; k > 0 && spans[k - 1].from_min > s.from_min; k--)
            spans[k] = spans[k - 1];
        spans[k] = s;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && spans[i].from_min <= spans[kept - 1].to_min) {
            if (spans[i].to_min > spans[kept - 1].to_min)
                spans[kept - 1].to_min = spans[i].to_min;
        } else {
            spans[kept++] = spans[i];
        }
    }
    return kept;
}

static void take_away(struct span_list *list, const struct hours_span *away, size_t count)
{
    struct span_list rest;
    rest.count = 0;
    for (size_t i = 0; i < list->count; i++) {
        unsigned from = list->spans[i].from_min, to = list->spans[i].to_min;
        for (size_t k = 0; k < count && away[k].from_min < to; k++) {
            if (away[k].to_min <= from)
                continue;
            add_span(&rest, from, away[k].from_min);
            from = away[k].to_min;
        }
        add_span(&rest, from, to);
    }
    list->count = rest.count;
    memcpy(list->spans, rest.spans, rest.count * sizeof rest.spans[0]);
}

static void put_in(struct span_list *list, const struct hours_span *more, size_t count)
{
    if (list->count == 0) {
        memcpy(list->spans, more, count * sizeof more[0]);
        list->count = count;
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_span(list, more[i].from_min, more[i].to_min);
    list->count = hours_merge_spans(list->spans, list->count);
}

/* The spans that start on `day`. */
static void list_day(const struct walk *w, int32_t day, struct span_list *list)
{
    const struct mw_hours *hours = w->hours;
    struct day_facts facts = look_at_day(hours, w->calendar, day);
    list->count = 0;
    for (unsigned i = 0; i < hours->rule_count; i++) {
        const struct hours_rule *rule = &hours->rules[i];
        if (!rule_applies(hours, rule, &facts))
            continue;
        if (rule->clears)
            list->count = 0;
        if (rule->off)
            take_away(list, &hours->spans[rule->first_span], rule->span_count);
        else
            put_in(list, &hours->spans[rule->first_span], rule->span_count);
    }
}

static void draw_timeline(struct walk *w)
{
    const struct span_list *before = &w->lists[1 - w->current], *own = &w->lists[w->current];
    struct span_list *timeline = &w->timeline;
    timeline->count = 0;
    for (size_t i = 0; i < before->count; i++)
        if (before->spans[i].to_min > MINUTES_PER_DAY) {
            unsigned from = before->spans[i].from_min;
            add_span(timeline, from > MINUTES_PER_DAY ? from - MINUTES_PER_DAY : 0,
                     before->spans[i].to_min - (unsigned)MINUTES_PER_DAY);
        }
    bool joined = timeline->count > 0;
    for (size_t i = 0; i < own->count; i++)
        add_span(timeline, own->spans[i].from_min,
                 own->spans[i].to_min < MINUTES_PER_DAY ? own->spans[i].to_min : MINUTES_PER_DAY);
    if (joined)
        timeline->count = hours_merge_spans(timeline->spans, timeline->count);
}

static void stand_on(struct walk *w, int32_t day)
{
    w->day = day;
    list_day(w, day - 1, &w->lists[1 - w->current]);
    list_day(w, day, &w->lists[w->current]);
}

/* Goes to the next day whose timeline may have a change; false if there is none before `last_day`. */
static bool next_day(struct walk *w, int32_t last_day)
{
    if (w->day + 1 < w->calm_until && w->calm_days >= (w->hours->uses_week ? 7 : 1)) {
        if (w->calm_until > last_day)
            return false;
        w->day = w->calm_until - 1;
        list_day(w, w->day, &w->lists[w->current]);
    }
    w->day++;
    w->current = 1 - w->current;
    list_day(w, w->day, &w->lists[w->current]);
    if (w->day >= w->calm_until) {
        w->calm_until = hours_calm_end(w->hours, w->calendar, w->day);
        w->calm_days = 0;
    } else {
        w->calm_days++;
    }
    return w->day <= last_day;
}

static bool open_at(const struct span_list *timeline, unsigned minute)
{
    for (size_t i = 0; i < timeline->count; i++)
        if (minute < timeline->spans[i].to_min)
            return minute >= timeline->spans[i].from_min;
    return false;
}

/* The first minute, from `minute` on, that is not in the state `open`; MINUTES_PER_DAY if there is none this
 * day. */
static unsigned end_of_state(const struct span_list *timeline, unsigned minute, bool open)
{
    for (size_t i = 0; i < timeline->count; i++) {
        const struct hours_span *s = &timeline->spans[i];
        if (s->to_min <= minute)
            continue;
        if (!open)
            return s->from_min > minute ? s->from_min : minute;
        if (s->from_min > minute)
            return minute;
        minute = s->to_min;
    }
    return open ? minute : MINUTES_PER_DAY;
}

/* The first local time, from `minute` of the walk's day on, that is not in the state `open`; INT64_MAX if
 * there is none within the horizon. */
static int64_t find_change(struct walk *w, unsigned minute, bool open, int32_t last_day)
{
    for (;;) {
        unsigned edge = end_of_state(&w->timeline, minute, open);
        if (edge < MINUTES_PER_DAY)
            return (int64_t)w->day * MW_DAY_MS + (int64_t)edge * MINUTE_MS;
        if (!next_day(w, last_day))
            return INT64_MAX;
        draw_timeline(w);
        minute = 0;
    }
}

static unsigned minute_of(const struct walk *w, int64_t local_ms)
{
    return (unsigned)((local_ms - (int64_t)w->day * MW_DAY_MS) / MINUTE_MS);
}

/* The next instant after t at which the answer changes. All edges in a skipped hour fall on the instant at
 * which the clock is put forward; they may cancel each other. */
static int64_t find_until(struct walk *w, const struct mw_zone *zone, int64_t t_ms, int64_t local_ms,
                          bool open)
{
    int32_t last_day = w->day < LAST_DAY - HORIZON_DAYS ? w->day + HORIZON_DAYS : LAST_DAY;
    bool state = open;
    int64_t edge_ms = find_change(w, minute_of(w, local_ms), state, last_day);
    while (edge_ms != INT64_MAX) {
        int64_t until_ms = mw_zone_local_to_ms(zone, edge_ms);
        if (until_ms <= t_ms)
            return INT64_MAX; /* after the last year */
        int64_t clock_ms = mw_zone_furthest_local_ms(zone, until_ms);
        do {
            state = !state;
            if (edge_ms == clock_ms && state != open)
                return until_ms; /* the usual case */
            edge_ms = find_change(w, minute_of(w, edge_ms), state, last_day);
        } while (edge_ms <= clock_ms);
        if (state != open)
            return until_ms;
    }
    return INT64_MAX;
}

/* The last edge of the timeline at or before `minute`, or the start of the day. */
static unsigned last_edge(const struct span_list *timeline, unsigned minute)
{
    unsigned edge = 0;
    for (size_t i = 0; i < timeline->count; i++) {
        if (timeline->spans[i].from_min <= minute)
            edge = timeline->spans[i].from_min;
        if (timeline->spans[i].to_min <= minute)
            edge = timeline->spans[i].to_min;
    }
    return edge;
}

/* Whether the list of this day depends on a year whose holidays are not known. */
static bool is_guess(const struct walk *w, int32_t day)
{
    int year, month, month_day;
    mw_civil_from_days(day, &year, &month, &month_day);
    if (w->hours->uses_school && !mw_calendar_has_school_year(w->calendar, year))
        return true;
    return w->hours->uses_holidays &&
           (!mw_calendar_has_year(w->calendar, year) ||
            (month == 12 && month_day == 31 && !mw_calendar_has_year(w->calendar, year + 1)));
}

/* Finds `guessed` and the next day on which it may change. The list of 31 December depends on 1 January (its
 * eve), and the timeline of 1 January on the list of 31 December, so the answer may change on 31 December, 1
 * January and 2 January. */
static void find_guess(const struct walk *w, int32_t day, bool *out_guessed, int32_t *out_next)
{
    int year, month, month_day;
    *out_guessed = is_guess(w, day) || (w->hours->spills && is_guess(w, day - 1));
    mw_civil_from_days(day, &year, &month, &month_day);
    int32_t new_year = mw_civil_to_days(year + 1, 1, 1);
    *out_next = month == 1 && month_day == 1 ? day + 1 : day + 1 < new_year ? new_year - 1 : new_year;
}

void mw_hours_at(const struct mw_hours *hours, const struct mw_calendar *calendar, const struct mw_zone *zone,
                 int64_t t_ms, struct mw_hours_answer *out_answer)
{
    int64_t local_ms = mw_zone_furthest_local_ms(zone, t_ms);
    int64_t days = local_ms / MW_DAY_MS;
    if (days * MW_DAY_MS > local_ms)
        days--;
    int32_t day = (int32_t)days;
    unsigned minute = (unsigned)((local_ms - days * MW_DAY_MS) / MINUTE_MS);
    struct walk w;
    w.hours = hours;
    w.calendar = calendar;
    w.current = 0;
    w.calm_until = INT32_MIN;
    w.calm_days = 0;
    stand_on(&w, day);
    draw_timeline(&w);

    struct mw_hours_answer answer = {.open = open_at(&w.timeline, minute)};
    int64_t since_local_ms = days * MW_DAY_MS + (int64_t)last_edge(&w.timeline, minute) * MINUTE_MS;
    answer.since_ms = mw_zone_local_to_ms(zone, since_local_ms);
    if (answer.since_ms > t_ms)
        answer.since_ms = t_ms;
    int32_t guess_end = INT32_MAX;
    if (hours->uses_holidays || hours->uses_school)
        find_guess(&w, day, &answer.guessed, &guess_end);
    answer.until_ms = find_until(&w, zone, t_ms, local_ms, answer.open);
    answer.reask_ms = answer.until_ms;
    if (guess_end != INT32_MAX) {
        int64_t guess_end_ms = mw_zone_day_start_ms(zone, guess_end);
        if (guess_end_ms > t_ms && guess_end_ms < answer.reask_ms)
            answer.reask_ms = guess_end_ms;
    }
    *out_answer = answer;
}

bool mw_hours_uses_holidays(const struct mw_hours *hours)
{
    return hours->uses_holidays;
}

bool mw_hours_uses_school_holidays(const struct mw_hours *hours)
{
    return hours->uses_school;
}

void mw_hours_free(struct mw_hours *hours)
{
    free(hours);
}
