/*
 * The log against lists that are simply kept, in a small room: what it takes of the heap never goes beyond the room, whatever the streams
 * were before; what it has is the newest, in their order; and it has most of what would fit.
 */
#include "../cmocka_all.h"
#include "../codec/random.h"
#include "feed_log.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS = 2, ROOM = 1 << 20, TURN = 20000, ITEMS = 6 * TURN, TEXT_MAX = 200 };

/* ---- the heap: to the byte what the code under test has of it, each piece behind its size ---- */

enum { BEFORE = 16 };
static size_t held_bytes;

void *__real_malloc(size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *p);

void *__wrap_malloc(size_t size)
{
    char *p = __real_malloc(BEFORE + size);
    assert_non_null(p);
    memcpy(p, &size, sizeof size);
    held_bytes += size;
    return p + BEFORE;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return memset(__wrap_malloc(count * size), 0, count * size);
}

void __wrap_free(void *p)
{
    size_t size;
    if (p == NULL)
        return;
    memcpy(&size, (char *)p - BEFORE, sizeof size);
    held_bytes -= size;
    __real_free((char *)p - BEFORE);
}

/* ---- */

struct kept {
    struct entry_id id;
    uint32_t len;
    size_t list; /* part and stream */
};

/* Who is told now: one stream alone, another alone, all; as a city's day goes. */
static size_t list_of(struct random *r, size_t n)
{
    size_t turn = n / TURN;
    return turn % 2 == 0 ? turn / 2 : random_below(r, PARTS * FEED_STREAM_COUNT);
}

static void check_ends(const struct feed_log *log, const struct kept *items, size_t count)
{
    struct feed_part parts[PARTS];
    struct feed_place place = {parts, PARTS};
    const struct feed_item *item;
    memcpy(parts, feed_log_end(log)->parts, sizeof parts);
    assert_null(feed_log_next(log, &place));
    assert_int_equal(feed_log_resume(log, &place), FEED_GOES_ON);
    memset(parts, 0, sizeof parts);
    size_t have = 0, bytes = 0;
    while (feed_log_next(log, &place) != NULL)
        have++;
    memset(parts, 0, sizeof parts);
    for (size_t i = count - have; i < count; i++) {
        item = feed_log_next(log, &place);
        assert_int_equal(entry_id_compare(item->id, items[i].id), 0);
        assert_int_equal(item->len, items[i].len);
        assert_true(item->len == 0 || (unsigned char)item->bytes[item->len - 1] == item->len);
        bytes += sizeof *item + item->len;
    }
    assert_true(have == count || bytes > ROOM * 9 / 10);
}

static void test_room(void **state)
{
    static const uint32_t partitions[PARTS] = {0, 1};
    struct random r = random_seeded(11);
    struct kept *items = __real_malloc(ITEMS * sizeof *items);
    struct feed_log *log = feed_log_new(partitions, PARTS, ROOM);
    char text[TEXT_MAX];
    (void)state;
    assert_non_null(log);
    assert_non_null(items);
    size_t empty_bytes = held_bytes;
    for (size_t n = 0; n < ITEMS; n++) {
        struct feed_item item = {.id = {(int64_t)n / 3 + 1, n % 3}, .kind = FEED_ACTION, .bytes = text};
        items[n].list = list_of(&r, n);
        item.len = n / TURN == 2 ? 0 : (uint32_t)random_below(&r, TEXT_MAX);
        memset(text, (int)item.len, sizeof text);
        items[n].id = item.id;
        items[n].len = item.len;
        feed_log_put(log, items[n].list / FEED_STREAM_COUNT,
                     (enum feed_stream)(items[n].list % FEED_STREAM_COUNT), &item);
        assert_true(feed_log_bytes(log) <= ROOM);
        assert_int_equal(held_bytes - empty_bytes, feed_log_bytes(log));
        if (n % 4999 == 0)
            check_ends(log, items, n + 1);
    }
    check_ends(log, items, ITEMS);
    feed_log_clear(log);
    assert_int_equal(feed_log_bytes(log), 0);
    assert_int_equal(held_bytes, empty_bytes);
    feed_log_free(log);
    assert_int_equal(held_bytes, 0);
    __real_free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
