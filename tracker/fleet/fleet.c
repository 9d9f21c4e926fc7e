/*
 * fleet: states in chunks that never move, places by symbol, and what an input does to a vehicle.
 */
#include "fleet_state.h"

#include "array.h"
#include "intake.h"
#include "late.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE_BYTES = 64 };

/* What a quiet fix touches, and what of the journal says that its number is the next. */
#define EXPECTED_BYTES (offsetof(struct vehicle_state, journal.seen) + sizeof(struct seq_seen))

struct fleet *fleet_new(struct names *names, struct fleet_options options)
{
    struct fleet *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->names = names;
    f->options = options;
    heap_init(&f->due);
    f->engine = engine_new();
    if (f->engine == NULL) {
        fleet_free(f);
        return NULL;
    }
    return f;
}

static void free_chunks(struct fleet *f)
{
    for (uint32_t i = 0; i * CHUNK < f->count; i++)
        free(f->chunks[i]);
}

void fleet_free(struct fleet *f)
{
    if (f == NULL)
        return;
    free_chunks(f);
    free(f->chunks);
    free(f->places);
    heap_fini(&f->due);
    engine_free(f->engine);
    free(f);
}

void fleet_clear(struct fleet *f)
{
    free_chunks(f);
    f->count = 0;
    f->settled = 0;
    if (f->places != NULL)
        memset(f->places, 0, f->places_cap * sizeof *f->places);
    heap_fini(&f->due);
}

bool fleet_set_world(struct fleet *f, const struct world *world)
{
    if (!engine_set_world(f->engine, world))
        return false;
    f->world = world;
    f->settled = 0;
    return true;
}

void fleet_set_trace(struct fleet *f, const struct trace *trace)
{
    engine_set_trace(f->engine, trace);
}

void fleet_expect(const struct fleet *f, uint32_t place)
{
    const char *state = (const char *)fleet_state_at(f, place);
    for (size_t at = 0; at < EXPECTED_BYTES; at += CACHE_LINE_BYTES)
        __builtin_prefetch(state + at, 1);
}

const struct vehicle_state *fleet_state(const struct fleet *f, uint32_t place)
{
    return fleet_state_at(f, place);
}

uint32_t fleet_count(const struct fleet *f)
{
    return f->count;
}

bool fleet_is_full(const struct fleet *f)
{
    return f->count >= f->options.vehicle_limit;
}

static bool find_place(const struct fleet *f, uint32_t symbol, uint32_t *out_place)
{
    if (symbol == 0 || symbol >= f->places_cap || f->places[symbol] == 0)
        return false;
    *out_place = f->places[symbol] - 1;
    return true;
}

bool fleet_find(const struct fleet *f, struct text vehicle, uint32_t *out_place)
{
    return find_place(f, names_find(f->names, vehicle), out_place);
}

static bool reserve_places(struct fleet *f, uint32_t symbol)
{
    size_t old = f->places_cap;
    if (!array_reserve(&f->places, &f->places_cap, (size_t)symbol + 1, sizeof *f->places))
        return false;
    memset(f->places + old, 0, (f->places_cap - old) * sizeof *f->places);
    return true;
}

static bool add_place(struct fleet *f, uint32_t symbol, uint32_t *out_place)
{
    if (fleet_is_full(f))
        return false;
    if (!reserve_places(f, symbol) || !heap_reserve(&f->due, f->count + 1))
        return false;
    if (f->count % CHUNK == 0) {
        size_t chunk = f->count / CHUNK;
        if (!array_reserve(&f->chunks, &f->chunk_cap, chunk + 1, sizeof(struct vehicle_state *)))
            return false;
        f->chunks[chunk] = malloc(CHUNK * sizeof(struct vehicle_state));
        if (f->chunks[chunk] == NULL)
            return false;
    }
    uint32_t place = f->count++;
    vehicle_init(fleet_state_at(f, place), symbol);
    f->places[symbol] = place + 1;
    *out_place = place;
    return true;
}

