/* json_tree, canon and json_fault against Jansson, over made texts and over what mutation makes of them. */
#include "../cmocka_all.h"
#include "json_oracle.h"
#include "json_tree.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 200000, TEXT_MAX = 4096, DEPTH = 5 };

struct out {
    char text[TEXT_MAX];
    size_t len;
};

static void put(struct out *o, const char *text)
{
    size_t n = strlen(text);
    if (o->len + n < TEXT_MAX) {
        memcpy(o->text + o->len, text, n);
        o->len += n;
    }
}

static void put_space(struct random *r, struct out *o)
{
    static const char *const spaces[] = {"", "", "", "", "", " ", "\n", "\r\n\t ", "  "};
    put(o, spaces[random_below(r, 9)]);
}

/* Spellings that one could get wrong. */
static const char *const numbers[] = {"0",
                                      "-0",
                                      "0.0",
                                      "-0.0",
                                      "1",
                                      "1.0",
                                      "1.50",
                                      "100",
                                      "1e2",
                                      "1E+2",
                                      "1e-2",
                                      "-1.5e0",
                                      "0.000001",
                                      "0.0000010",
                                      "0.0000009",
                                      "0.00000123",
                                      "1e-7",
                                      "9007199254740993",
                                      "9007199254740993.0",
                                      "9223372036854775807",
                                      "9223372036854775808",
                                      "-9223372036854775808",
                                      "-9223372036854775809",
                                      "12345678901234567890",
                                      "12345678901234567890.0",
                                      "1e21",
                                      "1e20",
                                      "123456789012345678901234567890.5",
                                      "1e308",
                                      "1.8e308",
                                      "1e309",
                                      "-1e400",
                                      "1e-400",
                                      "4.9e-324",
                                      "2.2250738585072011e-308",
                                      "0.1",
                                      "0.30000000000000004",
                                      "112.12345678901234567",
                                      "112.1234567",
                                      "112.12345670",
                                      "112.000",
                                      "-73.9999999",
                                      "179.99999999999999",
                                      "9999999.99999999",
                                      "99999999",
                                      "12345678.5",
                                      "123456789012345.5",
                                      "999999999999999",
                                      "9999999999999999",
                                      "0.1234567890123456",
                                      "1.10",
                                      "01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "1e",
                                      "1e+",
                                      "-",
                                      "--1",
                                      "1.0.0",
                                      "0x10",
                                      "NaN",
                                      "Infinity"};

static void put_number(struct random *r, struct out *o)
{
    char text[64];
    unsigned n = random_below(r, 100);
    if (n < 3)
        put(o, numbers[random_below(r, sizeof numbers / sizeof numbers[0])]);
    else if (n < 6) /* the good ones */
        put(o, numbers[random_below(r, 26)]);
    else {
        snprintf(text, sizeof text, "%.*f", (int)random_below(r, 18), random_between(r, -180, 180));
        put(o, text);
    }
}

static void put_string(struct random *r, struct out *o)
{
    static const char *const pieces[] = {"a",
                                         "features",
                                         "type",
                                         "\\u0061",
                                         "\\n",
                                         "\\\"",
                                         "\\\\",
                                         "\\/",
                                         "\xe9\x84\x82",
                                         "\\ud83d\\ude00",
                                         "\xf0\x9f\x98\x80",
                                         " ",
                                         "long enough for a few words",
                                         "\\u00e9",
                                         "x"};
    static const char *const broken[] = {"\\ud83d", "\\u0000",        "\\x",   "\n",  "\t", "\xff",
                                         "\\ude00", "\\ud83d\\u0041", "\\u12", "\xc3"};
    put(o, "\"");
    for (unsigned i = random_below(r, 4); i > 0; i--)
        put(o, pieces[random_below(r, sizeof pieces / sizeof pieces[0])]);
    if (random_below(r, 400) == 0)
        put(o, broken[random_below(r, sizeof broken / sizeof broken[0])]);
    put(o, "\"");
}

static void put_value(struct random *r, struct out *o, int depth);

static void put_position(struct random *r, struct out *o)
{
    put(o, "[");
    put_number(r, o);
    put(o, random_below(r, 2) ? ", " : ",");
    put_number(r, o);
    if (random_below(r, 10) == 0)
        put(o, ",8");
    put(o, "]");
}

static void put_list(struct random *r, struct out *o, int depth, bool positions)
{
    put(o, "[");
    put_space(r, o);
    for (unsigned i = 0, n = random_below(r, 5); i < n; i++) {
        if (i > 0)
            put(o, ",");
        put_space(r, o);
        if (positions)
            put_position(r, o);
        else
            put_value(r, o, depth);
        put_space(r, o);
    }
    put(o, "]");
}

