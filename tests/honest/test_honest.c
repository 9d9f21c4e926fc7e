/*
 * A part of the honest fleet: each tenth vehicle for a day, 20 of 200. What it truly does is looked at for
 * honesty, and the same seed gives the same. The whole is run by `scripts/bench honest`.
 */
#include "cmocka_all.h"

#include "bounds.h"
#include "fleet_run.h"

enum { SEED = 1 };

static const struct run_options part = {
    .error95_m = 10, .interval_s = 10, .days = 1, .seed = SEED, .every = 10};

static int open_town(void **state)
{
    static struct fleet_run run;
    printf("seed %d\n", SEED);
    *state = &run;
    return fleet_run_open(&run, MW_DATA_DIR, &part) ? 0 : -1;
}

static int close_town(void **state)
{
    fleet_run_close(*state);
    return 0;
}

static void test_truth_is_honest(void **state)
{
    struct score score = {0};
    struct audit audit = {0};
    assert_true(fleet_run_score(*state, &part, &score, &audit, NULL));
    score_print(&score, stdout);
    assert_int_equal(audit.faults, 0);
    assert_int_equal(audit.looked, score.fixes);
    assert_in_range(score.trips, 50, 200); /* it works: some ten hauls a truck */
    assert_in_range(score_findings(&score), 0, FINDINGS_MAX);
    assert_in_range(score_warnings(&score), 0, WARNINGS_MAX);
    score_free(&score);
}

static void test_same_seed_same_findings(void **state)
{
    struct run_options few = part;
    struct score a = {0}, b = {0};
    few.every = 70;
    assert_true(fleet_run_score(*state, &few, &a, NULL, NULL) &&
                fleet_run_score(*state, &few, &b, NULL, NULL));
    assert_int_equal(a.count, b.count);
    for (size_t i = 0; i < a.count; i++) {
        assert_int_equal(a.told[i].at_ms, b.told[i].at_ms);
        assert_int_equal(a.told[i].kind, b.told[i].kind);
    }
    score_free(&a);
    score_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_truth_is_honest),
                                       cmocka_unit_test(test_same_seed_same_findings)};
    return cmocka_run_group_tests(tests, open_town, close_town);
}
