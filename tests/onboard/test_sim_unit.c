/* sim_unit: a simulated unit's numbers: gapless but for what reboots leave out, and the same fix at every
 * sending. */
#include "sim_unit.h"

#include "fix_json.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct sim_trace trace;
static struct sim_unit unit;

static int set_up(void **state)
{
    static char lines[] =
        "{\"vehicle\":\"a\",\"time\":1780000000,\"lat\":1,\"lon\":2,\"boot\":\"x\",\"seq\":9}\n"
        "{\"vehicle\":\"b\",\"time\":1780000001,\"lat\":1,\"lon\":2,\"received\":1780000005000}\n"
        "not a fix\n\n"
        "{\"vehicle\":\"a\",\"time\":1780000002,\"lat\":1.5,\"lon\":2}\n"
        "{\"vehicle\":\"a\",\"time\":1780000003,\"lat\":1.6,\"lon\":2}\n";
    FILE *in = fmemopen(lines, sizeof lines - 1, "r");
    trace = (struct sim_trace){0};
    assert_true(sim_trace_read(&trace, in));
    fclose(in);
    unit = (struct sim_unit){
        .trace = &trace, .vehicle = sim_trace_vehicle(&trace, TEXT("a")), .period_ms = 10000};
    memcpy(unit.boot_bytes, "0123456789abcdef", 17);
    struct sender_options options = sender_defaults();
    sender_init(&unit.sender, &options, 0);
    sender_journal(&unit.sender, 1, 0, 0);
    return 0;
}

static int tear_down(void **state)
{
    sim_trace_free(&trace);
    return 0;
}

static void a_trace_is_read_in_order_of_arrival(void **state)
{
    assert_int_equal(trace.line_count, 4);
    assert_int_equal(trace.bad_lines, 1);
    assert_int_equal(trace.vehicle_count, 2);
    assert_int_equal(trace.lines[0].due_ms, 1780000000000);
    assert_int_equal(trace.lines[1].due_ms, 1780000005000);
    assert_int_equal(trace.lines[2].due_ms, 1780000005000); /* it came after the one above */
    assert_null(sim_trace_vehicle(&trace, TEXT("c")));
    assert_false(fix_has(&trace.lines[0].fix, FIX_HAS_SEQ));
}

static void seq_and_k_are_inverse(void **state)
{
    struct sender_options options = sender_defaults();
    for (uint64_t seed = 1; seed <= 200; seed++) {
        uint64_t r = seed, last = 0;
        uint64_t seqs[400];
        set_up(NULL);
        for (int i = 0; i < 300; i++) {
            if (random_below(&r, 12) == 0)
                sim_unit_reboot(&unit, 1 + random_below(&r, 50), &options);
            sim_unit_make(&unit);
            seqs[unit.made - 1] = unit.sender.last;
            assert_true(unit.sender.last > last);
            last = unit.sender.last;
        }
        for (uint64_t k = 0; k < unit.made; k++) {
            assert_int_equal(sim_unit_seq(&unit, k), seqs[k]);
            /* From any number between the one before and this on, this is the first. */
            for (uint64_t seq = k > 0 ? seqs[k - 1] + 1 : 0; seq <= seqs[k]; seq++)
                assert_int_equal(sim_unit_k(&unit, seq), k);
        }
        assert_int_equal(sim_unit_k(&unit, last + 1), unit.made);
        assert_int_equal(sim_unit_k(&unit, last + 1000), unit.made);
        tear_down(NULL);
    }
}

static void payloads_are_fixes_that_the_reader_takes(void **state)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    for (int i = 0; i < 7; i++)
        sim_unit_make(&unit);
    struct sender_action action = {SENDER_FIXES, 3, 4, 10000};
    struct sim_payload p = sim_unit_payload(&unit, &action, true, &b);
    assert_int_equal(p.fixes, 4);
    assert_int_equal(p.to, 6);
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, buf_text(&b));
    for (uint64_t seq = 3; seq <= 6; seq++) {
        assert_true(fix_reader_next(&reader, &item));
        assert_int_equal(item.error, FIX_OK);
        assert_int_equal(item.fix.seq, seq);
        /* The third line, then the trace again, a period later. */
        int64_t at[] = {1780000003000, 1780000010000, 1780000012000, 1780000013000};
        assert_int_equal(item.fix.time.ms, at[seq - 3]);
    }
    assert_false(fix_reader_next(&reader, &item));
    /* One fits always, a second only within the bytes. */
    buf_clear(&b);
    action.bytes = 10;
    p = sim_unit_payload(&unit, &action, false, &b);
    assert_int_equal(p.fixes, 1);
    fix_reader_init(&reader, buf_text(&b));
    assert_true(fix_reader_next(&reader, &item));
    assert_int_equal(item.error, FIX_OK);
    assert_false(fix_has(&item.fix, FIX_HAS_SEQ));
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_trace_is_read_in_order_of_arrival, set_up, tear_down),
        cmocka_unit_test(seq_and_k_are_inverse),
        cmocka_unit_test_setup_teardown(payloads_are_fixes_that_the_reader_takes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
