#include "http_request.h"

#include <string.h>
#include <strings.h>

/* The next line without its end; false when it has not ended yet. */
static bool next_line(struct text *rest, struct text *out)
{
    const char *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    if (end == NULL)
        return false;
    size_t n = (size_t)(end - rest->data);
    *out = (struct text){rest->data, n > 0 && end[-1] == '\r' ? n - 1 : n};
    *rest = (struct text){end + 1, rest->len - n - 1};
    return true;
}

static bool is_plain(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.data[i] <= ' ' || (unsigned char)t.data[i] >= 0x7f)
            return false;
    return t.len > 0;
}

static int read_request_line(struct text line, struct http_request *out)
{
    struct text method = text_take_word(&line), target = text_take_word(&line), version = line;
    if (!is_plain(method) || !is_plain(target) || target.data[0] != '/')
        return 400;
    if (version.len != 8 || memcmp(version.data, "HTTP/", 5) != 0)
        return 400;
    if (memcmp(version.data, "HTTP/1.", 7) != 0)
        return 505;
    out->head_only = text_equal(method, TEXT("HEAD"));
    if (!out->head_only && !text_equal(method, TEXT("GET")))
        return 405;
    const char *query = memchr(target.data, '?', target.len);
    out->path = (struct text){target.data, query != NULL ? (size_t)(query - target.data) : target.len};
    return 200;
}

static bool is_named(struct text line, const char *name)
{
    size_t n = strlen(name);
    return line.len > n && strncasecmp(line.data, name, n) == 0 && line.data[n] == ':';
}

/* Whether a header announces a body. */
static bool has_body(struct text line)
{
    if (is_named(line, "transfer-encoding"))
        return true;
    if (!is_named(line, "content-length"))
        return false;
    for (size_t i = strlen("content-length:"); i < line.len; i++)
        if (line.data[i] != ' ' && line.data[i] != '0')
            return true;
    return false;
}

static int read_lines(struct text bytes, struct http_request *out)
{
    struct text rest = bytes, line;
    if (!next_line(&rest, &line))
        return 0;
    int code = read_request_line(line, out);
    while (code == 200) {
        if (!next_line(&rest, &line))
            return 0;
        if (line.len == 0)
            return 200;
        if (memchr(line.data, ':', line.len) == NULL || memchr(line.data, '\0', line.len) != NULL)
            code = 400;
        else if (has_body(line))
            code = 413;
    }
    return code;
}

int http_request_read(struct text bytes, struct http_request *out)
{
    *out = (struct http_request){0};
    bool cut = bytes.len > HTTP_HEAD_MAX;
    int code = read_lines((struct text){bytes.data, cut ? HTTP_HEAD_MAX : bytes.len}, out);
    return code == 0 && (cut || bytes.len == HTTP_HEAD_MAX) ? 431 : code;
}

static const char *reason_of(int code)
{
    switch (code) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed\r\nAllow: GET, HEAD";
    case 413:
        return "Content Too Large";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Internal Server Error";
    }
}

void http_write_head(int code, const char *content_type, size_t length, struct buf *out)
{
    buf_puts(out, "HTTP/1.1 ");
    buf_put_i64(out, code);
    buf_put_char(out, ' ');
    buf_puts(out, reason_of(code));
    buf_puts(out, "\r\nContent-Type: ");
    buf_puts(out, content_type);
    buf_puts(out, "\r\nContent-Length: ");
    buf_put_u64(out, length);
    buf_puts(out, "\r\nConnection: close\r\n\r\n");
}
