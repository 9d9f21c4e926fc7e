#include "meter.h"

#include <stdlib.h>
#include <string.h>

/* Done again after so long it is another deed; in between nobody can say. */
#define APART_S 90.0
#define DIP_S   10.0
/* Standing for less ends nothing that is about driving, and a light or a jam nothing at all. */
#define PAUSE_S         62.0
#define LONG_PAUSE_S    280.0
#define LONGEST_PAUSE_S 320.0
/* What begins so soon after the unit was heard or seen no more may be the one from before. */
#define HIDDEN_S  120.0
#define CROSSED_M 60.0
/* From the gate to where the way out is over: a wash before it, and an error at walking pace. */
#define MOMENT_MS 30000
/* Over how much time the speed is told by places, at least (docs/RULES.md). */
#define SPEED_OVER_S 5.0
/* What moves, and what stands (docs/RULES.md). */
#define MOVING_KMH  5.0
#define STOPPED_KMH 3.0
/* Who stays longer has not driven through: he stopped there. */
#define CROSSED_S 90.0

/* What a deed is at one second. */
struct sight {
    bool near; /* nearly done: an error may make it a deed */
    bool done;
    bool deep;     /* as deep as it is to be */
    double deep_m; /* how deep, where there is an edge */
    bool hidden;   /* nobody can see it */
};

void meter_start(struct meter *m, struct planted_list *out, const struct driver *d)
{
    *m = (struct meter){.out = out,
                        .planting = d->town->planting,
                        .about = d->vehicle,
                        .vehicle = (uint32_t)(d->vehicle - d->town->vehicles),
                        .before = d->at,
                        .unseen_s = HIDDEN_S,
                        .tunnel_s = HIDDEN_S};
}

/* ---- crossings ---- */

static double line_depth_m(const struct spot *points, uint32_t count, double radius_m, struct spot s)
{
    double best = spot_distance_m(points[0], s);
    for (uint32_t i = 0; i + 1 < count; i++)
        best = fmin(best, spot_leg_distance_m(s, points[i], points[i + 1]));
    return radius_m - best;
}

/* How far a way leads through a ban at a stretch, and how deep. */
struct through {
    double run_m, inside_m, deepest_m;
};

static void go_straight(const struct plant *p, struct spot a, struct spot b, struct through *t)
{
    double length_m = spot_distance_m(a, b);
    uint32_t parts = (uint32_t)ceil(length_m);
    for (uint32_t i = 0; i < parts; i++) {
        struct spot s = spot_between(a, b, (i + 0.5) / parts);
        double depth_m = line_depth_m(p->points, p->count, p->radius_m, s);
        t->run_m = depth_m >= 0 ? t->run_m + length_m / parts : 0;
        t->inside_m = fmax(t->inside_m, t->run_m);
        t->deepest_m = fmax(t->deepest_m, depth_m);
    }
}

static const struct plant *plant_of(const struct meter *m, enum deed deed)
{
    for (uint32_t i = 0; i < m->about->plant_count; i++)
        if (m->about->plants[i].deed == deed)
            return &m->about->plants[i];
    abort();
}

/*
 * 60 m and twice the error, by what was driven and also by the straight lines between the places of which the
 * unit told: a way that bends into a ban and out of it between two fixes cannot be told from one around it.
 */
static bool has_crossed(const struct meter *m, enum deed deed, const struct watch *w)
{
    double deep_m = deed_depth_m(m->planting, true);
    struct through t = {0};
    if (deed_row(deed)->kind != KIND_BANNED_AREA || w->inside_m < CROSSED_M || w->held_s > CROSSED_S ||
        w->deepest_m < deep_m)
        return false;
    uint32_t from = m->trail_count > TRAIL_MAX ? m->trail_count - TRAIL_MAX : 0;
    for (uint32_t i = from + 1; i < m->trail_count; i++) {
        const struct step *a = &m->trail[(i - 1) % TRAIL_MAX], *b = &m->trail[i % TRAIL_MAX];
        if (b->ms >= w->start_ms && a->ms <= w->last_ms)
            go_straight(plant_of(m, deed), a->at, b->at, &t);
    }
    return t.inside_m >= CROSSED_M && t.deepest_m >= deep_m;
}

/* ---- runs ---- */

