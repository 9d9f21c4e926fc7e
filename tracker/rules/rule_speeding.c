/*
 * speeding: faster than the lowest limit in force where the vehicle is.
 *
 * Limits are those of `speed` fences and of any other fence that names one, in force and for this class and
 * company. One episode a vehicle at a time, whatever limits follow each other: what is driven is one drive.
 * It is about the lowest limit that holds for sure (place.h), or else the lowest that may hold, which proves
 * nothing by itself. A light ends nothing; slow driving does after clear_s.
 */
#include "place.h"
#include "rule.h"

struct limits {
    const struct fence *sure, *weak; /* lowest that is exceeded; NULL: none */
    const struct fence *lowest;      /* in force, exceeded or not */
    bool ended;                      /* at a deadline: one that the last fix exceeded is no more in force */
    int64_t change_ms;               /* next instant at which time alone changes any */
};

static bool is_lower(const struct fence *a, const struct fence *b)
{
    return b == NULL || a->speed_limit_kmh < b->speed_limit_kmh;
}

static bool was_in_force(const struct moment *m, const struct fence *fence)
{
    return fence->valid_from_ms <= m->fix_ms && m->fix_ms < fence->valid_to_ms &&
           moment_hours_open(m, fence->hours, fence->hours_slot, m->fix_ms, NULL);
}

static void take_limit(const struct moment *m, const struct fence *fence, double kmh, struct limits *l)
{
    int64_t until_ms;
    bool in_force = moment_in_force(m, fence, &until_ms);
    if (until_ms < l->change_ms)
        l->change_ms = until_ms;
    if (!in_force) {
        l->ended |= m->tick && kmh > fence->speed_limit_kmh && was_in_force(m, fence);
        return;
    }
    if (is_lower(fence, l->lowest))
        l->lowest = fence;
    if (!(kmh > fence->speed_limit_kmh))
        return;
    /* Asked only where it may change which is the lowest. */
    if (is_lower(fence, l->sure) && place_sure(m, fence->thing))
        l->sure = fence;
    else if (is_lower(fence, l->weak))
        l->weak = fence;
}

static struct limits find_limits(const struct moment *m, double kmh)
{
    struct limits l = {.change_ms = TIME_NEVER};
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *fence = &m->world->fences[m->fences[i]];
        if (fence->speed_limit_kmh > 0 && moment_fence_concerns(m, fence))
            take_limit(m, fence, kmh, &l);
    }
    return l;
}

static enum held judge_speed(const struct moment *m, const struct limits *l, double kmh)
{
    if (l->sure != NULL || l->weak != NULL)
        return HELD_YES;
    if (moment_pauses(m) || (l->lowest != NULL && isnan(kmh)))
        return HELD_UNKNOWN;
    return HELD_NO;
}

static const struct episode *episode_of(const struct moment *m)
{
    for (uint32_t i = 0; i < m->before->episode_count; i++)
        if (m->before->episodes[i].kind == KIND_SPEEDING)
            return &m->before->episodes[i];
    return NULL;
}

static const struct fence *last_of(const struct moment *m, const struct episode *e)
{
    uint32_t fence =
        e == NULL || e->last_piece == 0 ? UINT32_MAX : world_fence_by_id(m->world, e->last_piece);
    return fence == UINT32_MAX ? NULL : &m->world->fences[fence];
}

/* How it does not hold: by the clock, or because the vehicle is between two pieces of the last zone. */
static void end_with(const struct moment *m, const struct limits *l, const struct fence *last,
                     struct finding *f)
{
    int64_t until_ms;
    f->window = l->ended;
    f->seam = !m->tick && last != NULL && moment_in_force(m, last, &until_ms) && l->lowest == NULL &&
              place_at_seam(m, last->thing);
}

void rule_speeding(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (!m->placed) {
        out->rest = HELD_UNKNOWN;
        return;
    }
    if (!(m->fence_kinds & m->world->limited_kinds) && m->before->episode_count == 0)
        return; /* as mostly */
    double kmh = (double)m->speed_mps * 3.6;
    struct limits l = find_limits(m, kmh);
    const struct fence *about = l.sure != NULL ? l.sure : l.weak;
    struct finding f = finding_none();
    f.until_ms = l.change_ms;
    f.held = judge_speed(m, &l, kmh);
    f.weak = l.sure == NULL && f.held == HELD_YES;
    const struct episode *e = episode_of(m);
    if (f.held == HELD_NO)
        end_with(m, &l, last_of(m, e), &f);
    if (about != NULL) {
        f.fence = about->id;
        f.thing = about->thing;
        f.value = m->speed_mps * 3.6f;
        f.limit = (float)about->speed_limit_kmh;
    }
    if (l.lowest != NULL || l.change_ms != TIME_NEVER || e != NULL)
        findings_add(out, f);
}
