#include "breach.h"

#include "thrown.h"
#include "yards.h"

#include <math.h>

/* ---- breaches ---- */

static struct breach *find(struct vehicle_state *s, uint32_t permit, enum kind kind)
{
    for (uint32_t i = 0; i < s->haul.breach_count; i++)
        if (s->haul.breaches[i].permit == permit && s->haul.breaches[i].kind == kind)
            return &s->haul.breaches[i];
    return NULL;
}

static void take_out(struct vehicle_state *s, struct breach *b)
{
    struct breach *last = &s->haul.breaches[--s->haul.breach_count];
    for (; b < last; b++)
        b[0] = b[1];
    memset(last, 0, sizeof *last); /* states are compared as bytes */
}

void breach_forget(struct vehicle_state *s)
{
    memset(&s->haul, 0, sizeof s->haul);
}

struct finding breach_known(const struct breach *b)
{
    struct finding f = finding_none();
    f.held = HELD_YES;
    f.at_once = true;
    f.subject = f.permit = b->permit;
    f.since_ms = b->since_ms;
    f.over_ms = b->over_ms;
    f.fixes = b->fixes;
    return f;
}

/* Over a pause of the track nothing is half confirmed. */
static void forget_unconfirmed(struct vehicle_state *s)
{
    for (uint32_t i = s->haul.breach_count; i > 0; i--)
        if (!(s->haul.breaches[i - 1].flags & BREACH_BROKEN))
            take_out(s, &s->haul.breaches[i - 1]);
}

/* What one permit is judged by at one moment. */
struct breach_finding {
    enum kind kind;
    enum held held;
    int64_t ended_ms; /* HELD_NO: since when */
    double outside_m;
};

static void begin(struct vehicle_state *s, const struct moment *m, uint32_t permit, enum kind kind)
{
    if (s->haul.breach_count == BREACHES_MAX) {
        *m->full |= BOUND_PERMITS;
        return;
    }
    s->haul.breaches[s->haul.breach_count++] = (struct breach){
        .since_ms = m->at_ms,
        .over_ms = TIME_NONE,
        .permit = permit,
        .kind = (uint8_t)kind,
        .flags = m->tick ? BREACH_AT_EDGE : 0,
    };
}

static void count_unknown(const struct vehicle_state *s, const struct moment *m, struct breach *b)
{
    if (!m->tick && m->at_ms > s->time_ms && s->time_ms >= b->since_ms)
        b->unknown_ms += (uint32_t)(m->at_ms - s->time_ms);
}

static bool is_confirmed(const struct moment *m, const struct breach *b)
{
    const struct rule_settings *r = world_rule(m->world, (enum kind)b->kind, m->info->class_number);
    if (!r->enabled)
        return false; /* it only tells which of several is likelier */
    bool long_enough = m->at_ms - b->since_ms - (int64_t)b->unknown_ms >= r->confirm_ms;
    if (m->tick)
        return long_enough && (b->flags & BREACH_AT_EDGE) != 0;
    return long_enough && b->fixes >= r->confirm_fixes;
}

static void hold(struct vehicle_state *s, const struct moment *m, uint32_t permit,
                 const struct breach_finding *f)
{
    if (find(s, permit, f->kind) == NULL)
        begin(s, m, permit, f->kind);
    struct breach *b = find(s, permit, f->kind);
    if (b == NULL)
        return;
    b->over_ms = TIME_NONE;
    if (!m->tick) {
        if (b->flags & BREACH_PAUSED)
            count_unknown(s, m, b);
        b->flags &= (uint8_t)~BREACH_PAUSED;
        if (b->fixes < UINT16_MAX && !(f->kind == KIND_OFF_ROUTE && breach_may_be_thrown(m, f->outside_m)))
            b->fixes++;
    }
    if ((float)f->outside_m > b->worst_m)
        b->worst_m = (float)f->outside_m;
    if (is_confirmed(m, b))
        b->flags |= BREACH_BROKEN;
}

