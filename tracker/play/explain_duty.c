#include "explain_duty.h"

#include "duty_telling.h"
#include "entry.h"

/* Stops so near a point are told, and at most so many. */
static const double near_m = 200;
enum { STOPS_TOLD = 12, NAMES_TOLD = 8 };

struct telling_duty {
    const struct replay_duty_finding *f;
    const struct duty_telling *t;
    const struct duty_ledger *l;
    const struct names *names;
    struct buf *out;
};

static void put_time(const struct telling_duty *x, int64_t ms, bool with_date)
{
    struct mw_civil c;
    mw_civil_from_ms(x->f->world->zone, ms, &c);
    if (with_date)
        buf_printf(x->out, "%04d-%02d-%02d ", c.year, c.month, c.day);
    buf_printf(x->out, "%02d:%02d:%02d", c.hour, c.minute, c.second);
}

static void put_name(const struct telling_duty *x, uint32_t symbol)
{
    buf_put_text(x->out, names_text(x->names, symbol));
}

static void put_vehicles(const struct telling_duty *x)
{
    const struct duty *d = x->t->duty;
    buf_puts(x->out, "  by any of");
    for (uint32_t i = 0; i < d->member_count && i < NAMES_TOLD; i++) {
        buf_puts(x->out, i > 0 ? ", " : " ");
        put_name(x, d->members[i]);
    }
    if (d->member_count > NAMES_TOLD)
        buf_printf(x->out, " and %u more", d->member_count - NAMES_TOLD);
    if (x->t->finding.no_data)
        buf_puts(x->out, "; none of them was heard of in that time");
    buf_puts(x->out, "\n");
}

/* What keeps a stop from serving the point. */
static void put_reason(const struct telling_duty *x, const struct duty_stop *s, double distance_m)
{
    const struct visit_point *p = &x->l->plan[x->t->place];
    if (distance_m > p->radius_m + (double)s->error_m) {
        buf_printf(x->out, "farther than its radius, %.0f m, and the error", p->radius_m);
        return;
    }
    if (!s->inferred && s->left_ms - s->arrived_ms < p->min_stop_ms) {
        buf_printf(x->out, "shorter than %.0f s", (double)p->min_stop_ms / 1000);
        return;
    }
    for (uint32_t i = 0; i < x->l->point_count; i++) {
        const struct said_point *other = &x->l->points[i];
        if (i == x->t->place || other->vehicle != s->vehicle || other->arrived_ms != s->arrived_ms)
            continue;
        buf_puts(x->out, "it is that of ");
        put_name(x, other->fence);
        buf_printf(x->out, ", no. %u", i + 1);
        return;
    }
    buf_puts(x->out, "out of the order of the points");
}

static void put_stops(const struct telling_duty *x)
{
    const struct visit_point *p = &x->l->plan[x->t->place];
    uint32_t told = 0;
    for (size_t i = 0; i < x->l->board.count && told < STOPS_TOLD; i++) {
        const struct duty_stop *s = &x->l->board.stops[i].stop;
        double distance_m = mw_distance_m(p->at, s->at);
        if (distance_m > near_m)
            continue;
        buf_puts(x->out, "    ");
        put_time(x, s->arrived_ms, true);
        buf_puts(x->out, " ");
        put_name(x, s->vehicle);
        if (s->inferred)
            buf_puts(x->out, " passed slowly");
        else
            buf_printf(x->out, " stood %.0f s", (double)(s->left_ms - s->arrived_ms) / 1000);
        buf_printf(x->out, ", %.0f m away within %.0f m: ", distance_m, (double)s->error_m);
        put_reason(x, s, distance_m);
        buf_puts(x->out, "\n");
        told++;
    }
    if (told == 0)
        buf_puts(x->out, "    no stop of theirs is known within 200 m of it\n");
}

/* The sides that lack passes. */
static void put_lacking(const struct telling_duty *x)
{
    const struct coverage *c = x->t->coverage;
    const struct world *w = x->f->world;
    buf_printf(x->out, "    %.0f of %.0f m of sides have their passes; these lack some:", c->done_m,
               c->planned_m);
    uint32_t named = c->unswept_count < COVERAGE_UNSWEPT_MAX ? c->unswept_count : COVERAGE_UNSWEPT_MAX;
    for (uint32_t i = 0; i < named && i < NAMES_TOLD; i++) {
        buf_puts(x->out, i > 0 ? ", " : " ");
        put_name(x, w->fences[x->t->duty->segments[c->unswept[i].segment].fence].id);
        buf_printf(x->out, "/%s", work_side_name((enum work_side)c->unswept[i].side));
    }
    if (c->unswept_count > NAMES_TOLD)
        buf_printf(x->out, " and %u more", c->unswept_count - NAMES_TOLD);
    buf_puts(x->out, "\n");
}

static void put_expected(const struct telling_duty *x)
{
    int year, month, date;
    mw_civil_from_days(x->t->day, &year, &month, &date);
    buf_put_text(x->out, entry_value(x->f->entry, "kind"));
    buf_puts(x->out, " of duty ");
    put_name(x, x->t->duty_symbol);
    buf_printf(x->out, ", %04d-%02d-%02d", year, month, date);
    if (x->t->point != NULL) {
        buf_puts(x->out, ", at ");
        put_name(x, x->t->fence);
        buf_printf(x->out, ", no. %u", x->t->place + 1);
    }
    buf_puts(x->out, "\n  expected from ");
    put_time(x, x->t->times.from_ms, true);
    buf_puts(x->out, " to ");
    put_time(x, x->t->times.end_ms, true);
    if (x->t->point != NULL)
        buf_printf(x->out, ", with %.0f s of grace", (double)x->l->plan[x->t->place].grace_ms / 1000);
    buf_puts(x->out, "\n");
    put_vehicles(x);
}

static void put_end(const struct telling_duty *x)
{
    buf_puts(x->out, ", end ");
    put_time(x, x->t->finding.end_ms, true);
    if (x->t->event == DUTY_GONE) {
        buf_puts(x->out, ": the files have it no more");
    } else if (!x->t->finding.cleared) {
        buf_puts(x->out, ": its day is over");
    } else if (x->t->point != NULL) {
        buf_puts(x->out, ": ");
        put_name(x, x->t->point->vehicle);
        buf_puts(x->out, " came");
    }
}

void explain_duty_write(const struct replay_duty_finding *finding, const struct names *names, struct buf *out)
{
    const struct duty_telling *t = finding->telling;
    const struct telling_duty x = {finding, t, finding->ledger, names, out};
    bool opens = t->event == DUTY_OPENED && x.l != NULL && t->duty != NULL;
    if (opens) {
        put_expected(&x);
        if (t->point != NULL)
            put_stops(&x);
        else if (t->coverage != NULL)
            put_lacking(&x);
    }
    buf_puts(out, "  ");
    put_time(&x, t->at_ms, true);
    buf_puts(out, "  ");
    buf_put_text(out, entry_value(finding->entry, "event"));
    if (opens) {
        buf_puts(out, " as ");
        buf_put_text(out, entry_value(finding->entry, "id"));
        buf_puts(out, ", when the clocks of its vehicles had come so far");
    } else if (t->finding.standing == VIOLATION_CLOSED) {
        put_end(&x);
    } else if (t->event == DUTY_WITHDRAWN) {
        buf_puts(out, ": what came late shows that it was none");
    }
    buf_puts(out, "\n");
}
