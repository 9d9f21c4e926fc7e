/*
 * What came late in a replay: kept as the store would keep it, and judged again as the tracker does.
 *
 * Where the input says when the tracker judged again, it is done there and nowhere else. Else as late.h says, by
 * the arrivals.
 */
#include "replay_private.h"

#include "array.h"
#include "correction.h"
#include "engine.h"
#include "late.h"
#include "state_codec.h"

#include <stdlib.h>
#include <string.h>

bool replay_late_is_on(const struct replay *r)
{
    return r->late.settings.horizon_ms > 0;
}

bool replay_late_init(struct replay *r)
{
    heap_init(&r->late.due);
    buf_init(&r->late.state, STATE_BYTES_MAX);
    return true;
}

void replay_late_fini(struct replay *r)
{
    for (size_t i = 0; i < r->late.vehicle_count; i++)
        remembered_fini(&r->late.vehicles[i]);
    free(r->late.vehicles);
    heap_fini(&r->late.due);
    buf_fini(&r->late.state);
    for (int i = 0; i < REDO_WORLDS; i++)
        engine_free(r->late.engines[i]);
}

static void follow(struct replay *r)
{
    for (int i = 0; i < REDO_WORLDS && r->late.again != NULL; i++)
        if (r->late.engines[i] != NULL)
            engine_set_trace(r->late.engines[i], r->late.again->trace);
}

void replay_set_again(struct replay *r, const struct replay_again *again)
{
    r->late.again = again;
    follow(r);
}

bool replay_late_world(struct replay *r)
{
    if (!replay_late_is_on(r))
        return true;
    struct engine *engine = engine_new();
    if (engine == NULL || !engine_set_world(engine, r->world)) {
        engine_free(engine);
        return false;
    }
    engine_free(r->late.engines[0]);
    r->late.engines[0] = r->late.engines[1];
    r->late.engines[1] = engine;
    follow(r);
    r->late.world++;
    r->late.world_batch = r->counts.lines + 1;
    return true;
}

static struct remembered *vehicle_at(struct replay *r, uint32_t place)
{
    struct replay_late *l = &r->late;
    if (place < l->vehicle_count)
        return &l->vehicles[place];
    if (!array_reserve(&l->vehicles, &l->vehicle_cap, (size_t)place + 1, sizeof *l->vehicles) ||
        !heap_reserve(&l->due, place + 1))
        return NULL;
    while (l->vehicle_count <= place)
        remembered_init(&l->vehicles[l->vehicle_count++]);
    return &l->vehicles[place];
}

bool replay_late_begin(struct replay *r, uint32_t place, const struct remembered_point *point,
                       struct text state)
{
    struct remembered *m = replay_late_is_on(r) ? vehicle_at(r, place) : NULL;
    return !replay_late_is_on(r) || (m != NULL && remembered_add_point(m, point, state));
}

bool replay_late_before(struct replay *r, uint32_t place, const struct fix *fix)
{
    if (!replay_late_is_on(r))
        return true;
    const struct vehicle_state *s = fleet_state(r->fleet, place);
    r->late.passes = checkpoint_passes(s, fix->time.ms, r->late.settings.checkpoint_ms);
    if (r->late.passes)
        r->late.before = *s;
    return vehicle_at(r, place) != NULL;
}

/* What waits was within the horizon when it came, and has to find its beginning. */
static int64_t needed_from_ms(const struct replay *r, const struct vehicle_state *s)
{
    int64_t horizon_ms = s->time_ms - r->late.settings.horizon_ms;
    return (s->flags & VEHICLE_LATE) && s->late.from_ms < horizon_ms ? s->late.from_ms : horizon_ms;
}

static bool add_point(struct replay *r, struct remembered *m, struct arrival arrival)
{
    const struct vehicle_state *s = &r->late.before;
    int64_t clock_ms = vehicle_clock_ms(s, arrival.clock_ms);
    struct remembered_point point = {.upto_ms = clock_ms > s->time_ms ? clock_ms : s->time_ms,
                                     .time_ms = s->time_ms,
                                     .world = r->late.world};
    buf_clear(&r->late.state);
    struct vehicle_state kept = *s;
    checkpoint_strip(&kept);
    state_write(&kept, r->names, &r->late.state);
    if (!buf_ok(&r->late.state) || !remembered_add_point(m, &point, buf_text(&r->late.state)))
        return false;
    if (s->flags & VEHICLE_SEEN)
        remembered_trim(m, needed_from_ms(r, s), r->late.settled);
    return true;
}

