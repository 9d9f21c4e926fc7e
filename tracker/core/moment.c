#include "moment.h"

#include "kind_grid.h"
#include "permit_names.h"

#include <math.h>
#include <stdlib.h>

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bool moment_hours_open(const struct moment *m, const struct mw_hours *hours, uint32_t slot, int64_t at_ms,
                       int64_t *out_until_ms)
{
    if (out_until_ms != NULL)
        *out_until_ms = TIME_NEVER;
    if (hours == NULL)
        return true;
    const struct mw_hours_answer *answer =
        mw_hours_at_cached(&m->hours->answers[slot], hours, m->world->calendar, m->world->zone, at_ms);
    m->hours->guessed |= answer->guessed;
    if (out_until_ms != NULL)
        *out_until_ms = answer->until_ms;
    return answer->open;
}

static bool hours_open(const struct moment *m, const struct mw_hours *hours, uint32_t slot,
                       int64_t *out_until_ms)
{
    return moment_hours_open(m, hours, slot, m->at_ms, out_until_ms);
}

static bool valid(const struct moment *m, int64_t from_ms, int64_t to_ms, int64_t *out_until_ms)
{
    *out_until_ms = m->at_ms < from_ms ? from_ms : m->at_ms < to_ms ? to_ms : TIME_NEVER;
    return from_ms <= m->at_ms && m->at_ms < to_ms;
}

bool moment_in_force(const struct moment *m, const struct fence *fence, int64_t *out_until_ms)
{
    int64_t valid_until_ms, open_until_ms;
    bool is_valid = valid(m, fence->valid_from_ms, fence->valid_to_ms, &valid_until_ms);
    /* An area's hours say when work is allowed there, not when the fence is in force. */
    bool is_open = fence->kind == FENCE_AREA;
    open_until_ms = TIME_NEVER;
    if (!is_open)
        is_open = hours_open(m, fence->hours, fence->hours_slot, &open_until_ms);
    *out_until_ms = is_valid ? earlier(valid_until_ms, open_until_ms) : valid_until_ms;
    return is_valid && is_open;
}

bool moment_area_open(const struct moment *m, const struct fence *area, int64_t *out_until_ms)
{
    return hours_open(m, area->hours, area->hours_slot, out_until_ms);
}

bool moment_permit_open(const struct moment *m, const struct permit *permit, int64_t *out_until_ms)
{
    return hours_open(m, permit->hours, permit->hours_slot, out_until_ms);
}

bool moment_permit_valid(const struct moment *m, const struct permit *permit, int64_t *out_until_ms)
{
    bool is_valid = valid(m, permit->valid_from_ms, permit->valid_to_ms, out_until_ms);
    return is_valid && permit->status == PERMIT_ACTIVE;
}

bool moment_fence_concerns(const struct moment *m, const struct fence *fence)
{
    return (fence->classes >> m->info->class_number & 1u) != 0 &&
           (fence->company == 0 || fence->company == m->info->company);
}

static bool is_named(const struct moment *m, uint32_t number)
{
    for (uint32_t i = 0; i < m->info->permit_count; i++)
        if (permit_names_fence(&m->world->permits[m->info->permits[i]], number))
            return true;
    return false;
}

bool moment_is_for(const struct moment *m, uint32_t number)
{
    return moment_fence_concerns(m, &m->world->fences[number]) || is_named(m, number);
}

bool moment_counts(const struct moment *m, uint32_t number)
{
    const struct fence *fence = &m->world->fences[number];
    /* As moment_in_force, but for when it ends. */
    bool by_hours = fence->hours != NULL && fence->kind != FENCE_AREA;
    bool is_open = !by_hours || hours_open(m, fence->hours, fence->hours_slot, NULL);
    return is_open && fence->valid_from_ms <= m->at_ms && m->at_ms < fence->valid_to_ms &&
           moment_is_for(m, number);
}

bool moment_has_path(const struct moment *m)
{
    const struct vehicle_state *b = m->before;
    return m->placed && !m->tick && !m->trust.jumped && b->place_ms != TIME_NONE && m->at_ms > b->place_ms &&
           m->at_ms - b->place_ms <= m->world->common.gap_ms;
}

