#include "duty_entry.h"

#include "commit_late.h"

#include <math.h>

static void put_day(struct buf *out, int32_t day)
{
    int year, month, date;
    mw_civil_from_days(day, &year, &month, &date);
    buf_printf(out, "%04d-%02d-%02d", year, month, date);
}

static void put_clock(struct buf *out, uint16_t minute)
{
    buf_printf(out, "%02u:%02u", minute / 60u, minute % 60u);
}

/* What the entry is put together from; the texts it needs lie in its store, behind one another. */
struct making {
    struct entry *e;
    const struct duty_telling *t;
    const struct world *world;
    const struct names *names;
    struct text duty, day;
    char id[VIOLATION_ID_LENGTH + 1], finding[VIOLATION_ID_LENGTH + 1];
};

static struct text stored(struct making *m, size_t from)
{
    return (struct text){m->e->store.data + from, m->e->store.len - from};
}

static void add_text(struct making *m, const char *name, struct text value)
{
    entry_add(m->e, name, value, false);
}

static void add_metres(struct making *m, const char *name, double value)
{
    entry_add_fixed(m->e, name, value, 1);
}

static void add_time(struct making *m, const char *name, int64_t ms)
{
    if (ms != DUTY_NEVER && ms != 0)
        entry_add_number(m->e, name, ms);
}

static enum kind kind_of(const struct duty_telling *t)
{
    return t->point != NULL ? KIND_MISSED_COLLECTION : KIND_UNSWEPT;
}

/* Duty, day, and the point or the window. */
static void put_subject(const struct making *m, struct buf *out)
{
    const struct duty_telling *t = m->t;
    buf_put_text(out, m->duty);
    buf_put_char(out, '/');
    put_day(out, t->day);
    buf_put_char(out, '/');
    if (t->point != NULL) {
        buf_put_text(out, names_text(m->names, t->fence));
        return;
    }
    put_clock(out, t->from_min);
    buf_put_char(out, '-');
    put_clock(out, t->to_min);
}

/* Nobody's in particular: the vehicle in the id is empty. */
static void make_finding_id(struct making *m)
{
    char bytes[4 * WORLD_ID_MAX + 64];
    struct buf subject = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    put_subject(m, &subject);
    violation_id_write(TEXT(""), text_of(kind_row(kind_of(m->t))->name), buf_text(&subject),
                       (struct wall){m->t->start_ms}, m->finding);
}

static const char *event_name(enum duty_event event)
{
    static const char *const names[] = {
        [DUTY_VISITED] = "visited", [DUTY_MISSED] = "missed",       [DUTY_JUDGED] = "closed",
        [DUTY_UPDATED] = "updated", [DUTY_WITHDRAWN] = "withdrawn", [DUTY_OPENED] = "opened",
        [DUTY_CLOSED] = "closed",   [DUTY_GONE] = "closed"};
    return names[event];
}

static void begin(struct making *m, const char *kind, struct text subject, uint32_t rev)
{
    entry_begin(m->e);
    violation_id_write(m->duty, text_of(kind), subject, (struct wall){m->t->times.from_ms}, m->id);
    entry_add_copy(m->e, "id", text_of(m->id));
    entry_add_number(m->e, "rev", rev);
    entry_add(m->e, "event", text_of(event_name(m->t->event)), false);
    add_text(m, "duty", m->duty);
    size_t from = m->e->store.len;
    put_day(&m->e->store, m->t->day);
    add_text(m, "day", stored(m, from));
}

static void end(struct making *m)
{
    if (m->t->has_finding)
        entry_add_copy(m->e, "violation", text_of(m->finding));
    add_text(m, "ruleset", text_of(m->world->hash));
    add_time(m, "received", m->t->received_ms);
}

