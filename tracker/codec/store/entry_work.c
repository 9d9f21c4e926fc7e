/* entry_work: entries of `work`. */
#include "entry.h"

#include <math.h>

static void add_time(struct entry *e, const char *name, int64_t ms)
{
    if (ms != TIME_NONE)
        entry_add_number(e, name, ms);
}

/* What only an interval along a road has. */
static void put_road(struct entry *e, const struct work_interval *w, struct text segment)
{
    entry_add(e, "segment", segment, false);
    entry_add(e, "side", text_of(work_side_name(w->side)), false);
    entry_add_fixed(e, "from_m", (double)w->from_m, 1);
    entry_add_fixed(e, "to_m", (double)w->to_m, 1);
}

static void put_drive(struct entry *e, const struct work_interval *w)
{
    double way_m = fabs((double)(w->to_m - w->from_m)), lasted_s = (double)(w->end_ms - w->start_ms) / 1000;
    entry_add_fixed(e, "speed_kmh", lasted_s > 0 ? way_m / lasted_s * 3.6 : NAN, 1);
    entry_add_fixed(e, "fast_m", (double)w->fast_m, 1);
}

static const char *kind_of(const struct work_entry *t)
{
    return t->clock ? "clock" : t->work.road == UINT32_MAX ? "visit" : "interval";
}

void work_id_write(const struct work_entry *t, const struct names *names, char out[VIOLATION_ID_LENGTH + 1])
{
    violation_id_write(names_text(names, t->vehicle), text_of(kind_of(t)), names_text(names, t->segment),
                       (struct wall){t->clock ? t->work.end_ms : t->work.start_ms}, out);
}

void entry_of_work(struct entry *e, const struct work_entry *t, const struct names *names)
{
    const struct work_interval *w = &t->work;
    char id[VIOLATION_ID_LENGTH + 1];
    bool visit = w->road == UINT32_MAX;
    struct text vehicle = names_text(names, t->vehicle), segment = names_text(names, t->segment);
    entry_begin(e);
    work_id_write(t, names, id);
    entry_add_copy(e, "id", text_of(id));
    entry_add_number(e, "rev", t->rev);
    entry_add(e, "event", text_of(t->clock ? "told" : "ended"), false);
    entry_add(e, "vehicle", vehicle, false);
    entry_add(e, "plate", t->plate, false);
    entry_add(e, "company", t->company, false);
    entry_add(e, "kind", text_of(kind_of(t)), false);
    if (!visit)
        put_road(e, w, segment);
    add_time(e, "start", w->start_ms);
    add_time(e, "end", w->end_ms);
    if (t->clock)
        add_time(e, "heard", t->heard_ms);
    entry_add(e, "mode", text_of(work_mode_name(w->mode)), false);
    entry_add(e, "how", text_of(work_how_name(w->how)), false);
    if (!visit)
        put_drive(e, w);
    if (!t->clock || w->fixes > 0)
        entry_add_number(e, "fixes", w->fixes);
    entry_add_fixed(e, "lat", w->lat_deg, 7);
    entry_add_fixed(e, "lon", w->lon_deg, 7);
    entry_add_fixed(e, "radius_error", (double)w->error_m, 1);
    entry_add(e, "ruleset", text_of(t->ruleset), false);
    add_time(e, "received", t->received_ms);
}
