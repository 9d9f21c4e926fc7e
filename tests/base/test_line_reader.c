/* Lines as files have them: long ones, empty ones, without an end. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line_reader.h"

static void expect_lines(const char *bytes, size_t size, const char *const *want)
{
    FILE *in = fmemopen((void *)(uintptr_t)bytes, size, "r");
    struct line_reader r;
    assert_true(line_reader_init(&r, in, 8));
    struct text line;
    uint64_t n = 0;
    for (; *want != NULL; want++) {
        assert_true(line_reader_next(&r, &line));
        bool cut = (*want)[0] == '!';
        assert_int_equal(r.cut, cut);
        assert_true(text_equal(line, text_of(*want + cut)));
        assert_int_equal(r.number, ++n);
    }
    assert_false(line_reader_next(&r, &line));
    line_reader_fini(&r);
    fclose(in);
}

static void lines_end_as_they_do(void **state)
{
    (void)state;
    static const char bytes[] = "one\n\ntwo\r\n12345678\n123456789\n12345678901234567890\nlast";
    expect_lines(bytes, sizeof bytes - 1,
                 (const char *const[]){"one", "", "two", "12345678", "!12345678", "!12345678", "last", NULL});
}

static void a_too_long_last_line_ends_the_file(void **state)
{
    (void)state;
    expect_lines("123456789", 9, (const char *const[]){"!12345678", NULL});
    expect_lines("\n", 1, (const char *const[]){"", NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_as_they_do),
        cmocka_unit_test(a_too_long_last_line_ends_the_file),
    };
    return cmocka_run_group_tests_name("base line_reader", tests, NULL, NULL);
}
