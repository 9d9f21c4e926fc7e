/*
 * wrong_hours: moving while the hours of the vehicle's permits, or of its areas, are closed.
 *
 * Whose hours: on a trip those of the permits it may run under (breach.h), each judged by itself; without a
 * trip those of every valid permit of the vehicle, of which one that is open is enough; without any, those of
 * the `area` fences of its class and company that it is in. Of several areas, too, one that is open, or has
 * no hours, is enough, and one that may hold it, as far as the place may be wrong, counts; it is accused
 * where all places that it may be at are in areas that are closed. What it is about is the thing that the
 * closed area is a piece of (things.h), whichever piece it drives in.
 *
 * A pause in driving changes nothing, so that lights and queues do not cut one drive into several. The cab is
 * told before the last of its permits closes when the way that is left will take longer.
 */
#include "breach.h"

#include <math.h>

/* Streets are longer than the straight way. */
#define WAY_FACTOR 1.3
/* Before that no speed of the trip is known. */
#define TRIP_KNOWN_MS  120000
#define DISPOSAL_FAR_M 200000.0

/* Takes over whether it drives while what counts is closed, and until when that stays so. */
static void hold(const struct moment *m, bool open, struct finding *f)
{
    struct hours_held h = breach_of_hours(m, open);
    f->held = h.held;
    f->over_ms = h.ended_ms;
    if (h.until_ms < f->until_ms)
        f->until_ms = h.until_ms;
}

static const struct episode *episode_of(const struct moment *m)
{
    for (uint32_t i = 0; i < m->before->episode_count; i++)
        if (m->before->episodes[i].kind == KIND_WRONG_HOURS)
            return &m->before->episodes[i];
    return NULL;
}

/* ---- permits ---- */

/* What the permits that count say together. */
struct hours_sum {
    const struct permit *first, *last; /* the widest, or by id; the last that began to be broken */
    const struct permit *closing;      /* the last to close */
    const struct breach *breach;       /* of that one */
    bool kept;                         /* one of them is not being broken, as far as is remembered */
    bool some_open, some_were;         /* are open; at a deadline: were at the last fix */
    int64_t until_ms, closes_ms;       /* when this may change; when the last of them closes */
};

static void add_hours(const struct permit *p, bool open, int64_t until_ms, struct hours_sum *sum)
{
    if (until_ms < sum->until_ms)
        sum->until_ms = until_ms;
    if (open && until_ms > sum->closes_ms) {
        sum->closes_ms = until_ms;
        sum->closing = p;
    }
    sum->some_open |= open;
    if (sum->first == NULL || haul_is_wider(p, sum->first))
        sum->first = p;
}

static void add_breach(const struct moment *m, const struct permit *p, struct hours_sum *sum)
{
    const struct breach *b = haul_breach(m, p->id, KIND_WRONG_HOURS);
    if (b == NULL || b->over_ms != TIME_NONE) {
        sum->kept = true;
        return;
    }
    bool later = sum->breach == NULL || b->since_ms > sum->breach->since_ms;
    if (later || (b->since_ms == sum->breach->since_ms && haul_is_less_broken(m, p, sum->last))) {
        sum->last = p;
        sum->breach = b;
    }
}

/* Straight metres to the nearest disposal that one of the permits names; far: they name none. */
static double way_left_m(const struct moment *m)
{
    const struct permit *p;
    struct mw_point here = {m->lat_deg, m->lon_deg};
    double left_m = DISPOSAL_FAR_M;
    uint32_t at = 0;
    while ((p = haul_next(m, &at)) != NULL)
        for (uint32_t i = 0; i < p->disposal_count; i++) {
            struct mw_distance d;
            if (mw_index_distance(m->world->index, p->disposals[i], here, left_m, &d) &&
                d.distance_m < left_m)
                left_m = fmax(d.distance_m, 0);
        }
    return left_m;
}

/* Whether another permit, as of the next shift, is open when the last that is now closes. */
static bool goes_on(const struct moment *m, int64_t closes_ms)
{
    const struct permit *p;
    uint32_t at = 0;
    while ((p = haul_next(m, &at)) != NULL)
        if (haul_open_at(m, p, closes_ms, NULL))
            return true;
    return false;
}

