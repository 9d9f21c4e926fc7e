/*
 * illegal_dumping: body raised outside disposal, site and depot fences, or the load goes from loaded to empty
 * outside disposal fences. A no_tipping fence makes it critical.
 *
 * The body holds while it is up; the going of a load (habits.h) holds until it has been told of, and is then
 * over. Each sensor that is silent or faulty neither raises nor clears what it began.
 */
#include "rule.h"

static enum held judge_body(const struct moment *m)
{
    bool up = m->before->habits.body_ms != TIME_NONE; /* by its last word */
    if (m->now->body != BODY_RAISED)
        return up ? HELD_UNKNOWN : HELD_NO;
    if (!m->placed)
        return HELD_UNKNOWN;
    bool allowed = moment_may_be_in(m, FENCE_DISPOSAL) || moment_may_be_in(m, FENCE_SITE) ||
                   moment_may_be_in(m, FENCE_DEPOT);
    return allowed ? HELD_NO : HELD_YES;
}

static bool is_open(const struct vehicle_state *v)
{
    for (uint32_t i = 0; i < v->episode_count; i++)
        if (v->episodes[i].kind == KIND_ILLEGAL_DUMPING)
            return v->episodes[i].phase == EPISODE_OPEN;
    return false;
}

/* The time at which the load went, TIME_NONE: it did not, or in a disposal, or it has been told of. */
static int64_t load_went_ms(const struct moment *m)
{
    const struct vehicle_state *v = m->before;
    if (is_open(v))
        return TIME_NONE;
    if (v->habits.load == LOAD_LOADED && v->habits.load_samples > 0)
        return v->habits.contradict_kinds >> FENCE_DISPOSAL & 1 ? TIME_NONE : v->habits.contradict_ms;
    return v->habits.load_flags & LOAD_TIPPED ? v->habits.change_ms : TIME_NONE;
}

static enum held judge_load(const struct moment *m, int64_t went_ms)
{
    if (went_ms == TIME_NONE)
        return HELD_NO;
    if (m->now->load == LOAD_EMPTY)
        return HELD_YES;
    return m->now->load == LOAD_LOADED || m->now->load == LOAD_OVER ? HELD_NO : HELD_UNKNOWN;
}

void rule_illegal_dumping(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    if (m->tick)
        return;
    int64_t went_ms = load_went_ms(m);
    enum held body = judge_body(m), load = judge_load(m, went_ms);
    struct finding f = finding_none();
    f.held = body == HELD_YES || load == HELD_YES           ? HELD_YES
             : body == HELD_UNKNOWN || load == HELD_UNKNOWN ? HELD_UNKNOWN
                                                            : HELD_NO;
    if (load == HELD_YES && body != HELD_YES)
        f.since_ms = went_ms;
    for (uint32_t i = 0; i < m->fence_count && moment_in_forced(m, FENCE_NO_TIPPING); i++)
        if (m->world->fences[m->fences[i]].kind == FENCE_NO_TIPPING && moment_counts(m, m->fences[i])) {
            f.floor = SEVERITY_CRITICAL;
            f.fence = m->world->fences[m->fences[i]].id;
            break;
        }
    findings_add(out, f);
}
