#include "redoing.h"

#include "array.h"
#include "correction.h"
#include "engine.h"
#include "late.h"
#include "state_codec.h"
#include "telemetry.h"

#include <assert.h>
#include <stdlib.h>

enum {
    TRACK_PAGE = 500,
    SLICE_FIXES = 250,
    FIX_US = 4,      /* about what a fix takes; the pause behind a slice is worked out from it */
    PAST_SPARE = 16, /* beside twice what a horizon has: a backlog of years passes a mark with each fix */
    NEWS_MAX = 4096,
    SAID_MAX_BYTES = 16 << 20,
};

#define DROPPED_MS 2000 /* what was dropped begins anew after this */

bool redoing_is_on(const struct redoing *r)
{
    return r->settings.horizon_ms > 0;
}

static bool make_engine(struct redoing *r, const struct world *world)
{
    struct engine *engine = engine_new();
    if (engine == NULL || !engine_set_world(engine, world)) {
        engine_free(engine);
        return false;
    }
    r->engines[1] = engine;
    r->world = world;
    return true;
}

bool redoing_init(struct redoing *r, const struct redoing_options *options, const struct world *world)
{
    *r = (struct redoing){.settings = options->late,
                          .share = options->share,
                          .track_page = options->track_page > 0 ? options->track_page : TRACK_PAGE};
    heap_init(&r->due);
    buf_init(&r->state, STATE_BYTES_MAX);
    for (int i = 0; i < REDOING_AT_A_TIME; i++)
        said_init(&r->slots[i].said, SAID_MAX_BYTES);
    return !redoing_is_on(r) || make_engine(r, world);
}

/* But for what said keeps warm. */
static void empty_slot(struct redoing_slot *slot)
{
    if (slot->step >= REDOING_TRACK)
        redo_fini(&slot->redo);
    free(slot->points);
    free(slot->ids);
    free(slot->news);
    said_clear(&slot->said);
    *slot = (struct redoing_slot){.said = slot->said};
}

void redoing_fini(struct redoing *r)
{
    for (int i = 0; i < REDOING_AT_A_TIME; i++) {
        empty_slot(&r->slots[i]);
        said_fini(&r->slots[i].said);
    }
    engine_free(r->engines[0]);
    engine_free(r->engines[1]);
    world_free(r->before);
    heap_fini(&r->due);
    buf_fini(&r->state);
}

struct world *redoing_exchange(struct redoing *r, const struct world *now, struct world *take_before)
{
    if (!redoing_is_on(r))
        return take_before;
    struct world *gone = r->before;
    engine_free(r->engines[0]);
    r->engines[0] = r->engines[1];
    r->engines[1] = NULL;
    r->before = take_before;
    r->settled = 0;
    if (!make_engine(r, now))
        r->settings.horizon_ms = 0; /* without memory nothing is judged again until the next start */
    return gone;
}

/* ---- when ---- */

static void arm(struct redoing *r, const struct partition *p, uint32_t place)
{
    int64_t due_ms = late_due_ms(fleet_state(p->fleet, place), &r->settings), set_ms;
    if (due_ms == TIME_NEVER)
        return;
    if (!heap_reserve(&r->due, place + 1))
        r->unarmed = true;
    else if (!heap_get(&r->due, place, &set_ms) || set_ms < due_ms) /* one that is later is a pause */
        heap_set(&r->due, place, due_ms);
}

void redoing_note_all(struct redoing *r, const struct partition *p)
{
    r->unarmed = false;
    for (uint32_t place = 0; redoing_is_on(r) && place < fleet_count(p->fleet); place++)
        arm(r, p, place);
}

static void pause_for(struct redoing *r, const struct partition *p, uint32_t place, int64_t ms)
{
    if (heap_reserve(&r->due, place + 1))
        heap_set(&r->due, place, p->batch.clock_ms + ms);
    else
        r->unarmed = true;
}

void redoing_drop_slot(struct redoing *r, struct redoing_slot *slot, const struct partition *p)
{
    redoing_free_slot(r, slot, p, DROPPED_MS);
}

