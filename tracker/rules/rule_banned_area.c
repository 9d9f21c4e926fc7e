/*
 * banned_area: inside a banned thing in force for this class, without a permit whose route leads through.
 *
 * About the thing, not about its pieces (things.h): a finding each for those that hold the position, and for
 * those that have an episode and do not any more. What the error of the position may explain is weak
 * (place.h). What was driven through between fixes, or over too few of them, is a crossing (crossing.h).
 *
 * A route leads through where the vehicle is on it: a position that lies both in the banned fence and on a
 * route of a valid permit of this vehicle, or in its site or disposal, is allowed (permit.h), one beside the
 * route is not. A fence that is not in force for this vehicle is not there.
 */
#include "crossing.h"
#include "place.h"
#include "rule.h"

/* Fixes farther apart miss what takes 10 s to drive through, or find it once. */
#define SPARSE_MS 15000
/* A receiver that errs by half as much again as it says does so for one fix in eight hundred. */
#define SPARSE_MARGINS 1.5

static struct finding *find(struct findings *out, uint32_t thing)
{
    for (uint32_t i = 0; i < out->count; i++)
        if (out->list[i].subject == thing)
            return &out->list[i];
    return NULL;
}

static const struct episode *episode_of(const struct moment *m, uint32_t thing)
{
    for (uint32_t i = 0; i < m->before->episode_count; i++)
        if (m->before->episodes[i].kind == KIND_BANNED_AREA && m->before->episodes[i].key == thing)
            return &m->before->episodes[i];
    return NULL;
}

/* Nothing has to be proven of what is open already. */
static bool needs_proof(const struct episode *e)
{
    return e == NULL || e->phase != EPISODE_OPEN;
}

/* For how many fixes deep inside this one counts: where a unit says so little that there is no second one in
 * a thing that is driven through, one that is deep by half as much again as its error counts as two. */
static int depth(const struct moment *m, uint32_t thing)
{
    if (!place_deep(m, thing, 1))
        return 0;
    bool sparse = moment_saw_path(m) && m->at_ms - m->before->place_ms > SPARSE_MS;
    return sparse && place_deep(m, thing, SPARSE_MARGINS) ? 2 : 1;
}

static void enter(const struct moment *m, struct finding *f, struct way_in *way)
{
    const struct episode *e = episode_of(m, f->thing);
    if (!needs_proof(e))
        return;
    f->weak = !place_sure(m, f->thing);
    if (m->tick)
        return;
    if (e == NULL) {
        *way = crossing_enter(m, f->thing);
    } else {
        *way = e->way;
        crossing_go_on(m, f->thing, way);
    }
    if (!f->weak && way->deep_fixes < UINT8_MAX - 1)
        way->deep_fixes = (uint8_t)(way->deep_fixes + depth(m, f->thing));
    f->way = way;
}

/* Where the way of the next finding has its place. */
static struct way_in *next_way(struct findings *out)
{
    return &out->ways[out->count < FINDINGS_MAX ? out->count : FINDINGS_MAX - 1];
}

static void add_inside(const struct moment *m, struct findings *out)
{
    bool allowed = permit_passing(m) != NULL;
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *fence = &m->world->fences[m->fences[i]];
        if (fence->kind != FENCE_BANNED || !moment_fence_concerns(m, fence) ||
            find(out, fence->thing) != NULL)
            continue;
        struct finding f = finding_none();
        bool in_force = moment_in_force(m, fence, &f.until_ms);
        f.held = in_force && !allowed ? HELD_YES : HELD_NO;
        f.window = !in_force;
        f.subject = f.thing = fence->thing;
        f.fence = fence->id;
        if (f.held == HELD_YES)
            enter(m, &f, next_way(out));
        findings_add(out, f);
    }
}

static void add_left(const struct moment *m, struct findings *out)
{
    for (uint32_t i = 0; i < m->before->episode_count; i++) {
        const struct episode *e = &m->before->episodes[i];
        if (e->kind != KIND_BANNED_AREA || find(out, e->key) != NULL)
            continue;
        struct finding f = finding_none();
        f.held = HELD_NO;
        f.subject = f.thing = e->key;
        f.weak = place_near(m, e->key);
        f.seam = f.weak || place_at_seam(m, e->key);
        if (e->phase == EPISODE_CONFIRMING && e->clear_ms == TIME_NONE) {
            f.way = next_way(out);
            f.crossed = crossing_driven(m, e, next_way(out));
        }
        findings_add(out, f);
    }
}

void rule_banned_area(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (!m->placed) {
        out->rest = HELD_UNKNOWN;
        return;
    }
    if (moment_in_kind(m, FENCE_BANNED))
        add_inside(m, out);
    if (m->tick)
        return;
    add_left(m, out);
    crossing_confirmed(m, out);
}
