/*
 * journal: its promises under kill -9, power cuts at any byte, flipped bytes and full disks, against a model
 * that remembers every number ever given out.
 */
#include "journal.h"

#include "fake_disk.h"
#include "journal_record.h"
#include "random.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct journal_options small = {
    .max_bytes = 64 << 10,
    .max_age_ms = INT64_C(7) * 86400000,
    .fsync_ms = 5000,
    .segment_bytes = 8 << 10,
    .memory_bytes = 16 << 10,
};

static const struct wall noon = {INT64_C(1780000000000)};

static struct journal *open_or_fail(struct fake_disk *d, const struct journal_options *options,
                                    const char *boot)
{
    struct journal_disk disk = fake_disk_open(d);
    struct journal *j = NULL;
    assert_int_equal(journal_open(&disk, options, boot, noon, &j), JOURNAL_OK);
    return j;
}

static struct text payload_of(char *out, size_t cap, uint64_t id)
{
    int n = snprintf(
        out, cap, "{\"time\":%llu,\"lat\":31.2,\"pad\":\"%.*s\"}", (unsigned long long)id, (int)(id * 7 % 90),
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    return (struct text){out, (size_t)n};
}

/* ---- the model ---- */

enum { MODEL_MAX = 1 << 18 };

struct model {
    uint64_t *id_of; /* by seq; 0: never given out */
    bool *lost;      /* by seq: a power cut took it before its commit */
    uint64_t ids;
    uint64_t highest;
    uint64_t first; /* the highest `first` told: what lies below was let go, but may come back after a cut */
    uint64_t durable; /* every fix up to here that is not below `first` must be readable after a power cut */
};

static void model_append(struct model *m, struct journal *j)
{
    char text[256];
    uint64_t seq = 0;
    assert_int_equal(journal_append(j, payload_of(text, sizeof text, ++m->ids), noon, &seq), JOURNAL_OK);
    assert_true(seq < MODEL_MAX);
    assert_int_equal(m->id_of[seq], 0); /* no number is used for two fixes */
    assert_true(seq > m->highest);
    m->id_of[seq] = m->ids;
    m->highest = seq;
}

/* All that can be read is what was written under that number; returns the highest. `expect` must all be
 * there. */
static uint64_t model_check(struct model *m, struct journal *j, uint64_t expect)
{
    struct journal_entry e;
    const struct journal_range *skips;
    size_t skip_count = journal_skips(j, &skips);
    uint64_t from = journal_first(j), last = 0;
    while (journal_read(j, from, &e) == JOURNAL_OK) {
        char text[256];
        struct text want = payload_of(text, sizeof text, m->id_of[e.seq]);
        assert_true(m->id_of[e.seq] != 0);
        assert_true(text_equal(want, e.payload));
        for (uint64_t missed = from; missed < e.seq && missed <= expect; missed++)
            assert_true(m->id_of[missed] == 0 || missed < m->first || (m->lost != NULL && m->lost[missed]));
        for (size_t i = 0; i < skip_count; i++)
            assert_false(skips[i].first <= e.seq && e.seq <= skips[i].last);
        last = e.seq;
        from = e.seq + 1;
    }
    for (uint64_t missed = from; missed <= expect; missed++)
        assert_true(m->id_of[missed] == 0 || missed < m->first || (m->lost != NULL && m->lost[missed]));
    return last;
}

/* What a power cut has taken of the fixes after the last commit. */
static void model_forget(struct model *m, struct journal *j)
{
    struct journal_entry e;
    for (uint64_t seq = m->durable + 1; seq <= m->highest; seq++)
        m->lost[seq] = journal_read(j, seq, &e) != JOURNAL_OK || e.seq != seq;
}

static void random_run(uint64_t seed)
{
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t)), .lost = calloc(MODEL_MAX, sizeof(bool))};
    assert_true(d != NULL && m.id_of != NULL && m.lost != NULL);
    fake_disk_init(d, seed);
    uint64_t r = seed * 31 + 1;
    struct mono now = {0};
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (int step = 0; step < 400; step++) {
        uint64_t what = random_below(&r, 100);
        if (what < 70) {
            for (uint64_t n = random_below(&r, 12); n > 0; n--)
                model_append(&m, j);
        } else if (what < 85) {
            now.ms += (int64_t)random_below(&r, 9000);
            if (journal_tick(j, now, noon) == -1)
                m.durable = m.highest;
        } else if (what < 93) {
            /* Mostly forward, at times back, as after a restored store. */
            uint64_t back = random_below(&r, random_below(&r, 4) == 0 ? 400 : 20);
            journal_ack(j, m.highest > back ? m.highest - back : 0);
        } else {
            uint64_t must = m.durable;
            m.first = journal_first(j) > m.first ? journal_first(j) : m.first;
            if (what < 95) {
                journal_close(j, noon);
                must = m.highest;
            } else if (what < 97) {
                journal_abandon(j); /* kill -9: what was written is in the page cache */
                must = m.highest;
            } else {
                journal_abandon(j);
                fake_disk_power_cut(d);
            }
            j = open_or_fail(d, &small, "ffffffffffffffff");
            assert_memory_equal(journal_boot(j).data, "0123456789abcdef", 16);
            assert_true(journal_acked(j) <= m.highest);
            model_check(&m, j, must);
            model_forget(&m, j);
            m.durable = m.highest; /* opening syncs what a killed process had only written */
            model_append(&m, j);
        }
    }
    model_check(&m, j, m.highest);
    assert_true(journal_stats(j).bytes_kept <= small.max_bytes + 3 * small.segment_bytes);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
    free(m.lost);
}

