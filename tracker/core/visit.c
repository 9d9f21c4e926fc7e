#include "visit.h"

#include "permit.h"
#include "site_wash.h"

/* Longer than this between two fixes, and not where it was: it may have stopped in the wash meanwhile. A wash
 * takes about a minute; units that move say so every 10 to 30 s. */
#define UNSEEN_MS      45000
#define UNSEEN_MOVED_M 50.0
/* A unit that says so little between two fixes has no second fix of a short wash. */
#define SPARSE_MS 20000

static uint32_t number_of(const struct moment *m, const struct yard *p)
{
    return world_fence_by_id(m->world, p->fence);
}

/* What is asked of the washes that a site has for this vehicle now. */
struct asked {
    const struct moment *m;
    bool (*is)(const struct moment *m, uint32_t wash);
    uint32_t number;
};

static bool is_there(const void *context, uint32_t number)
{
    const struct asked *a = context;
    return moment_counts(a->m, number);
}

static bool is_so(const void *context, uint32_t wash)
{
    const struct asked *a = context;
    return a->is(a->m, wash);
}

static bool is_this(const void *context, uint32_t wash)
{
    const struct asked *a = context;
    return a->number == wash;
}

static bool has_wash(const struct moment *m, const struct yard *p)
{
    const struct asked a = {.m = m};
    const struct wash_question q = {.counts = is_there, .context = &a};
    return site_wash_any(m->world, number_of(m, p), &q);
}

static bool has_this_wash(const struct moment *m, const struct yard *p, uint32_t wash)
{
    const struct asked a = {.m = m, .number = wash};
    const struct wash_question q = {is_there, is_this, &a};
    return site_wash_any(m->world, number_of(m, p), &q);
}

/* Whether a wash of one of the sites is so. */
static bool any_own_wash(const struct vehicle_state *s, const struct moment *m,
                         bool (*is)(const struct moment *, uint32_t))
{
    const struct asked a = {.m = m, .is = is};
    const struct wash_question q = {is_there, is_so, &a};
    for (uint32_t k = 0; k < s->sites.count; k++)
        if (site_wash_any(m->world, number_of(m, &s->sites.list[k]), &q))
            return true;
    return false;
}

bool visit_clear_of(const struct moment *m, uint32_t number)
{
    struct mw_point at = {m->lat_deg, m->lon_deg};
    double margin_m = (double)m->eph_m > VISIT_CLEAR_M ? (double)m->eph_m : VISIT_CLEAR_M;
    return !mw_index_near(m->world->index, number, at, margin_m);
}

static bool not_clear_of(const struct moment *m, uint32_t number)
{
    return !visit_clear_of(m, number);
}

static bool clear_of_all(const struct vehicle_state *s, const struct moment *m)
{
    for (uint32_t k = 0; k < s->sites.count; k++)
        if (!visit_clear_of(m, number_of(m, &s->sites.list[k])))
            return false;
    return !any_own_wash(s, m, not_clear_of);
}

static bool is_put_in(const struct moment *m, uint32_t number)
{
    struct mw_point said = {m->said_lat_deg, m->said_lon_deg};
    return mw_index_near(m->world->index, number, said, moment_margin_m(m));
}

/* Where it stands, or where its receiver puts it: it may have rolled on into the wash unnoticed. */
static bool may_be_in(const struct moment *m, uint32_t number)
{
    return moment_near_fence(m, number) || is_put_in(m, number);
}

/* Slow fixes begin a stop early: what stopped near the wash and is put elsewhere since has rolled past it. */
static bool seems_in(const struct moment *m, uint32_t number)
{
    return moment_in_fence(m, number) || is_put_in(m, number);
}

static bool in_site(const struct vehicle_state *s, const struct moment *m)
{
    for (uint32_t k = 0; k < s->sites.count; k++)
        if (moment_in_fence(m, number_of(m, &s->sites.list[k])))
            return true;
    return false;
}

/* Whether a fence is one of the sites of the visit or of their washes. */
static bool is_visited(const struct moment *m, uint32_t number, const void *context)
{
    const struct vehicle_state *s = context;
    bool is_wash = m->world->fences[number].kind == FENCE_WASH;
    for (uint32_t k = 0; k < s->sites.count; k++) {
        const struct yard *p = &s->sites.list[k];
        if (number_of(m, p) == number || (is_wash && has_this_wash(m, p, number)))
            return true;
    }
    return false;
}

