/*
 * What the table of routes alone says of a request: 404, 405 with Allow, which parameter is wrong, who may ask, and
 * from where a change may come. And how often.
 */
#include "web_problem.h"
#include "web_rate.h"
#include "web_route.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

static const struct web_parameter_row of_list[] = {
    {"limit", WEB_PARAMETER_WHOLE, .min = 1, .max = 500},
    {"lat", WEB_PARAMETER_NUMBER, .min = -90, .max = 90},
    {"pos", WEB_PARAMETER_WORD, .words = "1|2|off"},
    {"expr", WEB_PARAMETER_TEXT, .min = 1, .max = 5},
    {"kind", WEB_PARAMETER_TEXT, .min = 1, .max = 20, .repeats = true},
};
static const struct web_parameter_row of_one[] = {
    {"must", WEB_PARAMETER_TEXT, .min = 0, .max = 5, .required = true},
};
static const struct web_route rows[] = {
    {.name = "list",
     .method = WEB_GET,
     .pattern = "/api/things",
     WEB_PARAMETERS(of_list),
     .least = ROLE_VIEWER},
    {.name = "add", .method = WEB_POST, .pattern = "/api/things", .body_max = 10, .least = ROLE_DISPATCHER},
    {.name = "one", .method = WEB_GET, .pattern = "/api/things/{id}", WEB_PARAMETERS(of_one)},
    {.name = "part", .method = WEB_PUT, .pattern = "/api/things/{id}/parts/{part}"},
    {.name = "root", .method = WEB_GET, .pattern = "/"},
};
static const struct web_routes routes = {rows, 5};

static struct asked {
    struct web_head head;
    struct web_target target;
    struct web_request request;
    struct web_match match;
    struct web_answer answer;
} asked;

static bool find(enum web_method method, const char *target)
{
    web_answer_clear(&asked.answer);
    asked.head = (struct web_head){.method = method, .target = text_of(target)};
    assert_int_equal(web_target_read(text_of(target), &asked.target), 200);
    asked.request.head = &asked.head;
    asked.request.target = &asked.target;
    return web_route_find(routes, &asked.request, &asked.match, &asked.answer);
}

static void refuses(enum web_method method, const char *target, int status, const char *words)
{
    assert_false(find(method, target));
    char body[1024];
    snprintf(body, sizeof body, "%.*s%.*s", TEXT_ARG(buf_text(&asked.answer.body)),
             TEXT_ARG(buf_text(&asked.answer.fields)));
    if (asked.answer.status != status || strstr(body, words) == NULL)
        fail_msg("%s: %d %s", target, asked.answer.status, body);
}

static int setup(void **state)
{
    web_answer_init(&asked.answer);
    return 0;
}

static int teardown(void **state)
{
    web_answer_fini(&asked.answer);
    return 0;
}

static void test_paths(void **state)
{
    assert_true(find(WEB_GET, "/"));
    assert_string_equal(asked.match.route->name, "root");
    assert_true(find(WEB_HEAD, "/api/things"));
    assert_string_equal(asked.match.route->name, "list");
    assert_true(find(WEB_PUT, "/api/things/a%20b/parts/2"));
    assert_string_equal(asked.match.route->name, "part");
    assert_true(text_equal(asked.match.ids[0], TEXT("a b")) && text_equal(asked.match.ids[1], TEXT("2")));
    refuses(WEB_GET, "/api", 404, "not-found");
    refuses(WEB_GET, "/api/thing", 404, "");
    refuses(WEB_GET, "/api/things/a/parts", 404, "");
    refuses(WEB_DELETE, "/api/things", 405, "Allow: GET, HEAD, POST\r\n");
    refuses(WEB_OTHER, "/api/things/a/parts/b", 405, "Allow: PUT\r\n");
    refuses(WEB_POST, "/", 405, "Allow: GET, HEAD\r\n");
}