static enum depth depth_of(const struct meter *m, enum deed deed, const struct watch *w)
{
    if (w->spoiled || !w->done)
        return DEPTH_VOID;
    bool deep = w->longest_s >= deed_lasts_s(m->planting, deed, true) || has_crossed(m, deed, w);
    return deep ? DEPTH_DEEP : DEPTH_SHALLOW;
}

static void end_run(struct meter *m, enum deed deed, struct watch *w)
{
    planted_add(m->out, &(struct planted){.vehicle = m->vehicle,
                                          .deed = deed,
                                          .depth = depth_of(m, deed, w),
                                          .start_ms = w->start_ms,
                                          .end_ms = w->last_ms,
                                          .at = w->at,
                                          .held_s = w->held_s,
                                          .inside_m = w->inside_m,
                                          .deepest_m = w->deepest_m});
    *w = (struct watch){0};
}

static void go_on(struct watch *w, const struct sight *l, const struct driver *d, double passed_s,
                  double moved_m)
{
    if (!w->done && l->done) {
        w->start_ms = d->now_ms;
        w->at = d->at;
    }
    if (w->done && l->done && (w->gap_s > DIP_S || w->doubtful))
        w->spoiled = true;
    w->last_ms = d->now_ms;
    w->spoiled = w->spoiled || l->hidden;
    if (!l->done)
        return;
    w->done = true;
    w->gap_s = w->pause_s = 0;
    w->doubtful = false;
    w->held_s += passed_s;
    w->run_inside_m += moved_m;
    w->inside_m = fmax(w->inside_m, w->run_inside_m);
    w->deepest_m = fmax(w->deepest_m, l->deep_m);
    w->deep_s = l->deep ? w->deep_s + passed_s : 0;
    w->longest_s = fmax(w->longest_s, w->deep_s);
}

static void update(struct meter *m, const struct driver *d, enum deed deed, struct sight l, double passed_s)
{
    struct watch *w = &m->watches[deed];
    if (!w->runs && !l.near && !l.done)
        return;
    if (!w->runs)
        *w = (struct watch){.runs = true,
                            .start_ms = d->now_ms,
                            .at = d->at,
                            .spoiled = m->unseen_s < HIDDEN_S && !deed_row(deed)->hides};
    if (l.near || l.done)
        go_on(w, &l, d, passed_s, spot_distance_m(m->before, d->at));
    if (l.done || (l.near && !w->done))
        return;
    w->run_inside_m = 0;
    bool driving = kind_row(deed_row(deed)->kind)->driving;
    bool is_back = deed == DEED_OFF_ROUTE && d->haul_deed == deed; /* at a light, but surely on its way */
    if (d->speed_mps == 0 && d->driving && !is_back) {
        w->pause_s += passed_s;
        if (w->pause_s <= (driving ? LONG_PAUSE_S : PAUSE_S))
            return;
        w->doubtful = true;
        if (driving && w->pause_s <= LONGEST_PAUSE_S)
            return;
        w->gap_s = fmax(w->gap_s, w->pause_s);
    }
    w->gap_s += passed_s;
    if (w->gap_s > DIP_S)
        w->deep_s = 0;
    if (w->gap_s > APART_S)
        end_run(m, deed, w);
}

static bool is_hidden(const struct driver *d)
{
    return (d->plan.on && deed_row(d->plan.deed)->hides) || (d->driving && (d->flags & WAY_TUNNEL));
}

/* ---- speed ---- */

/*
 * By how much a speed may be wrong: not at all where the unit says it. Where it does not, the speed is the
 * way between two places over the time, 5 s at least: twice the error of that, as of a place.
 */
static double speed_error_kmh(const struct meter *m, const struct driver *d)
{
    double error_mps = sqrt(2) * m->planting->error_m / fmax(m->planting->interval_s, SPEED_OVER_S);
    return d->vehicle->unit.says_speed ? 0 : 2 * error_mps * 3.6;
}

static bool surely_faster(const struct meter *m, const struct driver *d, double kmh)
{
    return d->speed_mps * 3.6 > kmh + speed_error_kmh(m, d);
}

/* ---- bans and zones ---- */

/* A ban was laid off the corridors of its permits, but it may reach into one that the vehicle drives later. */
static bool may_pass(const struct meter *m, const struct driver *d)
{
    return town_from_corridors_m(d->town, d->vehicle, d->at) <
           CORRIDOR_HALF_M + deed_depth_m(m->planting, true);
}

