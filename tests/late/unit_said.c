/* said: what was said as it stands, from whatever stands in a store's hashes. */
#include "../cmocka_all.h"

#include "kinds.h"
#include "said.h"
#include "vehicle.h"

#include <stdio.h>
#include <string.h>

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct said said;

static int setup(void **state)
{
    said_init(&said, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    said_fini(&said);
    return 0;
}

static void add(const char *name, const char *value)
{
    said_add(&said, text_of(name), text_of(value), false);
}

static bool put(const char *id, const char *rev, const char *value)
{
    said_begin(&said, false);
    add("id", id);
    add("rev", rev);
    add("event", "opened");
    add("kind", "speeding");
    add("start", "1000");
    add("at", "2000");
    add("value", value);
    return said_end(&said);
}

static void assert_value(const char *id, const char *name, const char *want)
{
    const struct said_item *item = said_find(&said, id);
    assert_non_null(item);
    struct text value = said_value(&said, item, name);
    assert_int_equal(value.len, strlen(want));
    assert_memory_equal(value.data, want, value.len);
}

static void test_put_and_find(void **state)
{
    assert_true(put(ID_A, "1", "61"));
    const struct said_item *item = said_find(&said, ID_A);
    assert_non_null(item);
    assert_int_equal(item->kind, KIND_SPEEDING);
    assert_int_equal(item->rev, 1);
    assert_int_equal(item->start_ms, 1000);
    assert_int_equal(item->end_ms, TIME_NONE);
    assert_int_equal(item->told_ms, 2000);
    assert_false(item->withdrawn);
    assert_null(said_find(&said, ID_B));
    assert_int_equal(said_value(&said, item, "no such").len, 0);
}

/* Whichever is read last, the higher revision stands. */
static void test_replace_by_revision(void **state)
{
    assert_true(put(ID_A, "2", "62"));
    assert_true(put(ID_A, "1", "61"));
    assert_value(ID_A, "value", "62");
    assert_true(put(ID_A, "3", "63"));
    assert_value(ID_A, "value", "63");
    assert_true(put(ID_A, "3", "64")); /* read once more */
    assert_value(ID_A, "value", "64");
    assert_int_equal(said.count, 1);
}

/* Values may be borrowed from what is known already, also while its bytes move. */
static void test_borrowed_from_itself(void **state)
{
    char long_value[3000];
    memset(long_value, 'x', sizeof long_value - 1);
    long_value[sizeof long_value - 1] = '\0';
    assert_true(put(ID_A, "1", long_value));
    for (unsigned rev = 2; rev < 40; rev++) {
        struct said_field field;
        char number[12];
        snprintf(number, sizeof number, "%u", rev);
        said_begin(&said, false);
        for (size_t cursor = 0; said_next(&said, said_find(&said, ID_A), &cursor, &field);)
            said_add(&said, text_of(field.name),
                     strcmp(field.name, "rev") == 0 ? text_of(number) : field.value, field.number);
        assert_true(said_end(&said));
    }
    assert_value(ID_A, "value", long_value);
    assert_value(ID_A, "rev", "39");
    assert_int_equal(said.count, 1);
}

/* What is over and told before a time goes; what goes on stays, and keeps its fields. */
static void test_forget(void **state)
{
    assert_true(put(ID_A, "1", "61"));
    said_begin(&said, false);
    add("id", ID_B);
    add("end", "1500");
    add("at", "2000");
    assert_true(said_end(&said));
    said_forget(&said, 2000);
    assert_int_equal(said.count, 2);
    said_forget(&said, 2001);
    assert_int_equal(said.count, 1);
    assert_value(ID_A, "value", "61");
    assert_true(put(ID_A, "2", "62"));
    said_forget(&said, 9000);
    assert_value(ID_A, "value", "62");
    said_clear(&said);
    assert_null(said_find(&said, ID_A));
    said_forget(&said, 9000);
}

static void test_withdrawn_and_trips(void **state)
{
    said_begin(&said, false);
    add("event", "withdrawn");
    add("id", ID_A);
    add("rev", "4");
    add("at", "2000");
    assert_true(said_end(&said));
    assert_true(said_find(&said, ID_A)->withdrawn);
    said_begin(&said, true);
    add("trip", ID_B);
    add("id", ID_A); /* no id of a trip */
    add("departed", "1000");
    add("unloaded", "3000");
    assert_true(said_end(&said));
    const struct said_item *trip = said_find(&said, ID_B);
    assert_true(trip->trip && trip->start_ms == 1000 && trip->end_ms == 3000 && trip->rev == 1);
    said_forget(&said, 2001);
    assert_null(said_find(&said, ID_A));
}

/* ---- hashes that nobody of us wrote ---- */

static void test_no_id(void **state)
{
    static const char *const ids[] = {"", "short", ID_A "x"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        said_begin(&said, false);
        add("id", ids[i]);
        add("kind", "speeding");
        assert_false(said_end(&said));
    }
    said_begin(&said, false);
    assert_false(said_end(&said));
    assert_int_equal(said.count, 0);
}

static void test_strange_values(void **state)
{
    said_begin(&said, false);
    add("id", ID_A);
    add("kind", "of_another_version");
    add("cause", "no cause");
    add("rev", "-5");
    add("start", "tomorrow");
    add("end", "99999999999999999999999999999999");
    said_add(&said, (struct text){"at\0x", 4}, TEXT("77"), true);
    said_add(&said, TEXT("zero"), (struct text){"a\0b", 3}, false);
    assert_true(said_end(&said));
    const struct said_item *item = said_find(&said, ID_A);
    assert_int_equal(item->kind, KIND_NONE);
    assert_int_equal(item->cause, 0);
    assert_int_equal(item->rev, 0);
    assert_int_equal(item->start_ms, 0);
    assert_true(item->end_ms > 0);
    assert_int_equal(item->told_ms, TIME_NONE);
    struct text zero = said_value(&said, item, "zero");
    assert_int_equal(zero.len, 3);
    assert_memory_equal(zero.data, "a\0b", 3);
}

/* More than may be kept is told, and what was known before stays readable. */
static void test_too_much(void **state)
{
    static char huge[1 << 16];
    memset(huge, 'y', sizeof huge - 1);
    assert_true(put(ID_A, "1", "61"));
    said_begin(&said, false);
    add("id", ID_B);
    for (int i = 0; i < 20; i++)
        add("more", huge);
    assert_false(said_end(&said));
    assert_null(said_find(&said, ID_B));
    assert_value(ID_A, "value", "61");
    assert_true(put(ID_B, "1", "62")); /* the next fits */
}

/* Random bytes in every place: it never reads beyond, and what is put is what is found. */
static void test_random_bytes(void **state)
{
    uint64_t r = 20260508;
    for (int i = 0; i < 20000; i++) {
        char bytes[64];
        for (size_t k = 0; k < sizeof bytes; k++) {
            r = r * 6364136223846793005u + 1442695040888963407u;
            bytes[k] = (char)(r >> 56);
        }
        static const char *const names[] = {"id",   "rev",   "start", "end", "at",
                                            "kind", "cause", "event", "trip"};
        said_begin(&said, r >> 40 & 1);
        if (i % 3 > 0)
            add(r >> 40 & 1 ? "trip" : "id", i % 2 == 0 ? ID_A : ID_B);
        for (size_t k = 0; k < 6; k++)
            said_add(&said, k % 2 == 0 ? text_of(names[(r >> (8 + k)) % 9]) : (struct text){bytes + k, k},
                     (struct text){bytes + 8 * k, (r >> k) % 24}, k % 2);
        size_t fields = said.item.fields, seen = 0, cursor = 0;
        struct said_field field;
        if (!said_end(&said))
            continue;
        for (size_t n = 0; n < said.count; n++)
            for (cursor = 0, seen = 0; said_next(&said, &said.items[n], &cursor, &field);)
                seen++;
        assert_true(fields > 0 && seen > 0);
        if (i % 500 == 0)
            said_clear(&said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_put_and_find, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replace_by_revision, setup, teardown),
        cmocka_unit_test_setup_teardown(test_borrowed_from_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forget, setup, teardown),
        cmocka_unit_test_setup_teardown(test_withdrawn_and_trips, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_id, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strange_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_much, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random_bytes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
