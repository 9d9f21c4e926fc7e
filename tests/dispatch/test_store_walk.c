/*
 * The walk against a store that is made up: it gains entries, is trimmed, goes away, and comes back as it was, with more, with less, or as
 * another one. Whatever it is, what the reader has in the end is what the store has, and what it was told is nothing twice.
 */
#include "../cmocka_all.h"
#include "../codec/random.h"
#include "store_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 20000 };

struct stream {
    int64_t ids[ENTRIES_MAX]; /* ms; n is 0 */
    size_t first, count;
};

struct reader {
    struct store_walk walk;
    int64_t known[WALK_STREAM_COUNT][ENTRIES_MAX];
    size_t count[WALK_STREAM_COUNT];
    unsigned rebuilds, caught_up;
};

static size_t words_of(struct buf *command, struct text words[20])
{
    size_t n = 0;
    char *at = strchr(command->data, '\n') + 1, *end = command->data + command->len;
    while (at < end) {
        size_t len = (size_t)strtoul(at + 1, &at, 10);
        words[n++] = (struct text){at + 2, len};
        at += 2 + len + 2;
    }
    return n;
}

static enum walk_stream stream_of(struct text key)
{
    return memcmp(key.data + key.len - 4, "live", 4) == 0       ? WALK_LIVE
           : memcmp(key.data + key.len - 5, "trips", 5) == 0    ? WALK_TRIPS
           : memcmp(key.data + key.len - 6, "shifts", 6) == 0   ? WALK_SHIFTS
           : memcmp(key.data + key.len - 8, "rulesets", 8) == 0 ? WALK_RULESETS
           : memcmp(key.data + key.len - 7, "actions", 7) == 0  ? WALK_ACTIONS
                                                                : WALK_VIOLATIONS;
}

static void hear(struct reader *r, enum walk_stream s, int64_t ms)
{
    if (store_walk_entry(&r->walk, s, (struct entry_id){ms, 0}))
        r->known[s][r->count[s]++] = ms;
}

/* What a store answers; how many entries. */
static size_t answer(struct reader *r, const struct stream *streams, struct text words[20], size_t count)
{
    size_t given = 0;
    if (text_equal(words[0], TEXT("XRANGE"))) {
        const struct stream *s = &streams[stream_of(words[1])];
        bool open = words[2].data[0] == '(', all = words[2].data[0] == '-';
        int64_t from = all ? 0 : text_whole((struct text){words[2].data + open, 13}) + open;
        int64_t to = words[3].data[0] == '+' ? INT64_MAX : text_whole((struct text){words[3].data, 13});
        size_t most = (size_t)text_whole(words[5]);
        for (size_t i = s->first; i < s->count && given < most; i++)
            if (s->ids[i] >= from && s->ids[i] <= to) {
                hear(r, stream_of(words[1]), s->ids[i]);
                given++;
            }
        return given;
    }
    assert_true(text_equal(words[0], TEXT("XREAD")));
    size_t half = (count - 6) / 2;
    for (size_t k = 0; k < half; k++) {
        const struct stream *s = &streams[stream_of(words[6 + k])];
        struct text id = words[6 + half + k];
        int64_t after = id.len > 3 ? text_whole((struct text){id.data, 13}) : 0;
        size_t of_this = 0;
        for (size_t i = s->first; i < s->count && of_this < (size_t)text_whole(words[2]); i++)
            if (s->ids[i] > after) {
                hear(r, stream_of(words[6 + k]), s->ids[i]);
                given++;
                of_this++;
            }
    }
    return given;
}

static void turn(struct reader *r, const struct stream *streams)
{
    struct buf command;
    struct text words[20];
    buf_init(&command, 4096);
    store_walk_ask(&r->walk, &command);
    assert_true(buf_ok(&command));
    buf_put_char(&command, '\0');
    command.len--;
    size_t count = words_of(&command, words);
    size_t given = answer(r, streams, words, count);
    switch (store_walk_answered(&r->walk, given)) {
    case WALK_CAUGHT_UP:
        r->caught_up++;
        break;
    case WALK_WENT_BACK:
        store_walk_init(&r->walk, 0);
        memset(r->count, 0, sizeof r->count);
        r->rebuilds++;
        store_walk_connected(&r->walk);
        break;
    case WALK_ON:
        break;
    }
    buf_fini(&command);
}

