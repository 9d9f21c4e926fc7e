#include "redo.h"

#include "array.h"
#include "entry.h"
#include "late.h"
#include "state_codec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX_BYTES = 16 << 20 };

/* A silence that no deadline reaches: signs of life are not part of a redo. */
#define NEVER_SILENT_MS (INT64_C(100) * 365 * 86400 * 1000)

static bool episode_leaves(const struct episode *e)
{
    return late_leaves((enum kind)e->kind, (enum cause)e->subject);
}

static void remove_arrival_kinds(struct vehicle_state *s)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->episode_count; i++)
        if (!episode_leaves(&s->episodes[i]))
            s->episodes[kept++] = s->episodes[i];
    memset(&s->episodes[kept], 0, (s->episode_count - kept) * sizeof s->episodes[0]);
    s->episode_count = (uint8_t)kept;
}

void checkpoint_strip(struct vehicle_state *s)
{
    struct vehicle_state none;
    vehicle_init(&none, s->vehicle);
    s->flags &= ~(uint32_t)(VEHICLE_ONLINE | VEHICLE_OFF | VEHICLE_LAGS | VEHICLE_LATE | VEHICLE_TOOK_BACK);
    s->heard = none.heard;
    s->live_ms = none.live_ms;
    s->journal = none.journal;
    s->lag = none.lag;
    s->late = none.late;
    memcpy(s->recent, none.recent, sizeof s->recent);
    s->recent_count = s->recent_next = 0;
}

void redo_init(struct redo *r, const struct names *names, const struct checkpoint *from,
               struct outcome *scratch)
{
    memset(r, 0, sizeof *r);
    r->names = names;
    r->from = *from;
    r->state = from->state;
    r->out = scratch;
    r->judged_received_ms = TIME_NONE;
    r->newest_ms = from->state.flags & VEHICLE_SEEN ? from->state.time_ms : TIME_NONE;
    buf_init(&r->points, POINTS_MAX_BYTES);
    remove_arrival_kinds(&r->state);
    memset(&r->state.late, 0, sizeof r->state.late); /* here nothing was said yet */
    r->state.flags &= ~(uint32_t)(VEHICLE_LATE | VEHICLE_TOOK_BACK);
    r->state.clock_ms = 0;
    r->state.message_clock_ms = NEVER_SILENT_MS;
    r->state.heard = life_none;
}

void redo_set_worlds(struct redo *r, const struct redo_world *worlds, uint32_t count)
{
    assert(count > 0 && count <= REDO_WORLDS && r->from.world < count);
    memcpy(r->worlds, worlds, count * sizeof *worlds);
    r->world_count = count;
    r->world = r->from.world;
}

void redo_fini(struct redo *r)
{
    free(r->fixes);
    free(r->episodes);
    free(r->trips);
    free(r->works);
    free(r->point_list);
    buf_fini(&r->points);
    r->fixes = NULL;
    r->episodes = NULL;
    r->trips = NULL;
    r->works = NULL;
    r->point_list = NULL;
}

static bool is_behind(const struct redo *r, const struct late_fix *f)
{
    return (r->from.state.flags & VEHICLE_SEEN) && f->fix.time.ms <= r->from.state.time_ms;
}

/* What came beyond the horizon is judged by no redo, wherever the checkpoint happens to lie. */
static bool is_too_late(const struct redo *r, const struct late_fix *f)
{
    return f->mark == LATE_LATE && r->horizon_ms > 0 && r->newest_ms != TIME_NONE &&
           f->fix.time.ms < r->newest_ms - r->horizon_ms;
}

bool redo_add(struct redo *r, const struct late_fix *fix)
{
    if (is_behind(r, fix) || is_too_late(r, fix))
        return true;
    if (fix->mark == LATE_NOT && fix->fix.time.ms > r->newest_ms)
        r->newest_ms = fix->fix.time.ms;
    r->too_much |= r->count == REDO_FIXES_MAX;
    r->failed |= !r->too_much && !array_reserve(&r->fixes, &r->cap, r->count + 1, sizeof *r->fixes);
    if (r->too_much || r->failed)
        return false;
    struct late_fix *f = &r->fixes[r->count++];
    *f = *fix;
    f->fix.boot = TEXT("");
    f->fix.has &= (uint16_t)~FIX_HAS_SEQ;
    return true;
}

size_t redo_plan(struct redo *r)
{
    r->count = fix_order(r->fixes, r->count);
    size_t late = 0;
    for (size_t i = 0; i < r->count; i++)
        late += r->fixes[i].mark == LATE_LATE && r->fixes[i].batch > r->redone_batch;
    return late;
}

/* ---- what would have been told ---- */