/* When it left the last of the sites and their washes: over a seam between two of them it did not. */
static int64_t left_ms(const struct vehicle_state *s, const struct moment *m)
{
    int64_t ms = yards_left_all_ms(m, is_visited, s);
    return ms != TIME_NONE ? ms : moment_left_ms(m, number_of(m, &s->sites.list[0]));
}

static void forget(struct vehicle_state *s)
{
    yards_clear(&s->sites);
    s->habits.visit_phase = VISIT_NONE;
    s->habits.visit_fixes = 0;
    s->habits.visit_flags = 0;
    s->habits.visit_ms = s->habits.left_ms = TIME_NONE;
}

static int64_t entered_ms(const struct vehicle_state *s, const struct moment *m)
{
    int64_t first_ms = m->at_ms;
    for (uint32_t k = 0; k < s->sites.count; k++) {
        uint32_t number = number_of(m, &s->sites.list[k]);
        int64_t ms = moment_in_fence(m, number) ? moment_entered_ms(m, number) : m->at_ms;
        if (ms < first_ms)
            first_ms = ms;
    }
    return first_ms;
}

/* The sites that hold it, and those that may and that a permit names. */
static void see(struct vehicle_state *s, const struct moment *m)
{
    yards_see(&s->sites, m, FENCE_SITE);
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (p->site != 0)
            yards_see_near(&s->sites, m, p->site - 1);
    }
    yards_turn(&s->sites, m, LOAD_EMPTY);
}

static void begin(struct vehicle_state *s, const struct moment *m)
{
    if (s->habits.visit_ms != TIME_NONE)
        forget(s); /* the visit before, which has been told of */
    if (!moment_in_forced(m, FENCE_SITE))
        return;
    see(s, m);
    s->habits.visit_phase = VISIT_ENTERING;
    s->habits.visit_fixes = 1;
    s->habits.visit_ms = entered_ms(s, m);
    s->habits.left_ms = TIME_NONE;
    /* A load first heard of in the site is one of the site. */
    bool came_loaded = s->habits.load == LOAD_LOADED && s->habits.change_ms < m->at_ms;
    s->habits.visit_flags = came_loaded ? VISIT_CAME_LOADED : 0;
}

/* Whether it is in any wash; asked as far as it may be wrong only while it stands. */
static bool in_wash(const struct moment *m)
{
    return m->stopped ? moment_near_kind(m, FENCE_WASH) : moment_in_forced(m, FENCE_WASH);
}

static void observe_wash(struct vehicle_state *s, const struct moment *m, bool here)
{
    uint8_t *flags = &s->habits.visit_flags;
    bool was = (*flags & VISIT_IN_WASH) != 0, sparse = m->at_ms - s->place_ms >= SPARSE_MS;
    if (m->now->wash == FLAG_TRUE)
        *flags |= VISIT_WASHED;
    if (!here) {
        *flags &= (uint8_t) ~(VISIT_IN_WASH | VISIT_WASH_STOP);
        return;
    }
    if (m->stopped)
        *flags |= VISIT_WASH_STOP;
    if ((*flags & VISIT_WASH_STOP) && (was || sparse))
        *flags |= VISIT_WASHED;
    *flags |= VISIT_IN_WASH;
}

/* Standing in the site; nobody loads in the wash. */
static void observe_stop(struct vehicle_state *s, const struct moment *m)
{
    int64_t since_ms = s->habits.stopped_ms;
    if (since_ms == TIME_NONE || s->habits.visit_phase != VISIT_IN)
        return;
    if (since_ms < s->habits.visit_ms)
        since_ms = s->habits.visit_ms;
    if (m->at_ms - since_ms < VISIT_STOP_MS)
        return;
    s->habits.visit_flags |= VISIT_STOPPED;
    for (uint32_t i = 0; i < s->sites.count; i++)
        if (s->sites.list[i].flags & YARD_HERE)
            s->sites.list[i].flags |= YARD_STOOD;
}

static void observe_pause(struct vehicle_state *s, const struct moment *m)
{
    struct mw_point from = {s->lat_deg, s->lon_deg}, to = {m->lat_deg, m->lon_deg};
    if (m->at_ms - s->place_ms > UNSEEN_MS && mw_distance_m(from, to) > UNSEEN_MOVED_M)
        s->habits.visit_flags |= VISIT_UNSEEN;
}

