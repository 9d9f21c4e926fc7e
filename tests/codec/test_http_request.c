/* http_request: heads as they come from clients, torn, and from those who mean harm. */
#include "../cmocka_all.h"
#include "http_request.h"

#include <stdlib.h>
#include <string.h>

static int read_text(const char *text, struct http_request *out)
{
    return http_request_read(text_of(text), out);
}

static void test_codes(void **state)
{
    static const struct {
        const char *text;
        int code;
    } rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", 200},
        {"GET /metrics HTTP/1.0\n\n", 200},
        {"HEAD /healthz?x=1 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n", 200},
        {"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 200},
        {"GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", 413},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 413},
        {"POST / HTTP/1.1\r\n\r\n", 405},
        {"get / HTTP/1.1\r\n\r\n", 405},
        {"GET / HTTP/2.0\r\n\r\n", 505},
        {"GET / SMTP/1.1\r\n\r\n", 400},
        {"GET /\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\n\r\n", 400},
        {"GET http://a/ HTTP/1.1\r\n\r\n", 400},
        {"GET /\x01 HTTP/1.1\r\n\r\n", 400},
        {"\r\n\r\n", 400},
        {"\x16\x03\x01\n", 400}, /* somebody speaks TLS */
        {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
        {"", 0},
        {"GET / HTTP/1.1", 0},
        {"GET / HTTP/1.1\r\nHost: a\r\n", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_request r;
        if (read_text(rows[i].text, &r) != rows[i].code)
            fail_msg("row %zu: %d, not %d", i, read_text(rows[i].text, &r), rows[i].code);
    }
}

static void test_what_is_asked_for(void **state)
{
    struct http_request r;
    assert_int_equal(read_text("HEAD /metrics?x=/y HTTP/1.1\r\n\r\n", &r), 200);
    assert_true(r.head_only && text_equal(r.path, TEXT("/metrics")));
    assert_int_equal(read_text("GET /readyz HTTP/1.1\r\n\r\n", &r), 200);
    assert_true(!r.head_only && text_equal(r.path, TEXT("/readyz")));
}

/* A head that comes byte by byte is the same head. */
static void test_torn_heads(void **state)
{
    static const char whole[] = "GET /metrics HTTP/1.1\r\nHost: tracker\r\nAccept: */*\r\n\r\n";
    struct http_request r;
    for (size_t n = 0; n < sizeof whole - 1; n++)
        assert_int_equal(http_request_read((struct text){whole, n}, &r), 0);
    assert_int_equal(http_request_read((struct text){whole, sizeof whole - 1}, &r), 200);
}

static void test_a_head_without_end(void **state)
{
    enum { LENGTH = 3 * HTTP_HEAD_MAX };
    char *text = malloc(LENGTH);
    struct http_request r;
    assert_non_null(text);
    memset(text, 'a', LENGTH);
    memcpy(text, "GET / HTTP/1.1\r\nX: ", 19);
    assert_int_equal(http_request_read((struct text){text, HTTP_HEAD_MAX - 1}, &r), 0);
    assert_int_equal(http_request_read((struct text){text, HTTP_HEAD_MAX}, &r), 431);
    assert_int_equal(http_request_read((struct text){text, LENGTH}, &r), 431);
    free(text);
}

static void test_the_head_of_an_answer(void **state)
{
    struct buf b;
    buf_init(&b, 1024);
    http_write_head(405, "text/plain", 3, &b);
    buf_put_char(&b, '\0');
    assert_string_equal(b.data,
                        "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Type: text/plain\r\n"
                        "Content-Length: 3\r\nConnection: close\r\n\r\n");
    buf_fini(&b);
}

/* As RFC 9110 names them; what it does not know of here is the server's own fault. */
static void test_reasons(void **state)
{
    static const struct {
        int code;
        const char *line;
    } rows[] = {{200, "HTTP/1.1 200 OK\r\n"},
                {400, "HTTP/1.1 400 Bad Request\r\n"},
                {404, "HTTP/1.1 404 Not Found\r\n"},
                {413, "HTTP/1.1 413 Content Too Large\r\n"},
                {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
                {500, "HTTP/1.1 500 Internal Server Error\r\n"},
                {503, "HTTP/1.1 503 Service Unavailable\r\n"},
                {505, "HTTP/1.1 505 HTTP Version Not Supported\r\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b;
        buf_init(&b, 1024);
        http_write_head(rows[i].code, "text/plain", 3, &b);
        assert_memory_equal(b.data, rows[i].line, strlen(rows[i].line));
        buf_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_what_is_asked_for),
        cmocka_unit_test(test_torn_heads),
        cmocka_unit_test(test_a_head_without_end),
        cmocka_unit_test(test_the_head_of_an_answer),
        cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