static void take(struct vehicle_state *s, const struct moment *m, uint32_t permit,
                 const struct breach_finding *f)
{
    /* Behind the disposal it is on no haul any more, or is still: that is known once it is clear of it. */
    bool known = f->held != HELD_UNKNOWN && (f->held == HELD_NO || !haul_may_be_over(s));
    if (known && f->held == HELD_YES) {
        hold(s, m, permit, f);
        return;
    }
    struct breach *b = find(s, permit, f->kind);
    if (b == NULL)
        return;
    if (!known) {
        count_unknown(s, m, b);
        b->flags |= BREACH_PAUSED;
    } else if (!(b->flags & BREACH_BROKEN) || (s->trip.flags & TRIP_FALLEN)) {
        take_out(s, b); /* of the one that the haul is judged by it has been told */
    } else if (b->over_ms == TIME_NONE) {
        b->over_ms = f->ended_ms > b->since_ms ? f->ended_ms : b->since_ms;
    }
}

/* How far a place outside is no longer worth measuring. */
static double far_m(const struct moment *m)
{
    return OFF_ROUTE_FAR_M + moment_margin_m(m);
}

bool breach_may_be_thrown(const struct moment *m, double outside_m)
{
    return m->stopped && outside_m <= (double)THROWN_MOST_M;
}

enum held breach_of_way(const struct moment *m, double outside_m)
{
    if (!(outside_m > moment_margin_m(m)))
        return HELD_NO;
    bool doubted = m->swung || (m->stopped && !(outside_m > moment_doubt_m(m)));
    return doubted && outside_m <= (double)THROWN_MOST_M ? HELD_UNKNOWN : HELD_YES;
}

static struct breach_finding judge_route(const struct moment *m, const struct permit *p, bool measure)
{
    struct breach_finding f = {.kind = KIND_OFF_ROUTE, .held = HELD_NO, .ended_ms = m->at_ms};
    if (p->route_count == 0)
        return f;
    if (!m->placed) {
        f.held = HELD_UNKNOWN;
    } else if (!permit_holds(m, p)) {
        struct permit_outside o = {.metres = far_m(m)};
        if (measure)
            permit_measure(m, p, &o);
        f.held = measure ? breach_of_way(m, o.metres) : HELD_YES;
        f.outside_m = measure ? o.metres : 0;
        if (measure && f.held != HELD_NO && permit_shared_near(m))
            f.held = HELD_NO;
    }
    return f;
}

struct hours_held breach_of_hours(const struct moment *m, bool open)
{
    struct hours_held h = {HELD_NO, TIME_NONE, TIME_NEVER};
    int64_t since_ms = m->before->habits.stopped_ms;
    if (open)
        return h;
    if (m->moving) {
        h.held = HELD_YES;
    } else if (!m->stopped || moment_pauses(m)) {
        h.held = HELD_UNKNOWN;
        if (m->stopped)
            h.until_ms = since_ms + m->world->common.pause_ms;
    } else {
        h.ended_ms = since_ms;
    }
    return h;
}

static struct breach_finding judge_hours(const struct moment *m, const struct permit *p)
{
    struct hours_held h = breach_of_hours(m, haul_open(m, p, NULL));
    return (struct breach_finding){.kind = KIND_WRONG_HOURS,
                                   .held = h.held,
                                   .ended_ms = h.ended_ms != TIME_NONE ? h.ended_ms : m->at_ms};
}

/* Of one that is broken it is measured only now and then how far outside it is: one of many is the rule. */
#define MEASURE_EACH 8

static bool is_due(const struct breach *b)
{
    return b == NULL || b->fixes % MEASURE_EACH == 0;
}

/* One candidate. */
static void judge(struct vehicle_state *s, const struct moment *m, const struct permit *p)
{
    uint32_t class_number = m->info->class_number;
    bool broken = haul_is_broken(s, p->id) && !(s->trip.flags & TRIP_FALLEN);
    if (!m->tick && world_rule(m->world, KIND_OFF_ROUTE, class_number)->enabled) {
        struct breach_finding f = judge_route(m, p, !broken || is_due(find(s, p->id, KIND_OFF_ROUTE)));
        take(s, m, p->id, &f);
    }
    if (p->hours != NULL) {
        struct breach_finding f = judge_hours(m, p);
        take(s, m, p->id, &f);
    }
}