static void no_number_twice_and_nothing_durable_lost(void **state)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        random_run(seed);
    }
}

/* ---- cuts and flips ---- */

enum { TAIL_FIXES = 40 };

/* A journal of one segment; ends[i] is where fix i + 1 ends in it. */
static void build(struct fake_disk *d, struct model *m, size_t *ends)
{
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (int i = 0; i < TAIL_FIXES; i++) {
        model_append(m, j);
        ends[i] = fake_disk_find(d, "0000000000000000.journal")->size;
    }
    journal_abandon(j);
}

static void damage_and_check(size_t at, int bit, bool cut)
{
    struct fake_disk *d = malloc(sizeof *d);
    static uint64_t id_of[MODEL_MAX];
    memset(id_of, 0, 4096 * sizeof id_of[0]);
    struct model m = {.id_of = id_of};
    size_t ends[TAIL_FIXES];
    assert_non_null(d);
    fake_disk_init(d, 1);
    build(d, &m, ends);
    struct fake_file *f = fake_disk_find(d, "0000000000000000.journal");
    uint64_t before = 0;
    while (before < TAIL_FIXES && ends[before] <= at)
        before++;
    if (cut)
        f->size = at;
    else
        f->now[at] = (uint8_t)(f->now[at] ^ (1 << bit));
    struct journal *j = open_or_fail(d, &small, "ffffffffffffffff");
    uint64_t last = model_check(&m, j, before);
    assert_int_equal(last, cut ? before : before + 1 == TAIL_FIXES ? before : TAIL_FIXES);
    model_append(&m, j); /* asserts a new number */
    assert_int_equal(model_check(&m, j, before), m.highest);
    journal_abandon(j);
    fake_disk_fini(d);
    free(d);
}