static void note_transition(struct redo *r, const struct transition *t)
{
    char id[VIOLATION_ID_LENGTH + 1];
    if (late_leaves(t->kind, t->cause))
        return;
    transition_id_write(t, r->names, id);
    for (size_t i = r->episode_count; i > 0; i--)
        if (strcmp(r->episodes[i - 1].id, id) == 0) {
            r->episodes[i - 1].last = *t;
            return;
        }
    if (r->episode_count == REDO_FOUND_MAX) {
        r->too_much = true;
        return;
    }
    if (!array_reserve(&r->episodes, &r->episode_cap, r->episode_count + 1, sizeof *r->episodes)) {
        r->failed = true;
        return;
    }
    struct found_episode *found = &r->episodes[r->episode_count++];
    memcpy(found->id, id, sizeof id);
    found->has_opened = t->event == TRANSITION_OPENED;
    found->opened = found->last = *t;
}

static void note_trip(struct redo *r, const struct trip_entry *entry)
{
    if (r->trip_count == REDO_FOUND_MAX) {
        r->too_much = true;
        return;
    }
    if (!array_reserve(&r->trips, &r->trip_cap, r->trip_count + 1, sizeof *r->trips)) {
        r->failed = true;
        return;
    }
    struct found_trip *found = &r->trips[r->trip_count++];
    trip_id_write(names_text(r->names, entry->vehicle), entry->trip.start_ms, found->id);
    found->entry = *entry;
}

static void note_work(struct redo *r, const struct work_entry *entry)
{
    r->too_much |= r->work_count == REDO_WORKS_MAX;
    if (r->too_much)
        return;
    if (!array_reserve(&r->works, &r->work_cap, r->work_count + 1, sizeof *r->works)) {
        r->failed = true;
        return;
    }
    struct found_work *found = &r->works[r->work_count++];
    work_id_write(entry, r->names, found->id);
    found->entry = *entry;
}

/* Nothing goes to the cab: what was driven is driven. */
static void note_outcome(struct redo *r)
{
    for (uint32_t i = 0; i < r->out->transition_count; i++)
        note_transition(r, &r->out->transitions[i]);
    for (uint32_t i = 0; i < r->out->trip_count; i++)
        note_trip(r, &r->out->trips[i]);
    for (uint32_t i = 0; i < r->out->work_count; i++)
        note_work(r, &r->out->works[i]);
    outcome_clear(r->out);
}

/* ---- the stretch ---- */

static void fire_until(struct redo *r, int64_t until_ms)
{
    struct vehicle_state *s = &r->state;
    while ((s->flags & VEHICLE_SEEN) && s->deadline_ms <= until_ms) {
        engine_tick(r->worlds[r->world].engine, s, s->deadline_ms, r->out);
        note_outcome(r);
    }
}

static void enter_world(struct redo *r, uint32_t world)
{
    struct vehicle_state *s = &r->state;
    while (r->world < world) {
        int64_t at_ms = r->worlds[++r->world].settled_ms;
        if (at_ms == TIME_NONE || !(s->flags & VEHICLE_SEEN))
            continue;
        if (at_ms < s->time_ms)
            at_ms = s->time_ms;
        r->world--;
        fire_until(r, at_ms);
        r->world++;
        engine_settle(r->worlds[r->world].engine, s, at_ms, r->out);
        note_outcome(r);
    }
}

/* Nobody knows when a reload came in the time of a late fix, but where the vehicle then stood on its clock. */
static bool is_under(const struct redo_world *world, const struct late_fix *f)
{
    if (f->mark == LATE_NOT)
        return world->batch <= f->batch;
    return world->settled_ms != TIME_NONE && world->settled_ms <= f->fix.time.ms;
}

static uint32_t world_of(const struct redo *r, const struct late_fix *f)
{
    uint32_t world = r->world;
    while (world + 1 < r->world_count && is_under(&r->worlds[world + 1], f))
        world++;
    return world;
}

/* What came right behind a judged fix, of its time, was judged when it came. */
static void take_addition(struct redo *r, const struct late_fix *f)
{
    int64_t after_ms = 0;
    if (f->mark == LATE_NOT && r->judged_received_ms != TIME_NONE && f->received_ms > r->judged_received_ms)
        after_ms = f->received_ms - r->judged_received_ms;
    fire_until(r, f->fix.time.ms + after_ms);
    struct arrival arrival = {f->received_ms, after_ms, false};
    engine_add(r->worlds[r->world].engine, &r->state, &f->fix, arrival, r->out);
}

/* No fix from the one in hand on stands before this. */
static uint64_t least_stored(const struct redo *r)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = r->next - 1; i < r->count; i++)
        if (r->fixes[i].stored < least)
            least = r->fixes[i].stored;
    return least;
}

