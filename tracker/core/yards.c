#include "yards.h"

#include "place.h"

#include <math.h>

struct yard *yards_find(struct yards *yards, uint32_t fence)
{
    for (uint32_t i = 0; i < yards->count; i++)
        if (yards->list[i].fence == fence)
            return &yards->list[i];
    return NULL;
}

bool yards_has(const struct yards *yards, uint32_t fence)
{
    for (uint32_t i = 0; i < yards->count; i++)
        if (yards->list[i].fence == fence)
            return true;
    return false;
}

static void take_out(struct yards *yards, uint32_t i)
{
    for (yards->count--; i < yards->count; i++)
        yards->list[i] = yards->list[i + 1];
    memset(&yards->list[yards->count], 0, sizeof yards->list[0]); /* states are compared as bytes */
}

/* One that it only passed makes room. */
static void make_room(struct yards *yards)
{
    for (uint32_t i = 0; i < yards->count; i++)
        if (yards->list[i].flags == 0) {
            take_out(yards, i);
            return;
        }
}

struct yard *yards_add(struct yards *yards, uint32_t fence)
{
    struct yard *found = yards_find(yards, fence);
    if (found != NULL)
        return found;
    if (yards->count == YARDS_MAX)
        make_room(yards);
    if (yards->count == YARDS_MAX) {
        yards->more = 1;
        return NULL;
    }
    struct yard *p = &yards->list[yards->count++];
    p->fence = fence;
    return p;
}

void yards_clear(struct yards *yards)
{
    memset(yards, 0, sizeof *yards);
}

bool yards_any(const struct yards *yards, unsigned flags)
{
    for (uint32_t i = 0; i < yards->count; i++)
        if ((yards->list[i].flags & flags) == flags)
            return true;
    return false;
}

void yards_unflag(struct yards *yards, unsigned flags)
{
    for (uint32_t i = 0; i < yards->count; i++)
        yards->list[i].flags &= (uint8_t)~flags;
}

void yards_prune(struct yards *yards, const struct world *world)
{
    for (uint32_t i = yards->count; i > 0; i--)
        if (world_fence_by_id(world, yards->list[i - 1].fence) == UINT32_MAX)
            take_out(yards, i - 1);
}

enum { RING = 8 };

/* A place on the ring round the position, as far off as it may be wrong. */
static struct mw_point on_ring(const struct moment *m, int step)
{
    double margin_deg = moment_margin_m(m) / 111320, angle = 2 * M_PI * step / RING;
    return (struct mw_point){m->lat_deg + margin_deg * cos(angle),
                             m->lon_deg + margin_deg * sin(angle) / cos(m->lat_deg * (M_PI / 180))};
}

/* By its border; where that is a seam between two of its parts, by what lies all round. */
static bool is_deep(const struct moment *m, uint32_t number)
{
    struct mw_point at = {m->lat_deg, m->lon_deg};
    if (mw_index_deep(m->world->index, number, at, moment_margin_m(m)))
        return true;
    int step = 0;
    while (step < RING && mw_index_near(m->world->index, number, on_ring(m, step), 0))
        step++;
    return step == RING;
}

/* Where it is held, or where its receiver puts it: by places alone it may be held where it rolled in. */
static bool is_near(const struct moment *m, uint32_t number)
{
    struct mw_point at = {m->lat_deg, m->lon_deg}, said = {m->said_lat_deg, m->said_lon_deg};
    double margin_m = moment_margin_m(m);
    bool held = at.lat_deg != said.lat_deg || at.lon_deg != said.lon_deg;
    return mw_index_near(m->world->index, number, at, margin_m) ||
           (held && mw_index_near(m->world->index, number, said, margin_m));
}

static bool is_put_in(const struct moment *m, uint32_t number)
{
    struct mw_point said = {m->said_lat_deg, m->said_lon_deg};
    return mw_index_near(m->world->index, number, said, 0);
}