static void a_cut_at_any_byte_keeps_all_before_it(void **state)
{
    size_t ends[TAIL_FIXES];
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    fake_disk_init(d, 1);
    build(d, &m, ends);
    for (size_t at = ends[TAIL_FIXES - 6]; at < ends[TAIL_FIXES - 1]; at++) {
        damage_and_check(at, 0, true);
        damage_and_check(at, (int)(at % 8), false);
    }
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

/* The newest slot of the numbers may be one that was used: whatever happens to it, no number comes twice. */
static void a_damaged_slot_of_numbers_is_survived(void **state)
{
    for (int pass = 0; pass < 4; pass++)
        for (size_t at = 0; at < 64; at++) {
            struct fake_disk *d = malloc(sizeof *d);
            struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
            fake_disk_init(d, 1);
            struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
            for (int i = 0; i < 1640; i++) {
                model_append(&m, j);
                if (i % 50 == 0)
                    journal_commit(j, noon);
            }
            journal_abandon(j);
            struct fake_file *f = fake_disk_find(d, "numbers");
            f->now[(pass & 1 ? 4096 : 0) + at] ^= 0x10;
            /* All segments gone as well: only the numbers stand between two uses. */
            for (int i = 0; i < d->count; i++)
                if (&d->files[i] != f && pass >= 2)
                    d->files[i].exists = false;
            j = open_or_fail(d, &small, "ffffffffffffffff");
            assert_memory_equal(journal_boot(j).data, "0123456789abcdef", 16);
            model_append(&m, j);
            journal_abandon(j);
            fake_disk_fini(d);
            free(d);
            free(m.id_of);
        }
}

static void lost_numbers_leave_a_wide_berth_and_a_lost_journal_a_new_boot(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    char text[256];
    uint64_t seq = 0;
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (uint64_t i = 0; i < 10; i++)
        journal_append(j, payload_of(text, sizeof text, i), noon, &seq);
    journal_close(j, noon);
    fake_disk_find(d, "numbers")->exists = false;
    j = open_or_fail(d, &small, "ffffffffffffffff");
    assert_memory_equal(journal_boot(j).data, "0123456789abcdef", 16);
    const struct journal_range *skips;
    assert_int_equal(journal_skips(j, &skips), 1);
    assert_int_equal(skips[0].first, 11);
    assert_int_equal(skips[0].last, 10 + JOURNAL_LOST_NUMBERS_SKIP);
    journal_append(j, payload_of(text, sizeof text, 1), noon, &seq);
    assert_int_equal(seq, 11 + JOURNAL_LOST_NUMBERS_SKIP);
    journal_close(j, noon);
    for (int i = 0; i < d->count; i++)
        d->files[i].exists = false;
    j = open_or_fail(d, &small, "ffffffffffffffff");
    assert_memory_equal(journal_boot(j).data, "ffffffffffffffff", 16);
    journal_append(j, payload_of(text, sizeof text, 1), noon, &seq);
    assert_int_equal(seq, 1);
    assert_int_equal(journal_first(j), 1);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
}

/* ---- stops and bounds ---- */

static void a_clean_stop_leaves_no_number_out(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    char text[256];
    uint64_t seq = 0;
    const struct journal_range *skips;
    fake_disk_init(d, 1);
    for (uint64_t i = 1; i <= 20; i++) {
        struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
        assert_int_equal(journal_skips(j, &skips), 0);
        journal_append(j, payload_of(text, sizeof text, i), noon, &seq);
        assert_int_equal(seq, i);
        journal_ack(j, i - 1);
        journal_close(j, noon);
    }
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    assert_int_equal(journal_acked(j), 19);
    assert_int_equal(journal_first(j), 1);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
}

static void an_unclean_stop_declares_what_it_leaves_out(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    char text[256];
    uint64_t seq = 0;
    const struct journal_range *skips;
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (uint64_t i = 1; i <= 5; i++)
        journal_append(j, payload_of(text, sizeof text, i), noon, &seq);
    journal_abandon(j);
    j = open_or_fail(d, &small, "0123456789abcdef");
    journal_abandon(j); /* a second one before anything was used: the ranges join */
    j = open_or_fail(d, &small, "0123456789abcdef");
    assert_int_equal(journal_skips(j, &skips), 1);
    assert_int_equal(skips[0].first, 6);
    assert_int_equal(skips[0].last, 2 * JOURNAL_BLOCK);
    journal_append(j, payload_of(text, sizeof text, 6), noon, &seq);
    assert_int_equal(seq, 2 * JOURNAL_BLOCK + 1);
    journal_close(j, noon);
    j = open_or_fail(d, &small, "0123456789abcdef");
    assert_int_equal(journal_skips(j, &skips), 1); /* still told after a clean stop */
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
}

/* Numbers of fixes that are gone were used all the same: they are not told as left out. */
static void a_clean_stop_says_what_was_used_where_a_segment_is_gone(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    char text[256];
    uint64_t seq = 0;
    const struct journal_range *skips;
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (uint64_t i = 1; i <= 120; i++) {
        journal_append(j, payload_of(text, sizeof text, i), noon, &seq);
        journal_commit(j, noon);
    }
    assert_int_equal(journal_stats(j).segments, 2);
    journal_close(j, noon);
    fake_disk_find(d, "0000000000000001.journal")->exists = false;
    j = open_or_fail(d, &small, "0123456789abcdef");
    assert_int_equal(journal_first(j), 1);
    assert_int_equal(journal_skips(j, &skips), 0);
    journal_append(j, payload_of(text, sizeof text, 6), noon, &seq);
    assert_int_equal(seq, 121);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
}

/* A torn tail is passed over, and nothing is written behind it. */
static void a_torn_segment_is_not_written_on(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (int i = 0; i < 5; i++)
        model_append(&m, j);
    journal_commit(j, noon);
    journal_abandon(j);
    struct fake_file *f = fake_disk_find(d, "0000000000000000.journal");
    size_t size = f->size -= 3;
    j = open_or_fail(d, &small, "0123456789abcdef");
    model_append(&m, j);
    journal_commit(j, noon);
    assert_int_equal(f->size, size);
    assert_int_equal(journal_stats(j).segments, 2);
    assert_int_equal(model_check(&m, j, 4), m.highest);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

/* A segment of another journal is not ours to send or to remove, however full the folder is. */
static void a_segment_of_another_journal_stays(void **state)
{
    struct fake_disk *d = malloc(sizeof *d), *other = malloc(sizeof *other);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    char text[256];
    uint64_t seq = 0;
    fake_disk_init(d, 1);
    fake_disk_init(other, 2);
    struct journal *j = open_or_fail(other, &small, "fedcba9876543210");
    journal_append(j, payload_of(text, sizeof text, 1), noon, &seq);
    journal_close(j, noon);
    j = open_or_fail(d, &small, "0123456789abcdef");
    journal_append(j, payload_of(text, sizeof text, 1), noon, &seq);
    journal_close(j, noon);
    struct fake_file *ours = fake_disk_find(d, "0000000000000000.journal"), kept = *ours;
    struct fake_file *theirs = fake_disk_find(other, "0000000000000000.journal");
    *ours = *theirs;
    *theirs = kept;
    j = open_or_fail(d, &small, "0123456789abcdef");
    m.highest = 1;
    model_append(&m, j);
    assert_int_equal(model_check(&m, j, 0), 2);
    for (int i = 0; i < 3000; i++) {
        model_append(&m, j);
        journal_commit(j, noon);
    }
    assert_true(journal_first(j) > 2);
    assert_non_null(fake_disk_find(d, "0000000000000000.journal"));
    journal_close(j, noon);
    fake_disk_fini(d);
    fake_disk_fini(other);
    free(d);
    free(other);
    free(m.id_of);
}

/* A disk that takes so many writes and then ends with the process. */
static unsigned writes_left;
static int64_t (*write_really)(void *context, int file, uint64_t at, const void *bytes, size_t n);

static int64_t write_until_killed(void *context, int file, uint64_t at, const void *bytes, size_t n)
{
    if (writes_left == 0)
        return -EIO;
    writes_left--;
    return write_really(context, file, at, bytes, n);
}

/* Whether each number between two is given out or declared. */
static void all_is_declared(struct journal *j, uint64_t from, uint64_t to)
{
    const struct journal_range *skips;
    size_t count = journal_skips(j, &skips);
    for (uint64_t seq = from; seq <= to; seq++) {
        bool told = false;
        for (size_t i = 0; i < count; i++)
            told = told || (seq >= skips[i].first && seq <= skips[i].last);
        if (!told)
            fail_msg("number %llu is neither used nor declared", (unsigned long long)seq);
    }
}

/* A start claims numbers, then writes down which it leaves out: a kill may come between any two writes. */
static void a_kill_at_any_write_of_a_start_leaves_nothing_undeclared(void **state)
{
    for (unsigned writes = 0; writes < 12; writes++) {
        struct fake_disk *d = malloc(sizeof *d);
        struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
        fake_disk_init(d, 1);
        struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
        for (int i = 0; i < 10; i++)
            model_append(&m, j);
        journal_commit(j, noon);
        journal_abandon(j);
        struct journal_disk disk = fake_disk_open(d);
        write_really = disk.write;
        disk.write = write_until_killed;
        writes_left = writes;
        if (journal_open(&disk, &small, "0123456789abcdef", noon, &j) == JOURNAL_OK)
            journal_abandon(j);
        j = open_or_fail(d, &small, "0123456789abcdef");
        model_append(&m, j);
        all_is_declared(j, 11, m.highest - 1);
        assert_int_equal(model_check(&m, j, m.highest), m.highest);
        journal_close(j, noon);
        fake_disk_fini(d);
        free(d);
        free(m.id_of);
    }
}

/* As many segments as a bound of gigabytes makes: 512 were the end of it, whatever the bound said. */
static void many_segments_are_kept(void **state)
{
    enum { SEGMENTS = 1500 };
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    const struct journal_options large = {.max_bytes = 64 << 20,
                                          .max_age_ms = INT64_C(7) * 86400000,
                                          .fsync_ms = 5000,
                                          .segment_bytes = 1,
                                          .memory_bytes = 16 << 10};
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &large, "0123456789abcdef");
    for (int i = 0; i < SEGMENTS; i++) {
        model_append(&m, j);
        journal_commit(j, noon);
    }
    assert_in_range(journal_stats(j).segments, SEGMENTS, SEGMENTS + 2);
    assert_int_equal(journal_stats(j).dropped_unacked, 0);
    journal_close(j, noon);
    j = open_or_fail(d, &large, "0123456789abcdef");
    assert_int_equal(journal_first(j), 1);
    assert_int_equal(model_check(&m, j, m.highest), m.highest);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

static void one_process_at_a_time(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef"), *second = NULL;
    struct journal_disk disk = fake_disk_open(d);
    disk.close_all = fake_disk_open(d).close_all;
    assert_int_equal(journal_open(&disk, &small, "0123456789abcdef", noon, &second), JOURNAL_BUSY);
    assert_null(second);
    d->locked = true;
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
}

static void syncs_are_bounded_by_time(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    char text[256];
    uint64_t seq = 0;
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    unsigned before = d->syncs;
    for (int64_t ms = 0; ms < 100000; ms += 100) {
        journal_append(j, payload_of(text, sizeof text, (uint64_t)ms), noon, &seq);
        journal_ack(j, seq);
        int64_t wait = journal_tick(j, (struct mono){ms}, noon);
        assert_true(wait == -1 || (wait > 0 && wait <= 5000));
    }
    /* 20 commits, and two claims of numbers for 1000 fixes. */
    assert_in_range(d->syncs - before, 19, 23);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
}

/* Acks alone are not worth a page of flash: they wait for the next fix, or twelve times as long as a fix. */
static void an_ack_waits_for_the_next_fix(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    char text[256];
    uint64_t seq = 0;
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    journal_append(j, payload_of(text, sizeof text, 1), noon, &seq);
    journal_commit(j, noon);
    journal_ack(j, seq);
    uint64_t before = journal_stats(j).bytes_written;
    for (int64_t ms = 0; ms < 12 * small.fsync_ms; ms += 1000)
        assert_int_equal(journal_tick(j, (struct mono){ms}, noon), 12 * small.fsync_ms - ms);
    assert_int_equal(journal_stats(j).bytes_written, before);
    assert_int_equal(journal_tick(j, (struct mono){12 * small.fsync_ms}, noon), -1);
    assert_true(journal_stats(j).bytes_written > before);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
}

static void size_drops_the_oldest_and_first_says_so(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (int i = 0; i < 3000; i++) {
        model_append(&m, j);
        if (i % 10 == 0)
            journal_commit(j, noon);
        if (i == 20)
            journal_ack(j, 20);
    }
    struct journal_stats stats = journal_stats(j);
    assert_true(stats.bytes_kept <= small.max_bytes + small.segment_bytes * 2);
    assert_true(stats.bytes_kept >= small.max_bytes / 2);
    assert_true(journal_first(j) > 21);
    assert_int_equal(stats.dropped_unacked, journal_first(j) - 1 - 20);
    assert_int_equal(model_check(&m, j, m.highest), 3000);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

static void age_drops_only_what_is_acknowledged(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    char text[256];
    uint64_t seq = 0;
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (uint64_t i = 1; i <= 300; i++) {
        struct wall then = {noon.ms + (int64_t)i * 3600000};
        journal_append(j, payload_of(text, sizeof text, i), then, &seq);
        journal_commit(j, then);
    }
    assert_int_equal(journal_first(j), 1);
    journal_ack(j, 300);
    struct wall then = {noon.ms + INT64_C(300) * 3600000};
    journal_append(j, payload_of(text, sizeof text, 301), then, &seq);
    journal_commit(j, then);
    /* 300 hours written, 168 are kept, a segment holds about 90. */
    assert_in_range(journal_first(j), 30, 133);
    assert_int_equal(journal_stats(j).dropped_unacked, 0);
    journal_close(j, then);
    fake_disk_fini(d);
    free(d);
}

/* A write that a signal breaks off is no failure of the disk. */
static void interrupted_writes_are_done_again(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    d->interrupt_each = 2;
    for (int i = 0; i < 100; i++) {
        model_append(&m, j);
        assert_int_equal(journal_error(j), 0);
    }
    assert_int_equal(journal_stats(j).write_errors, 0);
    journal_commit(j, noon);
    journal_abandon(j);
    fake_disk_power_cut(d);
    j = open_or_fail(d, &small, "0123456789abcdef");
    assert_int_equal(model_check(&m, j, 100), 100);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

static void a_full_disk_costs_nothing_within_the_bound(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    d->space = 1000;
    for (int i = 0; i < 100; i++)
        model_append(&m, j);
    assert_int_equal(journal_error(j), ENOSPC);
    journal_commit(j, noon);
    assert_int_equal(model_check(&m, j, m.highest), 100); /* still all to be sent */
    d->space = -1;
    journal_commit(j, noon);
    assert_int_equal(journal_error(j), 0);
    journal_abandon(j);
    j = open_or_fail(d, &small, "0123456789abcdef");
    assert_int_equal(model_check(&m, j, 100), 100);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

static void a_disk_full_for_long_drops_the_oldest_from_memory(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    char text[256];
    uint64_t seq = 0;
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    d->write_errno = EIO;
    enum journal_status status;
    while ((status = journal_append(j, payload_of(text, sizeof text, ++m.ids), noon, &seq)) == JOURNAL_OK)
        m.id_of[seq] = m.ids;
    /* The block is used up and no other can be claimed: better no number than one that may come twice. */
    assert_int_equal(status, JOURNAL_NO_NUMBER);
    assert_int_equal(seq, JOURNAL_BLOCK);
    struct journal_stats stats = journal_stats(j);
    assert_true(stats.dropped_memory > 0);
    assert_int_equal(journal_first(j), stats.dropped_memory + 1);
    m.highest = seq;
    model_check(&m, j, 0);
    d->write_errno = 0;
    m.id_of[seq + 1] = 0;
    model_append(&m, j);
    journal_commit(j, noon);
    assert_int_equal(journal_error(j), 0);
    assert_int_equal(model_check(&m, j, m.highest), JOURNAL_BLOCK + 1);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

static void acknowledged_segments_make_room_on_a_full_disk(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (int i = 0; i < 300; i++) {
        model_append(&m, j);
        journal_commit(j, noon);
    }
    journal_ack(j, 300);
    d->space = 0;
    for (int i = 0; i < 50; i++)
        model_append(&m, j);
    assert_int_equal(journal_error(j), 0);
    assert_true(journal_first(j) > 1);
    assert_int_equal(journal_stats(j).dropped_unacked, 0);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

/* Nor is the segment that is written let go of, though all of it is acknowledged. */
static void a_full_disk_takes_nothing_that_is_not_acknowledged(void **state)
{
    for (int count = 20; count <= 300; count += 280) {
        struct fake_disk *d = malloc(sizeof *d);
        struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
        fake_disk_init(d, 1);
        struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
        for (int i = 0; i < count; i++) {
            model_append(&m, j);
            journal_commit(j, noon);
        }
        assert_int_equal(journal_stats(j).segments > 1, count == 300);
        journal_ack(j, count == 20 ? 20 : 0);
        d->space = 0;
        model_append(&m, j);
        assert_int_equal(journal_error(j), ENOSPC);
        assert_int_equal(journal_first(j), 1);
        assert_int_equal(journal_stats(j).dropped_unacked, 0);
        assert_int_equal(model_check(&m, j, m.highest), count + 1);
        journal_close(j, noon);
        fake_disk_fini(d);
        free(d);
        free(m.id_of);
    }
}

static void numbers_never_used_are_not_acknowledged(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    for (int i = 0; i < 3; i++)
        model_append(&m, j);
    journal_ack(j, 4);
    assert_int_equal(journal_acked(j), 3);
    journal_ack(j, 2); /* it may go back */
    assert_int_equal(journal_acked(j), 2);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

static void a_failed_sync_moves_on_to_a_new_segment(void **state)
{
    struct fake_disk *d = malloc(sizeof *d);
    struct model m = {.id_of = calloc(MODEL_MAX, sizeof(uint64_t))};
    fake_disk_init(d, 1);
    struct journal *j = open_or_fail(d, &small, "0123456789abcdef");
    model_append(&m, j);
    d->sync_errno = EIO;
    journal_commit(j, noon);
    assert_int_equal(journal_error(j), EIO);
    d->sync_errno = 0;
    model_append(&m, j);
    assert_int_equal(journal_stats(j).segments, 2);
    assert_int_equal(model_check(&m, j, 2), 2);
    journal_close(j, noon);
    fake_disk_fini(d);
    free(d);
    free(m.id_of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_stop_leaves_no_number_out),
        cmocka_unit_test(an_unclean_stop_declares_what_it_leaves_out),
        cmocka_unit_test(a_kill_at_any_write_of_a_start_leaves_nothing_undeclared),
        cmocka_unit_test(many_segments_are_kept),
        cmocka_unit_test(one_process_at_a_time),
        cmocka_unit_test(syncs_are_bounded_by_time),
        cmocka_unit_test(an_ack_waits_for_the_next_fix),
        cmocka_unit_test(a_clean_stop_says_what_was_used_where_a_segment_is_gone),
        cmocka_unit_test(a_torn_segment_is_not_written_on),
        cmocka_unit_test(a_segment_of_another_journal_stays),
        cmocka_unit_test(size_drops_the_oldest_and_first_says_so),
        cmocka_unit_test(age_drops_only_what_is_acknowledged),
        cmocka_unit_test(interrupted_writes_are_done_again),
        cmocka_unit_test(a_full_disk_costs_nothing_within_the_bound),
        cmocka_unit_test(a_disk_full_for_long_drops_the_oldest_from_memory),
        cmocka_unit_test(acknowledged_segments_make_room_on_a_full_disk),
        cmocka_unit_test(a_full_disk_takes_nothing_that_is_not_acknowledged),
        cmocka_unit_test(numbers_never_used_are_not_acknowledged),
        cmocka_unit_test(a_failed_sync_moves_on_to_a_new_segment),
        cmocka_unit_test(lost_numbers_leave_a_wide_berth_and_a_lost_journal_a_new_boot),
        cmocka_unit_test(a_damaged_slot_of_numbers_is_survived),
        cmocka_unit_test(a_cut_at_any_byte_keeps_all_before_it),
        cmocka_unit_test(no_number_twice_and_nothing_durable_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