void redoing_free_slot(struct redoing *r, struct redoing_slot *slot, const struct partition *p,
                       int64_t pause_ms)
{
    uint32_t open = slot->open;
    pause_for(r, p, slot->place, pause_ms);
    empty_slot(slot);
    slot->open = open;
    slot->step = open > 0 ? REDOING_DROPPED : REDOING_FREE;
}

void redoing_leave(struct redoing_slot *slot, struct shared *s, size_t why)
{
    if (slot->step >= REDOING_TRACK)
        redo_fini(&slot->redo);
    memset(&slot->redo, 0, sizeof slot->redo);
    slot->step = REDOING_READY;
    metrics_add(s->metrics, METRIC_REDOS_NOT, why, 1);
    actions_set_timer(&s->actions, TIMER_REDO, 0);
}

static struct redoing_slot *slot_of(struct redoing *r, uint32_t place)
{
    for (int i = 0; i < REDOING_AT_A_TIME; i++)
        if (r->slots[i].step >= REDOING_WAITS && r->slots[i].place == place)
            return &r->slots[i];
    return NULL;
}

void redoing_drop(struct redoing *r, const struct partition *p, uint32_t place)
{
    struct redoing_slot *slot = slot_of(r, place);
    if (slot != NULL)
        redoing_drop_slot(r, slot, p);
}

void redoing_drop_all(struct redoing *r, const struct partition *p)
{
    for (int i = 0; i < REDOING_AT_A_TIME; i++)
        if (r->slots[i].step >= REDOING_WAITS)
            redoing_drop_slot(r, &r->slots[i], p);
}

void redoing_forget(struct redoing *r)
{
    for (int i = 0; i < REDOING_AT_A_TIME; i++) {
        uint32_t open = r->slots[i].open;
        empty_slot(&r->slots[i]);
        r->slots[i].open = open;
        r->slots[i].step = open > 0 ? REDOING_DROPPED : REDOING_FREE;
    }
    heap_fini(&r->due);
    r->settled = 0; /* what was noted may be gone */
}

/* From here on what comes is handed in. */
static void begin_slot(struct redoing *r, struct redoing_slot *slot, struct shared *s,
                       const struct partition *p)
{
    slot->stored_batch = p->committer.number;
    slot->left = 0;
    slot->from_ms = fleet_state(p->fleet, slot->place)->late.from_ms;
    if (slot->begin_before_ms > slot->from_ms)
        slot->begin_before_ms = slot->from_ms;
    redoing_read(r, slot, s, p);
}

void redoing_begin(struct redoing *r, struct shared *s, struct partition *p)
{
    const struct heap_item *first;
    if (!redoing_is_on(r) || !s->store_up)
        return;
    for (int i = 0; i < REDOING_AT_A_TIME; i++)
        if (r->slots[i].step == REDOING_WAITS)
            begin_slot(r, &r->slots[i], s, p);
    if (r->unarmed)
        redoing_note_all(r, p);
    int64_t clock_ms = partition_clock_ms(p, s->now);
    for (int i = 0;
         i < REDOING_AT_A_TIME && (first = heap_first(&r->due)) != NULL && first->at_ms <= clock_ms;) {
        struct redoing_slot *slot = &r->slots[i];
        uint32_t place = first->id;
        if (slot->step != REDOING_FREE) {
            i++;
            continue;
        }
        heap_remove(&r->due, place);
        const struct vehicle_state *state = fleet_state(p->fleet, place);
        if (!(state->flags & VEHICLE_LATE))
            continue; /* its pause is over */
        slot->place = place;
        slot->begun_ms = s->now.mono.ms;
        slot->begin_before_ms = TIME_NEVER;
        slot->last_upto_ms = TIME_NEVER;
        begin_slot(r, slot, s, p);
    }
}

/* ---- beside what comes ---- */

int64_t redoing_keep_ms(const struct redoing *r)
{
    return r->settings.horizon_ms + REDOING_SAID_OLDER_MS + 2 * r->settings.checkpoint_ms;
}