static void make_point(struct making *m)
{
    static const char *const states[] = {"", "missed", "early", "on_time", "late", "extra"};
    const struct said_point *p = m->t->point;
    const struct vehicle_info *info = world_vehicle(m->world, p->vehicle);
    struct text point = names_text(m->names, p->fence);
    begin(m, "collection", point, p->rev);
    add_text(m, "point", point);
    entry_add_number(m->e, "order", (int64_t)m->t->place + 1);
    add_text(m, "state", text_of(states[p->state]));
    if (p->vehicle != 0) {
        add_text(m, "vehicle", names_text(m->names, p->vehicle));
        add_text(m, "plate", info->plate);
    }
    if (m->t->duty != NULL)
        add_text(m, "company", m->t->duty->company_name);
    add_time(m, "window_start", m->t->times.from_ms);
    add_time(m, "window_end", m->t->times.end_ms);
    if (p->vehicle != 0) {
        add_time(m, "arrived", p->arrived_ms);
        add_time(m, "left", p->left_ms);
        if (!p->inferred)
            entry_add_number(m->e, "dwell_s", (p->left_ms - p->arrived_ms) / 1000);
        add_metres(m, "distance_m", (double)p->distance_dm / 10);
        add_text(m, "how", p->inferred ? TEXT("inferred") : TEXT("stop"));
    }
    if (m->t->duty != NULL)
        add_text(m, "waste", m->t->duty->waste);
    end(m);
}

/* `0:120.0,1:880.0`: side-metres by how many passes they have. */
static void add_passes(struct making *m, const struct coverage *c)
{
    struct buf *out = &m->e->store;
    size_t from = out->len;
    for (int i = 0; i <= COVERAGE_PASSES_MAX; i++) {
        if (!(c->passes_m[i] > 0))
            continue;
        buf_printf(out, out->len > from ? ",%d:" : "%d:", i);
        buf_put_fixed(out, c->passes_m[i], 1);
    }
    add_text(m, "passes", stored(m, from));
}

static void add_unswept(struct making *m, const struct coverage *c)
{
    struct buf *out = &m->e->store;
    size_t from = out->len;
    uint32_t named = c->unswept_count < COVERAGE_UNSWEPT_MAX ? c->unswept_count : COVERAGE_UNSWEPT_MAX;
    for (uint32_t i = 0; i < named && m->t->duty != NULL; i++) {
        const struct duty_segment *s = &m->t->duty->segments[c->unswept[i].segment];
        if (i > 0)
            buf_put_char(out, ',');
        buf_put_text(out, names_text(m->names, m->world->fences[s->fence].id));
        buf_put_char(out, '/');
        buf_puts(out, work_side_name((enum work_side)c->unswept[i].side));
    }
    add_text(m, "unswept", stored(m, from));
    entry_add_number(m->e, "unswept_n", c->unswept_count);
}

/* Of what the duty's rate is of. */
static void add_rate(struct making *m, const struct coverage *c)
{
    bool by_area = m->t->duty != NULL && m->t->duty->by_area;
    double planned = by_area ? c->planned_m2 : c->planned_m, done = by_area ? c->done_m2 : c->done_m;
    if (!(planned > 0))
        return; /* no width is known */
    entry_add_fixed(m->e, "rate", done / planned, 3);
    add_text(m, "rate_of", by_area ? TEXT("area") : TEXT("length"));
}

static void make_window(struct making *m)
{
    const struct coverage *c = m->t->coverage;
    begin(m, "coverage", TEXT(""), m->t->window->rev);
    if (m->t->duty != NULL)
        add_text(m, "company", m->t->duty->company_name);
    add_time(m, "window_start", m->t->times.from_ms);
    add_time(m, "window_end", m->t->times.end_ms);
    if (m->t->duty != NULL)
        entry_add(m->e, "mode", text_of(work_mode_name(m->t->duty->mode)), false);
    add_metres(m, "planned_m", c->planned_m);
    add_metres(m, "done_m", c->done_m);
    add_metres(m, "planned_m2", c->planned_m2);
    add_metres(m, "done_m2", c->done_m2);
    add_passes(m, c);
    add_metres(m, "fast_m", c->fast_m);
    add_metres(m, "unknown_side_m", c->unknown_side_m);
    entry_add_number(m->e, "vehicles", m->t->vehicles);
    add_unswept(m, c);
    add_rate(m, c);
    end(m);
}

/* ---- findings ---- */

