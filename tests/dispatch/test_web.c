/*
 * Requests are read strictly: each that another reader may understand otherwise is refused.
 */
#include "web_chunks.h"
#include "web_head.h"
#include "web_target.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

static int read_head(const char *bytes, struct web_head *out)
{
    size_t length;
    return web_head_read(text_of(bytes), out, &length);
}

#define H "Host: a\r\n"

static const struct {
    const char *bytes;
    int code;
} heads[] = {
    {"GET / HTTP/1.1\r\n" H "\r\n", 200},
    {"GET / HTTP/1.0\r\n\r\n", 200},
    {"GET / HTTP/1.1\r\n" H "\r", 0},
    {"GET / HTTP/1.1\r\n" H, 0},
    {"G", 0},
    {"", 0},
    {"GET / HTTP/1.1\r\n\r\n", 400},                    /* no host */
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},           /* none said */
    {"GET / HTTP/1.1\r\n" H H "\r\n", 400},             /* two of them */
    {"GET / HTTP/1.1\n" H "\r\n", 400},                 /* LF alone */
    {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400},           /* the same */
    {"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400},       /* CR alone */
    {"GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", 400}, /* folded */
    {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},        /* folded into nothing */
    {"GET / HTTP/1.1\r\n" H "X : a\r\n\r\n", 400},      /* a blank before the colon */
    {"GET / HTTP/1.1\r\n" H "X\r\n\r\n", 400},          /* no colon */
    {"GET / HTTP/1.1\r\n" H ": a\r\n\r\n", 400},        /* no name */
    {"GET / HTTP/1.1\r\n" H "X: a\x01\r\n\r\n", 400},   /* a control */
    {"\r\nGET / HTTP/1.1\r\n" H "\r\n", 400},           /* an empty line first */
    {"GET  / HTTP/1.1\r\n" H "\r\n", 400},              /* two blanks */
    {"GET / HTTP/1.1 \r\n" H "\r\n", 400},              /* one behind */
    {"GET /\r\n" H "\r\n", 400},                        /* no version */
    {"GET / HTTP/2.0\r\n" H "\r\n", 505},
    {"GET / HTTP/1.2\r\n" H "\r\n", 505},
    {"GET / http/1.1\r\n" H "\r\n", 400},
    {"GET http://a/ HTTP/1.1\r\n" H "\r\n", 400}, /* absolute */
    {"OPTIONS * HTTP/1.1\r\n" H "\r\n", 400},
    {"CONNECT a:1 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /#a HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", 400}, /* not escaped */
    {"TRACE / HTTP/1.1\r\n" H "\r\n", 200},       /* no row has it */
    {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n", 200},
    {"POST / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\ncontent-length: 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 200},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", 200},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n", 200},
    {"POST / HTTP/1.1\r\n" H "Expect: magic\r\n\r\n", 417},
    {"GET / HTTP/1.1\r\n" H "Cookie: a=1\r\nCookie: b=2\r\n\r\n", 400},
};

static void test_heads(void **state)
{
    struct web_head head;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (read_head(heads[i].bytes, &head) != heads[i].code)
            fail_msg("%d, expected %d: %s", read_head(heads[i].bytes, &head), heads[i].code, heads[i].bytes);
    size_t length;
    assert_int_equal(web_head_read(TEXT("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"), &head, &length), 400);
}

static void test_fields(void **state)
{
    struct web_head head;
    assert_int_equal(
        read_head("HEAD /a?b HTTP/1.1\r\nhOST: \t x:1 \t\r\nConnection: keep-alive, Close\r\n\r\n", &head),
        200);
    assert_int_equal(head.method, WEB_HEAD);
    assert_true(text_equal(head.target, TEXT("/a?b")));
    assert_true(text_equal(head.fields[WEB_FIELD_HOST], TEXT("x:1")));
    assert_true(head.closes);
    assert_null(head.fields[WEB_FIELD_COOKIE].data);
}

static void test_size(void **state)
{
    static char bytes[WEB_HEAD_MAX + 100];
    struct web_head head;
    size_t length;
    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes, "GET /", 5);
    assert_int_equal(web_head_read((struct text){bytes, WEB_HEAD_MAX - 1}, &head, &length), 0);
    assert_int_equal(web_head_read((struct text){bytes, WEB_HEAD_MAX}, &head, &length), 431);
    assert_int_equal(web_head_read((struct text){bytes, sizeof bytes}, &head, &length), 431);
    struct buf many;
    buf_init(&many, WEB_HEAD_MAX);
    buf_puts(&many, "GET / HTTP/1.1\r\n" H);
    for (int i = 0; i < WEB_FIELDS_MAX; i++)
        buf_puts(&many, "X: 1\r\n");
    buf_puts(&many, "\r\n");
    assert_int_equal(web_head_read(buf_text(&many), &head, &length), 431);
    buf_fini(&many);
}

