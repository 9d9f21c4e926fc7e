/*
 * The end of judging a vehicle again: what it comes to, in the batch in hand.
 */
#include "redoing.h"

#include "correction.h"
#include "late.h"
#include "telemetry.h"

#include <assert.h>

#define AGAIN_MS INT64_C(60000) /* a vehicle is judged again once in this time */

static bool ends_open(const struct correction *c, const struct redo *redo, const struct said *said)
{
    if (c->type == CORRECTION_WITHDRAWN || c->type == CORRECTION_REOPENED)
        return c->type == CORRECTION_REOPENED;
    if (c->found == SIZE_MAX)
        return said->items[c->said].end_ms == TIME_NONE;
    return redo->episodes[c->found].last.event != TRANSITION_CLOSED;
}

/* The entry of one correction, in s->entry, to the store. */
static void put_correction(struct redoing *r, struct shared *s, struct batch_group *g,
                           const struct redoing_slot *slot, const struct correction *c)
{
    struct text vehicle = names_text(s->names, slot->redo.state.vehicle);
    correction_entry(c, &slot->redo, &slot->said, &s->entry);
    if (c->work) {
        int64_t at_ms =
            c->found != SIZE_MAX ? slot->redo.works[c->found].entry.at_ms : slot->said.items[c->said].told_ms;
        commit_put_entry(&g->ops, "work", &s->entry);
        commit_put_said_work(&g->ops, vehicle, &s->entry, at_ms);
    } else if (c->trip) {
        int64_t told_ms =
            c->found != SIZE_MAX ? slot->redo.trips[c->found].entry.at_ms : slot->said.items[c->said].told_ms;
        commit_put_entry(&g->ops, "trips", &s->entry);
        commit_put_said_trip(&g->ops, vehicle, &s->entry, told_ms, redoing_keep_ms(r));
    } else {
        commit_put_corrected(&g->ops, &s->entry, ends_open(c, &slot->redo, &slot->said));
        commit_put_said(&g->ops, vehicle, &s->entry);
    }
    metrics_add(s->metrics, METRIC_CORRECTIONS, c->type, 1);
}

/* The checkpoints from the first late fix on are those of the redo now. */
static void put_points(struct redoing *r, struct shared *s, const struct partition *p, struct batch_group *g,
                       const struct redoing_slot *slot)
{
    const struct redo *redo = &slot->redo;
    struct text vehicle = names_text(s->names, redo->state.vehicle);
    for (size_t i = 0; i < slot->point_count; i++)
        if (slot->points[i].upto_ms >= slot->from_ms)
            commit_drop_past(&g->ops, vehicle, text_of(slot->points[i].id));
    for (size_t i = 0; i < redo->point_count; i++) {
        const struct redo_point *point = &redo->point_list[i];
        if (point->upto_ms < slot->from_ms)
            continue; /* it is there */
        bool before = redo->world_count == REDO_WORLDS && point->world == 0;
        struct commit_past past = redoing_past(r, s, p);
        past.vehicle = vehicle;
        past.state = (struct text){redo->points.data + point->at, point->len};
        if (before)
            past.ruleset = text_of(r->before->hash);
        past.upto_ms = point->upto_ms;
        past.stored_ms = point->stored < slot->least_stored_ms ? slot->least_stored_ms : point->stored;
        past.said_from_ms = redo->state.time_ms - r->settings.horizon_ms - REDOING_SAID_OLDER_MS;
        commit_put_past(&g->ops, &past);
    }
}

static void put_mark(struct shared *s, const struct partition *p, struct batch_group *g,
                     const struct redoing_slot *slot)
{
    const struct commit_redo mark = {
        .vehicle = names_text(s->names, slot->redo.state.vehicle),
        .received = p->batch.received,
        .clock_ms = p->batch.clock_ms,
        .from_ms = slot->from_ms,
        .begin_ms = slot->redo.from.upto_ms,
        .left = slot->left,
        .batch = p->committer.number + 1,
    };
    commit_put_redo(&g->ops, &mark);
}

