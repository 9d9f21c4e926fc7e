/*
 * The desk's table against one written by hand, what a request may say, deadlines, and that actions taken from the stream give
 * what the hash says.
 */
#include "../cmocka_all.h"
#include "desk.h"
#include "desk_request.h"

#include <stdio.h>
#include <string.h>

#define AN_ID    "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER_ID "bbbbbbbbbbbbbbbbbbbbbbbbbb"

static const struct desk_person dispatcher = {TEXT("d"), TEXT("10.0.0.1"), true, false};
static const struct desk_person enforcer = {TEXT("e"), TEXT("10.0.0.2"), true, true};
static const struct desk_person viewer = {TEXT("v"), TEXT("10.0.0.3"), false, false};
static const int64_t now_ms = INT64_C(1780243200000);

static struct desk_request asked(enum desk_action action)
{
    return (struct desk_request){.action = action,
                                 .rev = 3,
                                 .id = TEXT(AN_ID),
                                 .request = TEXT("r"),
                                 .of = TEXT(OTHER_ID),
                                 .until_ms = now_ms + 1000};
}

static void test_table(void **state)
{
    /* From open, acknowledged, assigned, handled, reviewed, closed: to whose first letter, R for reviewed, `.` where refused. */
    static const char *const to[DESK_ACTION_COUNT] = {
        [DESK_ACKNOWLEDGE] = "a.....", [DESK_ASSIGN] = ".sss..",  [DESK_NOTE] = "oashRc",
        [DESK_HANDLED] = ".hh...",     [DESK_APPROVE] = "...R..", [DESK_REJECT] = ".RRR..",
        [DESK_CLOSE] = "...cc.",       [DESK_REOPEN] = "....oo",  [DESK_SHELVE] = "oashR.",
        [DESK_DUPLICATE] = "oashR.",
    };
    static const char letters[] = "oashRc";
    for (unsigned a = 0; a < DESK_ACTION_COUNT; a++)
        for (unsigned s = 0; s < WORK_STATE_COUNT; s++) {
            const struct work work = {.state = (enum work_state)s, .rev = 3};
            const struct desk_case c = {&desk_settings_usual, &work, CONDITION_ACTIVE, now_ms};
            const struct desk_request r = asked((enum desk_action)a);
            enum work_state next = WORK_STATE_COUNT;
            enum desk_refusal refusal = desk_decide(&c, &r, &enforcer, &next);
            assert_int_equal(refusal == DESK_OK ? letters[next] : '.', to[a][s]);
            assert_int_equal(desk_decide(&c, &r, &viewer, &next), DESK_ROLE);
            bool review = a == DESK_APPROVE || a == DESK_REJECT;
            assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), review ? DESK_ROLE : refusal);
        }
}

static void test_refusals(void **state)
{
    struct work work = {.state = WORK_ACKNOWLEDGED, .rev = 3, .acknowledged_by = TEXT("e")};
    struct desk_settings settings = desk_settings_usual;
    struct desk_case c = {&settings, &work, CONDITION_ACTIVE, now_ms};
    struct desk_request r = asked(DESK_REJECT);
    enum work_state next;
    assert_int_equal(desk_decide(&c, &r, &enforcer, &next), DESK_OK);
    settings.four_eyes = true;
    assert_int_equal(desk_decide(&c, &r, &enforcer, &next), DESK_OWN);
    r.rev = 2;
    assert_int_equal(desk_decide(&c, &r, &enforcer, &next), DESK_STALE);

    r = asked(DESK_CLOSE);
    assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), DESK_UNHANDLED);
    c.condition = CONDITION_ENDED;
    assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), DESK_UNHANDLED);
    c.condition = CONDITION_WITHDRAWN;
    assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), DESK_OK);
    c.condition = CONDITION_ACTIVE;
    work.of = TEXT(OTHER_ID);
    assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), DESK_OK);
    assert_int_equal(next, WORK_CLOSED);

    r = asked(DESK_SHELVE);
    static const struct {
        int64_t after_ms;
        enum desk_refusal refusal;
    } untils[] = {
        {-1, DESK_UNTIL}, {0, DESK_UNTIL}, {1, DESK_OK}, {28800000, DESK_OK}, {28800001, DESK_UNTIL}};
    for (size_t i = 0; i < sizeof untils / sizeof *untils; i++) {
        r.until_ms = now_ms + untils[i].after_ms;
        assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), untils[i].refusal);
    }
    r.until_ms = 0;
    assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), DESK_OK);

    r = asked(DESK_DUPLICATE);
    r.of = r.id;
    assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), DESK_ITSELF);
    r = asked(DESK_NOTE);
    r.rev = work.rev = DESK_ACTIONS_MAX - 1;
    assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), DESK_OK);
    r.rev = work.rev = DESK_ACTIONS_MAX;
    assert_int_equal(desk_decide(&c, &r, &dispatcher, &next), DESK_FULL);
    for (unsigned i = 0; i < DESK_REFUSAL_COUNT; i++)
        assert_non_null(desk_refusal_text((enum desk_refusal)i));
}

