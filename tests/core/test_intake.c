/*
 * intake against a model that keeps sets instead of marks.
 *
 * A unit's fixes are delivered in random order, with losses, repeats and pauses; the model knows of each
 * number whether it was used, lies in a given-up hole or was never used, and says from design part 2 alone
 * what the verdict must be.
 */
#include "cmocka_all.h"

#include "fleet.h"
#include "names.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 400, HOLE_S = 10 };

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

struct bench {
    struct names *names;
    struct world *world;
    struct fleet *fleet;
    uint32_t place;
    struct outcome out;
};

static void bench_init(struct bench *b)
{
    struct world_error error;
    b->names = names_new(1000);
    struct world_builder *builder = world_builder_new(b->names);
    assert_int_equal(world_builder_zone(builder, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    assert_int_equal(world_builder_build(builder, &b->world, &error), WORLD_OK);
    world_builder_free(builder);
    b->fleet = fleet_new(b->names, (struct fleet_options){.vehicle_limit = 10});
    assert_true(fleet_set_world(b->fleet, b->world));
    assert_true(fleet_place(b->fleet, TEXT("t1"), &b->place));
}

static void bench_fini(struct bench *b)
{
    fleet_free(b->fleet);
    world_free(b->world);
    names_free(b->names);
}

static enum verdict take(struct bench *b, const struct fix *fix, int64_t clock_ms)
{
    while (fleet_take_fix(b->fleet, b->place, fix, (struct arrival){clock_ms, clock_ms, false}, &b->out))
        ;
    return b->out.verdict;
}

/* The fix of a number: its time grows with it, so order is told by either. */
static struct fix numbered(const char *boot, uint64_t seq, int64_t start_ms)
{
    return (struct fix){.time = {start_ms + (int64_t)seq * 1000},
                        .lat_deg = 30,
                        .lon_deg = 114,
                        .has = FIX_HAS_POSITION | FIX_HAS_SEQ,
                        .boot = text_of(boot),
                        .seq = seq,
                        .sensors = sensors_none()};
}

enum fate { FREE, USED, IN_HOLE, NEVER_USED };

struct model {
    enum fate fate[NUMBERS + 1];
    uint64_t mark;
    int64_t refused_ms; /* -1: none */
    uint64_t lowest;    /* refused since then */
    uint32_t holes;
};

static void model_pass(struct model *m, uint64_t seq)
{
    m->mark = seq;
    m->refused_ms = -1;
    while (m->mark < NUMBERS && m->fate[m->mark + 1] == NEVER_USED)
        m->mark++;
}

static enum verdict model_take(struct model *m, uint64_t seq, int64_t clock_ms)
{
    if (m->fate[seq] == IN_HOLE) {
        m->fate[seq] = USED;
        return VERDICT_LATE;
    }
    if (seq <= m->mark)
        return VERDICT_DUPLICATE;
    if (seq > m->mark + 1) {
        if (m->refused_ms < 0) {
            m->refused_ms = clock_ms;
            m->lowest = seq;
        }
        m->lowest = seq < m->lowest ? seq : m->lowest;
        if (clock_ms - m->refused_ms < HOLE_S * 1000)
            return VERDICT_HOLE;
        uint64_t to = m->lowest == m->mark + 1 ? seq : m->lowest; /* it is waited for once */
        for (uint64_t s = m->mark + 1; s < to; s++)
            m->fate[s] = IN_HOLE; /* a skipped number in between is never sent, so it may lie in it */
        m->holes++;
        if (to != seq) {
            model_pass(m, to - 1);
            m->refused_ms = clock_ms;
            m->lowest = m->mark + 1;
            return VERDICT_HOLE;
        }
    }
    m->fate[seq] = USED;
    model_pass(m, seq);
    return VERDICT_JUDGED;
}

/*
 * A number that is likely to matter: the next, one just passed, one a little ahead, one in a hole. At times
 * the next one stays away for long.
 */
static uint64_t pick(const struct model *m, bool next_is_lost)
{
    uint32_t way = random_below(10);
    uint64_t seq = m->mark + 1 + next_is_lost;
    if (way >= 6 && way < 8)
        seq += random_below(5);
    else if (way == 8)
        seq = 1 + random_below((uint32_t)m->mark + 1);
    else if (way == 9)
        for (uint64_t s = 1; s <= m->mark; s++)
            if (m->fate[s] == IN_HOLE && random_below(2) == 0)
                return s;
    while (seq <= NUMBERS && m->fate[seq] == NEVER_USED)
        seq++;
    return seq > NUMBERS ? NUMBERS : seq;
}

static void any_order_of_numbers_follows_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_state = seed;
        struct bench b;
        bench_init(&b);
        struct model m = {.refused_ms = -1};
        uint64_t skipped[2][2] = {{20 + random_below(20), 0}, {100 + random_below(50), 0}};
        for (int i = 0; i < 2; i++) {
            skipped[i][1] = skipped[i][0] + random_below(6);
            for (uint64_t s = skipped[i][0]; s <= skipped[i][1]; s++)
                m.fate[s] = NEVER_USED;
        }
        struct unit_status status = {
            .online = true, .boot = TEXT("b1"), .skipped = (const uint64_t(*)[2])skipped, .skipped_count = 2};
        int64_t clock_ms = INT64_C(1780000000000);
        fleet_take_status(b.fleet, b.place, &status, (struct arrival){clock_ms, clock_ms, false}, &b.out);
        uint32_t lost_steps = 0;
        for (int step = 0; step < 2000 && m.mark < NUMBERS && m.holes < JOURNAL_RANGES_MAX / 2; step++) {
            clock_ms += random_below(20) == 0 ? 11000 : random_below(1500);
            lost_steps = lost_steps > 0 ? lost_steps - 1 : random_below(30) == 0 ? 25 : 0;
            uint64_t seq = pick(&m, lost_steps > 0);
            if (m.fate[seq] == NEVER_USED)
                continue;
            struct fix fix = numbered("b1", seq, INT64_C(1780000000000) - NUMBERS * 1000);
            enum verdict want = model_take(&m, seq, clock_ms);
            enum verdict got = take(&b, &fix, clock_ms);
            if (got != want)
                fail_msg("seed %lu step %d: number %lu, mark %lu: verdict %d, expected %d",
                         (unsigned long)seed, step, (unsigned long)seq, (unsigned long)m.mark, got, want);
            assert_int_equal(fleet_state(b.fleet, b.place)->journal.seq, m.mark);
        }
        bench_fini(&b);
    }
}

