#include "state_codec_private.h"
#include "work.h"

/* Of sanitation vehicles; before version 8 of none. */
void state_visit_work(struct visitor *v, struct vehicle_state *s)
{
    struct work_state *w = &s->work;
    if (!(s->flags & VEHICLE_WORKS))
        return;
    uint8_t dir = w->dir < 0;
    state_small(v, &w->flags, WORK_PLACED | WORK_MATCHED | WORK_OPEN | WORK_STANDS);
    state_small(v, &w->mode, MODE_COUNT - 1);
    state_small(v, &w->how, HOW_INFERRED);
    state_small(v, &w->side, SIDE_RIGHT);
    state_small(v, &w->signal, WORK_COLLECTING);
    state_small(v, &dir, 1);
    w->dir = dir ? -1 : 1;
    state_when(v, &w->ms);
    state_when(v, &w->matched_ms);
    state_when(v, &w->start_ms);
    state_degrees(v, &w->lat_deg);
    state_degrees(v, &w->lon_deg);
    state_degrees(v, &w->matched_lat_deg);
    state_degrees(v, &w->matched_lon_deg);
    state_symbol(v, &w->road);
    state_number32(v, &w->steps);
    state_real32(v, &w->at_m);
    state_real32(v, &w->from_m);
    state_real32(v, &w->to_m);
    state_real32(v, &w->error_m);
    state_real32(v, &w->fast_m);
    state_real32(v, &w->unchanged_s);
    state_real32(v, &w->aside_m);
    if (v->version >= 9)
        state_small(v, &w->told, UINT8_MAX);
    if (!(w->flags & WORK_STANDS))
        return;
    state_when(v, &w->stop.from_ms);
    state_when(v, &w->stop.last_ms);
    state_degrees(v, &w->stop.lat_deg);
    state_degrees(v, &w->stop.lon_deg);
    state_real32(v, &w->stop.error_m);
    state_number32(v, &w->stop.fixes);
    if (v->version >= 9)
        state_small(v, &w->stop_told, UINT8_MAX);
}
