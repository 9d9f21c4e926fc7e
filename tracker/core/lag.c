#include "lag.h"

#include <string.h>

/* The contract's 5 s to either side. */
#define LAG_WIDTH_MS (2 * 5 * 1000)
/*
 * Ten arrivals that take less than this tell nothing: a backlog of fixes a second apart, delivered in one go,
 * has grown shorter by as little.
 */
#define LAG_SPAN_MS 10000
/* "About its length": an eighth, for units that do not sample all the while they are silent. */
#define SILENCE_SHARE 8

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The vehicle's clock once the fix has been taken: one that is newer is judged, and sets it. */
static int64_t now_of(const struct vehicle_state *s, const struct fix *fix, struct arrival arrival)
{
    bool sets = !(s->flags & VEHICLE_SEEN) || fix->time.ms > s->time_ms;
    return sets ? fix->time.ms : vehicle_clock_ms(s, arrival.clock_ms);
}

double lag_offset_s(const struct vehicle_state *s)
{
    return -(double)lesser(s->lag.low_ms, s->lag.least_ms) / 1000;
}

bool lag_told(const struct vehicle_state *s)
{
    if (!(s->flags & VEHICLE_LAGS))
        return false; /* nearly always, and the rest is seldom in the cache */
    return s->lag.stage == LAG_WRONG || (s->lag.stage == LAG_AHEAD && s->lag.count >= LAG_FIXES);
}

/* All but the last silence, which may explain what is still to come. */
static void forget(struct vehicle_state *s)
{
    int64_t from_ms = s->lag.silent_from_ms, to_ms = s->lag.silent_to_ms;
    memset(&s->lag, 0, sizeof s->lag); /* padding too: states are compared as bytes */
    s->lag.silent_from_ms = from_ms;
    s->lag.silent_to_ms = to_ms;
    s->flags &= ~(uint32_t)VEHICLE_LAGS;
}

static void count(struct lag_watch *w)
{
    if (w->count < UINT8_MAX)
        w->count++;
}

static void begin_run(struct lag_watch *w)
{
    w->low_ms = w->high_ms = w->least_ms;
    w->since_ms = w->last_clock_ms;
    w->first_ms = w->last_ms;
    w->count = 1;
}

/* The arrival in hand is over: it joins the run, or begins another. */
static void fold(struct lag_watch *w)
{
    int64_t low_ms = lesser(w->low_ms, w->least_ms), high_ms = greater(w->high_ms, w->least_ms);
    if (high_ms - low_ms > LAG_WIDTH_MS) {
        begin_run(w);
        return;
    }
    w->low_ms = low_ms;
    w->high_ms = high_ms;
}

/* Whether a fix lies where the last silence began, and came when it had just ended. */
static bool explained(const struct lag_watch *w, const struct fix *fix, struct arrival arrival)
{
    if (w->silent_to_ms == TIME_NONE || arrival.received_ms - w->silent_to_ms > LAG_LEAST_MS)
        return false;
    int64_t about_ms = greater(LAG_LEAST_MS, (w->silent_to_ms - w->silent_from_ms) / SILENCE_SHARE);
    int64_t after_ms = fix->time.ms - w->silent_from_ms;
    return after_ms >= -LAG_WIDTH_MS && after_ms <= about_ms;
}

static void arrive(struct vehicle_state *s, const struct fix *fix, struct arrival arrival)
{
    s->lag.time_ms = fix->time.ms;
    s->lag.last_ms = arrival.received_ms;
    s->lag.last_clock_ms = now_of(s, fix, arrival);
    s->lag.least_ms = arrival.received_ms - fix->time.ms;
}

static void begin(struct vehicle_state *s, const struct fix *fix, struct arrival arrival)
{
    s->lag.stage = explained(&s->lag, fix, arrival) ? LAG_BACKLOG : LAG_BEHIND;
    s->flags |= VEHICLE_LAGS;
    arrive(s, fix, arrival);
    begin_run(&s->lag);
}

static bool is_run(const struct lag_watch *w)
{
    int64_t width_ms = greater(w->high_ms, w->least_ms) - lesser(w->low_ms, w->least_ms);
    return w->stage == LAG_BEHIND && w->count >= LAG_FIXES && width_ms <= LAG_WIDTH_MS &&
           w->last_ms - w->first_ms >= LAG_SPAN_MS;
}

/* One more that lags. */
static void go_on(struct vehicle_state *s, const struct fix *fix, struct arrival arrival)
{
    struct lag_watch *w = &s->lag;
    int64_t lag_ms = arrival.received_ms - fix->time.ms;
    if (w->stage == LAG_BACKLOG && lag_ms - w->least_ms > LAG_LEAST_MS) {
        begin(s, fix, arrival);
        return;
    }
    if (w->stage == LAG_WRONG) {
        /* What was measured stays; where the track is, is what a silence is told from. */
        w->time_ms = fix->time.ms;
        w->last_ms = arrival.received_ms;
        return;
    }
    if (arrival.received_ms == w->last_ms) {
        w->time_ms = fix->time.ms;
        w->least_ms = lesser(w->least_ms, lag_ms);
    } else {
        fold(w);
        arrive(s, fix, arrival);
        count(w);
    }
    if (is_run(w))
        w->stage = LAG_WRONG;
}

static void note_silence(struct vehicle_state *s, struct arrival arrival)
{
    struct lag_watch *w = &s->lag;
    bool lagged = (s->flags & VEHICLE_LAGS) != 0 && w->stage != LAG_AHEAD && w->last_ms > s->received_ms;
    int64_t before_ms = lagged ? w->last_ms : s->received_ms;
    if (arrival.received_ms - before_ms < LAG_LEAST_MS)
        return;
    w->silent_from_ms = lagged ? w->time_ms : s->time_ms;
    w->silent_to_ms = arrival.received_ms;
}

bool lag_is_wrong(struct vehicle_state *s, const struct fix *fix, struct arrival arrival)
{
    if ((s->flags & VEHICLE_SEEN) && !arrival.assumed)
        note_silence(s, arrival);
    if (arrival.assumed || arrival.received_ms - fix->time.ms < LAG_LEAST_MS) {
        if (s->flags & VEHICLE_LAGS)
            forget(s);
        return false;
    }
    if (s->lag.stage == LAG_RIGHT || s->lag.stage == LAG_AHEAD)
        begin(s, fix, arrival);
    else
        go_on(s, fix, arrival);
    return s->lag.stage == LAG_WRONG;
}

void lag_note_future(struct vehicle_state *s, struct arrival arrival)
{
    struct lag_watch *w = &s->lag;
    if (w->stage != LAG_AHEAD) {
        forget(s);
        w->stage = LAG_AHEAD;
        s->flags |= VEHICLE_LAGS;
        w->since_ms = s->flags & VEHICLE_SEEN ? vehicle_clock_ms(s, arrival.clock_ms) : arrival.received_ms;
    }
    count(w);
}