/* Sent 1, 2, 3, 5, and after hole_s 6: 5 has come, and its unit may still have it. */
static void what_came_before_its_turn_is_waited_for_once(void **state)
{
    (void)state;
    const int64_t t = INT64_C(1780000000000);
    for (int comes = 0; comes < 2; comes++) {
        struct bench b;
        bench_init(&b);
        const struct journal_mark *j = &fleet_state(b.fleet, b.place)->journal;
        struct fix fix[9];
        for (uint64_t n = 1; n <= 8; n++)
            fix[n] = numbered("a", n, t);
        for (uint64_t n = 1; n <= 3; n++)
            assert_int_equal(take(&b, &fix[n], t + 10000), VERDICT_JUDGED);
        assert_int_equal(take(&b, &fix[5], t + 11000), VERDICT_HOLE);
        assert_int_equal(take(&b, &fix[6], t + 20999), VERDICT_HOLE);
        assert_int_equal(j->seq, 3);
        assert_int_equal(take(&b, &fix[6], t + 21000), VERDICT_HOLE);
        assert_true(b.out.ack && b.out.hole_from == 4 && b.out.hole_to == 4 && !b.out.hole_seen);
        assert_int_equal(j->seq, 4);
        if (comes) {
            for (uint64_t n = 5; n <= 8; n++)
                assert_int_equal(take(&b, &fix[n], t + 40000), VERDICT_JUDGED);
        } else {
            assert_int_equal(take(&b, &fix[7], t + 30999), VERDICT_HOLE);
            assert_true(b.out.hole_to == 0);
            assert_int_equal(take(&b, &fix[8], t + 31000), VERDICT_JUDGED);
            assert_true(b.out.hole_from == 5 && b.out.hole_to == 7 && b.out.hole_seen);
            assert_int_equal(take(&b, &fix[5], t + 32000), VERDICT_LATE);
        }
        assert_int_equal(j->seq, 8);
        assert_int_equal(take(&b, &fix[4], t + 41000), VERDICT_LATE);
        bench_fini(&b);
    }
}

