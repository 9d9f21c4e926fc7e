#include "json_fault.h"

#include <stdio.h>

/* Tokens longer than this are not shown. */
enum { SHOWN_MAX = 20 };

/* The token at a place, up to where it is wrong. */
struct token {
    const char *to;
    bool valid;
    bool unread;     /* its first byte begins no UTF-8 character */
    char broken[64]; /* what is wrong with it, if there is a message of its own for that */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

static struct token number_token(const char *p, const char *end)
{
    p += *p == '-';
    const char *whole = p;
    p = p < end && *p == '0' ? p + 1 : skip_digits(p, end);
    if (p == whole || (p < end && *whole == '0' && is_digit(*p)))
        return (struct token){.to = p};
    if (p < end && *p == '.') {
        const char *fraction = p + 1;
        p = skip_digits(fraction, end);
        if (p == fraction)
            return (struct token){.to = p};
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '-' || *p == '+');
        const char *exponent = p;
        p = skip_digits(p, end);
        if (p == exponent)
            return (struct token){.to = p};
    }
    return (struct token){.to = p, .valid = true};
}

/* How many bytes the character at p has; 0: none. */
static size_t character(const char *p, const char *end)
{
    return (unsigned char)*p < 0x80 ? 1 : json_utf8_length(p, end);
}

/* The escape whose backslash is at p: its length, or 0 and where it breaks. */
static size_t escape_length(const char *p, const char *end, const char **out_to)
{
    size_t room = (size_t)(end - p), n = 2;
    bool code = room > 1 && p[1] == 'u';
    while (code && n < 6 && n < room && is_hex(p[n]))
        n++;
    if (room > 1 && p[1] != '\0' && (code ? n == 6 : strchr("\"\\/bfnrt", p[1]) != NULL))
        return n;
    n -= !code;
    *out_to = n < room && character(p + n, end) > 0 ? p + n + 1 : p + n;
    return 0;
}

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++)
        v = v * 16 + (unsigned)(is_digit(p[i]) ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
    return v;
}

/* Looks for half a pair of surrogates, which is no character, in the string [p, end), whose escapes are
 * whole. */
static void find_half_pair(const char *p, const char *end, struct token *out)
{
    for (; p < end; p += *p == '\\' ? 2 : 1) {
        if (*p != '\\' || p[1] != 'u')
            continue;
        unsigned high = hex4(p + 2);
        bool pair = end - p >= 12 && p[6] == '\\' && p[7] == 'u';
        unsigned low = pair ? hex4(p + 8) : 0;
        if (high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff) {
            p += 6;
            continue;
        }
        if (high < 0xd800 || high > 0xdfff)
            continue;
        out->valid = false;
        if (pair && high <= 0xdbff)
            snprintf(out->broken, sizeof out->broken, "invalid Unicode '\\u%04X\\u%04X'", high, low);
        else
            snprintf(out->broken, sizeof out->broken, "invalid Unicode '\\u%04X'", high);
        return;
    }
}

static struct token string_token(const char *at, const char *end)
{
    struct token t = {.to = end};
    const char *p = at + 1;
    while (p < end && *p != '"') {
        size_t n = *p == '\\'                 ? escape_length(p, end, &t.to)
                   : (unsigned char)*p < 0x20 ? 0
                                              : character(p, end);
        if (n > 0) {
            p += n;
            continue;
        }
        if (*p == '\\')
            snprintf(t.broken, sizeof t.broken, "invalid escape");
        else if (*p == '\n')
            snprintf(t.broken, sizeof t.broken, "unexpected newline");
        else if ((unsigned char)*p < 0x20)
            snprintf(t.broken, sizeof t.broken, "control character 0x%x", (unsigned)*p);
        else
            snprintf(t.broken, sizeof t.broken, "unable to decode byte 0x%x", (unsigned)(unsigned char)*p);
        t.to = *p == '\\' ? t.to : p;
        return t;
    }
    if (p == end) {
        snprintf(t.broken, sizeof t.broken, "premature end of input");
        return t;
    }
    t.to = p + 1;
    t.valid = true;
    find_half_pair(at + 1, p, &t);
    return t;
}

static struct token word_token(const char *at, const char *end)
{
    const char *p = at;
    while (p < end && is_letter(*p))
        p++;
    struct text word = {at, (size_t)(p - at)};
    return (struct token){.to = p,
                          .valid = text_equal(word, TEXT("true")) || text_equal(word, TEXT("false")) ||
                                   text_equal(word, TEXT("null"))};
}

static struct token token_at(const char *at, const char *end)
{
    if (at == end)
        return (struct token){.to = end, .valid = true};
    if (*at == '"')
        return string_token(at, end);
    if (*at == '-' || is_digit(*at))
        return number_token(at, end);
    if (is_letter(*at))
        return word_token(at, end);
    struct token t = {.to = at + character(at, end), .valid = *at != '\0' && strchr("{}[]:,", *at) != NULL};
    if (t.to == at) {
        t.unread = true;
        snprintf(t.broken, sizeof t.broken, "unable to decode byte 0x%x", (unsigned)(unsigned char)*at);
    }
    return t;
}

static void find_line(const char *start, const char *to, struct json_fault_place *out)
{
    out->line = 1;
    out->column = 0;
    for (const char *p = start; p < to; p++)
        if (*p == '\n') {
            out->line++;
            out->column = 0;
        } else {
            out->column += ((unsigned char)*p & 0xc0) != 0x80;
        }
}

void json_fault_find(struct text text, const struct json_tree_fault *fault, struct json_fault_place *out)
{
    const char *at = fault->at, *end = text.data + text.len;
    struct token t = token_at(at, end);
    const char *reason = t.broken[0] != '\0'   ? t.broken
                         : fault->what != NULL ? fault->what
                         : t.valid             ? "unexpected token"
                                               : "invalid token";
    find_line(text.data, t.to, out);
    int shown = (int)(t.to - at <= SHOWN_MAX ? t.to - at : 0);
    if (at == end)
        snprintf(out->text, sizeof out->text, "%s near end of file", reason);
    else if (shown > 0 && !t.unread)
        snprintf(out->text, sizeof out->text, "%s near '%.*s'", reason, shown, at);
    else
        snprintf(out->text, sizeof out->text, "%s", reason);
}
