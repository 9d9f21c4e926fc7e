/* Webhooks without a socket: who wants what, the event's words, its signature by a figure of others, and when it is tried again. */
#include "hook_event.h"
#include "hook_try.h"
#include "overdue_told.h"

#include "cmocka_all.h"

#include <stdio.h>

static const struct field fields[] = {{{"event", 5}, {"opened", 6}},
                                      {{"id", 2}, {"ncktf5syu5c3tap2nmgliksklj", 26}},
                                      {{"kind", 4}, {"off_route", 9}},
                                      {{"severity", 8}, {"critical", 8}},
                                      {{"jurisdiction", 12}, {"city/east", 9}},
                                      {{"plate", 5}, {"\"x\"\n", 4}}};
static const struct hook_event event = {3, HOOK_VIOLATIONS, {"1777593600125-7", 15}, {fields, 6}};

static struct text_list one(struct text *t, const char *word)
{
    *t = text_of(word);
    return (struct text_list){t, 1};
}

static void test_who_wants_it(void **state)
{
    (void)state;
    struct text t;
    const struct hook_event overdue = {3, HOOK_OVERDUE, event.entry_id, event.entry};
    assert_true(hook_wants(&(struct hook_wish){0}, &event));
    assert_true(hook_wants(&(struct hook_wish){.events = one(&t, "opened")}, &event));
    assert_false(hook_wants(&(struct hook_wish){.events = one(&t, "closed")}, &event));
    assert_false(hook_wants(&(struct hook_wish){.events = one(&t, "opened")}, &overdue));
    assert_true(hook_wants(&(struct hook_wish){.events = one(&t, "overdue")}, &overdue));
    assert_true(hook_wants(&(struct hook_wish){.kinds = one(&t, "off_route")}, &event));
    assert_false(hook_wants(&(struct hook_wish){.kinds = one(&t, "off")}, &event));
    assert_false(hook_wants(&(struct hook_wish){.severities = one(&t, "minor")}, &event));
    assert_true(hook_wants(&(struct hook_wish){.jurisdictions = one(&t, "city")}, &event));
    assert_false(hook_wants(&(struct hook_wish){.jurisdictions = one(&t, "city/ea")}, &event));
    const struct hook_event nowhere = {0, HOOK_VIOLATIONS, event.entry_id, {fields, 4}};
    assert_false(hook_wants(&(struct hook_wish){.jurisdictions = one(&t, "city")}, &nowhere));
}

static void test_words(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, HOOK_BODY_MAX);
    hook_event_write(&event, &out);
    assert_true(text_equal(
        buf_text(&out),
        TEXT("{\"specversion\":\"1.0\",\"id\":\"3/violations/1777593600125-7\",\"source\":\"/muckwatch/3\","
             "\"type\":\"muckwatch.violation.opened\",\"subject\":\"ncktf5syu5c3tap2nmgliksklj\","
             "\"time\":\"2026-05-01T00:00:00.125Z\",\"datacontenttype\":\"application/json\",\"data\":{"
             "\"event\":\"opened\",\"id\":\"ncktf5syu5c3tap2nmgliksklj\",\"kind\":\"off_route\","
             "\"severity\":\"critical\",\"jurisdiction\":\"city/east\",\"plate\":\"\\\"x\\\"\\n\"}}")));
    buf_fini(&out);
}

/* printf 'a/b/1-1.1614265330.{"test": 2432232314}' | openssl dgst -sha256 -hmac secret -binary | base64 */
static void test_signature(void **state)
{
    (void)state;
    char signature[HOOK_SIGNATURE_MAX];
    const struct hook_signed what = {"a/b/1-1", 1614265330, TEXT("{\"test\": 2432232314}")};
    hook_sign(TEXT("secret"), &what, signature);
    assert_string_equal(signature, "v1,tsGOiQGQOaYzyrY51o3i+UMAcagV24w/G50rlpBByW0=");
}

static void test_tried_again(void **state)
{
    (void)state;
    const int64_t day_ms = 86400000;
    struct hook_try t = {0};
    int64_t now_ms = 5, waited_ms = 0;
    for (int i = 0; i < 12; i++) {
        assert_int_equal(hook_tried(&t, i % 2 == 0 ? 503 : 0, now_ms, day_ms, (uint32_t)i * 2654435761u),
                         HOOK_AGAIN);
        int64_t most_ms = INT64_C(1000) << i < HOOK_WAIT_MAX_MS ? INT64_C(1000) << i : HOOK_WAIT_MAX_MS;
        assert_true(t.next_ms - now_ms >= most_ms / 2 && t.next_ms - now_ms <= most_ms);
        waited_ms += t.next_ms - now_ms;
        now_ms = t.next_ms;
    }
    assert_true(waited_ms > 3600000 / 2);
    assert_int_equal(hook_tried(&t, 204, now_ms, day_ms, 0), HOOK_TOLD);
    assert_int_equal(t.failed, 0);
    /* What can never be taken goes at once, all else when its time is over. */
    const int final[] = {400, 413, 415, 422}, other[] = {0, 301, 302, 401, 403, 404, 410, 429, 500};
    for (size_t i = 0; i < sizeof final / sizeof *final; i++)
        assert_int_equal(hook_tried(&t, final[i], 0, day_ms, 0), HOOK_DEAD);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        t = (struct hook_try){0};
        assert_int_equal(hook_tried(&t, other[i], 100, day_ms, 0), HOOK_AGAIN);
        assert_int_equal(hook_tried(&t, other[i], 99 + day_ms, day_ms, 0), HOOK_AGAIN);
        assert_int_equal(hook_tried(&t, other[i], 100 + day_ms, day_ms, 0), HOOK_DEAD);
        assert_int_equal(t.failed, 0);
    }
}

static void test_overdue(void **state)
{
    (void)state;
    struct overdue_told told = {0};
    struct overdue_alert a = {.partition = 1};
    char field[OVERDUE_FIELD_SIZE];
    for (int i = 0; i < 500; i++) {
        snprintf(a.id, sizeof a.id, "%025d", i * 7919 % 500);
        a.id[25] = 'x';
        a.due_ms = i;
        assert_true(overdue_told_put(&told, &a));
        assert_true(overdue_told_has(&told, a.id, i) && !overdue_told_has(&told, a.id, i + 1));
    }
    assert_int_equal(told.count, 500);
    for (size_t i = 1; i < told.count; i++)
        assert_true(memcmp(told.items[i - 1].id, told.items[i].id, DESK_ID_LENGTH) < 0);
    a.due_ms = 12345; /* behind its next time */
    assert_true(overdue_told_put(&told, &a) && told.count == 500 && overdue_told_has(&told, a.id, 12345));
    overdue_field(a.id, field);
    struct overdue_alert again;
    assert_true(overdue_field_read(text_of(field), TEXT("12345"), 1, &again));
    assert_memory_equal(again.id, a.id, DESK_ID_LENGTH);
    assert_int_equal(again.due_ms, 12345);
    assert_false(overdue_field_read(TEXT("hall/violations"), TEXT("1-1"), 1, &again));
    overdue_told_remove(&told, 0);
    assert_int_equal(told.count, 499);
    overdue_told_fini(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_wants_it), cmocka_unit_test(test_words),   cmocka_unit_test(test_signature),
        cmocka_unit_test(test_tried_again),  cmocka_unit_test(test_overdue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
