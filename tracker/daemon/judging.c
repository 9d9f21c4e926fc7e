#include "judging.h"

#include "redoing.h"
#include "telemetry.h"

void judging_drop(struct shared *s, const struct partition *p)
{
    tell_error(&s->actions, "out_of_memory", LOG_INT("groups", p->batch.count));
    actions_word(&s->actions, ACTION_DROP_BROKER, "out of memory");
}

struct batch_group *judging_group(struct shared *s, struct partition *p, uint32_t place)
{
    struct batch_group *g = partition_show(p, place) ? batch_group(&p->batch, p->fleet, place) : NULL;
    if (g == NULL)
        judging_drop(s, p);
    return g;
}

struct batch_group *judging_group_of_found(struct shared *s, struct partition *p, uint32_t place)
{
    struct batch_group *g = judging_group(s, p, place);
    s->actions.failed |= g == NULL;
    return g;
}

static void count_guess(struct shared *s)
{
    metrics_add(s->metrics, METRIC_GUESSED, 0, 1);
    tell_warn(&s->actions, "holidays_unknown",
              LOG_STR("judged",
                      "as if the year had none: add its file to city.calendar, or to city.school_calendar"));
}

void judging_life(struct shared *s, const struct partition *p, struct batch_group *g, struct life life)
{
    struct text vehicle = names_text(s->names, fleet_state(p->fleet, g->place)->vehicle);
    entry_of_life(&s->entry, vehicle, life, p->committer.number + 1);
    commit_put_entry(&g->ops, "marks", &s->entry);
}

void judging_outcome(struct shared *s, struct partition *p, struct batch_group *g)
{
    const struct outcome *o = &s->outcome;
    if (o->guessed)
        count_guess(s);
    if (o->full != 0)
        telemetry_count_bounds(s->metrics, &s->actions, o->full,
                               names_text(s->names, fleet_state(p->fleet, g->place)->vehicle));
    if (o->life_told)
        judging_life(s, p, g, o->life);
    for (uint32_t i = 0; i < o->transition_count; i++) {
        entry_of_transition(&s->entry, &o->transitions[i], s->names);
        commit_put_violation(&g->ops, &o->transitions[i], &s->entry);
        redoing_said(s, p, g, TOLD_IN_VIOLATIONS, o->transitions[i].at_ms);
        metrics_add(s->metrics, METRIC_TRANSITIONS, o->transitions[i].event, 1);
    }
    for (uint32_t i = 0; i < o->trip_count; i++) {
        entry_of_trip(&s->entry, &o->trips[i], s->names);
        commit_put_entry(&g->ops, "trips", &s->entry);
        redoing_said(s, p, g, TOLD_IN_TRIPS, o->trips[i].at_ms);
    }
    for (uint32_t i = 0; i < o->work_count; i++) {
        entry_of_work(&s->entry, &o->works[i], s->names);
        commit_put_entry(&g->ops, "work", &s->entry);
        redoing_said(s, p, g, TOLD_IN_WORK, o->works[i].at_ms);
        g->clock_told |= o->works[i].clock;
    }
    metrics_add(s->metrics, METRIC_TRIPS, 0, o->trip_count);
    batch_add_warnings(&p->batch, g, o, s->names);
    g->transitions += o->transition_count;
    g->state_changed |= o->state_changed;
    g->ack |= o->ack;
    batch_weigh(&p->batch, g);
}

void judging_refuse(struct shared *s, struct partition *p, struct batch_group *g, const struct refusal *r)
{
    g->refused++;
    if (g->refused_told == REFUSALS_TOLD && g->place != UINT32_MAX)
        return;
    g->refused_told++;
    entry_of_reject(&s->entry, r->vehicle, p->batch.received, r->reason, r->payload);
    commit_put_entry(&g->ops, "rejects", &s->entry);
    batch_weigh(&p->batch, g);
}

void judging_refused_more(struct shared *s, const struct partition *p, struct batch_group *g)
{
    if (g->refused == g->refused_told)
        return;
    entry_of_more_rejects(&s->entry, names_text(s->names, g->before.vehicle), p->batch.received,
                          g->refused - g->refused_told);
    commit_put_entry(&g->ops, "rejects", &s->entry);
}

bool judging_fire(struct shared *s, struct partition *p)
{
    uint32_t place;
    int64_t clock_ms = p->batch.clock_ms, due_ms, last_ms = TIME_NONE;
    while ((due_ms = fleet_due_ms(p->fleet, clock_ms)) != TIME_NEVER) {
        if (batch_full(&p->batch) && (due_ms > last_ms || !batch_has_spare(&p->batch))) {
            /* What was due together has fired together: so one time says what has and what has not. */
            p->fired_ms = due_ms - 1 > p->fired_ms ? due_ms - 1 : p->fired_ms;
            return false;
        }
        fleet_fire(p->fleet, clock_ms, &place, &s->outcome);
        last_ms = due_ms;
        struct batch_group *g = judging_group_of_found(s, p, place);
        if (g == NULL)
            return false;
        judging_outcome(s, p, g);
    }
    p->fired_ms = clock_ms > p->fired_ms ? clock_ms : p->fired_ms;
    return true;
}
