#include "open_windows.h"

enum { LOOK_BACK_STEPS = 400 };

static void ask(const struct open_hours *h, int64_t t_ms, struct mw_hours_answer *out)
{
    mw_hours_at(h->hours, h->calendar, h->zone, t_ms, out);
}

/* The start of the window that is open at t. An answer's since_ms may be too late by days on end, so it is
 * asked again just before. */
static void find_start(const struct open_hours *h, int64_t t_ms, struct open_window *out)
{
    struct mw_hours_answer answer;
    ask(h, t_ms, &answer);
    for (int i = 0; i < LOOK_BACK_STEPS; i++) {
        struct mw_hours_answer before;
        ask(h, answer.since_ms - 1, &before);
        if (!before.open) {
            out->from_ms = answer.since_ms;
            return;
        }
        answer = before;
    }
    out->from_ms = t_ms;
    out->start_unknown = true;
}

/* Which year, of whose holidays, a window leans on that no calendar knows. */
static void find_guessed(const struct open_hours *h, struct open_window *out)
{
    struct mw_civil c;
    mw_civil_from_ms(h->zone, out->from_ms, &c);
    bool known = !mw_hours_uses_holidays(h->hours) || mw_calendar_has_year(h->calendar, c.year);
    out->guessed_school =
        known && mw_hours_uses_school_holidays(h->hours) && !mw_calendar_has_school_year(h->calendar, c.year);
    out->guessed_year = c.year + (known && !out->guessed_school); /* the eve asks for the first of January */
}

bool open_window_next(const struct open_hours *h, int64_t t_ms, struct open_window *out)
{
    struct mw_hours_answer answer;
    *out = (struct open_window){0};
    ask(h, t_ms, &answer);
    if (answer.open) {
        find_start(h, t_ms, out);
    } else if (answer.until_ms == INT64_MAX) {
        out->from_ms = t_ms;
        if (answer.guessed)
            find_guessed(h, out);
        return false;
    } else {
        out->from_ms = answer.until_ms;
        ask(h, answer.until_ms, &answer);
    }
    out->to_ms = answer.until_ms;
    if (answer.guessed)
        find_guessed(h, out);
    return true;
}
