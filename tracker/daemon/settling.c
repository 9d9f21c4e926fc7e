#include "settling.h"

#include "judging.h"
#include "redoing.h"

void settling_begin(struct settling *t, struct partition *p, struct world *before, struct now now)
{
    partition_stamp(p, now);
    t->before = before;
    t->told = 0;
    p->ruleset_waits = true;
    t->received = p->batch.received;
    t->clock_ms = p->batch.clock_ms;
}

/* False: more than the batch holds. */
static bool tell_lives(struct settling *t, struct shared *s, struct partition *p)
{
    for (; fleet_owes_life(p->fleet, s->world, p->batch.clock_ms, &t->told); t->told++) {
        struct batch_group *g = batch_full(&p->batch) ? NULL : judging_group(s, p, t->told);
        if (g == NULL)
            return false;
        judging_life(s, p, g, fleet_state(p->fleet, t->told)->heard);
    }
    p->ruleset_waits = false;
    return true;
}

bool settling_fire(struct settling *t, struct shared *s, struct partition *p)
{
    partition_stamp(p, s->now);
    p->batch.received = t->received;
    p->batch.clock_ms = t->clock_ms;
    if (p->ruleset_owed || t->before != NULL)
        batch_nobody(&p->batch); /* first, and so that there is a batch at all */
    return (t->before == NULL || judging_fire(s, p)) && tell_lives(t, s, p);
}

struct settling_exchange settling_exchange(struct settling *t, struct shared *s, struct partition *p)
{
    struct settling_exchange x = {.gone = t->before};
    if (x.gone == NULL)
        return x;
    x.entered = fleet_set_world(p->fleet, s->world);
    if (!x.entered) {
        x.gone = s->world;
        s->world = t->before;
    }
    p->ruleset_owed = x.entered;
    t->before = NULL;
    return x;
}

void settling_fill(struct shared *s, struct partition *p)
{
    uint32_t place;
    while (!batch_full(&p->batch) && fleet_settle(p->fleet, p->batch.clock_ms, &place, &s->outcome)) {
        if (s->outcome.transition_count == 0 && s->outcome.trip_count == 0 && !s->outcome.state_changed)
            continue;
        struct batch_group *g = judging_group_of_found(s, p, place);
        if (g == NULL)
            break;
        judging_outcome(s, p, g);
    }
    while (!batch_full(&p->batch) && redoing_next_unsettled(p->redoing, p, &place)) {
        struct batch_group *g = judging_group(s, p, place);
        if (g == NULL)
            break;
        redoing_settled(p->redoing, s, p, g);
        batch_weigh(&p->batch, g);
    }
}
