#include "../cmocka_all.h"
#include "fix.h"
#include "status_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t ranges[STATUS_RANGES_MAX][2];

static void test_read(void **state)
{
    struct unit_status s;
    assert_true(status_read(TEXT(" {\"agent\":\"x\",\"online\":true,\"boot\":\"7f0e\",\"first\":12,"
                                 "\"skipped\":[[3,4],[ 9 , 11 ]],\"more\":{\"a\":[1]}} "),
                            ranges, &s));
    assert_true(s.online);
    assert_true(text_equal(s.boot, TEXT("7f0e")));
    assert_int_equal(s.first, 12);
    assert_int_equal(s.skipped_count, 2);
    assert_int_equal(s.skipped[1][0], 9);
    assert_int_equal(s.skipped[1][1], 11);
    assert_true(status_read(TEXT("{}"), ranges, &s));
    assert_false(s.online);
    assert_int_equal(s.boot.len, 0);
    assert_true(status_read(TEXT("{\"online\":false,\"boot\":null,\"skipped\":[]}"), ranges, &s));
}

static void test_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{",
        "{\"online\"}",
        "{\"online\":1}",
        "{\"online\":truely}",
        "{\"boot\":7}",
        "{\"boot\":\"a\\n\"}",
        "{\"first\":-1}",
        "{\"first\":1.5}",
        "{\"first\":9007199254740993}",
        "{\"skipped\":[[1]]}",
        "{\"skipped\":[[1,2,3]]}",
        "{\"skipped\":[1,2]}",
        "{\"skipped\":[[1,2],]}",
        "{\"online\":true} x",
        "{\"online\":true,}",
    };
    struct unit_status s;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (status_read(text_of(bad[i]), ranges, &s))
            fail_msg("%s is read", bad[i]);
    char boot[FIX_BOOT_MAX + 32];
    int n = snprintf(boot, sizeof boot, "{\"boot\":\"%0*d\"}", FIX_BOOT_MAX + 1, 0);
    assert_false(status_read((struct text){boot, (size_t)n}, ranges, &s));
}

/* More ranges than are looked at cost nothing but those ranges. */
static void test_many_ranges(void **state)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_puts(&b, "{\"skipped\":[[1,2]");
    for (int i = 0; i < 1000; i++)
        buf_puts(&b, ",[3,4]");
    buf_puts(&b, "]}");
    struct unit_status s;
    assert_true(status_read(buf_text(&b), ranges, &s));
    assert_int_equal(s.skipped_count, STATUS_RANGES_MAX);
    buf_fini(&b);
}

/* Cut anywhere it is refused, and nothing past its end is read. */
static void test_torn(void **state)
{
    static const char whole[] = "{\"online\":true,\"boot\":\"7f0e\",\"first\":12,\"skipped\":[[3,4]]}";
    struct unit_status s;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        char *exact = malloc(len + 1);
        memcpy(exact, whole, len);
        assert_false(status_read((struct text){exact, len}, ranges, &s));
        free(exact);
    }
}

static void test_ack(void **state)
{
    struct buf b;
    buf_init(&b, 256);
    ack_write(TEXT("a\"b"), 9007199254740991, &b);
    assert_true(text_equal(buf_text(&b), TEXT("{\"boot\":\"a\\\"b\",\"seq\":9007199254740991}")));
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read), cmocka_unit_test(test_refused), cmocka_unit_test(test_many_ranges),
        cmocka_unit_test(test_torn), cmocka_unit_test(test_ack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