static void test_parameters(void **state)
{
    assert_true(find(WEB_GET, "/api/things?limit=500&lat=-30.5&pos=off&expr=%E6%B8%A3&kind=a&kind=b"));
    assert_true(web_match_number(&asked.match, "limit", 1) == 500);
    assert_true(web_match_number(&asked.match, "lat", 1) == -30.5);
    assert_true(text_equal(web_match_text(&asked.match, "kind", 1), TEXT("b")));
    assert_null(web_match_text(&asked.match, "kind", 2).data);
    assert_true(find(WEB_GET, "/api/things"));
    assert_true(web_match_number(&asked.match, "limit", 7) == 7);
    refuses(WEB_GET, "/api/things?limt=5", 400, "\"pointer\":\"limt\"");
    refuses(WEB_GET, "/api/things?Limit=5", 400, "no such parameter");
    refuses(WEB_GET, "/api/things?limit=0", 400, "a whole number from 1 to 500");
    refuses(WEB_GET, "/api/things?limit=501", 400, "");
    refuses(WEB_GET, "/api/things?limit=1.5", 400, "");
    refuses(WEB_GET, "/api/things?limit=", 400, "");
    refuses(WEB_GET, "/api/things?limit=5x", 400, "");
    refuses(WEB_GET, "/api/things?limit=0x5", 400, "");
    refuses(WEB_GET, "/api/things?limit=NaN", 400, "");
    refuses(WEB_GET, "/api/things?limit=1e999", 400, "");
    refuses(WEB_GET, "/api/things?limit=1&limit=2", 400, "stands twice");
    refuses(WEB_GET, "/api/things?pos=of", 400, "one of 1|2|off");
    refuses(WEB_GET, "/api/things?pos=", 400, "");
    refuses(WEB_GET, "/api/things?expr=", 400, "1 to 5 bytes");
    refuses(WEB_GET, "/api/things?expr=123456", 400, "");
    refuses(WEB_GET, "/api/things/x", 400, "\\\"must\\\": is missing");
    refuses(WEB_GET, "/?a=1", 400, "");
}

static void test_roles(void **state)
{
    static const int statuses[2][ROLE_COUNT] = {{401, 0, 0, 0, 0}, {401, 403, 0, 0, 0}};
    for (int row = 0; row < 2; row++)
        for (int role = 0; role < ROLE_COUNT; role++) {
            assert_true(find(row == 0 ? WEB_GET : WEB_POST, "/api/things"));
            asked.request.role = (enum role)role;
            bool allowed = web_route_allows(&asked.match, &asked.answer);
            assert_int_equal(allowed ? 0 : asked.answer.status, statuses[row][role]);
        }
}

static const struct {
    const char *origin, *site, *type, *coding;
    bool secret;
    int status;
} changes[] = {
    {NULL, NULL, "application/json", NULL, false, 0},
    {NULL, NULL, "Application/JSON; charset=utf-8", NULL, false, 0},
    {"http://host:8080", "same-origin", "application/json", NULL, false, 0},
    {"https://host:8080", NULL, "application/json", NULL, false, 0}, /* a proxy ends TLS */
    {"http://host:8080", NULL, "application/json", NULL, true, 403},
    {"http://host", NULL, "application/json", NULL, false, 403},
    {"http://host:8080.evil", NULL, "application/json", NULL, false, 403},
    {"http://evil", NULL, "application/json", NULL, false, 403},
    {"null", NULL, "application/json", NULL, false, 403},
    {"", NULL, "application/json", NULL, false, 403},
    {NULL, "cross-site", "application/json", NULL, false, 403},
    {NULL, "same-site", "application/json", NULL, false, 403},
    {NULL, NULL, NULL, NULL, false, 415},
    {NULL, NULL, "text/plain", NULL, false, 415},
    {NULL, NULL, "application/jsonp", NULL, false, 415},
    {NULL, NULL, "application/x-www-form-urlencoded", NULL, false, 415},
    {NULL, NULL, "application/json", "gzip", false, 415},
};

static void test_changes(void **state)
{
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_true(find(WEB_POST, "/api/things"));
        asked.request.secret = changes[i].secret;
        asked.head.fields[WEB_FIELD_HOST] = TEXT("host:8080");
        asked.head.fields[WEB_FIELD_ORIGIN] = text_of(changes[i].origin);
        asked.head.fields[WEB_FIELD_SEC_FETCH_SITE] = text_of(changes[i].site);
        asked.head.fields[WEB_FIELD_CONTENT_TYPE] = text_of(changes[i].type);
        asked.head.fields[WEB_FIELD_CONTENT_ENCODING] = text_of(changes[i].coding);
        bool fits = web_route_body_fits(&asked.match, &asked.answer);
        if ((fits ? 0 : asked.answer.status) != changes[i].status)
            fail_msg("change %zu is %d", i, asked.answer.status);
    }
}

