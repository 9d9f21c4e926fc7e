/* The command line as people type it, and the mistakes they make. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "arguments.h"

static bool json;
static const char *config;
static struct argument_list calendars;
static int64_t count;
static struct argument_number speed = {1, 0.5, 100};

static const struct argument rows[] = {
    {ARGUMENT_FLAG, "json", NULL, "print JSON", &json},
    {ARGUMENT_TEXT, "config", "FILE", "the configuration", &config},
    {ARGUMENT_LIST, "calendar", "FILE", "a calendar", &calendars},
    {ARGUMENT_COUNT, "count", "N", "how many", &count},
    {ARGUMENT_NUMBER, "speed", "F", "how fast", &speed},
    {0},
};
static const struct command_line line = {"prog", "[FILE]", "Does it.", rows, 0, 2};

static enum arguments_status read_words(const char **words, const char **operands)
{
    char *argv[16] = {"prog"};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    json = false;
    config = NULL;
    calendars.count = 0;
    count = -1;
    return arguments_read(&line, argc, argv, operands);
}

#define READ(...) read_words((const char *[]){__VA_ARGS__, NULL}, operands)

static void options_and_operands_mix(void **state)
{
    (void)state;
    const char *operands[2];
    assert_int_equal(
        READ("a", "--json", "--config", "f", "--calendar=x", "--calendar", "y", "--count=12", "-"),
        ARGUMENTS_OK);
    assert_true(json);
    assert_string_equal(config, "f");
    assert_int_equal(calendars.count, 2);
    assert_string_equal(calendars.items[1], "y");
    assert_int_equal(count, 12);
    assert_int_equal(READ("--speed", "1.5"), ARGUMENTS_OK);
    assert_true(speed.value == 1.5);
    assert_int_equal(READ("a", "-"), ARGUMENTS_OK);
    assert_string_equal(operands[0], "a");
    assert_string_equal(operands[1], "-");
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    const char *operands[2];
    assert_int_equal(READ("--", "--json"), ARGUMENTS_OK);
    assert_false(json);
    assert_string_equal(operands[0], "--json");
    assert_null(operands[1]);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    const char *operands[2];
    assert_int_equal(READ("--jsn"), ARGUMENTS_WRONG);
    assert_int_equal(READ("--json=yes"), ARGUMENTS_WRONG);
    assert_int_equal(READ("--config"), ARGUMENTS_WRONG);
    assert_int_equal(READ("--count", "-1"), ARGUMENTS_WRONG);
    assert_int_equal(READ("--count", "1x"), ARGUMENTS_WRONG);
    assert_int_equal(READ("--count", "99999999999999999999"), ARGUMENTS_WRONG);
    assert_int_equal(READ("--speed", "0.4"), ARGUMENTS_WRONG);
    assert_int_equal(READ("--speed", "nan"), ARGUMENTS_WRONG);
    assert_int_equal(READ("--speed", "1,5"), ARGUMENTS_WRONG);
    assert_int_equal(READ("-j"), ARGUMENTS_WRONG);
    assert_int_equal(READ("a", "b", "c"), ARGUMENTS_WRONG);
}

/* A line of roff that begins with a point or quote is a command: texts must not become one. */
/* What all programs that run on are started with. */
static void a_start_wants_a_configuration_and_a_level_that_is(void **state)
{
    (void)state;
    assert_false(arguments_start("prog", NULL, NULL));
    assert_false(arguments_start("prog", NULL, "debug"));
    assert_false(arguments_start("prog", "f", "loud"));
    assert_false(arguments_start("prog", "f", ""));
    assert_true(arguments_start("prog", "f", "error"));
    assert_true(arguments_start("prog", "f", NULL));
}

static void the_manual_page_escapes_what_roff_would_take(void **state)
{
    (void)state;
    static const struct argument dotted[] = {{ARGUMENT_FLAG, "x", NULL, ".so /etc/passwd", &json}, {0}};
    const struct command_line odd = {"prog", "FILE", "'quoted\n.dotted", dotted, 0, 0};
    char page[4096] = "";
    FILE *out = fmemopen(page, sizeof page, "w");
    arguments_man(&odd, out);
    fclose(out);
    assert_non_null(strstr(page, "\n\\&.so"));
    assert_non_null(strstr(page, "\n\\&'quoted\n\\&.dotted"));
    assert_non_null(strstr(page, "\\fB\\-\\-x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_operands_mix),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(a_start_wants_a_configuration_and_a_level_that_is),
        cmocka_unit_test(the_manual_page_escapes_what_roff_would_take),
    };
    return cmocka_run_group_tests_name("base arguments", tests, NULL, NULL);
}
