#include "web_head.h"

#include <strings.h>

static const struct text methods[WEB_METHOD_COUNT] = {
    [WEB_GET] = {"GET", 3}, [WEB_HEAD] = {"HEAD", 4},     [WEB_POST] = {"POST", 4},
    [WEB_PUT] = {"PUT", 3}, [WEB_DELETE] = {"DELETE", 6},
};

static const char *const field_names[WEB_FIELD_COUNT] = {
    [WEB_FIELD_HOST] = "host",
    [WEB_FIELD_CONTENT_LENGTH] = "content-length",
    [WEB_FIELD_TRANSFER_ENCODING] = "transfer-encoding",
    [WEB_FIELD_CONNECTION] = "connection",
    [WEB_FIELD_EXPECT] = "expect",
    [WEB_FIELD_CONTENT_TYPE] = "content-type",
    [WEB_FIELD_CONTENT_ENCODING] = "content-encoding",
    [WEB_FIELD_COOKIE] = "cookie",
    [WEB_FIELD_AUTHORIZATION] = "authorization",
    [WEB_FIELD_ORIGIN] = "origin",
    [WEB_FIELD_SEC_FETCH_SITE] = "sec-fetch-site",
    [WEB_FIELD_ACCEPT_ENCODING] = "accept-encoding",
    [WEB_FIELD_IF_NONE_MATCH] = "if-none-match",
    [WEB_FIELD_IF_MATCH] = "if-match",
    [WEB_FIELD_IF_RANGE] = "if-range",
    [WEB_FIELD_RANGE] = "range",
    [WEB_FIELD_LAST_EVENT_ID] = "last-event-id",
    [WEB_FIELD_FORWARDED_FOR] = "x-forwarded-for",
};

const char *web_method_name(enum web_method method)
{
    return methods[method].data;
}

enum line { LINE_WHOLE, LINE_BEGUN, LINE_WRONG };

/* The next line without its CRLF. A control character, a CR or an LF alone is wrong wherever it stands. */
static enum line next_line(struct text *rest, struct text *out)
{
    for (size_t i = 0; i < rest->len; i++) {
        unsigned char c = (unsigned char)rest->data[i];
        if (c == '\r') {
            if (i + 1 == rest->len)
                return LINE_BEGUN;
            if (rest->data[i + 1] != '\n')
                return LINE_WRONG;
            *out = (struct text){rest->data, i};
            *rest = (struct text){rest->data + i + 2, rest->len - i - 2};
            return LINE_WHOLE;
        }
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return LINE_WRONG;
    }
    return LINE_BEGUN;
}

/* RFC 9110 5.6.2 */
static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (!is_token_char(t.data[i]))
            return false;
    return t.len > 0;
}

static bool is_target(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.data[i] <= ' ' || (unsigned char)t.data[i] >= 0x7f || t.data[i] == '#')
            return false;
    return t.len > 0 && t.data[0] == '/';
}

static int read_request_line(struct text line, struct web_head *out)
{
    struct text method = text_take_word(&line), target = text_take_word(&line), version = line;
    if (!is_token(method) || !is_target(target))
        return 400;
    if (version.len != 8 || memcmp(version.data, "HTTP/", 5) != 0)
        return 400;
    bool old = text_equal(version, TEXT("HTTP/1.0"));
    if (!old && !text_equal(version, TEXT("HTTP/1.1")))
        return 505;
    for (int m = WEB_GET; m < WEB_METHOD_COUNT; m++)
        if (text_equal(method, methods[m]))
            out->method = (enum web_method)m;
    out->target = target;
    out->closes = old;
    return 200;
}

static struct text trimmed(struct text t)
{
    while (t.len > 0 && (t.data[0] == ' ' || t.data[0] == '\t'))
        t = (struct text){t.data + 1, t.len - 1};
    while (t.len > 0 && (t.data[t.len - 1] == ' ' || t.data[t.len - 1] == '\t'))
        t.len--;
    return t;
}

static bool is_word(struct text t, const char *word)
{
    return t.len == strlen(word) && strncasecmp(t.data, word, t.len) == 0;
}