/* Its status comes before its first fix, and has no time that could show it to be newer. */
static void a_new_boot_says_where_it_begins(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const int64_t t = INT64_C(1780000000000);
    struct fix fix = numbered("a", 1, t);
    assert_int_equal(take(&b, &fix, t + 2000), VERDICT_JUDGED);
    struct unit_status status = {.online = true, .boot = TEXT("b"), .first = 500};
    fleet_take_status(b.fleet, b.place, &status, (struct arrival){t + 3000, t + 3000, false}, &b.out);
    assert_int_equal(fleet_state(b.fleet, b.place)->journal.seq, 1);
    fix = numbered("b", 500, t);
    assert_int_equal(take(&b, &fix, t + 600000), VERDICT_JUDGED);
    assert_true(b.out.hole_from == 1 && b.out.hole_to == 499 && !b.out.hole_seen);
    fix = numbered("b", 501, t);
    assert_int_equal(take(&b, &fix, t + 601000), VERDICT_JUDGED);
    bench_fini(&b);
}

static void a_journal_cut_by_size_says_so_and_goes_on_at_once(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct fix fix = numbered("b1", 1, INT64_C(1780000000000));
    assert_int_equal(take(&b, &fix, INT64_C(1780000002000)), VERDICT_JUDGED);
    struct unit_status status = {.online = true, .boot = TEXT("b1"), .first = 50};
    fleet_take_status(b.fleet, b.place, &status,
                      (struct arrival){INT64_C(1780000060000), INT64_C(1780000060000), false}, &b.out);
    assert_int_equal(b.out.hole_from, 2);
    assert_int_equal(b.out.hole_to, 49);
    fix = numbered("b1", 50, INT64_C(1780000000000));
    assert_int_equal(take(&b, &fix, INT64_C(1780000060001)), VERDICT_JUDGED);
    fix = numbered("b1", 7, INT64_C(1780000000000));
    assert_int_equal(take(&b, &fix, INT64_C(1780000061000)), VERDICT_LATE);
    assert_int_equal(take(&b, &fix, INT64_C(1780000061000)), VERDICT_DUPLICATE);
    bench_fini(&b);
}

static void an_older_boot_is_late_and_never_current(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const int64_t t = INT64_C(1780000000000);
    struct fix fix = numbered("old", 1, t);
    assert_int_equal(take(&b, &fix, t + 2000), VERDICT_JUDGED);
    fix = numbered("new", 1, t + 60000);
    assert_int_equal(take(&b, &fix, t + 62000), VERDICT_JUDGED);
    fix = numbered("old", 2, t);
    assert_int_equal(take(&b, &fix, t + 63000), VERDICT_LATE);
    assert_int_equal(take(&b, &fix, t + 64000), VERDICT_DUPLICATE);
    fix = numbered("older", 9, t - 600000);
    assert_int_equal(take(&b, &fix, t + 65000), VERDICT_LATE);
    assert_int_equal(take(&b, &fix, t + 66000), VERDICT_DUPLICATE);
    const struct journal_mark *j = &fleet_state(b.fleet, b.place)->journal;
    assert_memory_equal(j->boot, "new", 3);
    assert_int_equal(j->seq, 1);
    fix = numbered("new", 2, t + 60000);
    assert_int_equal(take(&b, &fix, t + 67000), VERDICT_JUDGED);
    bench_fini(&b);
}

