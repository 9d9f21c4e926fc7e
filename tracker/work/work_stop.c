#include "work_stop.h"

#include <math.h>

static const double stands_kmh = 3, collects_kmh = 8;
/* So far off, beside its error, it is another stop. */
static const double elsewhere_m = 25;

static bool end_at(struct work_state *w, int64_t end_ms, struct work_interval *out)
{
    *out = (struct work_interval){.road = UINT32_MAX,
                                  .how = HOW_STOP,
                                  .start_ms = w->stop.from_ms,
                                  .end_ms = end_ms,
                                  .lat_deg = w->stop.lat_deg,
                                  .lon_deg = w->stop.lon_deg,
                                  .error_m = w->stop.error_m,
                                  .fixes = w->stop.fixes,
                                  .told = w->stop_told};
    w->stop.from_ms = w->stop.last_ms = 0;
    w->stop.lat_deg = w->stop.lon_deg = 0;
    w->stop.error_m = 0;
    w->stop.fixes = 0;
    w->stop_told = 0;
    w->flags &= (uint8_t)~WORK_STANDS;
    return end_ms > out->start_ms;
}

static bool is_slow(const struct work_fix *fix)
{
    return (double)fix->speed_mps * 3.6 <= (fix->signal == WORK_COLLECTING ? collects_kmh : stands_kmh);
}

static void stand(struct work_state *w, const struct work_fix *fix)
{
    if (!(w->flags & WORK_STANDS)) {
        w->flags |= WORK_STANDS;
        w->stop.from_ms = fix->ms;
        w->stop.lat_deg = fix->lat_deg;
        w->stop.lon_deg = fix->lon_deg;
        w->stop.error_m = fix->error_m;
        w->stop.fixes = 0;
    }
    w->stop.fixes++;
    w->stop.last_ms = fix->ms;
    w->stop.lat_deg += (fix->lat_deg - w->stop.lat_deg) / w->stop.fixes;
    w->stop.lon_deg += (fix->lon_deg - w->stop.lon_deg) / w->stop.fixes;
    w->stop.error_m = fminf(w->stop.error_m, fix->error_m);
}

bool work_stop_step(struct work_state *w, const struct work_fix *fix, struct work_interval *out)
{
    bool ended = false, slow = is_slow(fix);
    if (w->flags & WORK_STANDS) {
        struct mw_point stop = {w->stop.lat_deg, w->stop.lon_deg}, now = {fix->lat_deg, fix->lon_deg};
        bool gap = fix->ms - w->stop.last_ms > WORK_GAP_MS;
        if (gap || !slow || mw_distance_m(stop, now) > elsewhere_m + (double)fix->error_m)
            ended = end_at(w, gap ? w->stop.last_ms : fix->ms, out);
    }
    if (slow)
        stand(w, fix);
    return ended;
}

bool work_stop_end(struct work_state *w, struct work_interval *out)
{
    return (w->flags & WORK_STANDS) != 0 && end_at(w, w->stop.last_ms, out);
}
