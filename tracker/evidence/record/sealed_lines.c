/*
 * A line of raw.jsonl or marks.jsonl is read where it stands: its members are looked for once, in any order.
 */
#include "sealed.h"

#include "json_scan.h"

struct line {
    bool there;
    int64_t n;
    struct text received, line; /* numbers and objects as they are written */
    struct json_string fix;
    bool has_fix;
};

static bool read_value(struct json_scan *s, const struct json_string *key, struct line *out, bool *out_has_n)
{
    const char *from = s->at;
    if (json_string_equal(key, TEXT("fix"))) {
        out->has_fix = true;
        return json_scan_peek(s) == '"' && json_scan_string(s, &out->fix) == JSON_FAULT_NONE;
    }
    if (json_scan_skip(s, 1) != JSON_FAULT_NONE)
        return false;
    struct text value = {from, (size_t)(s->at - from)};
    if (json_string_equal(key, TEXT("n"))) {
        *out_has_n = true;
        out->n = text_whole(value);
    } else if (json_string_equal(key, TEXT("received"))) {
        out->received = value;
    } else if (json_string_equal(key, TEXT("line"))) {
        out->line = value;
    }
    return true;
}

static bool read_members(struct text object, struct line *out, bool *out_has_n)
{
    struct json_scan s = json_scan_of(object);
    struct json_string key;
    *out = (struct line){.there = true};
    *out_has_n = false;
    if (!json_scan_take(&s, '{'))
        return false;
    for (bool first = true; !json_scan_take(&s, '}'); first = false)
        if ((!first && !json_scan_take(&s, ',')) || json_scan_peek(&s) != '"' ||
            json_scan_key(&s, &key) != JSON_FAULT_NONE || !read_value(&s, &key, out, out_has_n))
            return false;
    return s.at == s.end;
}

/* The next line that has a place in the replay. False: one is none of ours. */
static bool next(struct text *left, struct line *out)
{
    bool has_n = false;
    while (left->len > 0 && !has_n) {
        const char *feed = memchr(left->data, '\n', left->len);
        if (feed == NULL)
            return false;
        struct text object = {left->data, (size_t)(feed - left->data)};
        *left = (struct text){feed + 1, left->len - object.len - 1};
        if (!read_members(object, out, &has_n))
            return false;
        has_n = has_n && (out->has_fix || out->line.len > 0); /* a hole has no line */
    }
    out->there = has_n;
    return true;
}

static bool put_fix(struct text vehicle, const struct line *l, struct buf *out)
{
    buf_printf(out, "{\"vehicle\":\"%.*s\",\"received\":%.*s,", TEXT_ARG(vehicle), TEXT_ARG(l->received));
    size_t most = l->fix.raw.len, brace = out->len; /* escapes only make it longer */
    char *at = buf_reserve(out, most + 1);
    if (at == NULL)
        return false;
    size_t len = json_string_decode(&l->fix, at, most);
    if (len < 2 || len > most || at[0] != '{' || at[len - 1] != '}')
        return false;
    if (at[1] == '}')
        brace--; /* nothing stands in it, and so no comma before it */
    memmove(out->data + brace, at + 1, len - 1);
    out->len = brace + len - 1;
    buf_put_char(out, '\n');
    return buf_ok(out);
}

bool sealed_lines(struct text vehicle, struct text raw, struct text marks, struct buf *out)
{
    struct line fix, mark;
    if (!next(&raw, &fix) || !next(&marks, &mark))
        return false;
    while (fix.there || mark.there) {
        if (mark.there && (!fix.there || mark.n <= fix.n)) {
            buf_put_text(out, mark.line);
            buf_put_char(out, '\n');
            if (!next(&marks, &mark))
                return false;
        } else if (!put_fix(vehicle, &fix, out) || !next(&raw, &fix)) {
            return false;
        }
    }
    return buf_ok(out);
}
