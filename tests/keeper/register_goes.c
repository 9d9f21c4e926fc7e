/*
 * What the register says of cases that are held and let go of: their own objects go, what others have stays, and a case that gets
 * another edition after it went is old again in its time.
 */
#include "cmocka_all.h"

#include "evidence_register.h"

#include <stdio.h>
#include <stdlib.h>

enum { OBJECTS_MOST = 8 };

static char root[64];
static struct evidence_register *reg;

struct seen {
    unsigned char first[OBJECTS_MOST]; /* bytes of hashes */
    int count;
};

static int begin(void **state)
{
    (void)state;
    char why[200];
    strcpy(root, "/tmp/keeper_register_XXXXXX");
    if (mkdtemp(root) == NULL)
        return -1;
    reg = evidence_register_open(root, why, sizeof why);
    return reg == NULL;
}

static int end(void **state)
{
    (void)state;
    char command[100];
    evidence_register_close(reg);
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

static void put(const char *id, uint32_t edition, int64_t sealed_at_ms, const char *objects)
{
    struct evidence_case c = {
        .id = text_of(id), .kind = TEXT("spill"), .vehicle = TEXT("v1"), .state = TEXT("over")};
    struct evidence_edition e = {.id = c.id,
                                 .why = TEXT("over"),
                                 .trigger = TEXT("t"),
                                 .edition = edition,
                                 .index = edition,
                                 .sealed_at_ms = sealed_at_ms};
    assert_true(evidence_register_begin(reg));
    assert_true(evidence_register_put_case(reg, &c));
    assert_true(evidence_register_put_edition(reg, &e));
    for (; *objects != '\0'; objects++) {
        unsigned char hash[EVIDENCE_HASH_BYTES] = {(unsigned char)*objects};
        assert_true(evidence_register_put_object(reg, c.id, hash));
    }
    assert_true(evidence_register_commit(reg));
}

static bool see(void *arg, const unsigned char hash[EVIDENCE_HASH_BYTES])
{
    struct seen *s = arg;
    assert_true(s->count < OBJECTS_MOST);
    s->first[s->count++] = hash[0];
    return true;
}

static void expect_to_drop(const char *objects)
{
    struct seen s = {.count = 0};
    assert_true(evidence_register_to_drop(reg, see, &s));
    assert_int_equal(s.count, strlen(objects));
    assert_memory_equal(s.first, objects, strlen(objects));
}

/* The one that is old at a time; NULL: none is. */
static void expect_old(int64_t before_ms, const char *id)
{
    struct text old;
    bool there;
    assert_true(evidence_register_next_old(reg, TEXT("spill"), before_ms, &old, &there));
    assert_int_equal(there, id != NULL);
    if (id != NULL)
        assert_true(text_equal(old, text_of(id)));
}

static void let_go(const char *id)
{
    assert_true(evidence_register_begin(reg));
    assert_true(evidence_register_let_go(reg, text_of(id)));
    assert_true(evidence_register_commit(reg));
}

static void own_objects_go_and_shared_ones_stay(void **state)
{
    (void)state;
    put("a", 1, 1000, "abs");
    put("b", 1, 2000, "sx");
    expect_old(1000, NULL);
    expect_old(1001, "a");
    let_go("a");
    expect_to_drop("ab");
    assert_true(evidence_register_dropped(reg));
    expect_to_drop("");
    expect_old(2001, "b");
    let_go("b");
    expect_to_drop("sx");
    expect_old(INT64_MAX, NULL);
}

static void what_is_held_does_not_go(void **state)
{
    (void)state;
    put("a", 1, 1000, "a");
    assert_true(evidence_register_set_hold(reg, TEXT("a"), true));
    expect_old(INT64_MAX, NULL);
    put("a", 2, 3000, "b"); /* another edition is held as the first one is */
    expect_old(INT64_MAX, NULL);
    assert_true(evidence_register_set_hold(reg, TEXT("a"), false));
    expect_old(3000, NULL);
    expect_old(3001, "a");
}

static void an_edition_after_it_went_goes_in_its_time(void **state)
{
    (void)state;
    struct evidence_counts n;
    put("a", 1, 1000, "a");
    let_go("a");
    assert_true(evidence_register_dropped(reg));
    put("a", 2, 5000, "c"); /* a review came late */
    assert_true(evidence_register_count(reg, &n));
    assert_int_equal(n.cases, 1);
    assert_int_equal(n.gone, 0);
    expect_old(5000, NULL);
    expect_old(5001, "a");
    let_go("a");
    expect_to_drop("c");
}

/* An object that came back with another case before it was dropped stays. */
static void what_is_wanted_again_is_not_dropped(void **state)
{
    (void)state;
    put("a", 1, 1000, "aq");
    let_go("a");
    put("b", 1, 2000, "q");
    expect_to_drop("a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(own_objects_go_and_shared_ones_stay, begin, end),
        cmocka_unit_test_setup_teardown(what_is_held_does_not_go, begin, end),
        cmocka_unit_test_setup_teardown(an_edition_after_it_went_goes_in_its_time, begin, end),
        cmocka_unit_test_setup_teardown(what_is_wanted_again_is_not_dropped, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
