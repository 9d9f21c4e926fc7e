#include "haul.h"

#include "habits.h"
#include "permit.h"
#include "yards.h"

/* FNV-1a: short, and the same on every machine. */
uint32_t haul_world_mark(const struct world *world)
{
    uint32_t mark = 2166136261u;
    for (const char *c = world->hash; *c != '\0'; c++)
        mark = (mark ^ (uint8_t)*c) * 16777619u;
    return mark;
}

/* ---- candidates ---- */

static bool names_origin(const struct moment *m, const struct permit *p)
{
    const struct yards *origins = &m->before->haul.origins;
    return p->site == 0 || origins->more || yards_has(origins, m->world->fences[p->site - 1].id);
}

static bool fits(const struct moment *m, const struct permit *p)
{
    const struct trip *t = &m->before->trip;
    if (t->start_ms < p->valid_from_ms || t->start_ms >= p->valid_to_ms)
        return false;
    if (p->status != PERMIT_ACTIVE && t->world == haul_world_mark(m->world))
        return false;
    return names_origin(m, p);
}

bool haul_is_broken(const struct vehicle_state *s, uint32_t permit)
{
    for (uint32_t i = 0; i < s->haul.breach_count; i++)
        if (s->haul.breaches[i].permit == permit && (s->haul.breaches[i].flags & BREACH_BROKEN))
            return true;
    return false;
}

const struct permit *haul_next_of_all(const struct moment *m, uint32_t *at)
{
    if (m->before->trip.flags & TRIP_NO_PERMIT)
        return NULL;
    while (*at < m->info->permit_count) {
        const struct permit *p = &m->world->permits[m->info->permits[(*at)++]];
        if (fits(m, p))
            return p;
    }
    return NULL;
}

const struct permit *haul_next(const struct moment *m, uint32_t *at)
{
    const struct vehicle_state *s = m->before;
    const struct permit *p;
    while ((p = haul_next_of_all(m, at)) != NULL) {
        bool counts = s->trip.flags & TRIP_FALLEN ? p->id == s->trip.permit : !haul_is_broken(s, p->id);
        if (counts)
            return p;
    }
    return NULL;
}

const struct breach *haul_breach(const struct moment *m, uint32_t permit, enum kind kind)
{
    const struct vehicle_state *s = m->before;
    for (uint32_t i = 0; i < s->haul.breach_count; i++)
        if (s->haul.breaches[i].permit == permit && s->haul.breaches[i].kind == kind)
            return &s->haul.breaches[i];
    return NULL;
}

/* ---- hours ---- */

/* Whether a list names all that another one does; an empty one names everything. */
static bool covers(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
    for (uint32_t i = 0; i < b_count && a_count > 0; i++) {
        uint32_t k = 0;
        while (k < a_count && a[k] != b[i])
            k++;
        if (k == a_count)
            return false;
    }
    return a_count == 0 || b_count > 0;
}

/* Whether a permit lets the vehicle be wherever another one does, once it has left a site of both. */
static bool allows_all_of(const struct permit *p, const struct permit *q)
{
    return covers(p->routes, p->route_count, q->routes, q->route_count) &&
           covers(p->disposals, p->disposal_count, q->disposals, q->disposal_count);
}

static bool is_shift_of(const struct permit *q, const struct permit *p)
{
    return q != p && q->site == p->site && allows_all_of(p, q) && allows_all_of(q, p);
}

bool haul_open_at(const struct moment *m, const struct permit *p, int64_t at_ms, int64_t *out_until_ms)
{
    int64_t until_ms, first_ms = TIME_NEVER;
    bool open = moment_hours_open(m, p->hours, p->hours_slot, at_ms, &first_ms);
    const struct permit *q;
    uint32_t at = 0;
    while (!open && (q = haul_next_of_all(m, &at)) != NULL) {
        if (!is_shift_of(q, p))
            continue;
        open = moment_hours_open(m, q->hours, q->hours_slot, at_ms, &until_ms);
        if (open || until_ms < first_ms)
            first_ms = until_ms;
    }
    if (out_until_ms != NULL)
        *out_until_ms = first_ms;
    return open;
}

