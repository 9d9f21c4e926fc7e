/*
 * The watch: who may do what when, what the newest entry says, the call; and the duty log's rows.
 */
#include "../cmocka_all.h"
#include "duty_log.h"
#include "shift.h"

#include <string.h>

static const struct desk_person ann = {TEXT("ann"), TEXT("10.0.0.1"), true, false};
static const struct desk_person bob = {TEXT("bob"), TEXT("10.0.0.2"), true, false};
static const struct desk_person viewer = {TEXT("eve"), TEXT("10.0.0.3"), false, false};

static enum shift_refusal asks(const struct shift *now, const struct desk_person *who, enum shift_event event,
                               const char *to, const char *why)
{
    const struct shift_request r = {event, now->rev, TEXT("q"), text_of(to), text_of(why)};
    return shift_decide(now, &r, who);
}

static void test_rules(void **state)
{
    const struct shift nobody = {0}, held = {.rev = 1, .number = 1, .on = TEXT("ann")},
                       offered = {.rev = 2, .number = 1, .on = TEXT("ann"), .to = TEXT("bob")};
    static const struct {
        enum shift_event event;
        const char *to, *why;
        enum shift_refusal nobody[2], held[2], offered[2]; /* by ann, by bob */
    } rows[] = {
        {SHIFT_TAKE, "", "", {SHIFT_OK, SHIFT_OK}, {SHIFT_HELD, SHIFT_HELD}, {SHIFT_HELD, SHIFT_HELD}},
        {SHIFT_TAKE, "", "ill", {SHIFT_OK, SHIFT_OK}, {SHIFT_HELD, SHIFT_OK}, {SHIFT_HELD, SHIFT_OK}},
        {SHIFT_OFFER,
         "bob",
         "",
         {SHIFT_NOT_ON, SHIFT_NOT_ON},
         {SHIFT_OK, SHIFT_NOT_ON},
         {SHIFT_OK, SHIFT_NOT_ON}},
        {SHIFT_OFFER,
         "ann",
         "",
         {SHIFT_NOT_ON, SHIFT_NOT_ON},
         {SHIFT_TO_SELF, SHIFT_NOT_ON},
         {SHIFT_TO_SELF, SHIFT_NOT_ON}},
        {SHIFT_ACCEPT,
         "",
         "",
         {SHIFT_NOT_TO, SHIFT_NOT_TO},
         {SHIFT_NOT_TO, SHIFT_NOT_TO},
         {SHIFT_NOT_TO, SHIFT_OK}},
        {SHIFT_CANCEL,
         "",
         "",
         {SHIFT_NOT_ON, SHIFT_NOT_ON},
         {SHIFT_NOT_ON, SHIFT_NOT_ON},
         {SHIFT_OK, SHIFT_NOT_ON}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct desk_person *const people[] = {&ann, &bob};
        for (size_t p = 0; p < 2; p++) {
            assert_int_equal(asks(&nobody, people[p], rows[i].event, rows[i].to, rows[i].why),
                             rows[i].nobody[p]);
            assert_int_equal(asks(&held, people[p], rows[i].event, rows[i].to, rows[i].why), rows[i].held[p]);
            assert_int_equal(asks(&offered, people[p], rows[i].event, rows[i].to, rows[i].why),
                             rows[i].offered[p]);
        }
        assert_int_equal(asks(&nobody, &viewer, rows[i].event, rows[i].to, rows[i].why), SHIFT_ROLE);
    }
    const struct shift_request stale = {SHIFT_TAKE, 7, TEXT("q"), {"", 0}, {"", 0}};
    assert_int_equal(shift_decide(&nobody, &stale, &ann), SHIFT_STALE);
}

static void test_entries(void **state)
{
    const struct field offer[] = {{TEXT("event"), TEXT("offer")}, {TEXT("rev"), TEXT("2")},
                                  {TEXT("shift"), TEXT("1")},     {TEXT("on"), TEXT("ann")},
                                  {TEXT("to"), TEXT("bob")},      {TEXT("since"), TEXT("50")}};
    const struct field accept[] = {{TEXT("event"), TEXT("accept")},
                                   {TEXT("rev"), TEXT("3")},
                                   {TEXT("shift"), TEXT("2")},
                                   {TEXT("on"), TEXT("bob")}};
    struct shift s = {0};
    assert_true(shift_take_entry(&s, (struct fields){offer, 6}, 100));
    assert_true(text_equal(s.to, TEXT("bob")) && text_equal(s.on, TEXT("ann")));
    assert_int_equal(s.since_ms, 50);
    assert_true(shift_take_entry(&s, (struct fields){accept, 4}, 200));
    assert_true(s.to.len == 0 && text_equal(s.on, TEXT("bob")));
    assert_int_equal(s.since_ms, 200);
    assert_int_equal(s.number, 2);
    assert_false(shift_take_entry(&s, (struct fields){offer, 6}, 300));
}

static void test_rows(void **state)
{
    const struct field fields[] = {{TEXT("id"), TEXT("x")},
                                   {TEXT("action"), TEXT("note")},
                                   {TEXT("who"), TEXT("=cmd()")},
                                   {TEXT("why"), TEXT("two, \"lines\"\nhere")}};
    const struct duty_row row = {5, TEXT("2026-05-01 08:00:00"), {fields, 4}};
    struct buf out;
    buf_init(&out, 4096);
    duty_log_csv_row(&row, &out);
    buf_put_char(&out, '\0');
    assert_string_equal(
        out.data, "2026-05-01 08:00:00,x,note,,,\"'=cmd()\",,,,\"two, \"\"lines\"\"\nhere\",,,,,,,\r\n");
    buf_clear(&out);
    duty_log_json_row(&row, &out);
    buf_put_char(&out, '\0');
    assert_string_equal(out.data, "{\"at\":5,\"id\":\"x\",\"action\":\"note\",\"who\":\"=cmd()\",\"why\":"
                                  "\"two, \\\"lines\\\"\\nhere\"}");
    buf_clear(&out);
    duty_log_csv_head(&out);
    assert_memory_equal(out.data,
                        "\xef\xbb\xbf"
                        "at,id,action",
                        15);
    /* What people typed is text on the page. */
    const struct field odd[] = {{TEXT("who"), TEXT("<b>&\"x\"")}, {TEXT("why"), TEXT("</td><script>")}};
    buf_clear(&out);
    duty_log_html_head(TEXT("2026-05-01"), TEXT("<zone>"), &out);
    duty_log_html_row(&(struct duty_row){5, TEXT("08:00"), {odd, 2}}, &out);
    duty_log_html_end(&out);
    buf_put_char(&out, '\0');
    assert_non_null(strstr(out.data, "<tr><td>08:00</td><td>&lt;b&gt;&amp;&quot;x&quot;</td>"));
    assert_non_null(strstr(out.data, "<td>&lt;/td&gt;&lt;script&gt;</td></tr>"));
    assert_null(strstr(out.data, "<zone>"));
    buf_fini(&out);
}

static void test_call(void **state)
{
    const struct shift now = {.rev = 4, .number = 2, .on = TEXT("ann"), .since_ms = 77};
    const struct shift_request r = {SHIFT_OFFER, 4, TEXT("q-9"), TEXT("bob"), TEXT("quiet")};
    struct buf out;
    buf_init(&out, 1 << 16);
    shift_call_write(&now, &r, &ann, TEXT("{}"), &out);
    assert_true(buf_ok(&out));
    buf_put_char(&out, '\0');
    assert_memory_equal(out.data, "*28\r\n$4\r\nEVAL\r\n", 15);
    assert_non_null(
        strstr(out.data, "$3\r\nq-9\r\n$1\r\n4\r\n$5\r\nevent\r\n$5\r\noffer\r\n$3\r\nrev\r\n$1\r\n5\r\n"));
    assert_non_null(strstr(out.data, "$5\r\nsince\r\n$2\r\n77\r\n$2\r\nto\r\n$3\r\nbob\r\n"));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules), cmocka_unit_test(test_entries),
                                       cmocka_unit_test(test_rows), cmocka_unit_test(test_call)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
