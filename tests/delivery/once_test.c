/*
 * once: whatever is sent again, in any order and over any crash, is in the track once, and what is
 * acknowledged is there.
 *
 * A unit numbers its fixes, is reset, has its clock set wrong and right, and breaks some of what it writes. A
 * link sends them, again from behind the last ack, again out of the broker's memory, and loses some. A
 * tracker judges, commits, and dies between two commits: then what was not committed is forgotten, and the
 * state is read from what was written of it. The oracle is a list of all fixes ever made, with a count of how
 * often each was tracked. It knows nothing of journals.
 */
#include "cmocka_all.h"

#include "fleet.h"
#include "names.h"
#include "state_codec.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXES = 3000, STEPS = 6000, HOLE_MS = 10000, BOOTS = 64, AGAIN = 40 };
#define MINUTE_MS INT64_C(60000)
#define START_MS  INT64_C(1780000000000)

static uint64_t random_state;

static int64_t random_below(int64_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)(random_state >> 20) % n;
}

static bool one_in(int64_t n)
{
    return random_below(n) == 0;
}

struct made {
    char boot[8];
    uint64_t seq;
    int64_t time_ms;
    bool buried;               /* no one sends it again */
    bool broken;               /* no fix: it is refused */
    bool again;                /* its number stands for another fix of its boot as well */
    int tracked, gone;         /* how often; refused, or its number was given up */
    int was_tracked, was_gone; /* at the last commit */
};

struct bench {
    struct names *names;
    struct world *world;
    struct fleet *fleet;
    uint32_t place;
    struct outcome out;
    struct buf stored;
    struct made made[FIXES];
    /* The track: which, and what was made of it. */
    struct {
        int made;
        enum verdict verdict;
    } track[FIXES];
    int tracked, was_in_track;
    int count, sent, boot_begin, boots, begun_again;
    uint64_t next, acked;
    int64_t now_ms, clock_ms, off_ms;
    uint64_t seed;
    int step;
};