/* Something has to be told of an episode from before the checkpoint: from an earlier one, if there is one. */
static bool begins_earlier(struct redoing *r, struct redoing_slot *slot, const struct partition *p,
                           const struct corrections *c)
{
    int64_t upto_ms = slot->redo.from.upto_ms;
    if (c->begin_before_ms == TIME_NONE || upto_ms == TIME_NONE || c->begin_before_ms > upto_ms ||
        upto_ms >= slot->last_upto_ms)
        return false;
    int64_t before_ms = c->begin_before_ms, begun_ms = slot->begun_ms;
    uint32_t place = slot->place;
    redoing_drop_slot(r, slot, p);
    assert(slot->step == REDOING_FREE); /* all was answered, or it would not be ready */
    slot->step = REDOING_WAITS;
    slot->place = place;
    slot->begun_ms = begun_ms;
    slot->begin_before_ms = before_ms;
    slot->last_upto_ms = upto_ms;
    return true;
}

/* The vehicle waits for nothing more, or for what came since. */
static void note_done(const struct redoing_slot *slot, struct vehicle_state *state)
{
    if (slot->left > 0)
        late_done_but(state, slot->left_from_ms, slot->left_clock_ms);
    else
        late_done(state);
}

/* What was judged again is told and in force. */
static void tell(struct redoing_slot *slot, struct shared *s, struct partition *p, struct batch_group *g,
                 const struct corrections *c)
{
    struct redoing *r = p->redoing;
    for (size_t i = 0; i < c->count; i++)
        put_correction(r, s, g, slot, &c->list[i]);
    put_points(r, s, p, g, slot);
    put_mark(s, p, g, slot);
    note_done(slot, &slot->redo.state);
    fleet_restore(p->fleet, &slot->redo.state);
    g->transitions += (uint32_t)c->count;
    metrics_add(s->metrics, METRIC_REDOS, 0, 1);
    metrics_observe(s->metrics, METRIC_REDO_SECONDS, (double)(s->now.mono.ms - slot->begun_ms) / 1000);
}

static void finish_slot(struct redoing *r, struct redoing_slot *slot, struct shared *s, struct partition *p,
                        struct batch_group *g)
{
    struct corrections c;
    corrections_find(&c, &slot->redo, &slot->said);
    bool earlier = !c.failed && begins_earlier(r, slot, p, &c);
    if (!earlier && !c.failed && c.begin_before_ms != TIME_NONE) {
        corrections_fini(&c); /* nothing reaches so far: what is known here has to do */
        slot->redo.earliest = true;
        corrections_find(&c, &slot->redo, &slot->said);
    }
    if (!earlier && (slot->redo.failed || c.failed))
        redoing_drop_slot(r, slot, p);
    else if (!earlier)
        tell(slot, s, p, g, &c);
    corrections_fini(&c);
}

static bool has_something(const struct redoing_slot *slot)
{
    return slot->redo.names != NULL;
}

bool redoing_next_ready(const struct redoing *r, uint32_t *out_place)
{
    for (int i = 0; i < REDOING_AT_A_TIME; i++)
        if (r->slots[i].step == REDOING_READY) {
            *out_place = r->slots[i].place;
            return true;
        }
    return false;
}

static struct redoing_slot *ready_slot(struct redoing *r, uint32_t place)
{
    struct redoing_slot *slot = r->slots;
    while (slot->step != REDOING_READY || slot->place != place)
        slot++;
    return slot;
}

void redoing_finish(struct redoing *r, struct shared *s, struct partition *p, struct batch_group *g)
{
    struct redoing_slot *slot = ready_slot(r, g->place);
    if (has_something(slot)) {
        while (redo_run(&slot->redo, SIZE_MAX)) { /* what came with this batch */
        }
        if (!slot->redo.too_much)
            redo_finish(&slot->redo, fleet_state(p->fleet, g->place), p->batch.clock_ms);
        if (slot->redo.too_much)
            redoing_leave(slot, s, REDO_NOT_HELD);
    }
    if (has_something(slot)) {
        finish_slot(r, slot, s, p, g);
    } else {
        struct vehicle_state state = *fleet_state(p->fleet, g->place);
        note_done(slot, &state);
        fleet_restore(p->fleet, &state);
    }
    g->state_changed = true;
    batch_weigh(&p->batch, g);
    if (slot->step != REDOING_READY)
        return; /* it is not over */
    redoing_free_slot(r, slot, p, AGAIN_MS);
}