static const struct {
    const char *target;
    int code;
    const char *path; /* segments joined by | */
} targets[] = {
    {"/", 200, ""},
    {"/a/b", 200, "a|b"},
    {"/a%20b/%E6%B8%A3", 200, "a b|渣"},
    {"/?", 200, ""},
    {"//", 400, NULL},
    {"/a/", 400, NULL},
    {"/a//b", 400, NULL},
    {"/.", 400, NULL},
    {"/a/../b", 400, NULL},
    {"/a/%2e%2E/b", 400, NULL},
    {"/a/%2e", 400, NULL},
    {"/...", 200, "..."},
    {"/a%2fb", 400, NULL},
    {"/a%5cb", 400, NULL},
    {"/a\\b", 400, NULL},
    {"/%252e%252e/a", 400, NULL}, /* encoded twice */
    {"/a%00", 400, NULL},
    {"/a%0d%0aX:1", 400, NULL},
    {"/a%", 400, NULL},
    {"/a%2", 400, NULL},
    {"/a%zz", 400, NULL},
    {"/%ff", 400, NULL}, /* no UTF-8 */
    {"/%c0%ae%c0%ae/", 400, NULL},
    {"/a?x=%00", 400, NULL},
    {"/a?x=%", 400, NULL},
    {"/a?x=%ff", 400, NULL},
    {"/1/2/3/4/5/6/7/8/9/10/11/12/13", 404, NULL},
};

static void test_targets(void **state)
{
    static struct web_target t;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        char path[256] = "";
        int code = web_target_read(text_of(targets[i].target), &t);
        if (code != targets[i].code)
            fail_msg("%s is %d", targets[i].target, code);
        for (size_t s = 0; code == 200 && s < t.segment_count; s++)
            snprintf(path + strlen(path), sizeof path - strlen(path), "%s%.*s", s > 0 ? "|" : "",
                     TEXT_ARG(t.segments[s]));
        if (code == 200)
            assert_string_equal(path, targets[i].path);
    }
}

static void test_query(void **state)
{
    static struct web_target t;
    assert_int_equal(web_target_read(TEXT("/a?x=1+2%2b&&y&z=&%E6%B8%A3=100%25"), &t), 200);
    static const char *const pairs[] = {"x", "1 2+", "y", "", "z", "", "渣", "100%"};
    assert_int_equal(t.parameter_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(text_equal(t.parameters[i].name, text_of(pairs[2 * i])));
        assert_true(text_equal(t.parameters[i].value, text_of(pairs[2 * i + 1])));
    }
    char many[200] = "/a?";
    for (int i = 0; i <= WEB_PARAMETERS_MAX; i++)
        strcat(many, "a&");
    assert_int_equal(web_target_read(text_of(many), &t), 400);
}

static const struct {
    const char *bytes;
    int code;
    const char *body;
} bodies[] = {
    {"0\r\n\r\n", 200, ""},
    {"3\r\nabc\r\n0\r\n\r\n", 200, "abc"},
    {"1\r\na\r\nA\r\n0123456789\r\n0\r\n\r\nGET", 200, "a0123456789"},
    {"3\r\nab", 0, "ab"},
    {"3\nabc\r\n0\r\n\r\n", 400, NULL},
    {"3\r\nabcd\r\n0\r\n\r\n", 400, NULL},
    {"\r\nabc", 400, NULL},
    {"-3\r\nabc\r\n", 400, NULL},
    {" 3\r\nabc\r\n", 400, NULL},
    {"0x3\r\nabc\r\n", 400, NULL},
    {"3;a=b\r\nabc\r\n0\r\n\r\n", 400, NULL},
    {"000000003\r\nabc\r\n0\r\n\r\n", 400, NULL},
    {"0\r\nX: 1\r\n\r\n", 400, NULL},
    {"fffffff\r\n0123456789012345678901234567890", 413, NULL},
};

/* Whole, and byte by byte. */
static void test_chunks(void **state)
{
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        for (size_t step = 1; step <= 100; step += 99) {
            struct web_chunks c = {0};
            struct buf out;
            size_t taken, at = 0, n = strlen(bodies[i].bytes);
            int code = 0;
            buf_init(&out, 16);
            while (code == 0 && at < n) {
                size_t piece = n - at < step ? n - at : step;
                code = web_chunks_take(&c, (struct text){bodies[i].bytes + at, piece}, &out, &taken);
                at += piece;
            }
            if (code != bodies[i].code)
                fail_msg("%s is %d", bodies[i].bytes, code);
            if (bodies[i].body != NULL)
                assert_true(text_equal(buf_text(&out), text_of(bodies[i].body)));
            buf_fini(&out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_heads), cmocka_unit_test(test_fields),
                                       cmocka_unit_test(test_size),  cmocka_unit_test(test_targets),
                                       cmocka_unit_test(test_query), cmocka_unit_test(test_chunks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