static void look_at_plant(struct meter *m, const struct driver *d, const struct plant *p, double passed_s)
{
    struct sight l = {.hidden = is_hidden(d)};
    if (d->at.east_m >= p->low.east_m && d->at.east_m <= p->high.east_m && d->at.north_m >= p->low.north_m &&
        d->at.north_m <= p->high.north_m) {
        bool zone = deed_row(p->deed)->kind == KIND_SPEEDING;
        double kmh = d->speed_mps * 3.6;
        l.deep_m = line_depth_m(p->points, p->count, p->radius_m, d->at);
        l.near = l.deep_m > -3 * m->planting->error_m - 5 && (!zone || kmh > p->limit_kmh - 2);
        l.done = l.deep_m >= 0 && (!zone || kmh > p->limit_kmh);
        l.deep = l.done && l.deep_m >= deed_depth_m(m->planting, true) &&
                 (!zone || surely_faster(m, d, p->limit_kmh + 1));
        l.hidden = l.hidden || (l.done && !zone && may_pass(m, d));
    }
    update(m, d, p->deed, l, passed_s);
}

/* ---- the way ---- */

static void add_corridors(struct meter *m, const struct driver *d, const struct town_permit *p)
{
    const struct town *t = d->town;
    static struct spot line[CORRIDOR_POINTS_MAX];
    for (int k = 0; k < p->disposal_count; k++)
        for (int variant = 0; variant <= (p->two_ways ? 1 : 0); variant++) {
            uint32_t leg = (uint32_t)t->leg_of[variant][p->site][p->disposals[k]];
            bool known = m->corridor_count == CORRIDORS_MAX;
            for (uint32_t i = 0; i < m->corridor_count; i++)
                known = known || m->corridors[i].leg == leg;
            if (known)
                continue;
            struct corridor *c = &m->corridors[m->corridor_count++];
            c->count = town_corridor(t, leg, p->site, p->disposals[k], line, CORRIDOR_POINTS_MAX);
            c->points = malloc(c->count * sizeof *c->points);
            if (c->points == NULL)
                abort();
            memcpy(c->points, line, c->count * sizeof *c->points);
            c->half_m = town_corridor_half_m(leg);
            c->leg = leg;
        }
}

static double outside_m(struct meter *m, const struct driver *d)
{
    const struct town *t = d->town;
    const struct town_permit *p = &d->vehicle->permits[d->haul.permit];
    if (m->corridor_count == 0)
        add_corridors(m, d, p);
    double in = places_depth_m(&t->places, d->at, 1u << PLACE_DEPOT, true);
    in = fmax(in, place_depth_m(&t->places.list[p->site], d->at));
    for (int k = 0; k < p->disposal_count; k++)
        in = fmax(in, place_depth_m(&t->places.list[p->disposals[k]], d->at));
    for (uint32_t i = 0; i < m->corridor_count; i++)
        in = fmax(in,
                  line_depth_m(m->corridors[i].points, m->corridors[i].count, m->corridors[i].half_m, d->at));
    return -in;
}

static void forget_corridors(struct meter *m)
{
    for (uint32_t i = 0; i < m->corridor_count; i++)
        free(m->corridors[i].points);
    m->corridor_count = 0;
}

static void look_at_way(struct meter *m, const struct driver *d, double passed_s)
{
    struct sight l = {.hidden = is_hidden(d)};
    bool astray = d->haul_deed == DEED_OFF_ROUTE && d->task == TASK_TO_TIP && d->loaded;
    if (astray) {
        l.deep_m = outside_m(m, d);
        l.near = l.deep_m > -1.5 * m->planting->error_m;
        l.done = l.deep_m > 0;
        l.deep = l.deep_m >= deed_depth_m(m->planting, true);
    } else {
        forget_corridors(m);
    }
    update(m, d, DEED_OFF_ROUTE, l, passed_s);
}

/* ---- hauls ---- */

static void add_moment(struct meter *m, const struct driver *d, enum deed deed, enum depth depth)
{
    int64_t lasts_ms = deed == DEED_UNWASHED ? MOMENT_MS : 0;
    planted_add(m->out,
                &(struct planted){.vehicle = m->vehicle,
                                  .deed = deed,
                                  .depth = depth,
                                  .start_ms = d->now_ms,
                                  .end_ms = d->now_ms + lasts_ms + 3000 * (int64_t)m->planting->interval_s,
                                  .at = d->at});
}

