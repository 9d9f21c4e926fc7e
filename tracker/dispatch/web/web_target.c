#include "web_target.h"

#include "json_scan.h"

#include <assert.h>

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char small = (char)(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

static bool is_utf8(struct text t)
{
    const char *p = t.data, *end = t.data + t.len;
    while (p < end) {
        size_t n = (unsigned char)*p < 0x80 ? 1 : json_utf8_length(p, end);
        if (n == 0)
            return false;
        p += n;
    }
    return true;
}

/* Decodes once. False where an escape is cut or names a control character, or where it is no UTF-8. */
static bool decode(struct web_target *t, struct text raw, bool query, struct text *out)
{
    char *at = t->bytes + t->used;
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.data[i];
        if (c == '%') {
            int high = i + 2 < raw.len ? hex_of(raw.data[i + 1]) : -1;
            int low = i + 2 < raw.len ? hex_of(raw.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && query) {
            c = ' ';
        }
        if ((unsigned char)c < ' ' || c == 0x7f)
            return false;
        at[n++] = c;
    }
    *out = (struct text){at, n};
    t->used += n;
    assert(t->used <= sizeof t->bytes);
    return is_utf8(*out);
}

static bool is_segment(struct text s)
{
    if (s.len == 0 || text_equal(s, TEXT(".")) || text_equal(s, TEXT("..")))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] == '/' || s.data[i] == '\\' || s.data[i] == '%')
            return false;
    return true;
}

/* What stands before the next `c`; *rest is what follows it, NULL where there is none. */
static struct text next_part(struct text *rest, char c)
{
    const char *found = rest->len > 0 ? memchr(rest->data, c, rest->len) : NULL;
    struct text part = {rest->data, found != NULL ? (size_t)(found - rest->data) : rest->len};
    *rest = found != NULL ? (struct text){found + 1, rest->len - part.len - 1} : (struct text){0};
    return part;
}

static int read_path(struct web_target *t, struct text path)
{
    struct text rest = {path.data + 1, path.len - 1};
    if (rest.len == 0)
        return 200;
    while (rest.data != NULL) {
        struct text segment;
        if (!decode(t, next_part(&rest, '/'), false, &segment) || !is_segment(segment))
            return 400;
        if (t->segment_count == WEB_SEGMENTS_MAX)
            return 404;
        t->segments[t->segment_count++] = segment;
    }
    return 200;
}

static int read_query(struct web_target *t, struct text query)
{
    while (query.len > 0) {
        struct text pair = next_part(&query, '&');
        if (pair.len == 0)
            continue;
        struct text value = pair, name = next_part(&value, '=');
        struct web_parameter *p = &t->parameters[t->parameter_count];
        if (t->parameter_count == WEB_PARAMETERS_MAX || !decode(t, name, true, &p->name) ||
            !decode(t, value, true, &p->value))
            return 400;
        t->parameter_count++;
    }
    return 200;
}

int web_target_read(struct text target, struct web_target *out)
{
    out->segment_count = out->parameter_count = out->used = 0;
    assert(target.len > 0 && target.data[0] == '/' && target.len <= sizeof out->bytes);
    struct text query = target, path = next_part(&query, '?');
    int code = read_path(out, path);
    return code == 200 ? read_query(out, query) : code;
}
