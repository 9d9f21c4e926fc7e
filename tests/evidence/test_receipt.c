/* A receipt is drawn, and twice the same bytes, not many. */
#include "cmocka_all.h"
#include "receipt.h"

#include <stdio.h>
#include <stdlib.h>

/* What libraries of fonts keep until the process ends is no leak of ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libcairo\nleak:libpango\nleak:libglib\n";
}

static void draw(struct buf *out)
{
    const struct sealed_header header = {.id = TEXT("ms44nmjl77otl6wgchrc3kt7yy"),
                                         .kind = TEXT("off_route"),
                                         .vehicle = TEXT("hy-04"),
                                         .edition = 2,
                                         .reviewed = true};
    const struct receipt r = {.header = &header,
                              .to = TEXT("交警支队 traffic police"),
                              .who = TEXT("ada"),
                              .reason = TEXT("案件移送"),
                              .origin = TEXT("city.example/evidence"),
                              .at_ms = 1778400000000,
                              .log_index = 41};
    struct problem problem = {""};
    buf_init(out, 1 << 24);
    if (!receipt_pdf(&r, out, &problem))
        fail_msg("%s", problem.text);
}

static void test_same_bytes(void **state)
{
    struct buf one, two;
    draw(&one);
    draw(&two);
    assert_true(one.len > 1000 && text_equal(buf_text(&one), buf_text(&two)));
    assert_in_range(one.len, 1000, 100000);  /* 140 KB in the installed fonts */
    const char *path = getenv("MW_RECEIPT"); /* to be looked at */
    FILE *f = path != NULL ? fopen(path, "wb") : NULL;
    if (f != NULL) {
        fwrite(one.data, 1, one.len, f);
        fclose(f);
    }
    buf_fini(&one);
    buf_fini(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