/* But for the state, and until when it holds. */
struct commit_past redoing_past(const struct redoing *r, const struct shared *s, const struct partition *p)
{
    return (struct commit_past){
        .ruleset = text_of(s->world->hash),
        .settled_ms = TIME_NONE,
        .batch = p->committer.number + 1,
        .keep_ms = redoing_keep_ms(r),
        .keep_most = (uint32_t)(2 * (r->settings.horizon_ms / r->settings.checkpoint_ms)) + PAST_SPARE,
        .keep_from_ms = p->batch.received.ms - r->settings.horizon_ms - 2 * r->settings.checkpoint_ms,
    };
}

static void put_past(struct redoing *r, struct batch_group *g, const struct vehicle_state *state,
                     const struct names *names, struct commit_past past)
{
    struct vehicle_state kept = *state;
    checkpoint_strip(&kept);
    buf_clear(&r->state);
    state_write_packed(&kept, names, &r->state);
    g->ops.ops.failed |= !buf_ok(&r->state); /* the batch is not whole then, and is not carried out */
    past.vehicle = names_text(names, state->vehicle);
    past.state = buf_text(&r->state);
    int64_t wanted_ms =
        state->late.from_ms - 2 * r->settings.checkpoint_ms; /* entries come after their time */
    if ((state->flags & VEHICLE_LATE) && wanted_ms < past.keep_from_ms)
        past.keep_from_ms = wanted_ms;
    past.said_from_ms =
        state->flags & VEHICLE_SEEN ? state->time_ms - r->settings.horizon_ms - REDOING_SAID_OLDER_MS : 0;
    commit_put_past(&g->ops, &past);
}

void redoing_before(struct redoing *r, const struct partition *p, uint32_t place, const struct fix *fix)
{
    const struct vehicle_state *state = fleet_state(p->fleet, place);
    r->passes = redoing_is_on(r) && checkpoint_passes(state, fix->time.ms, r->settings.checkpoint_ms);
    if (r->passes)
        r->before_fix = *state;
}

static int64_t judged_upto_ms(const struct vehicle_state *s, int64_t clock_ms)
{
    int64_t now_ms = vehicle_clock_ms(s, clock_ms);
    return now_ms > s->time_ms ? now_ms : s->time_ms;
}

/* What comes for a vehicle that is being judged again. */
static void hand_in(struct redoing *r, struct redoing_slot *slot, const struct partition *p,
                    const struct late_fix *fix)
{
    bool kept;
    if (slot->step >= REDOING_RUNS) {
        kept = fix->mark == LATE_CLOCK || slot->redo.names == NULL || redo_add(&slot->redo, fix) ||
               slot->redo.too_much; /* its end leaves it */
    } else {
        kept = slot->news_count < NEWS_MAX &&
               array_reserve(&slot->news, &slot->news_cap, slot->news_count + 1, sizeof *slot->news);
        if (kept) {
            slot->news[slot->news_count] = *fix;
            slot->news[slot->news_count++].fix.boot = TEXT("");
        }
    }
    if (!kept)
        redoing_drop_slot(r, slot, p);
}

/* A late fix that waits: for a redo that will have it, or for the one after. */
static void take_late(struct redoing *r, struct redoing_slot *slot, const struct partition *p, uint32_t place,
                      const struct fix *fix)
{
    if (slot == NULL) {
        arm(r, p, place);
    } else if (slot->step != REDOING_WAITS) { /* it will read all that there is */
        if (slot->left == 0)
            slot->left_clock_ms = p->batch.clock_ms;
        if (slot->left == 0 || fix->time.ms < slot->left_from_ms)
            slot->left_from_ms = fix->time.ms;
        slot->left++;
    }
}

