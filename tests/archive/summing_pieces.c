/*
 * A vehicle's day from its chunks, against one sum over all fixes of the day in the order in which they came: chunks that were
 * summed when they were closed and such that were not, or are by other pauses; in order, overlapping, at one time, over a
 * day's end, with fixes by a wrong clock and with none; and fixes that are in no chunk yet. To the bit.
 */
#include "../cmocka_all.h"

#include "summing.h"
#include "track_chunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GAP_MS = 300000,
    DAYS = 3000,
    CHUNKS = 8,
    LINES = 12,
    TEXT_BYTES = 1 << 20,
    DAY_MS = 86400000,
    FILES = 2
};

struct kept_chunk {
    struct buf lines, places; /* the latter with the sum behind it */
    struct archive_summed summed;
    bool has_time;
};

static struct kept_chunk kept[CHUNKS];
static size_t kept_count, opened;

/* Chunks stand in two files, in the order in which they came. */
static int32_t file_of(size_t chunk)
{
    return chunk < kept_count / FILES ? 0 : 1;
}

static bool each_between(void *context, const struct archive_stretch *span, archive_each_summed *each,
                         void *arg)
{
    (void)context;
    for (size_t i = 0; i < kept_count; i++) {
        const struct archive_summed *c = &kept[i].summed;
        if (kept[i].has_time && file_of(i) == span->file && c->time_first_ms < span->to_ms &&
            c->time_last_ms >= span->from_ms && !each(arg, span->file, c))
            return false;
    }
    return true;
}

static bool chunk_lines_at(void *context, int32_t file, int64_t id, archive_each_chunk *each, void *arg)
{
    (void)context;
    assert_int_equal(file, file_of((size_t)id));
    opened++;
    return each(arg, 1, buf_text(&kept[id].lines), buf_text(&kept[id].places));
}

/* A line of the hand, and what it counts as. */
static struct text make_line(char *out, size_t size, int64_t ms)
{
    static const char *const covers[] = {"open", "closed", "unknown"};
    char place[80] = ",\"mode\":1", speed[32] = "";
    if (rand() % 6 != 0)
        snprintf(place, sizeof place, ",\"lat\":30.%05d,\"lon\":112.%05d", rand() % 3000, rand() % 3000);
    if (rand() % 4 != 0)
        snprintf(speed, sizeof speed, ",\"speed\":%d.%d", rand() % 3, rand() % 10);
    int len = snprintf(
        out, size,
        "{\"vehicle\":\"t1\",\"received\":%lld,\"time\":%lld.%03d%s%s,\"sensors\":{\"cover\":\"%s\"}}",
        (long long)ms + 500, (long long)ms / 1000, (int)(ms % 1000), place, speed, covers[rand() % 3]);
    return (struct text){out, (size_t)len};
}

/* What was made, and by it the right answer. */
struct made {
    int64_t ms, from_ms, to_ms;
    struct day_points all;
};

static void add_to(struct made *m, struct text line)
{
    struct day_point point;
    assert_true(summing_read(line, &point));
    if (point.ms >= m->from_ms && point.ms < m->to_ms)
        assert_true(day_points_add(&m->all, &point));
}

static void advance(struct made *m)
{
    m->ms += rand() % 5 == 0 ? 0 : rand() % 10 == 0 ? 400000 : rand() % 20000;
    if (rand() % 40 == 0)
        m->ms -= rand() % 1000000; /* it comes late */
}