static void place_finding(const struct making *m, struct transition *t)
{
    uint32_t number = m->t->fence != 0 ? world_fence_by_id(m->world, m->t->fence) : UINT32_MAX;
    t->fence = m->t->fence;
    if (number == UINT32_MAX)
        return;
    const struct fence *f = &m->world->fences[number];
    struct mw_bounds b = mw_index_fence_bounds(m->world->index, number);
    t->has_position = true;
    t->lat_deg = (b.south_west.lat_deg + b.north_east.lat_deg) / 2;
    t->lon_deg = b.south_west.lon_deg + mw_east_deg(b.south_west, b.north_east) / 2;
    t->fence_name = f->name;
    t->told.fence_name_en = f->name_en;
    t->jurisdiction = f->jurisdiction;
    t->road_class = f->road_class;
}

static struct transition transition_of(const struct making *m, struct text subject)
{
    const struct duty_telling *t = m->t;
    const struct said_violation *v = &t->finding;
    const struct rule_settings *s = world_rule(m->world, kind_of(t), 0);
    bool over = v->standing == VIOLATION_CLOSED;
    struct transition out = {.event = t->event == DUTY_OPENED                            ? TRANSITION_OPENED
                                      : t->event == DUTY_CLOSED || t->event == DUTY_GONE ? TRANSITION_CLOSED
                                                                                         : TRANSITION_UPDATED,
                             .kind = kind_of(t),
                             .severity = s->severity,
                             .reason = t->event == DUTY_GONE ? CLOSE_SUBJECT_GONE
                                       : v->cleared          ? CLOSE_CLEARED
                                                             : CLOSE_WINDOW,
                             .cause = v->no_data ? CAUSE_NO_DATA : CAUSE_NONE,
                             .rev = v->rev,
                             .start_ms = t->start_ms,
                             .at_ms = over ? v->end_ms : t->at_ms,
                             .end_ms = over ? v->end_ms : TIME_NONE,
                             .received_ms = t->received_ms == DUTY_NEVER ? TIME_NONE : t->received_ms,
                             .trip_ms = TIME_NONE,
                             .start_lat_deg = NAN,
                             .start_lon_deg = NAN,
                             .value = NAN,
                             .limit = NAN,
                             .error_m = NAN,
                             .event_code = s->event_code,
                             .department = s->department,
                             .duty = m->duty,
                             .duty_subject = subject,
                             .told = {.zone = m->world->zone, .lat_deg = NAN, .lon_deg = NAN},
                             .ruleset = m->world->hash};
    if (out.kind == KIND_UNSWEPT) {
        out.value = (float)v->permille / 10;
        out.limit = (float)s->own[UNSWEPT_ENOUGH_PERCENT];
        out.unit = "%";
    }
    if (t->duty != NULL)
        out.company = t->duty->company_name;
    place_finding(m, &out);
    return out;
}

static void make_finding(struct making *m)
{
    char bytes[4 * WORLD_ID_MAX + 64];
    struct buf subject = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    put_subject(m, &subject);
    const struct transition t = transition_of(m, buf_text(&subject));
    entry_of_transition(m->e, &t, m->names);
    if (m->t->event == DUTY_WITHDRAWN)
        m->e->fields[0].value = text_of(event_name(DUTY_WITHDRAWN));
}

const char *duty_entry(struct entry *e, const struct duty_telling *telling, const struct world *world,
                       const struct names *names)
{
    struct making m = {.e = e,
                       .t = telling,
                       .world = world,
                       .names = names,
                       .duty = names_text(names, telling->duty_symbol)};
    make_finding_id(&m);
    switch (telling->type) {
    case DUTY_TELLS_POINT:
        make_point(&m);
        return "collections";
    case DUTY_TELLS_WINDOW:
        make_window(&m);
        return "coverage";
    default:
        make_finding(&m);
        return "violations";
    }
}

void commit_put_duty(struct commit_group *g, struct entry *e, const struct duty_telling *telling,
                     const struct world *world, const struct names *names)
{
    const char *stream = duty_entry(e, telling, world, names);
    if (telling->type == DUTY_TELLS_FINDING)
        commit_put_corrected(g, e, telling->finding.standing == VIOLATION_OPEN);
    else
        commit_put_entry(g, stream, e);
}