static void bench_init(struct bench *b)
{
    struct world_error error;
    memset(b, 0, sizeof *b);
    b->names = names_new(1000);
    struct world_builder *builder = world_builder_new(b->names);
    assert_int_equal(world_builder_zone(builder, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    assert_int_equal(world_builder_build(builder, &b->world, &error), WORLD_OK);
    world_builder_free(builder);
    b->fleet = fleet_new(b->names, (struct fleet_options){.vehicle_limit = 1});
    assert_true(fleet_set_world(b->fleet, b->world));
    assert_true(fleet_place(b->fleet, TEXT("t"), &b->place));
    buf_init(&b->stored, 1 << 20);
    b->now_ms = START_MS;
    b->begun_again = -1;
}

static void bench_fini(struct bench *b)
{
    buf_fini(&b->stored);
    fleet_free(b->fleet);
    world_free(b->world);
    names_free(b->names);
}

static const struct journal_mark *journal(const struct bench *b)
{
    return &fleet_state(b->fleet, b->place)->journal;
}

static void begin_boot(struct bench *b)
{
    b->boots++;
    b->boot_begin = b->sent = b->count;
    b->next = b->acked = 0;
    b->begun_again = -1;
}

static void make(struct bench *b)
{
    if (b->count == FIXES)
        return;
    struct made *m = &b->made[b->count++];
    snprintf(m->boot, sizeof m->boot, "b%d", b->boots);
    m->seq = ++b->next;
    m->time_ms = b->now_ms + b->off_ms;
    m->broken = one_in(150);
    m->again = b->begun_again >= 0;
}

static void fail_at(const struct bench *b, const struct made *m, const char *what)
{
    fail_msg("seed %lu step %d: %s/%lu of %ld s: %s; journal %.*s %lu, verdict %d", (unsigned long)b->seed,
             b->step, m->boot, (unsigned long)m->seq, (long)((m->time_ms - START_MS) / 1000), what,
             journal(b)->boot_len, journal(b)->boot, (unsigned long)journal(b)->seq, b->out.verdict);
}

/* Numbers that were given up with this message. */
static void note_hole(struct bench *b)
{
    for (int i = 0; i < b->count && b->out.hole_to != 0; i++) {
        struct made *m = &b->made[i];
        if (strncmp(m->boot, journal(b)->boot, journal(b)->boot_len) == 0 && !m->again &&
            strlen(m->boot) == journal(b)->boot_len && m->seq >= b->out.hole_from && m->seq <= b->out.hole_to)
            m->gone = 1;
    }
}

static struct fix fix_of(const struct bench *b, const struct made *m)
{
    return (struct fix){.time = {m->time_ms},
                        .lat_deg = 30,
                        .lon_deg = 114,
                        .has = FIX_HAS_POSITION | FIX_HAS_SEQ,
                        .boot = text_of(m->boot),
                        .seq = m->seq,
                        .content = (uint64_t)(m - b->made) + 1,
                        .sensors = sensors_none()};
}

static void deliver(struct bench *b, struct made *m)
{
    const struct arrival arrival = {b->now_ms, b->clock_ms, false};
    struct fix fix = fix_of(b, m);
    if (m->buried)
        return;
    bool again;
    do {
        again = m->broken ? fleet_take_refused(b->fleet, b->place, (struct fix_number){fix.boot, fix.seq},
                                               arrival, &b->out)
                          : fleet_take_fix(b->fleet, b->place, &fix, arrival, &b->out);
    } while (again);
    note_hole(b);
    enum verdict v = b->out.verdict;
    if (v == VERDICT_DUPLICATE || v == VERDICT_HOLE)
        return;
    if (journal(b)->restarted && strlen(m->boot) == journal(b)->boot_len)
        m->again = true; /* told by its bytes */
    if (m->broken)
        m->gone = 1;
    else if (++m->tracked > 1)
        fail_at(b, m, "tracked again");
    else {
        b->track[b->tracked].made = (int)(m - b->made);
        b->track[b->tracked++].verdict = v;
    }
}

/* All is written; then what `ack` covers has to be there. */
static void commit(struct bench *b)
{
    const struct journal_mark *j = journal(b);
    b->was_in_track = b->tracked;
    buf_clear(&b->stored);
    state_write(fleet_state(b->fleet, b->place), b->names, &b->stored);
    for (int i = 0; i < b->count; i++) {
        struct made *m = &b->made[i];
        m->was_tracked = m->tracked;
        m->was_gone = m->gone;
        bool mine = strlen(m->boot) == j->boot_len && memcmp(m->boot, j->boot, j->boot_len) == 0;
        if (mine && !j->restarted && !m->again && m->seq <= j->seq && m->tracked + m->gone == 0)
            fail_at(b, m, "acknowledged, and nowhere");
    }
    struct made *last = &b->made[b->boot_begin];
    if (j->boot_len > 0 && !j->restarted && b->count > b->boot_begin && strlen(last->boot) == j->boot_len &&
        memcmp(last->boot, j->boot, j->boot_len) == 0 && !one_in(4))
        b->acked = j->seq;
}

/*
 * The state is lost: the newest 64 of the track are all there is. The unit says its status and hears where
 * its journal stands. What a clock that was ahead made before them nobody knows any more: it is not sent
 * again.
 */
static void recall(struct bench *b)
{
    const struct journal_mark *j = journal(b);
    int first = b->tracked > 64 ? b->tracked - 64 : 0;
    for (int i = first; i < b->tracked; i++) {
        struct fix fix = fix_of(b, &b->made[b->track[i].made]);
        fleet_recall(b->fleet, b->place, &fix, b->track[i].verdict);
    }
    for (int i = 0; i < b->tracked; i++) {
        struct made *m = &b->made[b->track[i].made];
        bool mine = strlen(m->boot) == j->boot_len && memcmp(m->boot, j->boot, j->boot_len) == 0;
        m->buried |= i < first || !mine || m->seq > j->seq;
    }
    const char *boot = b->made[b->boot_begin].boot;
    if (b->count > b->boot_begin && strlen(boot) == j->boot_len && memcmp(boot, j->boot, j->boot_len) == 0)
        b->acked = j->seq;
}

static void crash(struct bench *b, bool lost)
{
    struct vehicle_state state;
    uint32_t symbol;
    fleet_clear(b->fleet);
    b->tracked = b->was_in_track;
    if (b->stored.len > 0 && !lost) {
        assert_true(names_intern(b->names, TEXT("t"), &symbol));
        assert_int_equal(state_read(buf_text(&b->stored), symbol, b->names, &state), STATE_OK);
        assert_true(fleet_restore(b->fleet, &state));
    }
    assert_true(fleet_place(b->fleet, TEXT("t"), &b->place));
    for (int i = 0; i < b->count; i++) {
        b->made[i].tracked = b->made[i].was_tracked;
        b->made[i].gone = b->made[i].was_gone;
    }
    if (lost)
        recall(b);
}

static void turn_clock(struct bench *b)
{
    static const int64_t offsets_min[] = {0, 0, 6, 60, 2880, -30, -600};
    b->off_ms = offsets_min[random_below(7)] * MINUTE_MS;
}

/* What the link does next with what the unit has made. */
static void send(struct bench *b)
{
    if (one_in(25) && b->begun_again < 0) /* again, from behind the last ack */
        b->sent = b->boot_begin + (int)b->acked < b->count ? b->boot_begin + (int)b->acked : b->count;
    if (one_in(12) && b->count > 0) { /* out of the broker's memory, in order */
        int reach = AGAIN * (1 + (int)random_below(4));
        int from = b->count > reach ? b->count - reach : 0;
        /* Of a counter that began again the contract remembers sixteen. */
        for (int i = from, n = (int)random_below(AGAIN); i < b->sent && n > 0; i++, n--)
            if (!b->made[i].again || i + 8 >= b->sent)
                deliver(b, &b->made[i]);
        return;
    }
    bool lost = one_in(60); /* the connection, with what is on its way */
    for (int64_t n = 1 + random_below(lost ? 30 : 5); n > 0 && b->sent < b->count; n--, b->sent++)
        if (!lost)
            deliver(b, &b->made[b->sent]);
}

static void step(struct bench *b, bool begins_again)
{
    b->now_ms += 1 + random_below(one_in(30) ? 12000 : 1500);
    b->clock_ms = b->now_ms - START_MS;
    for (int64_t n = random_below(3); n > 0; n--) {
        make(b);
        b->now_ms += 1;
    }
    send(b);
    if (one_in(150))
        turn_clock(b);
    if (one_in(800) && b->boots + 1 < BOOTS)
        begin_boot(b);
    if (begins_again && one_in(300) && b->off_ms == 0 && b->begun_again < 0 && b->next > 20 &&
        b->acked == b->next) {
        b->begun_again = b->count;
        b->next = 0;
    }
    if (one_in(5))
        commit(b);
    if (one_in(60))
        crash(b, b->begun_again < 0 && one_in(8));
}

static void play(uint64_t seed, bool begins_again)
{
    static struct bench b;
    random_state = seed;
    bench_init(&b);
    b.seed = seed;
    int tracked = 0;
    for (b.step = 0; b.step < STEPS && b.count < FIXES; b.step++)
        step(&b, begins_again);
    for (int i = 0; i < b.count; i++)
        tracked += b.made[i].tracked;
    assert_true(tracked * 2 > b.count); /* else nothing was tried */
    bench_fini(&b);
}

static uint64_t seeds(void)
{
    const char *asked = getenv("MW_SEEDS");
    return asked != NULL ? strtoull(asked, NULL, 10) : 60;
}

static void what_is_sent_again_is_tracked_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= seeds(); seed++)
        play(seed, false);
}

static void so_it_is_when_counters_begin_again(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= seeds(); seed++)
        play(seed, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_again_is_tracked_once),
        cmocka_unit_test(so_it_is_when_counters_begin_again),
    };
    return cmocka_run_group_tests_name("delivery once", tests, NULL, NULL);
}
