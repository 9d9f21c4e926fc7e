/* json_write: what it writes, Jansson reads back to the same. */
#include "json_write.h"

#include "../cmocka_all.h"
#include "random.h"

#include <jansson.h>
#include <math.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