static void put_object(struct random *r, struct out *o, int depth)
{
    static const char *const keys[] = {"\"type\"", "\"features\"", "\"coordinates\"",
                                       "\"id\"",   "\"\"",         "\"z\""};
    unsigned n = random_below(r, 40) == 0 ? 30 : random_below(r, 5);
    put(o, "{");
    put_space(r, o);
    for (unsigned i = 0; i < n; i++) {
        char own[32];
        snprintf(own, sizeof own, "\"k%u\"", n == 30 ? random_below(r, 4000) : i);
        if (i > 0)
            put(o, ",");
        put_space(r, o);
        if (random_below(r, 8) == 0)
            put_string(r, o);
        else
            put(o, random_below(r, 4) == 0 ? keys[random_below(r, 6)] : own);
        put_space(r, o);
        put(o, ":");
        put_space(r, o);
        put_value(r, o, depth);
        put_space(r, o);
    }
    put(o, "}");
}

static void put_value(struct random *r, struct out *o, int depth)
{
    static const char *const words[] = {"true", "false", "null", "null", "nul", "nullx", "True"};
    switch (random_below(r, depth > 0 ? 8 : 4)) {
    case 0:
        put_string(r, o);
        return;
    case 1:
        put(o, words[random_below(r, random_below(r, 100) == 0 ? 7 : 4)]);
        return;
    case 4:
        put_object(r, o, depth - 1);
        return;
    case 5:
        put_list(r, o, depth - 1, false);
        return;
    case 6:
        put_list(r, o, depth - 1, true);
        return;
    default:
        put_number(r, o);
    }
}

static void mutate(struct random *r, struct out *o)
{
    static const char bytes[] = "{}[],:\"\\0123456789.eE+-tfn \n\x80\xc3\xe9\xff\x01u";
    for (unsigned i = 1 + random_below(r, 2); i > 0 && o->len > 0; i--) {
        size_t at = random_below(r, (unsigned)o->len);
        switch (random_below(r, 4)) {
        case 0:
            memmove(o->text + at, o->text + at + 1, o->len - at - 1);
            o->len--;
            break;
        case 1:
            o->len = at;
            break;
        case 2:
            o->text[at] = o->text[random_below(r, (unsigned)o->len)];
            break;
        default:
            o->text[at] = bytes[random_below(r, sizeof bytes - 1)];
        }
    }
}

static bool check(const struct out *o)
{
    char *exact = malloc(o->len > 0 ? o->len : 1);
    assert_non_null(exact);
    memcpy(exact, o->text, o->len);
    bool json = json_oracle_check((struct text){exact, o->len});
    free(exact);
    return json;
}

static void test_agrees_with_jansson(void **state)
{
    static struct out o;
    struct random r = random_seeded(20260502);
    unsigned good = 0;
    for (int i = 0; i < ROUNDS; i++) {
        o.len = 0;
        put_space(&r, &o);
        if (random_below(&r, 2))
            put_object(&r, &o, DEPTH);
        else
            put_list(&r, &o, DEPTH, random_below(&r, 2));
        if (i % 2)
            mutate(&r, &o);
        good += check(&o);
    }
    printf("%u texts JSON, %u not\n", good, ROUNDS - good);
    assert_true(good > ROUNDS / 4 && good < ROUNDS - ROUNDS / 4);
}

/* Each number alone, as a coordinate, and at each distance from the end of the text. */
static void test_numbers(void **state)
{
    static const char *const frames[] = {"[%s]", "[[%s,%s]]", "[[%s, 1]  ,2,3,4,5,6,7,8,9,10]", "{\"a\":%s}",
                                         "[ -%s ,                          1]"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (size_t k = 0; k < sizeof frames / sizeof frames[0]; k++) {
            struct out o;
            o.len = (size_t)snprintf(o.text, sizeof o.text, frames[k], numbers[i], numbers[i]);
            check(&o);
        }
}

/* Jansson's bound, in lists and in objects, around a value and around a position. */
static void test_depth(void **state)
{
    enum { SIZE = 16384 };
    static const char *const inner[] = {"", "1", "[]", "[1,2]", "{}", "\"x\"", "}"};
    char *text = malloc(SIZE);
    assert_non_null(text);
    for (size_t depth = 2045; depth < 2051; depth++)
        for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
            size_t n = strlen(inner[i]);
            memset(text, '[', depth);
            memcpy(text + depth, inner[i], n);
            memset(text + depth + n, ']', depth);
            json_oracle_check((struct text){text, 2 * depth + n});
            for (size_t k = 0; k < depth; k++)
                memcpy(text + 5 * k, "{\"\":", 5);
            memcpy(text + 5 * depth, inner[i], n);
            memset(text + 5 * depth + n, '}', depth);
            json_oracle_check((struct text){text, 6 * depth + n});
        }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_agrees_with_jansson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
