/*
 * The same input gives the same bytes: the sample day in batches of 1, 7 and 1000, with restarts at random
 * places between batches. A restart writes every state to bytes, forgets everything (names and world too) and
 * reads it back. Timers are served only between batches, as in the daemon's loop.
 */
#include "../cmocka_all.h"

#include "entry.h"
#include "fix_json.h"
#include "fleet.h"
#include "state_codec.h"
#include "world_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VEHICLES_MAX 64
#define SEED         UINT64_C(20260508)

struct day {
    char *bytes;
    struct text *lines;
    size_t count;
};

struct process {
    struct config config;
    struct names *names;
    struct world *world;
    struct fleet *fleet;
};

/* What came out about one vehicle. */
struct track {
    char vehicle[WORLD_ID_MAX + 1];
    struct buf out;
};

struct run {
    struct process p;
    struct track tracks[VEHICLES_MAX];
    size_t track_count;
    struct outcome *outcome;
    struct entry *entry;
    int64_t clock_ms;
    size_t restarts;
};

static struct day day;

static int read_day(void **state)
{
    FILE *f = popen("xz -dc " MW_SOURCE_DIR "/fixtures/city/day.ndjson.xz", "r");
    assert_non_null(f);
    size_t cap = 64 << 20, len = 0, n;
    day.bytes = malloc(cap);
    while ((n = fread(day.bytes + len, 1, cap - len, f)) > 0)
        len += n;
    assert_int_equal(pclose(f), 0);
    for (size_t i = 0; i < len; i++)
        day.count += day.bytes[i] == '\n';
    day.lines = calloc(day.count, sizeof *day.lines);
    char *at = day.bytes;
    for (size_t i = 0; i < day.count; i++) {
        char *end = memchr(at, '\n', len - (size_t)(at - day.bytes));
        day.lines[i] = (struct text){at, (size_t)(end - at)};
        at = end + 1;
    }
    return 0;
}

static int free_day(void **state)
{
    free(day.lines);
    free(day.bytes);
    return 0;
}

static void start(struct process *p)
{
    struct problem problem;
    assert_true(config_init(&p->config));
    assert_true(config_read_file(&p->config, MW_SOURCE_DIR "/fixtures/city/muckwatch.yaml", &problem));
    p->names = names_new(100000);
    assert_true(world_load(&p->config, p->names, (struct world_load_options){0}, &p->world, &problem));
    p->fleet =
        fleet_new(p->names, (struct fleet_options){.vehicle_limit = VEHICLES_MAX, .adopt_first = true});
    assert_true(fleet_set_world(p->fleet, p->world));
}

static void stop(struct process *p)
{
    fleet_free(p->fleet);
    world_free(p->world);
    names_free(p->names);
    config_fini(&p->config);
}

static struct buf *track_of(struct run *r, uint32_t place)
{
    struct text id = names_text(r->p.names, fleet_state(r->p.fleet, place)->vehicle);
    for (size_t i = 0; i < r->track_count; i++)
        if (text_equal(text_of(r->tracks[i].vehicle), id))
            return &r->tracks[i].out;
    assert_true(r->track_count < VEHICLES_MAX);
    struct track *t = &r->tracks[r->track_count++];
    snprintf(t->vehicle, sizeof t->vehicle, "%.*s", TEXT_ARG(id));
    buf_init(&t->out, 16 << 20);
    return &t->out;
}

static void collect(struct run *r, uint32_t place)
{
    const struct outcome *o = r->outcome;
    if (o->transition_count + o->warning_count + o->trip_count == 0)
        return;
    struct buf *out = track_of(r, place);
    for (uint32_t i = 0; i < o->transition_count; i++) {
        entry_of_transition(r->entry, &o->transitions[i], r->p.names);
        entry_write_json(r->entry, "violations", out);
    }
    for (uint32_t i = 0; i < o->trip_count; i++) {
        entry_of_trip(r->entry, &o->trips[i], r->p.names);
        entry_write_json(r->entry, "trips", out);
    }
    for (uint32_t i = 0; i < o->warning_count; i++)
        warning_write_json(&o->warnings[i], r->p.names, "warn", out);
    assert_true(buf_ok(out));
}

