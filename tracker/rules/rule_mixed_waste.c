/*
 * mixed_waste: a vehicle of one waste collects at a point of another, or unloads at a disposal of another.
 *
 * Where vehicle, point or disposal has no `waste`, nothing is said. That it collects is the word of its `work` sensor
 * while it stands; where no sensor says what it does, only a stop, it may stand at a light, and nobody is accused unless
 * the setting `inferred` says so. Where it may stand at a point of its own waste as well, it is there for that.
 */
#include "bound.h"
#include "rule.h"

/* Place of the kind's own setting. */
enum { INFERRED };

static bool differs(const struct moment *m, const struct fence *f)
{
    return f->waste.len > 0 && !text_equal(f->waste, m->info->waste);
}

static bool collects(const struct moment *m, const struct rule_settings *s)
{
    if (!m->placed || !m->stopped)
        return false;
    return m->last->work == WORK_COLLECTING || (m->last->work == WORK_UNKNOWN && s->own[INFERRED] != 0);
}

struct own_point {
    const struct moment *m;
    bool found;
};

static void see_own(void *context, uint32_t number)
{
    struct own_point *p = context;
    const struct fence *f = &p->m->world->fences[number];
    p->found = p->found ||
               (f->kind == FENCE_COLLECTION && !differs(p->m, f) && moment_may_be_in_fence(p->m, number));
}

/* Whether it may be at a point of its own waste. */
static bool may_serve_another(const struct moment *m)
{
    struct own_point p = {m, false};
    struct mw_point at = {m->lat_deg, m->lon_deg};
    if (!mw_index_look_around(m->world->index, at, moment_doubt_m(m), see_own, &p))
        *m->full |= BOUND_PATHS;
    return p.found;
}

/* A point of another waste, where it stands for sure; NULL: none, or it may be at one it may serve. */
static const struct fence *foreign_point(const struct moment *m)
{
    const struct fence *foreign = NULL;
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *f = &m->world->fences[m->fences[i]];
        if (f->kind == FENCE_COLLECTION && differs(m, f) && moment_counts(m, m->fences[i]) && foreign == NULL)
            foreign = f;
    }
    return foreign != NULL && may_serve_another(m) ? NULL : foreign;
}

static const struct fence *foreign_disposal(const struct moment *m, const struct rule_settings *s)
{
    if (m->events.unloaded_ms == TIME_NONE || (m->events.unloaded_inferred && s->own[INFERRED] == 0))
        return NULL;
    uint32_t number = world_fence_by_id(m->world, m->events.unloaded_at);
    return number != UINT32_MAX && differs(m, &m->world->fences[number]) ? &m->world->fences[number] : NULL;
}

static void add(struct findings *out, const struct fence *f, int64_t since_ms)
{
    struct finding found = finding_none();
    found.held = HELD_YES;
    found.at_once = true;
    found.subject = found.fence = f->id;
    found.since_ms = since_ms;
    findings_add(out, found);
}

void rule_mixed_waste(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    if (m->info->waste.len == 0 || m->tick)
        return;
    const struct fence *disposal = foreign_disposal(m, s);
    const struct fence *point = collects(m, s) ? foreign_point(m) : NULL;
    if (disposal != NULL)
        add(out, disposal, m->events.unloaded_ms);
    if (point != NULL && point != disposal)
        add(out, point, TIME_NONE);
}