/* ---- requests ---- */

static bool reads(const char *json, const char *id, struct desk_request *r, struct desk_fault *fault)
{
    struct json_tree tree = {0};
    assert_int_equal(json_tree_read(&tree, text_of(json), NULL), JSON_TREE_OK);
    bool read = desk_request_read(tree.nodes, text_of(id), desk_reasons_usual, r, fault);
    json_tree_fini(&tree);
    return read;
}

#define SAID(action, more) "{\"action\":\"" action "\",\"rev\":0,\"request\":\"q-1\"" more "}"

static void test_requests(void **state)
{
    static struct desk_request r;
    struct desk_fault fault;
    static const struct {
        const char *json, *pointer; /* NULL: it is read */
    } cases[] = {
        {SAID("acknowledge", ""), NULL},
        {SAID("acknowledge", ",\"why\":\"seen\""), NULL},
        {SAID("acknowledge", ",\"id\":\"" AN_ID "\""), "/id"},
        {SAID("acknowledge", ",\"until\":5"), "/until"},
        {SAID("acknowledge", ",\"x\":5"), "/x"},
        {SAID("acknowledged", ""), "/action"},
        {"{\"action\":\"acknowledge\",\"request\":\"q\"}", "/rev"},
        {"{\"action\":\"acknowledge\",\"rev\":0}", "/request"},
        {"{\"action\":\"acknowledge\",\"rev\":-1,\"request\":\"q\"}", "/rev"},
        {"{\"action\":\"acknowledge\",\"rev\":0.5,\"request\":\"q\"}", "/rev"},
        {"{\"action\":\"acknowledge\",\"rev\":0,\"request\":\"a b\"}", "/request"},
        {"{\"action\":\"acknowledge\",\"rev\":0,\"request\":\"\"}", "/request"},
        {"[]", "/"},
        {SAID("assign", ",\"to\":\"unit 7\""), NULL},
        {SAID("assign", ""), "/to"},
        {SAID("assign", ",\"to\":\"a\\u001bb\""), "/to"},
        {SAID("note", ",\"why\":\"two\\nlines\""), NULL},
        {SAID("note", ",\"why\":\"\\u0007\""), "/why"},
        {SAID("note", ""), "/why"},
        {SAID("handled", ",\"found\":\"spilt\",\"media\":[\"https://a/b.jpg\",\"http://c\"]"), NULL},
        {SAID("handled", ",\"found\":\"spilt\",\"media\":[\"javascript:alert(1)\"]"), "/media"},
        {SAID("handled", ",\"found\":\"spilt\",\"media\":[\"https://a/\\\"onload=\"]"), "/media"},
        {SAID("handled", ",\"found\":\"spilt\",\"media\":[]"), "/media"},
        {SAID("handled", ",\"media\":[\"https://a/\"]"), "/found"},
        {SAID("review", ",\"verdict\":\"approve\""), NULL},
        {SAID("review", ",\"verdict\":\"reject\",\"reason\":\"定位漂移\""), NULL},
        {SAID("review", ",\"verdict\":\"reject\""), "/reason"},
        {SAID("review", ",\"verdict\":\"reject\",\"reason\":\"because\""), "/reason"},
        {SAID("review", ",\"verdict\":\"maybe\""), "/verdict"},
        {SAID("review", ""), "/verdict"},
        {SAID("close", ""), NULL},
        {SAID("reopen", ",\"why\":\"it goes on\""), NULL},
        {SAID("reopen", ""), "/why"},
        {SAID("shelve", ",\"until\":1780243200000,\"why\":\"roadworks\""), NULL},
        {SAID("shelve", ",\"until\":1780243200000"), "/why"},
        {SAID("shelve", ",\"until\":\"x\",\"why\":\"roadworks\""), "/until"},
        {SAID("duplicate", ",\"of\":\"" OTHER_ID "\""), NULL},
        {SAID("duplicate", ",\"of\":\"../../x\""), "/of"},
        {SAID("duplicate", ",\"of\":\"AAAAAAAAAAAAAAAAAAAAAAAAAA\""), "/of"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool read = reads(cases[i].json, AN_ID, &r, &fault);
        if (read != (cases[i].pointer == NULL))
            fail_msg("%s", cases[i].json);
        if (!read)
            assert_string_equal(fault.pointer, cases[i].pointer);
    }
    assert_true(reads(SAID("handled", ",\"found\":\"f\",\"media\":[\"https://a/b\",\"http://c\"]"), AN_ID, &r,
                      &fault));
    assert_true(text_equal(r.media, TEXT("[\"https://a/b\",\"http://c\"]")));
    assert_false(reads(SAID("close", ""), "", &r, &fault));
    assert_string_equal(fault.pointer, "/id");
    assert_true(reads(SAID("close", ",\"id\":\"" AN_ID "\""), "", &r, &fault));
}

static void test_bounds(void **state)
{
    static struct desk_request r;
    struct desk_fault fault;
    static char json[4096], text[2002];
    for (size_t length = 2000; length <= 2001; length++) {
        memset(text, 'x', length);
        text[length] = '\0';
        snprintf(json, sizeof json, SAID("note", ",\"why\":\"%s\""), text);
        assert_int_equal(reads(json, AN_ID, &r, &fault), length == 2000);
    }
}

/* ---- what was done ---- */

static struct work taken(struct work from, const char *const (*rows)[2], int64_t at_ms)
{
    struct field items[8];
    struct fields entry = {items, 0};
    for (; rows[entry.count][0] != NULL; entry.count++)
        items[entry.count] = (struct field){text_of(rows[entry.count][0]), text_of(rows[entry.count][1])};
    work_take_action(&from, entry, at_ms);
    return from;
}

static void test_taking(void **state)
{
    static const char *const acknowledged[][2] = {
        {"action", "acknowledge"}, {"rev", "1"}, {"state", "acknowledged"}, {"who", "d"}, {NULL, NULL}};
    static const char *const shelved[][2] = {
        {"action", "shelve"}, {"rev", "2"}, {"state", "acknowledged"}, {"until", "77"}, {NULL, NULL}};
    static const char *const of_later[][2] = {
        {"action", "dream"}, {"rev", "3"}, {"state", "dreamt"}, {NULL, NULL}};
    static const char *const reopened[][2] = {
        {"action", "reopen"}, {"rev", "4"}, {"state", "open"}, {NULL, NULL}};
    struct work w = taken((struct work){0}, acknowledged, 10);
    assert_int_equal(w.state, WORK_ACKNOWLEDGED);
    assert_true(text_equal(w.acknowledged_by, TEXT("d")));
    w = taken(w, shelved, 20);
    assert_int_equal(w.until_ms, 77);
    w = taken(w, acknowledged, 30); /* told twice */
    assert_int_equal(w.rev, 2);
    w = taken(w, of_later, 40);
    assert_int_equal(w.rev, 2);
    w = taken(w, reopened, 50);
    assert_int_equal(w.rev, 4);
    assert_int_equal(w.until_ms, 0);
    assert_int_equal(w.acknowledged_by.len, 0);
    assert_int_equal(w.reopened_ms, 50);
}

static void test_deadlines(void **state)
{
    struct work w = {0};
    const struct desk_settings *s = &desk_settings_usual;
    assert_int_equal(desk_due(s, &w, SEVERITY_CRITICAL_ALERT, 1000), 1000 + 120000);
    assert_int_equal(desk_due(s, &w, SEVERITY_MAJOR_ALERT, 1000), 1000 + 600000);
    assert_int_equal(desk_due(s, &w, SEVERITY_MINOR_ALERT, 1000), 1000 + 3600000);
    w.state = WORK_ASSIGNED;
    assert_int_equal(desk_due(s, &w, SEVERITY_CRITICAL_ALERT, 1000), 1000 + 7200000);
    w.state = WORK_HANDLED;
    assert_int_equal(desk_due(s, &w, SEVERITY_CRITICAL_ALERT, 1000), 1000 + 14400000);
    w.state = WORK_CLOSED;
    assert_true(desk_due(s, &w, SEVERITY_CRITICAL_ALERT, 1000) == INT64_MAX);
    w = (struct work){.reopened_ms = 9000};
    assert_int_equal(desk_due(s, &w, SEVERITY_CRITICAL_ALERT, 1000), 9000 + 120000);
    assert_int_equal(alert_severity_of(TEXT("catastrophic")), SEVERITY_CRITICAL_ALERT);
}

static void test_entry_ids(void **state)
{
    struct entry_id id;
    assert_true(entry_id_read(TEXT("1780243200000-12"), &id));
    assert_int_equal(id.ms, INT64_C(1780243200000));
    assert_int_equal(id.n, 12);
    static const char *const no_ids[] = {
        "", "-", "1", "1-", "-1", "1-2x", "9223372036854775808-0", "1-18446744073709551616"};
    for (size_t i = 0; i < sizeof no_ids / sizeof *no_ids; i++)
        assert_false(entry_id_read(text_of(no_ids[i]), &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),     cmocka_unit_test(test_refusals), cmocka_unit_test(test_requests),
        cmocka_unit_test(test_bounds),    cmocka_unit_test(test_taking),   cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_entry_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