static void enter(struct vehicle_state *s, const struct moment *m)
{
    if (!in_site(s, m)) {
        forget(s);
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

unsigned visit_decides(const struct vehicle_state *s)
{
    /* A load that is still settling as it leaves is one of the site. */
    static const unsigned order[] = {YARD_TURNED, YARD_TURNING, YARD_STOOD};
    for (int i = 0; i < 3; i++)
        if (yards_any(&s->sites, order[i]))
            return order[i];
    return 0;
}

static bool named_by_permit(const struct moment *m, uint32_t site, int64_t at_ms)
{
    for (uint32_t i = 0; i < m->info->permit_count; i++) {
        const struct permit *p = &m->world->permits[m->info->permits[i]];
        if (permit_valid_at(p, at_ms) && permit_names_site(m->world, p, site))
            return true;
    }
    return false;
}

/* The likeliest: one that a permit names, else one that it was in for sure, else the one it was in first. */
static const struct yard *likeliest(const struct vehicle_state *s, const struct moment *m, unsigned decides)
{
    const struct yard *best = NULL;
    int best_rank = -1;
    for (uint32_t i = 0; i < s->sites.count; i++) {
        const struct yard *p = &s->sites.list[i];
        if ((p->flags & decides) != decides)
            continue;
        int rank = 2 * named_by_permit(m, p->fence, s->habits.left_ms) + ((p->flags & YARD_SURE) != 0);
        if (rank > best_rank) {
            best = p;
            best_rank = rank;
        }
    }
    return best;
}

/*
 * A site with a wash of its own in which it was for sure and which it left unwashed. Where it may as well
 * have been loaded in one that has none, nobody is accused; nor who only passed and was surely within it once.
 */
static uint32_t unwashed_site(const struct vehicle_state *s, const struct moment *m, unsigned decides)
{
    uint32_t found = 0, likely = m->events.left_site;
    if (s->habits.visit_flags & (VISIT_WASHED | VISIT_UNSEEN))
        return 0;
    for (uint32_t i = 0; i < s->sites.count; i++) {
        const struct yard *p = &s->sites.list[i];
        bool sure = (p->flags & YARD_SURE) != 0;
        if ((p->flags & decides) != decides || (decides == 0 && !(p->flags & YARD_TWICE)))
            continue;
        if (!has_wash(m, p))
            return 0;
        if (sure && (found == 0 || p->fence == likely))
            found = p->fence;
    }
    return found;
}

static void leave(struct vehicle_state *s, struct moment *m)
{
    if (s->habits.visit_fixes == 0 || m->gap) {
        s->habits.left_ms = m->gap ? m->at_ms : left_ms(s, m);
        s->habits.visit_fixes = 0;
    }
    s->habits.visit_phase = VISIT_LEAVING;
    if (s->habits.visit_fixes < UINT8_MAX)
        s->habits.visit_fixes++;
    if (s->habits.visit_fixes < VISIT_CONFIRM_FIXES || !clear_of_all(s, m))
        return;
    unsigned decides = visit_decides(s);
    m->events.left_ms = s->habits.left_ms;
    m->events.left_site = likeliest(s, m, decides)->fence;
    m->events.unwashed_site = unwashed_site(s, m, decides);
    s->habits.visit_phase = VISIT_NONE;
    s->habits.visit_fixes = 0;
}

/* What another world no longer has nobody can have left. */
static void follow_world(struct vehicle_state *s, const struct moment *m)
{
    yards_prune(&s->sites, m->world);
    if (s->sites.count == 0)
        forget(s);
}

void visit_follow(struct vehicle_state *s, struct moment *m)
{
    if (!m->placed)
        return;
    if (s->habits.visit_phase != VISIT_NONE)
        follow_world(s, m);
    if (s->habits.visit_phase == VISIT_NONE) {
        begin(s, m);
        return;
    }
    see(s, m);
    bool washing = any_own_wash(s, m, may_be_in);
    if (s->habits.visit_phase == VISIT_ENTERING) {
        enter(s, m);
    } else {
        observe_pause(s, m);
        if (washing || in_site(s, m)) {
            s->habits.visit_phase = VISIT_IN;
            s->habits.visit_fixes = 0;
        } else {
            leave(s, m);
        }
    }
    if (s->habits.visit_phase == VISIT_NONE)
        return;
    /* Its stop counts until now, and was in the wash. */
    bool rolls_out = m->moving && (s->habits.visit_flags & VISIT_IN_WASH);
    observe_wash(s, m, washing || in_wash(m));
    if (!rolls_out && (!washing || !any_own_wash(s, m, seems_in)))
        observe_stop(s, m);
}