static void make_chunk(struct made *m, struct chunk_summing *summing)
{
    struct kept_chunk *c = &kept[kept_count];
    struct open_part part;
    struct archive_chunk chunk;
    char bytes[400];
    part_init(&part, 1, NULL);
    for (int i = rand() % LINES; i >= 0; i--) {
        bool by_clock = rand() % 30 == 0;
        int64_t ms = by_clock ? m->ms - 500000 : m->ms;
        struct text line = make_line(bytes, sizeof bytes, ms);
        const struct part_line at = {.at = {1, m->ms, 0},
                                     .batch = 1,
                                     .received_ms = 1,
                                     .late = by_clock ? PART_BY_CLOCK : PART_IN_ORDER};
        assert_true(part_add(&part, 1, TEXT("t1"), &at, line));
        if (!by_clock)
            add_to(m, line);
        advance(m);
    }
    const struct part_track *track = part_whole(&part, part_find(&part, 1));
    size_t from = 0;
    summing->gap_ms = rand() % 4 == 0 ? -1 : rand() % 10 == 0 ? GAP_MS / 2 : GAP_MS;
    buf_init(&c->lines, TEXT_BYTES);
    buf_init(&c->places, TEXT_BYTES);
    assert_true(track_chunk_make(track, &from, summing, &c->places, &chunk) && from == track->count);
    buf_put_text(&c->lines, chunk.lines);
    c->summed =
        (struct archive_summed){(int64_t)kept_count, chunk.time_first_ms, chunk.time_last_ms, chunk.sum};
    c->places.len = chunk.places.len;
    c->has_time = chunk.has_time;
    kept_count++;
    part_fini(&part);
}

static void check(struct made *m, struct summing *s)
{
    struct day_piece right;
    struct day_sum sum;
    assert_true(day_piece_make(&m->all, GAP_MS, &right));
    assert_true(summing_make(s, &sum));
    assert_int_equal(sum.fixes, right.sum.fixes);
    assert_int_equal(sum.valid, right.sum.valid);
    assert_int_equal(sum.heard_ms, right.sum.heard_ms);
    assert_int_equal(sum.moving_ms, right.sum.moving_ms);
    assert_memory_equal(&sum.way_m, &right.sum.way_m, sizeof sum.way_m);
    assert_memory_equal(&sum.gap_m, &right.sum.gap_m, sizeof sum.gap_m);
    assert_int_equal(sum.cover_count, right.sum.cover_count);
    assert_true(sum.cover_count == 0 ||
                memcmp(sum.cover, right.sum.cover, sum.cover_count * sizeof *sum.cover) == 0);
    day_sum_fini(&sum);
    day_piece_fini(&right);
}

static void test_days(void **state)
{
    const struct archive_disk disk = {.each_between = each_between, .chunk_lines = chunk_lines_at};
    struct summing s = summing_new(&disk, (struct city_days){NULL, 0}, GAP_MS);
    struct chunk_summing summing = {.gap_ms = GAP_MS};
    size_t all = 0;
    srand(11);
    for (int n = 0; n < DAYS; n++) {
        int32_t day = 20000;
        struct made m = {.from_ms = (int64_t)day * DAY_MS, .to_ms = (int64_t)(day + 1) * DAY_MS};
        char bytes[400];
        m.ms = rand() % 2 == 0   ? m.from_ms + 3600000
               : rand() % 2 == 0 ? m.from_ms - 300000
                                 : m.to_ms - 500000;
        for (int i = rand() % CHUNKS; i >= 0; i--)
            make_chunk(&m, &summing);
        summing_begin(&s, day);
        for (int32_t file = 0; file < FILES; file++)
            assert_true(summing_add_file(&s, file, TEXT("t1")));
        for (int i = rand() % 2 * rand() % LINES; i > 0; i--) {
            struct text line = make_line(bytes, sizeof bytes, m.ms);
            struct day_point point;
            add_to(&m, line);
            assert_true(summing_read(line, &point) && summing_add_point(&s, &point));
            advance(&m);
        }
        all += kept_count;
        check(&m, &s);
        for (; kept_count > 0; kept_count--) {
            buf_fini(&kept[kept_count - 1].lines);
            buf_fini(&kept[kept_count - 1].places);
        }
        day_points_fini(&m.all);
    }
    print_message("%zu of %zu chunks were read\n", opened, all);
    assert_true(opened > 0 && opened < all * 4 / 5);
    day_points_fini(&summing.points);
    summing_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_days)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
