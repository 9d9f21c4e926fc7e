/* Ended hauls against a list that is searched from end to end: entries in any order, corrections, more than there is room for. */
#include "../cmocka_all.h"
#include "../codec/random.h"
#include "trip_book.h"

#include <stdio.h>

enum { TRIPS = 900, MOST = 300 };

struct plain {
    char id[TRIP_ID_LENGTH + 1], site[16];
    int64_t departed_ms, told_ms;
    uint32_t rev, told_rev;
    bool known;
};

static bool is_before(const struct plain *a, const struct plain *b)
{
    return a->departed_ms < b->departed_ms || (a->departed_ms == b->departed_ms && strcmp(a->id, b->id) < 0);
}

static void forget_first(struct plain *all)
{
    struct plain *first = NULL;
    for (size_t i = 0; i < TRIPS; i++)
        if (all[i].known && (first == NULL || is_before(&all[i], first)))
            first = &all[i];
    first->known = false;
}

static void tell(struct trip_book *b, struct plain *p, uint32_t rev, int64_t told_ms)
{
    char departed[24], revs[12];
    snprintf(departed, sizeof departed, "%lld", (long long)p->departed_ms);
    snprintf(revs, sizeof revs, "%u", rev);
    const struct field fields[] = {{TEXT("trip"), text_of(p->id)},
                                   {TEXT("vehicle"), TEXT("v 1")},
                                   {TEXT("site"), text_of(p->site)},
                                   {TEXT("departed"), text_of(departed)},
                                   {TEXT("rev"), text_of(revs)}};
    assert_true(trip_book_take(b, 3, told_ms, (struct fields){fields, rev == 1 ? 4 : 5}));
    if (rev == p->rev && p->told_rev < rev) {
        p->told_ms = told_ms;
        p->told_rev = rev;
    }
}

static void check(const struct trip_book *b, const struct plain *all)
{
    size_t known = 0;
    struct buf bytes;
    buf_init(&bytes, 4096);
    for (size_t i = 0; i < TRIPS; i++) {
        const struct trip_row *row = trip_book_find(b, text_of(all[i].id));
        assert_int_equal(row != NULL, all[i].known);
        if (row == NULL)
            continue;
        struct text packed = {row->packed, row->packed_len};
        struct field f;
        size_t before = 0;
        for (size_t k = 0; k < TRIPS; k++)
            before += all[k].known && is_before(&all[k], &all[i]);
        assert_ptr_equal(trip_book_at(b, before), row);
        assert_int_equal(trip_book_before(b, row->departed_ms, text_of(row->id)), before);
        assert_true(row->rev == all[i].rev && text_equal(trip_book_word(b, row->site), text_of(all[i].site)));
        buf_clear(&bytes);
        assert_true(trip_book_field(b, &packed, &bytes, &f) && text_equal(f.value, text_of(row->id)));
        known++;
    }
    assert_int_equal(trip_book_count(b), known);
    buf_fini(&bytes);
}

static void test_trips(void **state)
{
    static struct plain all[TRIPS];
    struct random seeded = random_seeded(5), *random = &seeded;
    struct trip_book *b = trip_book_new((struct hash_key){1, 2}, MOST);
    size_t count = 0;
    for (size_t i = 0; i < TRIPS; i++) {
        snprintf(all[i].id, sizeof all[i].id, "%026zu", i * 7919 % TRIPS);
        all[i].departed_ms = (int64_t)(i / 3 * 10 + random_below(random, 200));
    }
    for (size_t i = 0; i < TRIPS; i++) {
        snprintf(all[i].site, sizeof all[i].site, "s%u", random_below(random, 9));
        all[i].rev = 1;
        tell(b, &all[i], 1, (int64_t)i);
        all[i].known = true;
        if (++count > MOST)
            forget_first(all);
        struct plain *again = &all[random_below(random, (unsigned)i + 1)];
        if (again->known) { /* a correction, and an older one that comes behind it */
            snprintf(again->site, sizeof again->site, "t%u", random_below(random, 9));
            again->rev++;
            tell(b, again, again->rev, (int64_t)i);
            struct plain older = *again;
            older.site[0] = 'x';
            tell(b, &older, again->rev - (unsigned)random_below(random, 2), (int64_t)i + 5);
        }
        if (i % 30 == 0)
            check(b, all);
    }
    check(b, all);
    assert_true(trip_book_truncated(b));
    /* By when it was told last: a correction makes what departed long ago as new as itself. */
    for (int64_t before = TRIPS - 300; before <= TRIPS; before += 50) {
        trip_book_trim(b, before);
        for (size_t i = 0; i < TRIPS; i++)
            all[i].known = all[i].known && all[i].told_ms >= before;
        check(b, all);
    }
    assert_int_equal(trip_book_count(b), 0);
    trip_book_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_trips)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