/* ---- when all are broken ---- */

/* How far outside those are by now that were broken on the way and not looked at since. */
static void measure_broken(struct vehicle_state *s, const struct moment *m)
{
    for (uint32_t i = 0; i < s->haul.breach_count && m->placed; i++) {
        struct breach *b = &s->haul.breaches[i];
        uint32_t place = world_permit_by_id(m->world, b->permit);
        if (b->kind != KIND_OFF_ROUTE || b->over_ms != TIME_NONE || place == UINT32_MAX)
            continue;
        struct permit_outside o = {.metres = far_m(m)};
        permit_measure(m, &m->world->permits[place], &o);
        if ((float)o.metres > b->worst_m)
            b->worst_m = (float)o.metres;
    }
}

/* How one is broken: the first confirmed breach of its way, else of its hours. */
static const struct breach *broken_in(const struct moment *m, uint32_t permit)
{
    const struct breach *b = haul_breach(m, permit, KIND_OFF_ROUTE);
    if (b == NULL || !(b->flags & BREACH_BROKEN))
        b = haul_breach(m, permit, KIND_WRONG_HOURS);
    return b == NULL || !(b->flags & BREACH_BROKEN) ? NULL : b;
}

static void tell(struct moment *m, uint32_t permit)
{
    const struct breach *b = broken_in(m, permit);
    if (b != NULL)
        m->events.breach = *b;
}

/* The permit that it seems to run under, and the site that this one names. */
static void name(struct vehicle_state *s, const struct moment *m, const struct permit *p)
{
    s->trip.permit = p->id;
    if (p->site != 0 && yards_has(&s->haul.origins, m->world->fences[p->site - 1].id))
        s->trip.site = m->world->fences[p->site - 1].id;
}

static void fall(struct vehicle_state *s, struct moment *m)
{
    measure_broken(s, m);
    name(s, m, haul_least(m, true, YARD_HERE));
    s->trip.flags |= TRIP_FALLEN;
    const struct breach *b = broken_in(m, s->trip.permit);
    if (b != NULL && b->over_ms != TIME_NONE)
        tell(m, s->trip.permit); /* else the rules find it as it is */
    for (uint32_t i = s->haul.breach_count; i > 0; i--) {
        struct breach *past = &s->haul.breaches[i - 1];
        if (past->permit == s->trip.permit && past->over_ms != TIME_NONE)
            take_out(s, past);
    }
}

void breach_follow(struct vehicle_state *s, struct moment *m)
{
    uint32_t at = 0, count = 0;
    const struct permit *p;
    if (m->stale)
        return;
    if (m->gap && s->haul.breach_count > 0)
        forget_unconfirmed(s);
    bool fallen = (s->trip.flags & TRIP_FALLEN) != 0;
    while ((p = fallen ? haul_next(m, &at) : haul_next_of_all(m, &at)) != NULL) {
        judge(s, m, p);
        count++;
    }
    if (fallen || count == 0)
        return;
    at = 0;
    if (haul_next(m, &at) == NULL)
        fall(s, m);
    else
        name(s, m, haul_least(m, false, YARD_HERE));
}

/* ---- the unloading ---- */

struct unload_verdict breach_unload(struct vehicle_state *s, struct moment *m, unsigned flags, bool sure)
{
    const struct permit *p = haul_least(m, false, flags);
    bool named = p != NULL && haul_names_one(m, p, flags);
    if (p == NULL || !named) {
        const struct permit *other = haul_least(m, true, flags);
        if (other != NULL && haul_names_one(m, other, flags)) {
            p = other;
            named = true;
            if (sure && !(s->trip.flags & TRIP_FALLEN))
                tell(m, p->id);
        } else if (p == NULL) {
            p = other;
        }
    }
    if (p != NULL)
        name(s, m, p);
    return (struct unload_verdict){p, haul_disposal(m, p, flags), p != NULL && !named};
}