/* Wherever it is held its receiver puts it in; and one that was thrown aside, put back, would as well. */
static bool is_surely_in(const struct moment *m, uint32_t number)
{
    struct mw_point said = {m->said_lat_deg, m->said_lon_deg};
    struct mw_point back = place_moved(said, -(double)m->aside_north_m, -(double)m->aside_east_m);
    return is_deep(m, number) && is_put_in(m, number) &&
           (!m->thrown || mw_index_near(m->world->index, number, back, 0));
}

/* What stands leaves nothing: a receiver that puts it out may have put it in. */
static bool is_thrown_out(const struct moment *m, uint32_t number)
{
    return m->swung && m->stopped && !(m->before->flags & VEHICLE_MOVED) && !is_put_in(m, number);
}

static void see_one(struct yard *p, const struct moment *m, uint32_t number, bool holds)
{
    p->flags &= (uint8_t)~YARD_HERE;
    if (holds || is_near(m, number))
        p->flags |= YARD_HERE;
    if (is_thrown_out(m, number))
        p->flags &= (uint8_t) ~(YARD_SURE | YARD_TWICE);
    else if (holds && !(p->flags & YARD_TWICE) && is_surely_in(m, number))
        p->flags |= p->flags & YARD_SURE ? YARD_TWICE : YARD_SURE;
}

/* The last place's HERE, for yards_turn. */
static void remember_here(struct yards *yards)
{
    for (uint32_t i = 0; i < yards->count; i++) {
        struct yard *p = &yards->list[i];
        p->flags &= (uint8_t)~YARD_WAS_HERE;
        if (p->flags & YARD_HERE)
            p->flags |= YARD_WAS_HERE;
    }
}

void yards_see(struct yards *yards, const struct moment *m, enum fence_kind kind)
{
    remember_here(yards);
    for (uint32_t i = 0; i < m->fence_count && moment_in_forced(m, kind); i++) {
        const struct fence *f = &m->world->fences[m->fences[i]];
        if (f->kind == kind && moment_counts(m, m->fences[i]) && yards_add(yards, f->id) == NULL)
            *m->full |= BOUND_YARDS;
    }
    for (uint32_t i = 0; i < yards->count; i++) {
        uint32_t number = world_fence_by_id(m->world, yards->list[i].fence);
        see_one(&yards->list[i], m, number, moment_in_fence(m, number));
    }
}

static void add_here(struct yards *yards, const struct moment *m, uint32_t number)
{
    int64_t until_ms;
    if (!moment_in_force(m, &m->world->fences[number], &until_ms))
        return;
    struct yard *p = yards_add(yards, m->world->fences[number].id);
    if (p == NULL)
        *m->full |= BOUND_YARDS;
    else
        p->flags |= YARD_HERE;
}

void yards_see_near(struct yards *yards, const struct moment *m, uint32_t number)
{
    if (!yards_has(yards, m->world->fences[number].id) && is_near(m, number))
        add_here(yards, m, number);
}

void yards_see_doubtful(struct yards *yards, const struct moment *m, uint32_t number)
{
    if (!yards_has(yards, m->world->fences[number].id) && moment_may_be_in_fence(m, number))
        add_here(yards, m, number);
}

/* Whether the load sensor has said at this fix, for the first time, that the load is no longer `from`. */
static bool turns_now(const struct moment *m, enum sensor_load from)
{
    const struct vehicle_state *s = m->before;
    return s->habits.load == from && s->habits.load_samples > 0 && s->habits.contradict_ms == m->at_ms;
}