static void keep_point(struct redo *r)
{
    if (!array_reserve(&r->point_list, &r->point_cap, r->point_count + 1, sizeof *r->point_list)) {
        r->failed = true;
        return;
    }
    struct redo_point *p = &r->point_list[r->point_count++];
    *p = (struct redo_point){r->state.time_ms, least_stored(r), r->world, r->points.len, 0};
    state_write_packed(&r->state, r->names, &r->points);
    p->len = r->points.len - p->at;
    r->failed |= !buf_ok(&r->points);
}

static void take_fix(struct redo *r, const struct late_fix *f)
{
    struct vehicle_state *s = &r->state;
    if (r->checkpoint_ms > 0 && (s->flags & VEHICLE_SEEN) &&
        checkpoint_passes(s, f->fix.time.ms, r->checkpoint_ms))
        keep_point(r);
    enter_world(r, world_of(r, f));
    struct engine *engine = r->worlds[r->world].engine;
    bool same = (s->flags & VEHICLE_SEEN) && f->fix.time.ms == s->time_ms;
    bool placed = fix_has(&f->fix, FIX_HAS_POSITION) && trust_usable(&f->fix);
    if (same && !((s->flags & VEHICLE_NOWHERE) && placed)) {
        take_addition(r, f);
    } else {
        fire_until(r, f->fix.time.ms);
        engine_step(engine, s, &f->fix, (struct arrival){f->received_ms, 0, false}, r->out);
        r->judged_received_ms = f->mark == LATE_NOT ? f->received_ms : TIME_NONE;
    }
    note_outcome(r);
    r->judged++;
}

bool redo_run(struct redo *r, size_t fixes)
{
    outcome_clear(r->out); /* others use it between two slices */
    for (; fixes > 0 && r->next < r->count && !r->too_much; fixes--)
        take_fix(r, &r->fixes[r->next++]);
    return r->next < r->count && !r->too_much;
}

/* ---- the end ---- */

static bool opening_leaves(uint32_t opening)
{
    return (opening & 63u) == (uint32_t)KIND_OFFLINE;
}

/* Openings of what was not judged count as before; the list stays in the order of time. */
static void merge_openings(struct vehicle_state *s, const struct vehicle_state *present)
{
    uint32_t merged[VEHICLE_OPENINGS_MAX * 2], n = 0, i = 0, j = 0;
    while (i < s->opening_count || j < present->opening_count) {
        bool take_own = j == present->opening_count ||
                        (i < s->opening_count && s->openings[i] >> 6 <= present->openings[j] >> 6);
        uint32_t o = take_own ? s->openings[i++] : present->openings[j++];
        if (take_own != opening_leaves(o))
            merged[n++] = o;
    }
    uint32_t from = n > VEHICLE_OPENINGS_MAX ? n - VEHICLE_OPENINGS_MAX : 0;
    memset(s->openings, 0, sizeof s->openings);
    memcpy(s->openings, merged + from, (n - from) * sizeof merged[0]);
    s->opening_count = (uint8_t)(n - from);
}

static void add_arrival_kinds(struct vehicle_state *s, const struct vehicle_state *present)
{
    for (uint32_t i = 0; i < present->episode_count && s->episode_count < VEHICLE_EPISODES_MAX; i++)
        if (episode_leaves(&present->episodes[i]))
            s->episodes[s->episode_count++] = present->episodes[i];
}

/*
 * What intake remembers. Not when the cab was warned: what it was warned of keeps its start, and so what is found
 * later would differ from what is found in order.
 */
static void take_over(struct vehicle_state *s, const struct vehicle_state *present)
{
    const uint32_t of_arrival =
        VEHICLE_ONLINE | VEHICLE_OFF | VEHICLE_LAGS | VEHICLE_LATE | VEHICLE_TOOK_BACK;
    s->flags = (s->flags & ~of_arrival) | (present->flags & of_arrival);
    s->received_ms = present->received_ms;
    s->clock_ms = present->clock_ms + (s->time_ms - present->time_ms); /* its clock goes on as it went */
    s->message_clock_ms = present->message_clock_ms;
    s->heard = present->heard;
    s->live_ms = present->live_ms;
    s->journal = present->journal;
    s->lag = present->lag;
    memcpy(s->recent, present->recent, sizeof s->recent);
    s->recent_count = present->recent_count;
    s->recent_next = present->recent_next;
    s->late = present->late;
}

void redo_finish(struct redo *r, const struct vehicle_state *present, int64_t clock_ms)
{
    struct vehicle_state *s = &r->state;
    assert(r->next == r->count && (present->flags & VEHICLE_SEEN) && (s->flags & VEHICLE_SEEN));
    outcome_clear(r->out);
    enter_world(r, r->world_count - 1);
    fire_until(r, vehicle_clock_ms(present, clock_ms));
    take_over(s, present);
    merge_openings(s, present);
    add_arrival_kinds(s, present);
    if (present->deadline_ms <
        s->deadline_ms) /* that of silence was no part of it; a look too early does no harm */
        s->deadline_ms = present->deadline_ms;
}