/* The 16 last distinct fixes of a unit that does not number are remembered by their bytes, and no more. */
static void repeats_without_numbers_are_told_by_their_bytes(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const int64_t t = INT64_C(1780000000000);
    struct fix fix = numbered("", 0, t);
    fix.has = FIX_HAS_POSITION;
    for (int i = 0; i < 20; i++) {
        fix.time.ms = t + i * 1000;
        assert_int_equal(take(&b, &fix, t + 60000), VERDICT_JUDGED);
        assert_int_equal(take(&b, &fix, t + 60000), VERDICT_DUPLICATE);
    }
    fix.time.ms = t + 4000;
    assert_int_equal(take(&b, &fix, t + 60000), VERDICT_DUPLICATE);
    fix.time.ms = t + 3000;
    assert_int_equal(take(&b, &fix, t + 60000), VERDICT_LATE);
    /* Of the time of the last one, and not the same. */
    fix.time.ms = t + 19000;
    fix.content = 1;
    assert_int_equal(take(&b, &fix, t + 60000), VERDICT_ADDITION);
    assert_int_equal(take(&b, &fix, t + 60000), VERDICT_DUPLICATE);
    fix.lat_deg = 30.00001;
    assert_int_equal(take(&b, &fix, t + 60000), VERDICT_ADDITION);
    fix.time.ms = t + 18000;
    assert_int_equal(take(&b, &fix, t + 60000), VERDICT_LATE);
    assert_int_equal(take(&b, &fix, t + 60000), VERDICT_DUPLICATE);
    bench_fini(&b);
}

/* What a switch says after another word is no repeat of what it said before. */
static void a_word_that_comes_back_is_no_repeat(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const int64_t t = INT64_C(1780000000000);
    struct fix down = numbered("", 0, t), up;
    down.has = FIX_HAS_POSITION | FIX_HAS_SENSORS;
    down.content = 1;
    up = down;
    up.content = 2;
    assert_int_equal(take(&b, &down, t), VERDICT_JUDGED);
    assert_int_equal(take(&b, &down, t + 1000), VERDICT_DUPLICATE);
    assert_int_equal(take(&b, &up, t + 2000), VERDICT_ADDITION);
    assert_int_equal(take(&b, &up, t + 3000), VERDICT_DUPLICATE);
    assert_int_equal(take(&b, &down, t + 4000), VERDICT_ADDITION);
    assert_int_equal(take(&b, &down, t + 5000), VERDICT_DUPLICATE);
    /* Once the track goes on it is the repeat of an old message again. */
    up.time.ms = t + 10000;
    assert_int_equal(take(&b, &up, t + 10000), VERDICT_JUDGED);
    assert_int_equal(take(&b, &down, t + 11000), VERDICT_DUPLICATE);
    bench_fini(&b);
}