/* What proxies add; some by one name, some by another, each once or oftener. Only that there is one counts. */
static bool is_of_a_proxy(struct text name)
{
    static const char *const names[] = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
                                        "forwarded",       "x-real-ip",        "via"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_word(name, names[i]))
            return true;
    return false;
}

/* A folded line begins with a blank, and so has no name. */
static int read_field(struct text line, struct web_head *out)
{
    const char *colon = memchr(line.data, ':', line.len);
    struct text name = {line.data, colon != NULL ? (size_t)(colon - line.data) : 0};
    if (!is_token(name))
        return 400;
    struct text value = trimmed((struct text){colon + 1, line.len - name.len - 1});
    out->proxied = out->proxied || is_of_a_proxy(name);
    for (int f = 0; f < WEB_FIELD_COUNT; f++) {
        if (!is_word(name, field_names[f]))
            continue;
        if (out->fields[f].data != NULL)
            return 400;
        out->fields[f] = value;
    }
    return 200;
}

static int read_length(struct text digits, uint64_t *out)
{
    enum { DIGITS_MAX = 18 };
    if (digits.len == 0 || digits.len > DIGITS_MAX)
        return 400;
    *out = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return 400;
        *out = *out * 10 + (uint64_t)(digits.data[i] - '0');
    }
    return 200;
}

/* How long the body is; RFC 9112 6.1, 6.3. A request of HTTP/1.0 `closes` when this is asked. */
static int read_framing(struct web_head *out)
{
    struct text coding = out->fields[WEB_FIELD_TRANSFER_ENCODING];
    struct text length = out->fields[WEB_FIELD_CONTENT_LENGTH];
    if (coding.data != NULL) {
        if (length.data != NULL || out->closes)
            return 400;
        out->chunked = is_word(coding, "chunked");
        return out->chunked ? 200 : 501;
    }
    return length.data != NULL ? read_length(length, &out->length) : 200;
}

static bool names_close(struct text list)
{
    while (list.len > 0) {
        const char *comma = memchr(list.data, ',', list.len);
        size_t n = comma != NULL ? (size_t)(comma - list.data) : list.len;
        if (is_word(trimmed((struct text){list.data, n}), "close"))
            return true;
        n += comma != NULL;
        list = (struct text){list.data + n, list.len - n};
    }
    return false;
}

/* What only the whole head can tell. */
static int settle(struct web_head *out)
{
    const struct text *fields = out->fields;
    bool old = out->closes;
    if ((!old && fields[WEB_FIELD_HOST].data == NULL) ||
        (fields[WEB_FIELD_HOST].data != NULL && fields[WEB_FIELD_HOST].len == 0))
        return 400;
    int code = read_framing(out);
    if (code != 200)
        return code;
    if (fields[WEB_FIELD_EXPECT].data != NULL && !is_word(fields[WEB_FIELD_EXPECT], "100-continue"))
        return 417;
    out->expects_continue = fields[WEB_FIELD_EXPECT].data != NULL && !old;
    out->closes = old || names_close(fields[WEB_FIELD_CONNECTION]);
    return 200;
}

static int read_fields(struct text *rest, struct web_head *out)
{
    struct text line;
    for (unsigned count = 0;; count++) {
        enum line state = next_line(rest, &line);
        if (state != LINE_WHOLE)
            return state == LINE_WRONG ? 400 : 0;
        if (line.len == 0)
            return settle(out);
        int code = count < WEB_FIELDS_MAX ? read_field(line, out) : 431;
        if (code != 200)
            return code;
    }
}

int web_head_read(struct text bytes, struct web_head *out, size_t *out_length)
{
    *out = (struct web_head){0};
    struct text rest = {bytes.data, bytes.len < WEB_HEAD_MAX ? bytes.len : WEB_HEAD_MAX}, line;
    enum line state = next_line(&rest, &line);
    int code = state == LINE_WHOLE ? read_request_line(line, out) : state == LINE_WRONG ? 400 : 0;
    if (code == 200)
        code = read_fields(&rest, out);
    if (code == 0 && bytes.len >= WEB_HEAD_MAX)
        return 431;
    if (code == 200)
        *out_length = (size_t)(rest.data - bytes.data);
    return code;
}