void yards_turn(struct yards *yards, const struct moment *m, enum sensor_load from)
{
    const struct vehicle_state *s = m->before;
    bool turned = m->events.load_change == (from == LOAD_EMPTY ? LOAD_FILLED : LOAD_EMPTIED);
    bool turned_back = m->events.load_change != LOAD_UNCHANGED && !turned;
    bool begins = turns_now(m, from);
    for (uint32_t i = 0; i < yards->count; i++) {
        uint8_t *flags = &yards->list[i].flags;
        if (begins && (*flags & (YARD_HERE | YARD_WAS_HERE)))
            *flags |= YARD_TURNING;
        if (turned && (*flags & YARD_TURNING))
            *flags |= YARD_TURNED;
        if (turned || s->habits.load_samples == 0)
            *flags &= (uint8_t)~YARD_TURNING;
        if (turned_back)
            *flags &= (uint8_t)~YARD_TURNED;
    }
}

/* ---- as if they were one ---- */

/* Neighbours are drawn to the centimetre at best: shares of a path. */
#define SEAM 1e-4

static bool counts(const struct moment *m, uint32_t number, enum fence_kind kind)
{
    return m->world->fences[number].kind == kind && moment_counts(m, number);
}

static int64_t along_ms(const struct moment *m, double share)
{
    return m->before->place_ms + llround(share * (double)(m->at_ms - m->before->place_ms));
}

static size_t path_hits(const struct moment *m, struct mw_crossing *hits)
{
    struct mw_point from = {m->before->lat_deg, m->before->lon_deg}, to = {m->lat_deg, m->lon_deg};
    if (!m->world->common.crossing || !moment_has_path(m))
        return 0;
    return moment_fences_on(m, m->world->index, from, to, hits);
}

int64_t yards_entered_ms(const struct moment *m, enum fence_kind kind)
{
    struct mw_crossing hits[PATH_FENCES_MAX];
    size_t n = path_hits(m, hits);
    double first = 1;
    for (bool more = n > 0; more;) {
        more = false;
        for (size_t i = 0; i < n; i++)
            if (hits[i].enter < first && hits[i].leave >= first - SEAM && counts(m, hits[i].fence, kind)) {
                first = hits[i].enter;
                more = true;
            }
    }
    return n == 0 ? m->at_ms : along_ms(m, first);
}

static bool is_of_kind(const struct moment *m, uint32_t number, const void *context)
{
    return counts(m, number, *(const enum fence_kind *)context);
}

int64_t yards_left_ms(const struct moment *m, enum fence_kind kind)
{
    int64_t left_ms = yards_left_all_ms(m, is_of_kind, &kind);
    return left_ms != TIME_NONE ? left_ms : m->at_ms;
}

int64_t yards_left_all_ms(const struct moment *m,
                          bool (*is_one)(const struct moment *m, uint32_t number, const void *context),
                          const void *context)
{
    struct mw_crossing hits[PATH_FENCES_MAX];
    size_t n = path_hits(m, hits);
    double last = 0;
    bool found = false;
    for (bool more = n > 0; more;) {
        more = false;
        for (size_t i = 0; i < n; i++)
            if (hits[i].leave > last && hits[i].enter <= last + SEAM && is_one(m, hits[i].fence, context)) {
                last = hits[i].leave;
                more = found = true;
            }
    }
    return found ? along_ms(m, last) : TIME_NONE;
}

/* Whether all round, as far off as the place may be wrong, lies in fences of this kind. */
static bool is_deep_in_all(const struct moment *m, enum fence_kind kind)
{
    for (int i = 0; i < RING; i++) {
        uint32_t fences[MOMENT_FENCES_MAX];
        size_t n = moment_fences_at(m, on_ring(m, i), fences), k = 0;
        while (k < n && !counts(m, fences[k], kind))
            k++;
        if (k == n)
            return false;
    }
    return true;
}

void yards_see_joined(struct yards *yards, const struct moment *m, enum fence_kind kind)
{
    if (!moment_in_forced(m, kind) || yards_any(yards, YARD_HERE | YARD_SURE) || !is_deep_in_all(m, kind))
        return;
    for (uint32_t i = 0; i < yards->count; i++)
        if (moment_in_fence(m, world_fence_by_id(m->world, yards->list[i].fence)))
            yards->list[i].flags |= YARD_SURE;
}
