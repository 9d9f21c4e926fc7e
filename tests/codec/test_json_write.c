/* json_write: what it writes, Jansson reads back to the same. */
#include "json_members.h"

#include "../cmocka_all.h"
#include "random.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

static void test_shapes(void **state)
{
    struct buf b;
    struct json_writer w;
    buf_init(&b, 4096);
    json_writer_init(&w, &b);
    json_write_begin_object(&w);
    json_write_key(&w, "a");
    json_write_begin_array(&w);
    json_write_i64(&w, -5);
    json_write_u64(&w, UINT64_MAX);
    json_write_fixed(&w, 30.12345678, 7);
    json_write_fixed(&w, NAN, 2);
    json_write_begin_object(&w);
    json_write_end_object(&w);
    json_write_begin_array(&w);
    json_write_end_array(&w);
    json_write_end_array(&w);
    json_write_key(&w, "b\"");
    json_write_bool(&w, true);
    json_write_key(&w, "c");
    json_write_raw(&w, TEXT("{\"x\":1}"));
    json_write_key(&w, "d");
    json_write_null(&w);
    json_write_key(&w, "e");
    json_write_string(&w, TEXT("\xe8\xbd\xa6\n\x01\xff\\"));
    json_write_end_object(&w);
    assert_true(buf_ok(&b));
    struct text want =
        TEXT("{\"a\":[-5,18446744073709551615,30.1234568,null,{},[]],\"b\\\"\":true,\"c\":{\"x\":1},"
             "\"d\":null,\"e\":\"\xe8\xbd\xa6\\n\\u0001\xef\xbf\xbd\\\\\"}");
    assert_int_equal(b.len, want.len);
    assert_memory_equal(b.data, want.data, want.len);
    buf_fini(&b);
}

/* Any bytes make a JSON string; those that are UTF-8 come back as they were. */
static void test_any_bytes(void **state)
{
    struct random r = random_seeded(3);
    struct buf b;
    buf_init(&b, 4096);
    unsigned kept = 0;
    for (int i = 0; i < 100000; i++) {
        char bytes[40];
        size_t n = random_below(&r, sizeof bytes);
        bool ascii = i % 3 == 0;
        for (size_t k = 0; k < n; k++)
            bytes[k] = (char)(random_next(&r) >> 40 & (ascii ? 0x7f : 0xff));
        buf_clear(&b);
        json_put_string(&b, (struct text){bytes, n});
        json_t *back = json_loadb(b.data, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_non_null(back);
        json_t *same = json_stringn(bytes, n);
        if (same != NULL) { /* NULL: not UTF-8 */
            assert_true(json_equal(back, same));
            kept++;
        }
        json_decref(same);
        json_decref(back);
    }
    assert_true(kept > 30000 && kept < 90000);
    buf_fini(&b);
}

static void expect_double(uint64_t bits, const char *want)
{
    double v;
    char text[40];
    struct buf b = {.data = text, .cap = sizeof text - 1, .limit = sizeof text - 1};
    memcpy(&v, &bits, sizeof v);
    json_put_double(&b, v);
    assert_true(buf_ok(&b));
    text[b.len] = '\0';
    assert_string_equal(text, want);
}

/* RFC 8785, appendix B, and what ECMAScript's String() gives at its turning points. */
static void test_doubles_as_ecmascript_writes_them(void **state)
{
    expect_double(0x0000000000000000, "0");
    expect_double(0x8000000000000000, "0");
    expect_double(0x0000000000000001, "5e-324");
    expect_double(0x8000000000000001, "-5e-324");
    expect_double(0x7fefffffffffffff, "1.7976931348623157e+308");
    expect_double(0x4340000000000000, "9007199254740992");
    expect_double(0x4430000000000000, "295147905179352830000");
    expect_double(0x44b52d02c7e14af5, "9.999999999999997e+22");
    expect_double(0x44b52d02c7e14af6, "1e+23");
    expect_double(0x444b1ae4d6e2ef4e, "999999999999999700000");
    expect_double(0x444b1ae4d6e2ef50, "1e+21");
    expect_double(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7");
    expect_double(0x3eb0c6f7a0b5ed8d, "0.000001");
    expect_double(0x41b3de4355555553, "333333333.3333332");
    expect_double(0x41b3de4355555557, "333333333.33333343");
    expect_double(0xbecbf647612f3696, "-0.0000033333333333333333");
    expect_double(0x43143ff3c1cb0959, "1424953923781206.2");
}

/* Without leading zeros and those at the end. */
static int significant_digits(const char *text)
{
    int n = 0, zeros = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        bool digit = *text >= '0' && *text <= '9';
        zeros = !digit ? zeros : *text == '0' ? zeros + (n > 0) : 0;
        n += digit && (n > 0 || *text != '0');
    }
    return n - zeros;
}

static int fewest_digits(double v)
{
    char text[40];
    int decimals = -1;
    do
        snprintf(text, sizeof text, "%.*e", ++decimals, v);
    while (strtod(text, NULL) != v);
    return v != 0 ? decimals + 1 : 0;
}

/* Numbers of one to nine decimals, coordinates and larger ones. */
static double rounded(struct random *r)
{
    double scale = pow(10, (double)(1 + random_next(r) % 9)), reach = random_next(r) % 4 ? 180 : 2e8;
    return round(random_between(r, -reach, reach) * scale) / scale;
}

static void test_doubles_read_back(void **state)
{
    struct random r = random_seeded(4);
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = random_next(&r);
        double v, back;
        char text[40];
        struct buf b = {.data = text, .cap = sizeof text - 1, .limit = sizeof text - 1};
        memcpy(&v, &bits, sizeof v);
        if (i % 2)
            v = rounded(&r);
        if (!isfinite(v))
            continue;
        json_put_double(&b, v);
        assert_true(buf_ok(&b));
        text[b.len] = '\0';
        back = strtod(text, NULL);
        assert_true(back == v);
        assert_true(significant_digits(text) == fewest_digits(v));
    }
}