void redoing_after(struct redoing *r, struct shared *s, struct partition *p, struct batch_group *g,
                   const struct fix *fix)
{
    enum verdict verdict = s->outcome.verdict;
    if (!redoing_is_on(r) || verdict == VERDICT_DUPLICATE || verdict == VERDICT_HOLE)
        return;
    struct redoing_slot *slot = slot_of(r, g->place);
    bool begun = slot != NULL && slot->step != REDOING_WAITS;
    if (verdict == VERDICT_JUDGED && r->passes && !begun) { /* else this state is not how it will have been */
        struct commit_past past = redoing_past(r, s, p);
        past.upto_ms = judged_upto_ms(&r->before_fix, p->batch.clock_ms);
        put_past(r, g, &r->before_fix, s->names, past);
    }
    if (verdict == VERDICT_LATE) {
        metrics_add(s->metrics, METRIC_LATE, s->outcome.late_fate, 1);
        if (s->outcome.late_fate == LATE_FATE_WAITS) /* else it is part of no redo */
            take_late(r, slot, p, g->place, fix);
        return;
    }
    if (!begun)
        return;
    const struct late_fix news = {.fix = *fix,
                                  .received_ms = p->batch.received.ms,
                                  .batch = p->committer.number + 1,
                                  .stored = slot->last_stored_ms,
                                  .mark = verdict == VERDICT_CLOCK ? LATE_CLOCK : LATE_NOT};
    hand_in(r, slot, p, &news);
}

bool redoing_next_unsettled(struct redoing *r, const struct partition *p, uint32_t *out_place)
{
    if (!redoing_is_on(r) || r->before == NULL)
        return false;
    while (r->settled < fleet_count(p->fleet) && !(fleet_state(p->fleet, r->settled)->flags & VEHICLE_SEEN))
        r->settled++;
    *out_place = r->settled;
    return r->settled < fleet_count(p->fleet);
}

void redoing_settled(struct redoing *r, const struct shared *s, const struct partition *p,
                     struct batch_group *g)
{
    const struct vehicle_state *state = fleet_state(p->fleet, g->place);
    struct commit_past past = redoing_past(r, s, p);
    past.upto_ms = past.settled_ms = judged_upto_ms(state, p->batch.clock_ms);
    put_past(r, g, state, s->names, past);
    r->settled = g->place + 1;
}

void redoing_said(const struct shared *s, const struct partition *p, struct batch_group *g, enum told_in in,
                  int64_t told_ms)
{
    struct redoing *r = p->redoing;
    if (!redoing_is_on(r))
        return;
    const struct vehicle_state *state = fleet_state(p->fleet, g->place);
    struct text vehicle = names_text(s->names, state->vehicle);
    if (in == TOLD_IN_WORK)
        commit_put_said_work(&g->ops, vehicle, &s->entry, told_ms);
    else if (in == TOLD_IN_TRIPS)
        commit_put_said_trip(&g->ops, vehicle, &s->entry, told_ms, redoing_keep_ms(r));
    else if (!text_equal(entry_value(&s->entry, "event"), TEXT("closed")))
        commit_put_said(&g->ops, vehicle, &s->entry); /* at its opening, or once more */
    struct redoing_slot *slot = slot_of(r, g->place);
    if (slot != NULL && slot->step > REDOING_WAITS && !said_put_entry(&slot->said, &s->entry, in, told_ms))
        redoing_drop_slot(r, slot, p);
}

/* ---- judged ---- */

static struct redoing_slot *longest_waiting(struct redoing *r)
{
    struct redoing_slot *longest = NULL;
    for (int i = 0; i < REDOING_AT_A_TIME; i++)
        if (r->slots[i].step == REDOING_RUNS && (longest == NULL || r->slots[i].begun_ms < longest->begun_ms))
            longest = &r->slots[i];
    return longest;
}

int64_t redoing_slice(struct redoing *r, struct shared *s)
{
    struct redoing_slot *slot = longest_waiting(r);
    if (slot == NULL)
        return -1;
    uint64_t before = slot->redo.judged;
    if (!redo_run(&slot->redo, SLICE_FIXES))
        slot->step = REDOING_READY;
    uint64_t judged = slot->redo.judged - before;
    metrics_add(s->metrics, METRIC_REDO_FIXES, 0, judged);
    int64_t pause_ms = (int64_t)((double)(judged * FIX_US) / 1000 * (1 / r->share - 1));
    return longest_waiting(r) == NULL
               ? -1
               : pause_ms + 1; /* a result is asked for in this turn, or by the batch in hand */
}