bool haul_open(const struct moment *m, const struct permit *p, int64_t *out_until_ms)
{
    return haul_open_at(m, p, m->at_ms, out_until_ms);
}

/* ---- which of several ---- */

bool haul_is_wider(const struct permit *p, const struct permit *than)
{
    return allows_all_of(p, than) && !allows_all_of(than, p);
}

struct badness {
    const struct permit *permit;
    bool elsewhere; /* does not name the disposal it is in */
    double metres;
    int64_t closed_ms;
};

static bool less(const struct badness *a, const struct badness *b)
{
    if (a->elsewhere != b->elsewhere)
        return b->elsewhere;
    if (a->metres != b->metres)
        return a->metres < b->metres;
    if (a->closed_ms != b->closed_ms)
        return a->closed_ms < b->closed_ms;
    /* Equal ones: the wider; and else by id, in which order they come. */
    return haul_is_wider(a->permit, b->permit);
}

bool haul_names_one(const struct moment *m, const struct permit *p, unsigned flags)
{
    const struct yards *tips = &m->before->haul.tips;
    for (uint32_t i = 0; i < tips->count; i++) {
        uint32_t number = world_fence_by_id(m->world, tips->list[i].fence);
        if ((tips->list[i].flags & flags) == flags && number != UINT32_MAX &&
            permit_names_disposal(p, number))
            return true;
    }
    return p->disposal_count == 0 || tips->more; /* nobody is accused for want of room */
}

static struct badness badness_of(const struct moment *m, const struct permit *p, unsigned flags)
{
    const struct breach *route = haul_breach(m, p->id, KIND_OFF_ROUTE);
    const struct breach *hours = haul_breach(m, p->id, KIND_WRONG_HOURS);
    struct badness b = {.permit = p,
                        .elsewhere = m->before->haul.tips.count > 0 && !haul_names_one(m, p, flags)};
    if (route != NULL)
        b.metres = (double)route->worst_m;
    if (hours != NULL)
        b.closed_ms = (hours->over_ms == TIME_NONE ? m->at_ms : hours->over_ms) - hours->since_ms + 1;
    else
        b.closed_ms = !moment_permit_open(m, p, NULL);
    return b;
}

bool haul_is_less_broken(const struct moment *m, const struct permit *p, const struct permit *than)
{
    struct badness a = badness_of(m, p, YARD_HERE), b = badness_of(m, than, YARD_HERE);
    return less(&a, &b);
}

const struct permit *haul_least(const struct moment *m, bool all, unsigned flags)
{
    const struct permit *best = NULL, *p;
    struct badness best_badness = {0};
    uint32_t at = 0;
    while ((p = all ? haul_next_of_all(m, &at) : haul_next(m, &at)) != NULL) {
        struct badness b = badness_of(m, p, flags);
        if (best == NULL || less(&b, &best_badness)) {
            best = p;
            best_badness = b;
        }
    }
    return best;
}

uint32_t haul_disposal(const struct moment *m, const struct permit *p, unsigned flags)
{
    const struct yards *tips = &m->before->haul.tips;
    uint32_t first = 0;
    bool sure = false;
    for (uint32_t i = 0; i < tips->count; i++) {
        const struct yard *place = &tips->list[i];
        uint32_t number = world_fence_by_id(m->world, place->fence);
        if ((place->flags & flags) != flags || number == UINT32_MAX)
            continue;
        if (p != NULL && p->disposal_count > 0 && permit_names_disposal(p, number))
            return place->fence;
        if (first == 0 || (!sure && (place->flags & YARD_SURE))) {
            first = place->fence;
            sure = (place->flags & YARD_SURE) != 0;
        }
    }
    return first;
}

bool haul_may_be_over(const struct vehicle_state *s)
{
    return s->trip.phase == TRIP_ARRIVED && !habits_load_known(s) && !habits_body_known(s) &&
           !yards_any(&s->haul.tips, YARD_HERE);
}