/* All that the store has is known, in order and once. */
static void check(const struct reader *r, const struct stream *streams)
{
    for (size_t s = 0; s < WALK_STREAM_COUNT; s++) {
        size_t in_store = streams[s].count - streams[s].first;
        assert_true(r->count[s] >= in_store);
        assert_memory_equal(r->known[s] + r->count[s] - in_store, streams[s].ids + streams[s].first,
                            in_store * sizeof(int64_t));
        for (size_t i = 1; i < r->count[s]; i++)
            assert_true(r->known[s][i] > r->known[s][i - 1]);
    }
}

static void test_walk(void **state)
{
    static struct stream streams[WALK_STREAM_COUNT], before[WALK_STREAM_COUNT];
    static struct reader r;
    struct random seeded = random_seeded(3), *random = &seeded;
    int64_t clock_ms = INT64_C(1780243200000);
    store_walk_init(&r.walk, 0);
    store_walk_connected(&r.walk);
    for (int step = 0; step < 3000; step++) {
        for (size_t s = 0; s < WALK_STREAM_COUNT; s++)
            for (unsigned n = random_below(random, 3); n > 0 && streams[s].count < ENTRIES_MAX; n--)
                streams[s].ids[streams[s].count++] = ++clock_ms;
        if (random_below(random, 10) == 0) { /* trimmed */
            struct stream *s = &streams[random_below(random, 2)];
            s->first += random_below(random, (unsigned)(s->count - s->first) + 1);
        }
        if (random_below(random, 400) == 0) /* a copy is kept of it, */
            memcpy(before, streams, sizeof streams);
        if (random_below(random, 20) == 0) {
            store_walk_lost(&r.walk);
            if (random_below(random, 8) == 0) { /* and put back, and it goes on with other entries */
                memcpy(streams, before, sizeof streams);
                for (size_t s = 0; s < WALK_STREAM_COUNT && streams[s].count < ENTRIES_MAX; s++)
                    streams[s].ids[streams[s].count++] = ++clock_ms;
            }
            store_walk_connected(&r.walk);
        }
        for (unsigned n = random_below(random, 4); n > 0; n--)
            turn(&r, streams);
        if (step % 50 == 0) {
            for (int i = 0; i < 60; i++)
                turn(&r, streams);
            assert_int_equal(r.walk.stage, WALK_WAIT);
            check(&r, streams);
        }
    }
    assert_true(r.rebuilds > 0 && r.caught_up > 0);
    printf("%u rebuilds\n", r.rebuilds);
}

static void test_partitions(void **state)
{
    struct store_walk w;
    enum walk_stream s;
    store_walk_init(&w, 7);
    assert_true(store_walk_find(&w, TEXT("muck:{7}:actions"), &s));
    assert_int_equal(s, WALK_ACTIONS);
    assert_false(store_walk_find(&w, TEXT("muck:{0}:actions"), &s));
    /* The watch is in partition 0 alone. */
    assert_false(store_walk_find(&w, TEXT("muck:{7}:shifts"), &s));
    store_walk_connected(&w);
    for (int i = 0; i < 4; i++)
        assert_int_equal(store_walk_answered(&w, 0), WALK_ON);
    assert_int_equal(store_walk_answered(&w, 0), WALK_CAUGHT_UP);
    store_walk_lost(&w);
    assert_true(w.caught_up);
}

static void hear_live(struct store_walk *w, int64_t from_ms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        store_walk_entry(w, WALK_LIVE, (struct entry_id){from_ms + (int64_t)i, 0});
    store_walk_answered(w, count);
}

/* Rows that were trimmed before they were read are noticed: after a lost connection, and by who reads too slowly. */
static void test_live_missed(void **state)
{
    struct store_walk w;
    store_walk_init(&w, 7);
    store_walk_connected(&w);
    for (int i = 0; i < 4; i++)
        store_walk_answered(&w, 0);
    hear_live(&w, 100, WALK_LIVE_PAGE);
    hear_live(&w, 200, 3);
    hear_live(&w, 300, WALK_LIVE_PAGE - 1);
    assert_true(w.stage == WALK_WAIT && !w.live_missed);
    hear_live(&w, 400, WALK_LIVE_PAGE);
    assert_true(w.live_missed);
    w.live_missed = false;
    store_walk_lost(&w);
    store_walk_connected(&w);
    for (int i = 0; i < 4; i++)
        store_walk_answered(&w, 0);
    assert_int_equal(w.stage, WALK_LAST);
    store_walk_answered(&w, 0);
    hear_live(&w, 900, 1);
    assert_true(w.stage == WALK_PAGES && w.live_missed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_walk), cmocka_unit_test(test_partitions),
                                       cmocka_unit_test(test_live_missed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