/* The ground whose edge is the way out: that of the site with the wash, or else the permit's. */
static double site_depth_m(const struct driver *d)
{
    const struct place *site = driver_wash(d);
    if (site == NULL)
        site = &d->town->places.list[d->vehicle->permits[d->haul.permit].site];
    return place_depth_m(site, d->at);
}

static bool is_inside(const struct driver *d)
{
    return site_depth_m(d) >= 0;
}

/* How far inside a site without a wash; negative outside all. */
static double washless_depth_m(const struct places *places, struct spot s)
{
    double best = -INFINITY;
    for (uint32_t i = 0; i < places->count; i++)
        if (places->list[i].kind == PLACE_SITE && !places->list[i].has_wash)
            best = fmax(best, place_depth_m(&places->list[i], s));
    return best;
}

/* An error may put it outside the site, or into a wash. */
static void look_at_loading(struct meter *m, const struct driver *d)
{
    if (d->task == TASK_TO_SITE)
        m->by_wash = false;
    if (d->task == TASK_LOADING) {
        m->load_depth_m = site_depth_m(d);
        m->by_other = washless_depth_m(&d->town->places, d->at) > -deed_depth_m(m->planting, true);
    }
    if ((d->task == TASK_LOADING || (d->task == TASK_TO_TIP && m->was_inside)) &&
        !surely_faster(m, d, STOPPED_KMH))
        m->by_wash =
            m->by_wash || places_depth_m(&d->town->places, d->at, 0, true) > -deed_depth_m(m->planting, true);
}

/* Whether the unit says what the accusation rests on. */
static bool can_be_told(const struct driver *d, enum deed deed)
{
    unsigned needs = deed_row(deed)->needs;
    return (!(needs & NEEDS_LOAD) || d->vehicle->unit.load) &&
           (!(needs & NEEDS_SPEED) || d->vehicle->unit.says_speed);
}

static void look_at_haul(struct meter *m, const struct driver *d, double passed_s)
{
    if (d->vehicle->sweeper)
        return;
    look_at_loading(m, d);
    enum deed flaw = d->vehicle->permits[d->haul.permit].flaw;
    bool sure = m->load_depth_m >= deed_depth_m(m->planting, true);
    bool under_way = d->task == TASK_TO_TIP || d->task == TASK_TIPPING, inside = true;
    if (d->task == TASK_TO_TIP && (flaw != DEED_NONE || d->haul_deed == DEED_UNWASHED))
        inside = is_inside(d);
    if (flaw != DEED_NONE && can_be_told(d, flaw)) {
        bool done = under_way && driver_is_loaded(d) && (!inside || d->task == TASK_TIPPING);
        update(m, d, flaw, (struct sight){.done = done, .deep = done && sure}, passed_s);
    }
    if (d->haul_deed == DEED_UNWASHED && d->task == TASK_TO_TIP && m->was_inside && !inside)
        add_moment(m, d, DEED_UNWASHED,
                   sure && can_be_told(d, DEED_UNWASHED) && !m->by_wash && !m->by_other ? DEPTH_DEEP
                                                                                        : DEPTH_SHALLOW);
    m->was_inside = inside;
    bool tips = d->haul_deed == DEED_WRONG_SITE && d->task == TASK_TIPPING;
    struct sight l = {.done = tips && (driver_body_raised(d) || !driver_is_loaded(d))};
    l.deep_m = l.done ? place_depth_m(&d->town->places.list[d->haul.disposal], d->at) : 0;
    l.deep = l.done && l.deep_m >= deed_depth_m(m->planting, true);
    update(m, d, DEED_WRONG_SITE, l, passed_s);
    l = (struct sight){.done = driver_load_kg(d) > 16000};
    l.deep = l.done && d->haul_deep;
    update(m, d, DEED_OVERLOAD, l, passed_s);
}

/* ---- what is done for a while ---- */

static bool clear_of(const struct meter *m, const struct driver *d, double by_m, unsigned kinds)
{
    double depth_m = deed_depth_m(m->planting, true) > by_m ? deed_depth_m(m->planting, true) : by_m;
    return places_depth_m(&d->town->places, d->at, kinds, true) < -depth_m;
}

