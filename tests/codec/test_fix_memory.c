/* The path of a fix allocates nothing: malloc and its kin are counted while payloads of all sorts are read.
 */
#include "fix_json.h"
#include "owntracks.h"

#include "../cmocka_all.h"

#include <stdlib.h>

static unsigned allocations;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__real_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
    allocations++;
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t m)
{
    allocations++;
    return __real_calloc(n, m);
}

void *__wrap_realloc(void *p, size_t n)
{
    allocations++;
    return __real_realloc(p, n);
}

static void test_nothing_is_allocated(void **state)
{
    static const struct text payloads[] = {
        TEXT("[{\"time\":\"2026-05-01T00:00:00Z\",\"lat\":30.5,\"lon\":104.1,\"sensors\":{\"load_kg\":1.5e3}}"
             ",{},7]"),
        TEXT("{\"time\":1777593600.123456789012345678901,\"lat\":30.12345678901234567890123,\"lon\":1e-300}"),
        TEXT(
            "{\"_type\":\"location\",\"tst\":1777593600,\"lat\":1,\"lon\":2,\"x\":[[[\"\\ud83d\\ude9b\"]]]}"),
        TEXT("[{\"time\":\"\\u0032026-05-01T00:00:00Z\",\"media\":[\"a\",1],\"x\":NaN}"),
    };
    void *volatile counted = malloc(1);
    free(counted);
    assert_true(allocations > 0); /* the counter is in place */
    allocations = 0;
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        struct fix_reader reader;
        struct fix_item item;
        struct fix_line line;
        fix_reader_init(&reader, payloads[i]);
        while (fix_reader_next(&reader, &item))
            continue;
        owntracks_read(payloads[i], &item);
        fix_line_read(payloads[i], &line);
    }
    assert_int_equal(allocations, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_is_allocated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