/* Whether the rest of the way takes longer than its permits stay open. */
static bool comes_late(const struct moment *m, const struct rule_settings *s, int64_t closes_ms)
{
    const struct trip *t = m->trip;
    int64_t left_ms = closes_ms - m->at_ms, driven_ms = m->at_ms - t->start_ms;
    if (s->warn_ms == 0 || left_ms > s->warn_ms || m->tick || !m->placed || t->phase != TRIP_HAULING ||
        driven_ms < TRIP_KNOWN_MS || !(t->distance_m > 0))
        return false;
    double mps = t->distance_m / ((double)driven_ms / 1000), left_m = way_left_m(m);
    return left_m < DISPOSAL_FAR_M && !goes_on(m, closes_ms) &&
           WAY_FACTOR * left_m / mps * 1000 > (double)left_ms;
}

static void judge_haul(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    struct hours_sum sum = {.until_ms = TIME_NEVER, .closes_ms = TIME_NONE};
    struct finding f = finding_none();
    const struct permit *p;
    uint32_t at = 0;
    while ((p = haul_next(m, &at)) != NULL) {
        int64_t until_ms;
        bool open = haul_open(m, p, &until_ms);
        add_hours(p, open, until_ms, &sum);
        add_breach(m, p, &sum);
        if (m->tick)
            sum.some_were |= haul_open_at(m, p, m->fix_ms, NULL);
    }
    f.until_ms = sum.until_ms;
    f.window = sum.some_open && !sum.some_were; /* and not because it is judged by others now */
    hold(m, sum.some_open, &f);
    if (f.held == HELD_YES && sum.kept)
        f.held = HELD_UNKNOWN; /* closed, but what has to be remembered of it did not fit */
    if (f.held == HELD_YES) {
        f.since_ms = sum.breach->since_ms;
        f.fixes = sum.breach->fixes;
        f.at_once = (sum.breach->flags & BREACH_BROKEN) != 0;
    } else if (f.held == HELD_NO && sum.some_open && comes_late(m, s, sum.closes_ms)) {
        f.since_ms = sum.closes_ms;
        sum.last = sum.closing;
    }
    f.subject = f.permit = (sum.last != NULL ? sum.last : sum.first)->id;
    findings_add(out, f);
}

/* False: it has none that is valid. */
static bool judge_permits(const struct moment *m, struct findings *out)
{
    struct hours_sum sum = {.until_ms = TIME_NEVER, .closes_ms = TIME_NONE};
    const struct episode *e = episode_of(m);
    struct finding f = finding_none();
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        int64_t until_ms;
        bool valid = moment_permit_valid(m, p, &until_ms);
        if (until_ms < sum.until_ms)
            sum.until_ms = until_ms;
        if (!valid)
            continue;
        bool open = moment_permit_open(m, p, &until_ms);
        add_hours(p, open, until_ms, &sum);
        if (e != NULL && p->id == e->permit)
            sum.last = p; /* a trip that has ended meanwhile does not change what it is about */
        if (m->tick)
            sum.some_were |= moment_hours_open(m, p->hours, p->hours_slot, m->fix_ms, NULL);
    }
    if (sum.first == NULL)
        return false;
    f.until_ms = sum.until_ms;
    f.window = sum.some_open && !sum.some_were; /* and not because it is judged by others now */
    hold(m, sum.some_open, &f);
    f.subject = f.permit = (sum.last != NULL ? sum.last : sum.first)->id;
    findings_add(out, f);
    return true;
}

/* ---- areas ---- */

enum { RING = 8 };

/* What the areas in force for the vehicle say of one place. */
enum area_word { AREA_NONE, AREA_CLOSED, AREA_OPEN };

struct area_sum {
    enum area_word word;
    const struct fence *closed; /* of those that are a piece of the thing that is the first by id */
    bool was_closed;            /* at a deadline: one was at the last fix */
    int64_t until_ms;
};

static bool was_closed(const struct moment *m, const struct fence *area)
{
    return area->valid_from_ms <= m->fix_ms && m->fix_ms < area->valid_to_ms && area->hours != NULL &&
           !moment_hours_open(m, area->hours, area->hours_slot, m->fix_ms, NULL);
}

/* Numbers follow the ids. */
static bool is_of_earlier(const struct world *w, const struct fence *a, const struct fence *b)
{
    return b == NULL || world_fence_by_id(w, a->thing) < world_fence_by_id(w, b->thing);
}