static void test_fields(void **state)
{
    struct buf head;
    buf_init(&head, 4096);
    web_answer_clear(&asked.answer);
    web_answer_field(&asked.answer, "Location", TEXT("/a"));
    web_problem(&asked.answer, 409, "%s", "a \"b\" <script>");
    assert_true(web_answer_ok(&asked.answer));
    web_answer_write_head(&asked.answer, true, false, &head);
    buf_put_char(&head, '\0');
    assert_non_null(strstr(head.data, "HTTP/1.1 409 Conflict\r\n"));
    assert_non_null(strstr(head.data, "\r\nLocation: /a\r\n"));
    assert_non_null(strstr(head.data, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(head.data, "default-src 'self'; img-src 'self' data: blob:; worker-src"));
    assert_non_null(strstr(head.data, "\r\nConnection: close\r\n\r\n"));
    assert_true(
        text_equal(buf_text(&asked.answer.body),
                   TEXT("{\"type\":\"urn:muckwatch:problem:stale\",\"title\":\"Somebody else was faster\","
                        "\"status\":409,\"detail\":\"a \\\"b\\\" <script>\"}")));
    buf_clear(&head);
    asked.answer.pictures_from = TEXT("https://t.example");
    web_answer_write_head(&asked.answer, true, false, &head);
    buf_put_char(&head, '\0');
    assert_non_null(strstr(
        head.data, "img-src 'self' data: blob: https://t.example; connect-src 'self' https://t.example; "
                   "worker-src 'self' blob:; object-src 'none'"));
    /* A value that would begin another field makes no answer at all. */
    web_answer_clear(&asked.answer);
    asked.answer.status = 200;
    web_answer_field(&asked.answer, "Location", TEXT("/a\r\nSet-Cookie: x=1"));
    assert_false(web_answer_ok(&asked.answer));
    buf_fini(&head);
}

static void test_rate(void **state)
{
    static struct web_rate rate;
    int64_t wait_ms = 0;
    struct mono now = {1000000};
    web_rate_init(&rate, (struct hash_key){1, 2}, 12000, 5);
    for (int i = 0; i < 5; i++)
        assert_true(web_rate_take(&rate, TEXT("li"), now, &wait_ms));
    assert_false(web_rate_take(&rate, TEXT("li"), now, &wait_ms));
    assert_int_equal(wait_ms, 12000);
    assert_true(web_rate_take(&rate, TEXT("wang"), now, &wait_ms));
    assert_false(web_rate_take(&rate, TEXT("li"), (struct mono){now.ms + 11999}, &wait_ms));
    assert_int_equal(wait_ms, 1);
    assert_true(web_rate_take(&rate, TEXT("li"), (struct mono){now.ms + 12000}, &wait_ms));
    assert_false(web_rate_take(&rate, TEXT("li"), (struct mono){now.ms + 12000}, &wait_ms));
    web_rate_return(&rate, TEXT("li"), (struct mono){now.ms + 12000});
    assert_true(web_rate_take(&rate, TEXT("li"), (struct mono){now.ms + 12000}, &wait_ms));
    /* Many strangers make it forget those that were quiet, and nothing else. */
    for (int i = 0; i < 100000; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        web_rate_take(&rate, text_of(key), (struct mono){now.ms + 12000}, &wait_ms);
    }
    unsigned refused = 0;
    for (int i = 0; i < 10; i++)
        refused += !web_rate_take(&rate, TEXT("li"), (struct mono){now.ms + 12000}, &wait_ms);
    assert_true(refused >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths),  cmocka_unit_test(test_parameters),
                                       cmocka_unit_test(test_roles),  cmocka_unit_test(test_changes),
                                       cmocka_unit_test(test_fields), cmocka_unit_test(test_rate)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
