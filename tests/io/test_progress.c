/* The bar: as long as it is, whatever share it is given. */
#include "../cmocka_all.h"
#include "progress.h"

#include <math.h>

static void bar_is(double share, const char *expected)
{
    struct buf out;
    buf_init(&out, 200);
    progress_write(&out, share, "verified");
    assert_true(text_equal(buf_text(&out), text_of(expected)));
    buf_fini(&out);
}

static void shares(void **state)
{
    bar_is(0, "[..............................]   0 % verified");
    bar_is(0.5, "[###############...............]  50 % verified");
    bar_is(0.999, "[#############################.]  99 % verified");
    bar_is(1, "[##############################] 100 % verified");
}

static void no_shares(void **state)
{
    bar_is(-3, "[..............................]   0 % verified");
    bar_is(NAN, "[..............................]   0 % verified");
    bar_is(7, "[##############################] 100 % verified");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares), cmocka_unit_test(no_shares)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