static void ask_areas(const struct moment *m, const uint32_t *fences, uint32_t count, struct area_sum *sum)
{
    sum->word = AREA_NONE;
    for (uint32_t i = 0; i < count; i++) {
        const struct fence *area = &m->world->fences[fences[i]];
        int64_t force_until_ms, open_until_ms = TIME_NEVER;
        if (area->kind != FENCE_AREA || !moment_fence_concerns(m, area))
            continue;
        bool in_force = moment_in_force(m, area, &force_until_ms);
        if (m->tick)
            sum->was_closed |= was_closed(m, area);
        if (force_until_ms < sum->until_ms)
            sum->until_ms = force_until_ms;
        if (!in_force)
            continue;
        bool open = area->hours == NULL || moment_area_open(m, area, &open_until_ms);
        if (open_until_ms < sum->until_ms)
            sum->until_ms = open_until_ms;
        if (open)
            sum->word = AREA_OPEN;
        else if (sum->word == AREA_NONE)
            sum->word = AREA_CLOSED;
        if (!open && is_of_earlier(m->world, area, sum->closed))
            sum->closed = area;
    }
}

/* Asks all round, as far off as the place may be wrong: AREA_CLOSED where every answer is. */
static enum area_word ask_around(const struct moment *m, struct area_sum *sum)
{
    double margin_deg = moment_margin_m(m) / 111320;
    enum area_word all = AREA_CLOSED;
    for (int i = 0; i < RING; i++) {
        uint32_t fences[MOMENT_FENCES_MAX];
        struct area_sum there = {.until_ms = TIME_NEVER};
        double angle = 2 * M_PI * i / RING;
        struct mw_point at = {m->lat_deg + margin_deg * cos(angle),
                              m->lon_deg + margin_deg * sin(angle) / cos(m->lat_deg * (M_PI / 180))};
        ask_areas(m, fences, (uint32_t)moment_fences_at(m, at, fences), &there);
        if (there.until_ms < sum->until_ms)
            sum->until_ms = there.until_ms;
        if (there.word == AREA_OPEN)
            return AREA_OPEN;
        if (there.word == AREA_NONE)
            all = AREA_NONE;
    }
    return all;
}

/* What it is about stays that while it goes on, so that what the cab was warned of is what is opened. */
static void name_area(const struct moment *m, const struct area_sum *sum, struct finding *f)
{
    const struct episode *e = episode_of(m);
    if (sum->closed == NULL)
        return;
    f->subject = f->thing = sum->closed->thing;
    f->fence = sum->closed->id;
    if (e != NULL && e->permit == 0) {
        f->subject = f->thing = e->subject;
        f->fence = e->fence;
    }
}

static void judge_areas(const struct moment *m, struct findings *out)
{
    struct finding f = finding_none();
    struct area_sum sum = {.until_ms = TIME_NEVER};
    if (!m->placed) {
        out->rest = HELD_UNKNOWN;
        return;
    }
    if (!moment_in_kind(m, FENCE_AREA))
        return;
    ask_areas(m, m->fences, m->fence_count, &sum);
    enum area_word around = AREA_OPEN;
    if (sum.word == AREA_CLOSED && m->moving)
        around = ask_around(m, &sum);
    f.until_ms = sum.until_ms;
    f.window = sum.word != AREA_CLOSED && sum.was_closed; /* and not because it has left them */
    hold(m, sum.word != AREA_CLOSED, &f);
    /* What may be in an open area has not begun; nor is it over, where it was not. */
    const struct episode *e = episode_of(m);
    bool is_open = e != NULL && e->phase == EPISODE_OPEN;
    if (f.held == HELD_YES && around != AREA_CLOSED)
        f.held = around == AREA_OPEN && !is_open ? HELD_NO : HELD_UNKNOWN;
    name_area(m, &sum, &f);
    findings_add(out, f);
}

void rule_wrong_hours(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    uint32_t at = 0;
    if (m->events.breach.kind == KIND_WRONG_HOURS)
        findings_add(out, breach_known(&m->events.breach));
    else if (trip_is_on(m->trip) && haul_next(m, &at) != NULL)
        judge_haul(m, s, out);
    else if (trip_is_on(m->trip) || !judge_permits(m, out))
        judge_areas(m, out);
}