/* Battery and flash gone at once: a new journal, and a clock that is years behind. */
static void a_new_journal_by_a_wrong_clock_is_believed_once_the_clock_is_known(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const int64_t t = INT64_C(1780000000000), old = INT64_C(1500000000000);
    struct fix fix = numbered("a", 1, t);
    assert_int_equal(take(&b, &fix, t + 1000), VERDICT_JUDGED);
    for (uint64_t n = 1; n <= 10; n++) {
        fix = numbered("b", n, old);
        fix.time.ms = old + (int64_t)n * 10000;
        assert_int_equal(take(&b, &fix, t + (int64_t)n * 10000), n < 10 ? VERDICT_LATE : VERDICT_CLOCK);
        assert_false(b.out.ack);
    }
    fix = numbered("b", 11, old);
    fix.time.ms = old + 110000;
    assert_int_equal(take(&b, &fix, t + 110000), VERDICT_CLOCK); /* the ten before it are in the track */
    assert_true(b.out.ack);
    for (uint64_t n = 1; n <= 12; n++) {
        fix = numbered("b", n, old);
        fix.time.ms = old + (int64_t)n * 10000;
        assert_int_equal(take(&b, &fix, t + 120000), n <= 11 ? VERDICT_DUPLICATE : VERDICT_CLOCK);
        assert_int_equal(fleet_state(b.fleet, b.place)->journal.seq, n < 11 ? 11 : n);
        assert_true(b.out.ack);
    }
    /* Right again. */
    fix = numbered("b", 13, t);
    fix.time.ms = t + 130000;
    assert_int_equal(take(&b, &fix, t + 130000), VERDICT_JUDGED);
    fix = numbered("a", 2, t);
    assert_int_equal(take(&b, &fix, t + 131000), VERDICT_LATE);
    bench_fini(&b);
}

static void a_counter_that_begins_again_is_heeded_no_more(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const int64_t t = INT64_C(1780000000000);
    for (uint64_t n = 1; n <= 20; n++) {
        struct fix fix = numbered("a", n, t);
        assert_int_equal(take(&b, &fix, t + (int64_t)n * 1000), VERDICT_JUDGED);
    }
    for (uint64_t n = 1; n <= 20; n++) { /* all of it once more: a resend */
        struct fix fix = numbered("a", n, t);
        assert_int_equal(take(&b, &fix, t + 30000), VERDICT_DUPLICATE);
        assert_true(b.out.ack && !b.out.restarted);
    }
    for (uint64_t n = 1; n <= 20; n++) {
        struct fix fix = numbered("a", n, t + 60000);
        assert_int_equal(take(&b, &fix, t + 60000 + (int64_t)n * 1000), VERDICT_JUDGED);
        assert_int_equal(b.out.restarted, n == 1);
        assert_false(b.out.ack);
        assert_int_equal(take(&b, &fix, t + 60000 + (int64_t)n * 1000), VERDICT_DUPLICATE);
        assert_false(b.out.ack);
    }
    for (uint64_t n = 1; n <= 20; n++) { /* of before it began again, once more */
        struct fix fix = numbered("a", n, t);
        assert_int_equal(take(&b, &fix, t + 90000), VERDICT_DUPLICATE);
    }
    bench_fini(&b);
}

static void the_future_begins_after_five_minutes(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const int64_t t = INT64_C(1780000000000);
    struct fix fix = numbered("b", 1, t);
    fix.time.ms = t + 300001;
    assert_int_equal(take(&b, &fix, t), VERDICT_CLOCK);
    fix = numbered("b", 2, t);
    fix.time.ms = t + 300000;
    assert_int_equal(take(&b, &fix, t), VERDICT_JUDGED);
    bench_fini(&b);
}

/* Passes over one number, which is then given up. */
static void leave_hole(struct bench *b, uint64_t seq, int64_t *clock_ms)
{
    struct fix fix = numbered("b", seq + 1, 0);
    assert_int_equal(take(b, &fix, *clock_ms), VERDICT_HOLE);
    *clock_ms += HOLE_S * 1000;
    assert_int_equal(take(b, &fix, *clock_ms), VERDICT_JUDGED);
    assert_int_equal(b->out.hole_from, seq);
}