static struct sight look_at_plan(const struct meter *m, const struct driver *d)
{
    enum deed deed = d->plan.deed;
    struct sight l = {.done = d->plan.on};
    const unsigned all = 1u << PLACE_SITE | 1u << PLACE_DISPOSAL | 1u << PLACE_DEPOT;
    if (!l.done)
        return l;
    if (deed == DEED_HOURS_PERMIT)
        l.done = d->speed_mps > 1.7;
    if (deed == DEED_UNCOVERED)
        l.done = d->speed_mps > 1.6 && d->loaded;
    l.deep = d->plan.deep && (!kind_row(deed_row(deed)->kind)->driving || surely_faster(m, d, MOVING_KMH));
    if (deed == DEED_HOURS_AREA) {
        const struct district *district = &d->town->districts[d->vehicle->district];
        l.done = d->speed_mps > 1.7 && town_district_holds(district, d->at, 0);
        l.deep = l.deep && l.done && town_district_holds(district, d->at, deed_depth_m(m->planting, true));
    }
    if (deed == DEED_DUMP_BODY || deed == DEED_DUMP_LOAD || deed == DEED_LOAD || deed == DEED_OVERSTAY)
        l.deep = l.deep && clear_of(m, d, deed == DEED_DUMP_LOAD ? 60 : 0, all);
    return l;
}

/* In a tunnel, where a unit says neither place nor true speed. */
static void hide(struct sight *l, enum deed deed)
{
    l->hidden = l->done && deed == DEED_FROZEN;
    l->deep = l->deep && !kind_row(deed_row(deed)->kind)->driving;
}

static void look_at_deeds(struct meter *m, const struct driver *d, double passed_s)
{
    for (int deed = 1; deed < DEED_COUNT; deed++) {
        bool now = d->plan.deed == (enum deed)deed;
        if (deed == DEED_JUMP || deed == DEED_OVERLOAD || deed == DEED_OFF_ROUTE || deed == DEED_WRONG_SITE ||
            deed == DEED_UNWASHED || (!now && !m->watches[deed].runs) ||
            deed_row((enum deed)deed)->kind == KIND_NO_PERMIT ||
            deed_row((enum deed)deed)->kind == KIND_BANNED_AREA ||
            deed_row((enum deed)deed)->kind == KIND_SPEEDING)
            continue;
        struct sight l = now ? look_at_plan(m, d) : (struct sight){0};
        if (m->tunnel_s == 0)
            hide(&l, (enum deed)deed);
        if (deed == DEED_LOAD || deed == DEED_DUMP_LOAD) /* where the load went lies between two places */
            l.hidden = l.done && !m->watches[deed].done && m->tunnel_s < 2.0 * m->planting->interval_s;
        update(m, d, (enum deed)deed, l, passed_s);
    }
    bool away = d->plan.on && d->plan.deed == DEED_JUMP;
    if (away != m->jumped)
        add_moment(m, d, away ? DEED_JUMP : DEED_JUMP_BACK,
                   !away          ? DEPTH_VOID
                   : d->plan.deep ? DEPTH_DEEP
                                  : DEPTH_SHALLOW);
    if (away && !m->jumped)
        m->jump_at = m->out->count - 1;
    if (away && (d->flags & WAY_TUNNEL)) /* it holds its place there, and no other */
        m->out->list[m->jump_at].depth = DEPTH_VOID;
    m->jumped = away;
}

void meter_sent(struct meter *m, const struct driver *d)
{
    m->trail[m->trail_count++ % TRAIL_MAX] = (struct step){d->now_ms, d->at};
}

void meter_look(struct meter *m, const struct driver *d, double passed_s)
{
    m->unseen_s = d->plan.on && deed_row(d->plan.deed)->hides ? 0 : m->unseen_s + passed_s;
    m->tunnel_s = d->driving && (d->flags & WAY_TUNNEL) ? 0 : m->tunnel_s + passed_s;
    for (uint32_t i = 0; i < d->vehicle->plant_count; i++)
        look_at_plant(m, d, &d->vehicle->plants[i], passed_s);
    look_at_way(m, d, passed_s);
    look_at_haul(m, d, passed_s);
    look_at_deeds(m, d, passed_s);
    m->before = d->at;
}

void meter_stop(struct meter *m, const struct driver *d)
{
    (void)d;
    for (int deed = 1; deed < DEED_COUNT; deed++)
        if (m->watches[deed].runs) {
            m->watches[deed].spoiled = true; /* cut off by the end of the run */
            end_run(m, (enum deed)deed, &m->watches[deed]);
        }
    forget_corridors(m);
}
