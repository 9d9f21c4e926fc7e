#include "visit.h"

/* Longer than this between two fixes, and not where it was: it may have stopped in the wash meanwhile. A wash
 * takes about a minute; units that move say so every 10 to 30 s. */
#define UNSEEN_MS      45000
#define UNSEEN_MOVED_M 50.0

static const struct fence_list *washes_of(const struct moment *m, uint32_t site)
{
    return &m->world->fences[site].washes;
}

static bool in_wash_of(const struct moment *m, uint32_t site)
{
    const struct fence_list *washes = washes_of(m, site);
    for (uint32_t i = 0; i < washes->count; i++)
        if (moment_near_fence(m, washes->numbers[i]))
            return true;
    return false;
}

bool visit_clear_of(const struct moment *m, uint32_t number)
{
    struct mw_distance d;
    struct mw_point at = {m->lat_deg, m->lon_deg};
    double margin_m = (double)m->eph_m > VISIT_CLEAR_M ? (double)m->eph_m : VISIT_CLEAR_M;
    return !mw_index_distance(m->world->index, number, at, margin_m, &d);
}

static bool clear_of_all(const struct moment *m, uint32_t site)
{
    const struct fence_list *washes = washes_of(m, site);
    for (uint32_t i = 0; i < washes->count; i++)
        if (!visit_clear_of(m, washes->numbers[i]))
            return false;
    return visit_clear_of(m, site);
}

/* When it left the site and its washes. */
static int64_t left_ms(const struct moment *m, uint32_t site)
{
    int64_t last_ms = moment_left_ms(m, site);
    if (!moment_has_path(m))
        return last_ms;
    const struct fence_list *washes = washes_of(m, site);
    struct mw_point from = {m->before->lat_deg, m->before->lon_deg};
    struct mw_distance d;
    bool from_site = mw_index_distance(m->world->index, site, from, 0, &d);
    for (uint32_t i = 0; i < washes->count; i++) {
        if (!mw_index_distance(m->world->index, washes->numbers[i], from, 0, &d))
            continue;
        int64_t wash_ms = moment_left_ms(m, washes->numbers[i]);
        if (!from_site || wash_ms > last_ms)
            last_ms = wash_ms;
        from_site = true;
    }
    return last_ms;
}

static void begin(struct vehicle_state *s, const struct moment *m)
{
    if (!moment_in_forced(m, FENCE_SITE))
        return;
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *f = &m->world->fences[m->fences[i]];
        int64_t until_ms;
        if (f->kind != FENCE_SITE || !moment_in_force(m, f, &until_ms))
            continue;
        s->habits.site = f->id;
        s->habits.visit_phase = VISIT_ENTERING;
        s->habits.visit_fixes = 1;
        s->habits.visit_ms = moment_entered_ms(m, m->fences[i]);
        s->habits.left_ms = TIME_NONE;
        /* A load first heard of in the site is one of the site. */
        bool came_loaded = s->habits.load == LOAD_LOADED && s->habits.change_ms < m->at_ms;
        s->habits.visit_flags = came_loaded ? VISIT_CAME_LOADED : 0;
        return;
    }
}

static void forget(struct vehicle_state *s)
{
    s->habits.site = 0;
    s->habits.visit_phase = VISIT_NONE;
    s->habits.visit_fixes = 0;
    s->habits.visit_flags = 0;
    s->habits.visit_ms = s->habits.left_ms = TIME_NONE;
}

static void observe(struct vehicle_state *s, const struct moment *m, uint32_t site)
{
    bool in_wash = in_wash_of(m, site);
    if (m->now->wash == FLAG_TRUE || (m->stopped && in_wash))
        s->habits.visit_flags |= VISIT_WASHED;
    int64_t since_ms = s->habits.stopped_ms;
    if (since_ms == TIME_NONE || s->habits.visit_phase != VISIT_IN || in_wash)
        return; /* nobody loads in the wash */
    if (since_ms < s->habits.visit_ms)
        since_ms = s->habits.visit_ms;
    if (m->at_ms - since_ms >= VISIT_STOP_MS)
        s->habits.visit_flags |= VISIT_STOPPED;
}

static void observe_pause(struct vehicle_state *s, const struct moment *m)
{
    struct mw_point from = {s->lat_deg, s->lon_deg}, to = {m->lat_deg, m->lon_deg};
    if (m->at_ms - s->place_ms > UNSEEN_MS && mw_distance_m(from, to) > UNSEEN_MOVED_M)
        s->habits.visit_flags |= VISIT_UNSEEN;
}

static void enter(struct vehicle_state *s, const struct moment *m, uint32_t site)
{
    if (!moment_in_fence(m, site)) {
        forget(s);
        begin(s, m);
        return;
    }
    if (m->gap) {
        s->habits.visit_fixes = 0;
        s->habits.visit_ms = m->at_ms;
    }
    s->habits.visit_fixes++;
    if (s->habits.visit_fixes >= VISIT_CONFIRM_FIXES && m->at_ms - s->habits.visit_ms >= VISIT_CONFIRM_MS) {
        s->habits.visit_phase = VISIT_IN;
        s->habits.visit_fixes = 0;
    } else if (s->habits.visit_fixes == UINT8_MAX) {
        s->habits.visit_fixes = VISIT_CONFIRM_FIXES;
    }
}

static void leave(struct vehicle_state *s, struct moment *m, uint32_t site)
{
    if (s->habits.visit_fixes == 0 || m->gap) {
        s->habits.left_ms = m->gap ? m->at_ms : left_ms(m, site);
        s->habits.visit_fixes = 0;
    }
    s->habits.visit_phase = VISIT_LEAVING;
    if (s->habits.visit_fixes < UINT8_MAX)
        s->habits.visit_fixes++;
    if (s->habits.visit_fixes < VISIT_CONFIRM_FIXES || !clear_of_all(m, site))
        return;
    m->events.left_ms = s->habits.left_ms;
    m->events.left_site = s->habits.site;
    m->events.left_unwashed =
        washes_of(m, site)->count > 0 && !(s->habits.visit_flags & (VISIT_WASHED | VISIT_UNSEEN));
    s->habits.visit_phase = VISIT_NONE;
    s->habits.visit_fixes = 0;
}

void visit_follow(struct vehicle_state *s, struct moment *m)
{
    if (!m->placed)
        return;
    if (s->habits.visit_phase == VISIT_NONE) {
        begin(s, m);
        return;
    }
    uint32_t site = world_fence_by_id(m->world, s->habits.site);
    if (site == UINT32_MAX) {
        forget(s); /* another world has no such site: nobody can have left it */
        begin(s, m);
        return;
    }
    if (s->habits.visit_phase == VISIT_ENTERING) {
        enter(s, m, site);
    } else {
        observe_pause(s, m);
        if (moment_in_fence(m, site) || in_wash_of(m, site)) {
            s->habits.visit_phase = VISIT_IN;
            s->habits.visit_fixes = 0;
        } else {
            leave(s, m, site);
        }
    }
    if (s->habits.visit_phase != VISIT_NONE)
        observe(s, m, site);
}