static void test_depth_is_bounded(void **state)
{
    struct buf b;
    struct json_writer w;
    buf_init(&b, 4096);
    json_writer_init(&w, &b);
    for (int i = 0; i < 64; i++)
        json_write_begin_array(&w);
    assert_true(buf_ok(&b));
    json_write_begin_array(&w);
    assert_false(buf_ok(&b));
    buf_fini(&b);
}

/* Members that are said, null, or left out: any of them first, so that commas stand where they have to. */
static void test_tables(void **state)
{
    const struct json_member any[] = {
        JSON_WORD_IF_ANY("none", NULL), JSON_TEXT("t", TEXT("a\"b")), JSON_FIXED_IF_ANY("none", NAN, 1),
        JSON_WHOLE("i", INT64_MIN),     JSON_FIXED("f", 1.25, 1),     JSON_FIXED("n", INFINITY, 1),
        JSON_TRUTH("b", true),          JSON_WORD("w", NULL),         JSON_WORD_IF_ANY("x", "y"),
        JSON_FIXED_IF_ANY("g", -0.5, 2)};
    static const char *const said[] = {"",
                                       "\"t\":\"a\\\"b\"",
                                       "",
                                       "\"i\":-9223372036854775808",
                                       "\"f\":1.3",
                                       "\"n\":null",
                                       "\"b\":true",
                                       "\"w\":null",
                                       "\"x\":\"y\"",
                                       "\"g\":-0.50"};
    enum { COUNT = sizeof any / sizeof *any };
    for (size_t first = 0; first < COUNT; first++)
        for (size_t count = 0; first + count <= COUNT; count++) {
            struct buf b, expected;
            struct json_writer w;
            buf_init(&b, 4096);
            buf_init(&expected, 4096);
            json_writer_init(&w, &b);
            json_write_begin_object(&w);
            json_write_members(&w, any + first, count);
            json_write_table(&w, JSON_WHOLE("last", 1));
            json_write_end_object(&w);
            buf_puts(&expected, "{");
            for (size_t i = first; i < first + count; i++)
                if (said[i][0] != '\0')
                    buf_printf(&expected, "%s,", said[i]);
            buf_puts(&expected, "\"last\":1}");
            assert_true(text_equal(buf_text(&b), buf_text(&expected)));
            buf_fini(&b);
            buf_fini(&expected);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_doubles_as_ecmascript_writes_them),
        cmocka_unit_test(test_doubles_read_back),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