static void restart(struct run *r)
{
    uint32_t count = fleet_count(r->p.fleet), place;
    struct buf stored[VEHICLES_MAX];
    char ids[VEHICLES_MAX][WORLD_ID_MAX + 1];
    for (uint32_t i = 0; i < count; i++) {
        const struct vehicle_state *s = fleet_state(r->p.fleet, i);
        snprintf(ids[i], sizeof ids[i], "%.*s", TEXT_ARG(names_text(r->p.names, s->vehicle)));
        buf_init(&stored[i], STATE_BYTES_MAX);
        state_write(s, r->p.names, &stored[i]);
        assert_true(buf_ok(&stored[i]));
    }
    stop(&r->p);
    start(&r->p);
    for (uint32_t i = 0; i < count; i++) {
        struct vehicle_state s;
        uint32_t symbol;
        assert_true(names_intern(r->p.names, text_of(ids[i]), &symbol));
        assert_int_equal(state_read(buf_text(&stored[i]), symbol, r->p.names, &s), STATE_OK);
        assert_true(fleet_restore(r->p.fleet, &s));
        buf_fini(&stored[i]);
    }
    while (fleet_settle(r->p.fleet, r->clock_ms, &place, r->outcome))
        collect(r, place);
    r->restarts++;
}

static void take_line(struct run *r, struct text text)
{
    struct fix_line line;
    uint32_t place;
    assert_int_equal(fix_line_read(text, &line), FIX_OK);
    assert_true(fleet_place(r->p.fleet, line.vehicle, &place));
    int64_t at_ms = line.has_received ? line.received.ms : line.item.fix.time.ms;
    if (at_ms > r->clock_ms)
        r->clock_ms = at_ms;
    struct arrival arrival = {line.has_received ? line.received.ms : r->clock_ms, r->clock_ms,
                              !line.has_received};
    while (fleet_take_fix(r->p.fleet, place, &line.item.fix, arrival, r->outcome))
        collect(r, place);
    collect(r, place);
}

static void serve_timers(struct run *r)
{
    uint32_t place;
    while (fleet_fire(r->p.fleet, r->clock_ms, &place, r->outcome))
        collect(r, place);
}

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* restarts: on average so many over the day; 0: none. */
static struct run *play(size_t batch, size_t restarts, uint64_t seed)
{
    struct run *r = calloc(1, sizeof *r);
    r->outcome = malloc(sizeof *r->outcome);
    r->entry = calloc(1, sizeof *r->entry);
    r->clock_ms = TIME_NONE;
    start(&r->p);
    size_t batches = day.count / batch + 1;
    for (size_t i = 0; i < day.count; i += batch) {
        for (size_t k = i; k < i + batch && k < day.count; k++)
            take_line(r, day.lines[k]);
        serve_timers(r);
        if (next_random(&seed) % batches < restarts)
            restart(r);
    }
    return r;
}

static void free_run(struct run *r)
{
    stop(&r->p);
    for (size_t i = 0; i < r->track_count; i++)
        buf_fini(&r->tracks[i].out);
    free(r->entry);
    free(r->outcome);
    free(r);
}

static void assert_same(struct run *a, struct run *b)
{
    assert_int_equal(a->track_count, b->track_count);
    for (size_t i = 0; i < a->track_count; i++) {
        size_t k = 0;
        while (k < b->track_count && strcmp(a->tracks[i].vehicle, b->tracks[k].vehicle) != 0)
            k++;
        assert_true(k < b->track_count);
        struct text x = buf_text(&a->tracks[i].out), y = buf_text(&b->tracks[k].out);
        size_t at = 0;
        while (at < x.len && at < y.len && x.data[at] == y.data[at])
            at++;
        if (at < x.len || at < y.len)
            print_error("%s differs from byte %zu on:\n%.*s\n%.*s\n", a->tracks[i].vehicle, at,
                        (int)(x.len - at < 400 ? x.len - at : 400), x.data + at,
                        (int)(y.len - at < 400 ? y.len - at : 400), y.data + at);
        assert_true(at == x.len && at == y.len);
    }
}

static void test_batches_and_restarts(void **state)
{
    struct run *plain = play(1, 0, SEED);
    size_t bytes = 0;
    for (size_t i = 0; i < plain->track_count; i++)
        bytes += plain->tracks[i].out.len;
    assert_true(bytes > 100000); /* the day says a lot */
    static const size_t batches[] = {1, 7, 1000};
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        struct run *other = play(batches[i], 20, SEED + i);
        print_message("batches of %zu, %zu restarts, seed %llu\n", batches[i], other->restarts,
                      (unsigned long long)(SEED + i));
        assert_true(other->restarts > 5);
        assert_same(plain, other);
        free_run(other);
    }
    free_run(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_batches_and_restarts)};
    return cmocka_run_group_tests(tests, read_day, free_day);
}