static void arm(struct replay *r, uint32_t place)
{
    int64_t due_ms = late_due_ms(fleet_state(r->fleet, place), &r->late.settings);
    if (due_ms == TIME_NEVER)
        heap_remove(&r->late.due, place);
    else
        heap_set(&r->late.due, place, due_ms);
}

bool replay_late_took(struct replay *r, uint32_t place, const struct fix *fix, struct arrival arrival)
{
    enum verdict verdict = r->outcome.verdict;
    if (!replay_late_is_on(r) || verdict == VERDICT_DUPLICATE || verdict == VERDICT_HOLE)
        return true;
    struct remembered *m = vehicle_at(r, place);
    struct late_fix kept = {.fix = *fix,
                            .received_ms = arrival.received_ms,
                            .batch = r->counts.lines,
                            .stored = r->counts.lines,
                            .mark = verdict == VERDICT_LATE    ? LATE_LATE
                                    : verdict == VERDICT_CLOCK ? LATE_CLOCK
                                                               : LATE_NOT};
    if (verdict == VERDICT_LATE && r->outcome.late_fate != LATE_FATE_WAITS) {
        r->counts.beyond_horizon += r->outcome.late_fate == LATE_FATE_HORIZON;
        return true; /* part of no redo */
    }
    if (verdict == VERDICT_LATE)
        arm(r, place);
    if (verdict == VERDICT_JUDGED && r->late.passes && !add_point(r, m, arrival))
        return false;
    return remembered_add_fix(m, &kept);
}

/* Also one that was silent for too long to be looked at: there may have been something to look at, in what is late. */
bool replay_late_settled(struct replay *r, int64_t clock_ms)
{
    for (uint32_t place = 0; replay_late_is_on(r) && place < fleet_count(r->fleet); place++) {
        const struct vehicle_state *s = fleet_state(r->fleet, place);
        struct remembered *m = vehicle_at(r, place);
        if (m == NULL)
            return false;
        if (!(s->flags & VEHICLE_SEEN))
            continue;
        m->settled_world = r->late.world;
        m->settled_ms = vehicle_clock_ms(s, clock_ms);
    }
    return true;
}

void replay_late_said(struct replay *r, uint32_t vehicle, enum told_in in, int64_t told_ms)
{
    uint32_t place;
    if ((!replay_late_is_on(r) && !r->late.settled) ||
        !fleet_find(r->fleet, names_text(r->names, vehicle), &place))
        return;
    struct remembered *m = vehicle_at(r, place);
    if (m != NULL)
        said_put_entry(&m->said, &r->entry, in, told_ms);
}

/* ---- judged again ---- */

static bool begin(struct replay *r, struct remembered *m, uint32_t vehicle, int64_t from_ms,
                  struct redo *redo)
{
    uint64_t oldest = r->late.world > 1 && r->late.engines[0] != NULL ? r->late.world - 1 : r->late.world;
    const struct remembered_point *p = remembered_before(m, from_ms, oldest);
    struct checkpoint from = {.upto_ms = TIME_NONE};
    if (p == NULL || state_read((struct text){p->bytes, p->len}, vehicle, r->names, &from.state) != STATE_OK)
        return false;
    from.upto_ms = p->upto_ms;
    from.world = (uint32_t)(p->world - oldest);
    struct redo_world worlds[REDO_WORLDS] = {{r->late.engines[0], 0, TIME_NONE},
                                             {r->late.engines[1], r->late.world_batch, TIME_NONE}};
    if (m->settled_world == r->late.world)
        worlds[1].settled_ms = m->settled_ms;
    redo_init(redo, r->names, &from, &r->outcome);
    redo->checkpoint_ms = r->late.settings.checkpoint_ms;
    redo->horizon_ms = r->late.settings.horizon_ms;
    redo->redone_batch = m->redone_batch;
    redo_set_worlds(redo, oldest == r->late.world ? worlds + 1 : worlds, oldest == r->late.world ? 1 : 2);
    return true;
}

/* A stretch judged again. */
struct again {
    size_t left_from; /* late fixes from here on are no part of it */
    bool done;        /* the rest is there, and to be freed */
    struct redo redo;
    struct corrections corrections;
    uint64_t after_batch; /* until then all had been judged */
};