bool moment_saw_path(const struct moment *m)
{
    return moment_has_path(m) && !m->dark && !m->trust.tunnel;
}

bool moment_pauses(const struct moment *m)
{
    int64_t since_ms = m->before->habits.stopped_ms;
    if (m->stopped && !m->placed && since_ms == TIME_NONE)
        return true; /* in a tunnel, say: nobody knows where it stopped, or since when */
    return !m->moving && since_ms != TIME_NONE && m->at_ms - since_ms < m->world->common.pause_ms;
}

/* When a fence is there for the vehicle: not again, at another time, or now. */
enum { NEVER, LATER, NOW, TIMES };

/* Of more fences than are looked at, how many of each are: what is not there takes no place from what is. */
struct share {
    size_t left[TIMES];
};

static int when_it_counts(const struct moment *m, uint32_t number)
{
    bool over = m->world->fences[number].valid_to_ms <= m->before->time_ms;
    if (over || !moment_is_for(m, number))
        return NEVER;
    return moment_counts(m, number) ? NOW : LATER;
}

/* Of so many of each there is room for `room`. What may be there and has none is told. */
static void share_out(const struct moment *m, struct share *s, size_t room, enum bound bound)
{
    if (s->left[NOW] + s->left[LATER] > room)
        *m->full |= bound;
    for (int when = NOW; when >= NEVER; when--) {
        s->left[when] = s->left[when] < room ? s->left[when] : room;
        room -= s->left[when];
    }
}

static bool has_room(const struct moment *m, struct share *s, uint32_t number)
{
    size_t *left = &s->left[when_it_counts(m, number)];
    bool has = *left > 0;
    *left -= has;
    return has;
}

/* Of `n` over a place, which are more than MOMENT_FENCES_MAX. */
static void choose_at(const struct moment *m, struct mw_point at, size_t n, uint32_t *out)
{
    uint32_t *all = malloc(n * sizeof *all);
    struct share s = {{0}};
    size_t kept = 0;
    if (all == NULL) {
        *m->full |= BOUND_FENCES;
        return;
    }
    mw_index_point(m->world->index, at, all, n);
    for (size_t i = 0; i < n; i++)
        s.left[when_it_counts(m, all[i])]++;
    share_out(m, &s, MOMENT_FENCES_MAX, BOUND_FENCES);
    for (size_t i = 0; i < n; i++)
        if (has_room(m, &s, all[i]))
            out[kept++] = all[i];
    free(all);
}

size_t moment_fences_at(const struct moment *m, struct mw_point at, uint32_t *out)
{
    size_t n = mw_index_point(m->world->index, at, out, MOMENT_FENCES_MAX);
    if (n <= MOMENT_FENCES_MAX)
        return n;
    choose_at(m, at, n, out);
    return MOMENT_FENCES_MAX;
}

/* In the world: the banned ones have an index of their own. */
static uint32_t number_of(const struct moment *m, const struct mw_index *index, const struct mw_crossing *c)
{
    return index == m->world->banned ? m->world->of_kind[FENCE_BANNED].numbers[c->fence] : c->fence;
}

/* Of `n` on a path. */
static void choose_on(const struct moment *m, const struct mw_index *index, struct mw_crossing *all, size_t n,
                      struct mw_crossing *out)
{
    struct share s = {{0}};
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        s.left[when_it_counts(m, number_of(m, index, &all[i]))]++;
    share_out(m, &s, PATH_FENCES_MAX, BOUND_PATHS);
    for (size_t i = 0; i < n; i++)
        if (has_room(m, &s, number_of(m, index, &all[i])))
            out[kept++] = all[i];
}

size_t moment_fences_on(const struct moment *m, const struct mw_index *index, struct mw_point from,
                        struct mw_point to, struct mw_crossing *out)
{
    size_t n = mw_index_path(index, from, to, out, PATH_FENCES_MAX);
    if (n <= PATH_FENCES_MAX)
        return n;
    struct mw_crossing *all = malloc(n * sizeof *all);
    if (all == NULL) {
        *m->full |= BOUND_PATHS;
    } else {
        mw_index_path(index, from, to, all, n);
        choose_on(m, index, all, n, out);
    }
    free(all);
    return PATH_FENCES_MAX;
}

