/*
 * A small part of the planted run: what is planted is done, the audit sees it (which shows that it sees),
 * and, where bounds hold, it is found. The whole is run by `scripts/bench honest --planted`.
 */
#include "cmocka_all.h"

#include "bounds.h"
#include "fleet_run.h"

enum { SEED = 1 };

static const struct run_options part = {
    .error95_m = 10, .interval_s = 10, .days = 1, .seed = SEED, .every = 9, .planted = true};

static struct {
    struct fleet_run fleet;
    struct score score;
    struct audit audit;
    struct planted_list planted;
} run;

static int drive(void **state)
{
    (void)state;
    printf("seed %d\n", SEED);
    bool ok = fleet_run_open(&run.fleet, MW_DATA_DIR, &part) &&
              fleet_run_score(&run.fleet, &part, &run.score, &run.audit, &run.planted);
    planted_print(&run.planted, &run.score, stdout);
    return ok ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    planted_free(&run.planted);
    score_free(&run.score);
    fleet_run_close(&run.fleet);
    return 0;
}

static void test_each_deed_is_done(void **state)
{
    (void)state;
    for (int deed = 1; deed < DEED_COUNT; deed++) {
        uint32_t count = 0;
        for (int depth = DEPTH_VOID; depth < DEPTH_COUNT; depth++)
            count += planted_sum(&run.planted, (enum depth)depth, (enum deed)deed).planted;
        if (count == 0)
            printf("not planted: %s\n", deed_row((enum deed)deed)->name);
        assert_true(count > 0);
    }
    assert_in_range(planted_sum(&run.planted, DEPTH_DEEP, DEED_NONE).planted, 200, 1000);
}

/* Drivers who cheat are seen to cheat by the same eyes that find the honest ones honest. */
static void test_audit_sees_each_fault(void **state)
{
    (void)state;
    for (int fault = 0; fault < FAULT_COUNT; fault++)
        if (fault != FAULT_WASHES) /* nobody washes elsewhere */
            assert_true(run.audit.of[fault] > 0);
}

static void test_found(void **state)
{
    (void)state;
    struct planted_sum all = planted_sum(&run.planted, DEPTH_DEEP, DEED_NONE);
    uint32_t planted[KIND_COUNT] = {0}, missed[KIND_COUNT] = {0};
    for (int deed = 1; deed < DEED_COUNT; deed++) {
        struct planted_sum sum = planted_sum(&run.planted, DEPTH_DEEP, (enum deed)deed);
        planted[deed_row((enum deed)deed)->kind] += sum.planted;
        missed[deed_row((enum deed)deed)->kind] += sum.planted - sum.found;
    }
    for (int kind = 1; kind < KIND_COUNT; kind++)
        assert_in_range(missed[kind], 0, MISSED_OF_KIND_MIN + planted[kind] * MISSED_OF_KIND_PERCENT / 100);
    assert_in_range(all.planted - all.found, 0, all.planted * MISSED_PERCENT / 100);
    assert_in_range(all.twice, 0, TWICE_MAX);
    assert_in_range(all.others, 0, OTHERS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_deed_is_done),
                                       cmocka_unit_test(test_audit_sees_each_fault),
                                       cmocka_unit_test(test_found)};
    return cmocka_run_group_tests(tests, drive, end);
}