static enum told_in stream_of(const struct correction *c)
{
    return c->work ? TOLD_IN_WORK : c->trip ? TOLD_IN_TRIPS : TOLD_IN_VIOLATIONS;
}

/* When what it leaves standing was so. */
static int64_t told_ms_of(const struct correction *c, const struct redo *redo, const struct said *said)
{
    if (c->found == SIZE_MAX)
        return c->said != SIZE_MAX ? said->items[c->said].told_ms : c->at_ms;
    return c->work   ? redo->works[c->found].entry.at_ms
           : c->trip ? redo->trips[c->found].entry.at_ms
                     : redo->episodes[c->found].last.at_ms;
}

static void tell(struct replay *r, struct remembered *m, struct again *again, struct buf *out)
{
    static const char *const streams[] = {
        [TOLD_IN_VIOLATIONS] = "violations", [TOLD_IN_TRIPS] = "trips", [TOLD_IN_WORK] = "work"};
    struct redo *redo = &again->redo;
    const struct corrections *corrections = &again->corrections;
    for (size_t i = 0; i < corrections->count; i++) {
        const struct correction *c = &corrections->list[i];
        correction_entry(c, redo, &m->said, &r->entry);
        replay_write_entry(r, streams[stream_of(c)], out);
        if (c->work)
            replay_take_work(r, out);
        r->counts.corrections[c->type]++;
        if (r->late.again != NULL && !c->work)
            r->late.again->corrects(
                r->late.again->context,
                &(struct replay_correction){c, redo, &m->said, &r->entry, again->after_batch});
    }
    for (size_t i = 0; i < corrections->count; i++) {
        const struct correction *c = &corrections->list[i];
        correction_entry(c, redo, &m->said, &r->entry);
        said_put_entry(&m->said, &r->entry, stream_of(c), told_ms_of(c, redo, &m->said));
    }
}

/* The points from the first late fix on are those of the redo now. */
static bool keep_points(struct replay *r, struct remembered *m, const struct redo *redo, int64_t from_ms)
{
    remembered_drop_from(m, from_ms);
    uint64_t oldest = r->late.world + 1 - redo->world_count;
    for (size_t i = 0; i < redo->point_count; i++) {
        const struct redo_point *p = &redo->point_list[i];
        struct remembered_point point = {
            .upto_ms = p->upto_ms, .time_ms = p->upto_ms, .world = oldest + p->world};
        if (p->upto_ms >= from_ms &&
            !remembered_add_point(m, &point, (struct text){redo->points.data + p->at, p->len}))
            return false;
    }
    return true;
}

/* Where the last `left` of the late fixes begin. */
static size_t left_from(const struct remembered *m, size_t left)
{
    size_t i = m->fix_count;
    while (left > 0 && i > 0)
        left -= m->fixes[--i].mark == LATE_LATE;
    return i;
}

static void add_fixes(const struct remembered *m, struct again *a)
{
    for (size_t i = 0; i < m->fix_count; i++)
        if (i < a->left_from || m->fixes[i].mark != LATE_LATE)
            redo_add(&a->redo, &m->fixes[i]);
}

/* The vehicle waits for nothing more, or for what came since. */
static void note_done(const struct remembered *m, const struct again *a, struct vehicle_state *s)
{
    int64_t from_ms = TIME_NEVER;
    for (size_t i = a->left_from; i < m->fix_count; i++)
        if (m->fixes[i].mark == LATE_LATE && m->fixes[i].fix.time.ms < from_ms)
            from_ms = m->fixes[i].fix.time.ms;
    if (from_ms == TIME_NEVER)
        late_done(s);
    else /* marks say when it is judged, and no clock */
        late_done_but(s, from_ms, s->late.last_clock_ms);
}

/* From the checkpoint before `from_ms`. */
static void try_from(struct replay *r, uint32_t place, int64_t from_ms, struct again *a)
{
    const struct vehicle_state *present = fleet_state(r->fleet, place);
    struct remembered *m = &r->late.vehicles[place];
    a->done = begin(r, m, present->vehicle, from_ms, &a->redo);
    if (a->done)
        add_fixes(m, a);
    if (a->done && (a->redo.too_much || redo_plan(&a->redo) == 0)) {
        redo_fini(&a->redo);
        a->done = false;
    }
    if (!a->done)
        return;
    if (r->late.again != NULL)
        r->late.again->begins(r->late.again->context);
    while (redo_run(&a->redo, SIZE_MAX)) {
    }
    if (!a->redo.too_much)
        redo_finish(&a->redo, present, r->clock_ms);
    if (a->redo.too_much) { /* the tracker leaves it as well */
        redo_fini(&a->redo);
        a->done = false;
        return;
    }
    corrections_find(&a->corrections, &a->redo, &m->said);
}