static void of_many_holes_the_oldest_is_forgotten(void **state)
{
    struct bench b;
    bench_init(&b);
    int64_t clock_ms = 1000000;
    struct fix fix = numbered("b", 1, 0);
    assert_int_equal(take(&b, &fix, clock_ms), VERDICT_JUDGED);
    uint64_t seq = 2;
    for (int i = 0; i < JOURNAL_RANGES_MAX; i++, seq += 2)
        leave_hole(&b, seq, &clock_ms);
    /* One that is filled makes room for another. */
    fix = numbered("b", seq - 2, 0);
    assert_int_equal(take(&b, &fix, clock_ms), VERDICT_LATE);
    leave_hole(&b, seq, &clock_ms);
    fix = numbered("b", 2, 0);
    assert_int_equal(take(&b, &fix, clock_ms), VERDICT_LATE);
    /* Now there are two more than fit: 4 and 6 are forgotten, the others are not. */
    for (int i = 0; i < 3; i++)
        leave_hole(&b, seq += 2, &clock_ms);
    for (uint64_t hole = 4; hole <= seq; hole += 2) {
        fix = numbered("b", hole, 0);
        bool gone = hole <= 6 || hole == 2 * JOURNAL_RANGES_MAX;
        assert_int_equal(take(&b, &fix, clock_ms), gone ? VERDICT_DUPLICATE : VERDICT_LATE);
    }
    bench_fini(&b);
}

static void a_journal_may_begin_with_what_was_refused(void **state)
{
    struct bench b;
    bench_init(&b);
    fleet_free(b.fleet);
    b.fleet = fleet_new(b.names, (struct fleet_options){.vehicle_limit = 10, .adopt_first = true});
    assert_true(fleet_set_world(b.fleet, b.world));
    assert_true(fleet_place(b.fleet, TEXT("t1"), &b.place));
    struct arrival now = {1000000, 1000000, false};
    assert_false(fleet_take_refused(b.fleet, b.place, (struct fix_number){TEXT("b"), 50}, now, &b.out));
    assert_int_equal(b.out.verdict, VERDICT_NONE);
    struct fix fix = numbered("b", 51, 0);
    assert_int_equal(take(&b, &fix, 1000000), VERDICT_JUDGED);
    bench_fini(&b);
}

/* A unit goes on saying what it skipped long ago; that takes no place from what it skips now. */
static void old_skips_leave_room_for_new_ones(void **state)
{
    static const uint64_t skipped[][2] = {{1, 1},   {3, 3},   {5, 5},   {7, 7},  {9, 9},
                                          {11, 11}, {13, 13}, {15, 15}, {21, 29}};
    struct bench b;
    bench_init(&b);
    struct unit_status status = {.online = true, .boot = TEXT("b"), .first = 20, .skipped = skipped};
    struct arrival now = {1000000, 1000000, false};
    fleet_take_status(b.fleet, b.place, &status, now, &b.out);
    struct fix fix = numbered("b", 20, 0);
    assert_int_equal(take(&b, &fix, 1000000), VERDICT_JUDGED);
    status.skipped_count = sizeof skipped / sizeof skipped[0];
    fleet_take_status(b.fleet, b.place, &status, now, &b.out);
    fix = numbered("b", 30, 0);
    assert_int_equal(take(&b, &fix, 1000000), VERDICT_JUDGED);
    assert_int_equal(b.out.hole_to, 0);
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_of_numbers_follows_the_model),
        cmocka_unit_test(what_came_before_its_turn_is_waited_for_once),
        cmocka_unit_test(a_new_boot_says_where_it_begins),
        cmocka_unit_test(a_journal_cut_by_size_says_so_and_goes_on_at_once),
        cmocka_unit_test(of_many_holes_the_oldest_is_forgotten),
        cmocka_unit_test(a_journal_may_begin_with_what_was_refused),
        cmocka_unit_test(old_skips_leave_room_for_new_ones),
        cmocka_unit_test(an_older_boot_is_late_and_never_current),
        cmocka_unit_test(repeats_without_numbers_are_told_by_their_bytes),
        cmocka_unit_test(a_word_that_comes_back_is_no_repeat),
        cmocka_unit_test(a_new_journal_by_a_wrong_clock_is_believed_once_the_clock_is_known),
        cmocka_unit_test(a_counter_that_begins_again_is_heeded_no_more),
        cmocka_unit_test(the_future_begins_after_five_minutes),
    };
    return cmocka_run_group_tests_name("core intake", tests, NULL, NULL);
}
