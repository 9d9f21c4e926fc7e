#include "json_scan.h"

static inline const char *skip_plain(const char *p, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (end - p >= 8) {
        uint64_t hit = json_special_bytes(json_word(p));
        if (hit != 0)
            return p + __builtin_ctzll(hit) / 8;
        p += 8;
    }
#endif
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80)
        p++;
    return p;
}

size_t json_plain_length(const char *p, const char *end)
{
    return (size_t)(skip_plain(p, end) - p);
}

/* By the table in RFC 3629, 4. */
size_t json_utf8_length(const char *p, const char *end)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t room = (size_t)(end - p);
    size_t n = u[0] >= 0xc2 && u[0] <= 0xdf   ? 2
               : (u[0] & 0xf0) == 0xe0        ? 3
               : u[0] >= 0xf0 && u[0] <= 0xf4 ? 4
                                              : 0;
    if (n == 0 || room < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xf0 && u[1] < 0x90);
    bool surrogate = u[0] == 0xed && u[1] > 0x9f;
    bool beyond = u[0] == 0xf4 && u[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : n;
}

/* Four hexadecimal digits at p, or -1. */
static int32_t hex4(const char *p, const char *end)
{
    if (end - p < 4)
        return -1;
    int32_t v = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        v = v * 16 + digit;
    }
    return v;
}

/* The escape whose backslash is at p: its code point, and its length in bytes as written (0: not an escape).
 * */
static size_t escape_read(const char *p, const char *end, int32_t *out_code)
{
    static const char names[] = "\"\\/bfnrt", codes[] = "\"\\/\b\f\n\r\t";
    if (end - p < 2)
        return 0;
    if (p[1] != 'u') {
        const char *name = p[1] != '\0' ? strchr(names, p[1]) : NULL;
        if (name == NULL)
            return 0;
        *out_code = codes[name - names];
        return 2;
    }
    int32_t code = hex4(p + 2, end);
    if (code < 0 || (code >= 0xdc00 && code <= 0xdfff))
        return 0;
    if (code < 0xd800 || code > 0xdbff) {
        *out_code = code;
        return 6;
    }
    if (end - p < 12 || p[6] != '\\' || p[7] != 'u')
        return 0;
    int32_t low = hex4(p + 8, end);
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    *out_code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    return 12;
}

enum json_fault json_scan_string_slow(struct json_scan *s, struct json_string *out)
{
    if (!json_scan_take(s, '"'))
        return JSON_FAULT_SYNTAX;
    const char *start = s->at, *p = start;
    bool escaped = false;
    for (;;) {
        p = skip_plain(p, s->end);
        if (p == s->end || (unsigned char)*p < 0x20)
            return JSON_FAULT_SYNTAX;
        if (*p == '"')
            break;
        int32_t code;
        size_t n = *p == '\\' ? escape_read(p, s->end, &code) : json_utf8_length(p, s->end);
        if (n == 0)
            return JSON_FAULT_SYNTAX;
        escaped = escaped || *p == '\\';
        p += n;
    }
    s->at = p + 1;
    *out = (struct json_string){{start, (size_t)(p - start)}, escaped};
    return JSON_FAULT_NONE;
}

static size_t utf8_write(int32_t code, char out[4])
{
    uint32_t c = (uint32_t)code;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(lead[n] | c);
    return n;
}

size_t json_string_decode(const struct json_string *string, char *out, size_t cap)
{
    if (string->raw.len == 0)
        return 0; /* that of no string is at NULL */
    const char *p = string->raw.data, *end = p + string->raw.len;
    size_t len = 0;
    while (p < end) {
        char bytes[4] = {*p};
        int32_t code = 0;
        size_t used = *p == '\\' ? escape_read(p, end, &code) : 1;
        size_t n = *p == '\\' ? utf8_write(code, bytes) : 1;
        if (used == 0 || n > cap - len)
            return cap + 1;
        memcpy(out + len, bytes, n);
        len += n;
        p += used;
    }
    return len;
}

bool json_string_equal_escaped(const struct json_string *string, struct text word)
{
    char decoded[32];
    size_t n = json_string_decode(string, decoded, sizeof decoded);
    return n <= sizeof decoded && text_equal((struct text){decoded, n}, word);
}

enum json_fault json_scan_word(struct json_scan *s, struct text word)
{
    if ((size_t)(s->end - s->at) < word.len || memcmp(s->at, word.data, word.len) != 0)
        return JSON_FAULT_SYNTAX;
    s->at += word.len;
    return JSON_FAULT_NONE;
}

enum json_fault json_scan_key_slow(struct json_scan *s, struct json_string *out)
{
    struct json_string key;
    if (json_scan_string(s, &key) != JSON_FAULT_NONE)
        return JSON_FAULT_SYNTAX;
    json_scan_space(s);
    if (!json_scan_take(s, ':'))
        return JSON_FAULT_SYNTAX;
    json_scan_space(s);
    *out = key;
    return JSON_FAULT_NONE;
}

/* Which of the open levels are objects. */
struct levels {
    uint64_t objects; /* bit 0: the innermost */
    unsigned open;
};

static enum json_fault skip_scalar(struct json_scan *s)
{
    struct json_string string;
    struct json_number number;
    switch (json_scan_peek(s)) {
    case '"':
        return json_scan_string(s, &string);
    case 't':
        return json_scan_word(s, TEXT("true"));
    case 'f':
        return json_scan_word(s, TEXT("false"));
    case 'n':
        return json_scan_word(s, TEXT("null"));
    default:
        return json_scan_number(s, &number);
    }
}

/* Goes from the start of a value to the end of its first scalar, or of its first empty object or array. */
static enum json_fault skip_into(struct json_scan *s, struct levels *levels, unsigned depth)
{
    struct json_string key;
    for (;;) {
        char c = json_scan_peek(s);
        if (c != '{' && c != '[')
            return skip_scalar(s);
        if (depth + levels->open >= JSON_SCAN_DEPTH_MAX)
            return JSON_FAULT_DEPTH;
        s->at++;
        json_scan_space(s);
        if (json_scan_take(s, c == '{' ? '}' : ']'))
            return JSON_FAULT_NONE;
        levels->objects = levels->objects << 1 | (c == '{');
        levels->open++;
        if (c == '{' && json_scan_key(s, &key) != JSON_FAULT_NONE)
            return JSON_FAULT_SYNTAX;
    }
}

enum json_fault json_scan_skip(struct json_scan *s, unsigned depth)
{
    struct levels levels = {0};
    struct json_string key;
    for (;;) {
        enum json_fault fault = skip_into(s, &levels, depth);
        if (fault != JSON_FAULT_NONE)
            return fault;
        for (;;) {
            if (levels.open == 0)
                return JSON_FAULT_NONE;
            bool object = levels.objects & 1;
            json_scan_space(s);
            if (json_scan_take(s, ',')) {
                json_scan_space(s);
                if (object && json_scan_key(s, &key) != JSON_FAULT_NONE)
                    return JSON_FAULT_SYNTAX;
                break;
            }
            if (!json_scan_take(s, object ? '}' : ']'))
                return JSON_FAULT_SYNTAX;
            levels.objects >>= 1;
            levels.open--;
        }
    }
}