static void forget(struct again *a)
{
    corrections_fini(&a->corrections);
    redo_fini(&a->redo);
}

/* Something is to be told of an episode from before the checkpoint: from an earlier one, if there is one. */
static bool wants_earlier(const struct again *a)
{
    int64_t upto_ms = a->redo.from.upto_ms, before_ms = a->corrections.begin_before_ms;
    return before_ms != TIME_NONE && upto_ms != TIME_NONE && before_ms <= upto_ms;
}

/* Nothing reaches back as far as is wanted: what is known here has to do. */
static void take_for_earliest(struct again *a, const struct said *said)
{
    if (!a->done || a->corrections.begin_before_ms == TIME_NONE)
        return;
    corrections_fini(&a->corrections);
    a->redo.earliest = true;
    corrections_find(&a->corrections, &a->redo, said);
}

/* What came of it is told and in force; all is freed. */
static bool conclude(struct replay *r, uint32_t place, struct again *again, int64_t from_ms, struct buf *out)
{
    struct remembered *m = &r->late.vehicles[place];
    struct vehicle_state s = again->done ? again->redo.state : *fleet_state(r->fleet, place);
    bool ok = true;
    m->redone_batch =
        again->left_from < m->fix_count ? m->fixes[again->left_from].batch - 1 : r->counts.lines;
    note_done(m, again, &s);
    if (again->done) {
        ok = !again->redo.failed && !again->corrections.failed && keep_points(r, m, &again->redo, from_ms);
        r->counts.redos++;
        r->counts.judged_again += again->redo.judged;
        tell(r, m, again, out);
        if (r->late.again != NULL)
            r->late.again->ends(r->late.again->context, &s);
        forget(again);
    }
    fleet_restore(r->fleet, &s);
    return ok;
}

static struct again begin_again(const struct remembered *m, size_t left)
{
    return (struct again){.after_batch = m->redone_batch, .left_from = left_from(m, left)};
}

bool replay_late_redo(struct replay *r, uint32_t place, struct buf *out)
{
    if (!replay_late_is_on(r) || place >= r->late.vehicle_count)
        return true;
    struct again again = begin_again(&r->late.vehicles[place], 0);
    const struct vehicle_state *s = fleet_state(r->fleet, place);
    int64_t from_ms = s->late.from_ms, upto_ms = TIME_NEVER;
    heap_remove(&r->late.due, place);
    if (s->flags & VEHICLE_LATE)
        try_from(r, place, from_ms, &again);
    while (again.done && wants_earlier(&again) && again.redo.from.upto_ms < upto_ms) {
        int64_t before_ms = again.corrections.begin_before_ms;
        upto_ms = again.redo.from.upto_ms;
        forget(&again);
        try_from(r, place, before_ms, &again);
    }
    take_for_earliest(&again, &r->late.vehicles[place].said);
    return conclude(r, place, &again, from_ms, out);
}

bool replay_late_redo_as(struct replay *r, uint32_t place, const struct replay_redo *as, struct buf *out)
{
    if (!replay_late_is_on(r) || place >= r->late.vehicle_count)
        return true;
    struct again again = begin_again(&r->late.vehicles[place], as->left);
    heap_remove(&r->late.due, place);
    r->late.vehicles[place].redone_batch = 0; /* it was done there, whatever for */
    try_from(r, place, as->begin_ms + 1, &again);
    take_for_earliest(&again, &r->late.vehicles[place].said);
    return conclude(r, place, &again, as->from_ms, out);
}

int64_t replay_late_next_ms(const struct replay *r)
{
    const struct heap_item *first = heap_first(&r->late.due);
    return first == NULL || r->late.marked ? TIME_NEVER : first->at_ms;
}

bool replay_late_redo_next(struct replay *r, struct buf *out)
{
    const struct heap_item *first = heap_first(&r->late.due);
    return first == NULL || replay_late_redo(r, first->id, out);
}