bool fleet_place(struct fleet *f, struct text vehicle, uint32_t *out_place)
{
    uint32_t symbol;
    if (fleet_find(f, vehicle, out_place))
        return true;
    /* Before its name is kept: names are never let go of, and strangers make them up. */
    if (f->count >= f->options.vehicle_limit || !names_intern(f->names, vehicle, &symbol))
        return false;
    return add_place(f, symbol, out_place);
}

bool fleet_restore(struct fleet *f, const struct vehicle_state *state)
{
    uint32_t place;
    if (!find_place(f, state->vehicle, &place) && !add_place(f, state->vehicle, &place))
        return false;
    *fleet_state_at(f, place) = *state;
    fleet_arm(f, place);
    return true;
}

void fleet_trust_order(struct fleet *f)
{
    f->orderly = true;
}

static bool fire_before(struct fleet *f, uint32_t place, int64_t until_ms, struct outcome *out)
{
    struct vehicle_state *s = fleet_state_at(f, place);
    if (!(s->flags & VEHICLE_SEEN) || s->deadline_ms > until_ms)
        return false;
    engine_tick(f->engine, s, s->deadline_ms, out);
    fleet_arm(f, place);
    return true;
}

static struct intake_settings intake_settings(const struct fleet *f)
{
    return (struct intake_settings){f->orderly ? 0 : f->world->common.hole_ms, f->options.adopt_first};
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What the vehicle's clock has reached comes first, whether or not a timer got round to it, so that the
 * outcome does not depend on timers. */
static bool clock_first(struct fleet *f, uint32_t place, struct arrival arrival, struct outcome *out)
{
    assert(f->world != NULL);
    outcome_clear(out);
    return fire_before(f, place, vehicle_clock_ms(fleet_state_at(f, place), arrival.clock_ms), out);
}

/* A sign of life: a message of any sort, unless it repeats one. */
static void note_life(struct vehicle_state *s, struct arrival arrival)
{
    s->message_clock_ms = later(s->message_clock_ms, arrival.clock_ms);
    s->heard = life_none;
    s->flags = (s->flags | VEHICLE_ONLINE) & ~(uint32_t)VEHICLE_OFF;
}

/* The same by one that is tracked and not judged. */
static void hear(struct fleet *f, uint32_t place, struct arrival arrival, struct outcome *out)
{
    struct vehicle_state *s = fleet_state_at(f, place);
    out->state_changed = true; /* silence is counted from here, also after a restart */
    note_life(s, arrival);
    engine_hear(f->engine, s, arrival, out);
    fleet_arm(f, place);
}

/* By one that is on no record: it waits until it decides something, and what is open it decides at once. */
static void hear_of(struct fleet *f, uint32_t place, struct arrival arrival, struct outcome *out)
{
    struct vehicle_state *s = fleet_state_at(f, place);
    out->state_changed = true;
    s->flags = (s->flags | VEHICLE_ONLINE) & ~(uint32_t)VEHICLE_OFF;
    /* A record has one twice where the tracker began again in the middle of a switch: silence is counted from it. */
    bool silent = vehicle_episode(s, KIND_OFFLINE, 0) != NULL && arrival.clock_ms > s->message_clock_ms;
    if (silent || arrival.clock_ms > later(s->message_clock_ms, s->heard.clock_ms))
        s->heard = (struct life){arrival.clock_ms, arrival.received_ms};
    if (!silent)
        return;
    engine_tell_life(s, out);
    engine_hear(f->engine, s, arrival, out);
    fleet_arm(f, place);
}

bool fleet_take_life(struct fleet *f, uint32_t place, struct arrival arrival, struct outcome *out)
{
    if (clock_first(f, place, arrival, out))
        return true;
    hear_of(f, place, arrival, out);
    return false;
}

bool fleet_take_fix(struct fleet *f, uint32_t place, const struct fix *fix, struct arrival arrival,
                    struct outcome *out)
{
    if (clock_first(f, place, arrival, out))
        return true;
    struct vehicle_state *s = fleet_state_at(f, place);
    /* Intake uses numbers up; should a deadline have to go first, they are put back. */
    bool deadline_first = s->deadline_ms <= fix->time.ms;
    struct vehicle_state before;
    if (deadline_first)
        before = *s;
    struct intake_settings settings = intake_settings(f);
    out->verdict = intake_fix(s, fix, arrival, &settings, out);
    if (out->verdict == VERDICT_DUPLICATE)
        return false;
    if (deadline_first && out->verdict == VERDICT_JUDGED) {
        *s = before;
        outcome_clear(out);
        fire_before(f, place, fix->time.ms, out);
        return true;
    }
    if (out->verdict == VERDICT_JUDGED) {
        note_life(s, arrival);
        engine_step(f->engine, s, fix, arrival, out);
    } else if (out->verdict == VERDICT_HOLE) {
        hear_of(f, place, arrival, out);
    } else {
        hear(f, place, arrival, out);
    }
    if (out->verdict == VERDICT_LATE)
        late_note(s, fix, arrival, f->options.late_horizon_ms, out);
    if (out->verdict == VERDICT_CLOCK)
        engine_clock(f->engine, s, fix, arrival, out);
    if (out->verdict == VERDICT_ADDITION)
        engine_add(f->engine, s, fix, arrival, out);
    fleet_arm(f, place);
    return false;
}

void fleet_recall(struct fleet *f, uint32_t place, const struct fix *fix, enum verdict verdict)
{
    intake_recall(fleet_state_at(f, place), fix, verdict);
}

bool fleet_take_refused(struct fleet *f, uint32_t place, struct fix_number number, struct arrival arrival,
                        struct outcome *out)
{
    if (clock_first(f, place, arrival, out))
        return true;
    struct vehicle_state *s = fleet_state_at(f, place);
    struct intake_settings settings = intake_settings(f);
    out->verdict = intake_number(s, number, arrival, &settings, out);
    if (out->verdict != VERDICT_DUPLICATE)
        hear_of(f, place, arrival, out);
    return false;
}

static bool show(struct vehicle_state *s, const struct fix *fix)
{
    if (!fix_has(fix, FIX_HAS_POSITION) || fix->time.ms <= s->live_ms || fix->time.ms <= s->time_ms)
        return false;
    s->live_ms = fix->time.ms;
    return true;
}

bool fleet_take_live(struct fleet *f, uint32_t place, const struct fix *fix, struct arrival arrival,
                     struct outcome *out)
{
    if (clock_first(f, place, arrival, out))
        return true;
    struct vehicle_state *s = fleet_state_at(f, place);
    hear_of(f, place, arrival, out);
    out->shown = show(s, fix);
    return false;
}

bool fleet_take_retained(struct fleet *f, uint32_t place, const struct fix *fix, struct arrival arrival,
                         struct outcome *out)
{
    if (clock_first(f, place, arrival, out))
        return true;
    bool future = fix->time.ms > arrival.received_ms + INTAKE_FUTURE_MS;
    out->shown = !future && show(fleet_state_at(f, place), fix);
    out->state_changed |= out->shown;
    return false;
}

bool fleet_take_status(struct fleet *f, uint32_t place, const struct unit_status *status,
                       struct arrival arrival, struct outcome *out)
{
    if (clock_first(f, place, arrival, out))
        return true;
    struct vehicle_state *s = fleet_state_at(f, place);
    bool silent = vehicle_episode(s, KIND_OFFLINE, 0) != NULL;
    s->flags &= ~(uint32_t)(VEHICLE_OFF | VEHICLE_ONLINE);
    /* That it is gone is said by the broker, not by the unit, and so is what is retained: no sign of life. */
    if (!status->online)
        s->flags |= VEHICLE_OFF;
    else if (!status->retained)
        hear_of(f, place, arrival, out);
    else if (!silent)
        s->flags |= VEHICLE_ONLINE;
    out->state_changed = true;
    intake_status(s, status, out);
    return false;
}