static int64_t edge_ms(const struct moment *m, uint32_t number, bool entered)
{
    if (!m->world->common.crossing || !moment_has_path(m))
        return m->at_ms;
    struct mw_crossing hits[PATH_FENCES_MAX];
    struct mw_point from = {m->before->lat_deg, m->before->lon_deg}, to = {m->lat_deg, m->lon_deg};
    size_t n = moment_fences_on(m, m->world->index, from, to, hits);
    for (size_t i = 0; i < n; i++)
        if (hits[i].fence == number) {
            double along = entered ? hits[i].enter : hits[i].leave;
            return m->before->place_ms + llround(along * (double)(m->at_ms - m->before->place_ms));
        }
    return m->at_ms;
}

int64_t moment_entered_ms(const struct moment *m, uint32_t number)
{
    return edge_ms(m, number, true);
}

int64_t moment_left_ms(const struct moment *m, uint32_t number)
{
    return edge_ms(m, number, false);
}

struct around {
    const struct moment *m;
    struct mw_point at;
    double reach_m;
    uint32_t kinds;
};

static void see_around(void *context, uint32_t number)
{
    struct around *a = context;
    enum fence_kind kind = a->m->world->fences[number].kind;
    if (!(a->kinds >> kind & 1u) && moment_counts(a->m, number) &&
        mw_index_near(a->m->world->index, number, a->at, a->reach_m))
        a->kinds |= 1u << kind;
}

static uint32_t kinds_around(const struct moment *m, struct mw_point at, double reach_m)
{
    struct around a = {m, at, reach_m, 0};
    if (!mw_index_look_around(m->world->index, at, reach_m, see_around, &a))
        *m->full |= BOUND_PATHS;
    return a.kinds;
}

bool moment_near_kind(const struct moment *m, enum fence_kind kind)
{
    if (moment_in_forced(m, kind))
        return true;
    if (!m->placed || !(m->eph_m > 0))
        return false;
    if (!m->near->known) {
        m->near->kinds = kinds_around(m, (struct mw_point){m->lat_deg, m->lon_deg}, (double)m->eph_m);
        m->near->known = true;
    }
    return (m->near->kinds >> kind & 1u) != 0;
}

/* Beyond what a place is said to be wrong by: what JT/T 794 allows a receiver. */
#define DOUBT_M 15.0

double moment_doubt_m(const struct moment *m)
{
    return m->world->common.edge_m > 0 ? moment_margin_m(m) + DOUBT_M : (double)m->eph_m;
}

bool moment_may_be_in(const struct moment *m, enum fence_kind kind)
{
    if (!m->placed || moment_in_forced(m, kind))
        return m->placed;
    struct mw_point at = {m->lat_deg, m->lon_deg}, said = {m->said_lat_deg, m->said_lon_deg};
    if (!(kind_grid_near(&m->world->grid, at, said, moment_doubt_m(m)) >> kind & 1u))
        return false;
    if (!m->near->doubt_known) {
        m->near->doubt_kinds =
            kinds_around(m, at, moment_doubt_m(m)) | kinds_around(m, said, moment_doubt_m(m));
        m->near->doubt_known = true;
    }
    return (m->near->doubt_kinds >> kind & 1u) != 0;
}

bool moment_may_be_in_fence(const struct moment *m, uint32_t number)
{
    struct mw_point at = {m->lat_deg, m->lon_deg}, said = {m->said_lat_deg, m->said_lon_deg};
    return m->placed && (mw_index_near(m->world->index, number, at, moment_doubt_m(m)) ||
                         mw_index_near(m->world->index, number, said, moment_doubt_m(m)));
}

bool moment_in_fence(const struct moment *m, uint32_t number)
{
    for (uint32_t i = 0; i < m->fence_count; i++)
        if (m->fences[i] == number)
            return true;
    return false;
}

bool moment_near_fence(const struct moment *m, uint32_t number)
{
    struct mw_point at = {m->lat_deg, m->lon_deg};
    return moment_in_fence(m, number) ||
           (m->placed && m->eph_m > 0 && mw_index_near(m->world->index, number, at, (double)m->eph_m));
}
