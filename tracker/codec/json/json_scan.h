/*
 * json_scan: walks over JSON text in place: strings, numbers, whole values. No tree, no copy, no allocation.
 *
 * Bytes from outside meet these functions first, so they check everything that RFC 8259 asks for: the
 * grammar, UTF-8 without overlong forms and surrogates, escapes that name a character (a lone half of a
 * surrogate pair does not), no NaN, no byte past `end`. What is not checked here is repeated keys, which
 * matter only to whoever knows the keys. Nesting is bounded by JSON_SCAN_DEPTH_MAX and walked without
 * recursion.
 *
 * A scanner stands at `at`; after a fault it stands somewhere at or before the offence and must not be used
 * on. Inline is what runs for each field of each fix.
 */
#ifndef MW_JSON_SCAN_H
#define MW_JSON_SCAN_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* Levels of objects and arrays, the outermost included. A fix with sensors in an array has three. */
#define JSON_SCAN_DEPTH_MAX 64

enum json_fault {
    JSON_FAULT_NONE,
    JSON_FAULT_SYNTAX, /* not JSON, or it ends too early */
    JSON_FAULT_DEPTH,  /* nested deeper than JSON_SCAN_DEPTH_MAX */
};

struct json_scan {
    const char *at;
    const char *end;
};

struct json_string {
    struct text raw; /* what stands between the quotes, escapes as written */
    bool escaped;    /* there are some */
};

/* A number as it was written: sign, up to 19 significant digits, and a power of ten. */
struct json_number {
    struct text text;
    uint64_t digits;
    int32_t exp10; /* value = digits * 10^exp10, towards zero when `cut`; held within +-1e6 or so */
    bool negative;
    bool cut; /* digits after the nineteenth were dropped and not all of them were 0 */
};

static inline struct json_scan json_scan_of(struct text t)
{
    return (struct json_scan){t.data, t.data + t.len};
}

static inline void json_scan_space(struct json_scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

/* Steps over `c` if it comes next. */
static inline bool json_scan_take(struct json_scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* The next byte, or 0 at the end, which starts nothing in JSON. */
static inline char json_scan_peek(const struct json_scan *s)
{
    return s->at < s->end ? *s->at : '\0';
}

static inline bool json_scan_at_number(const struct json_scan *s)
{
    char c = json_scan_peek(s);
    return c == '-' || (c >= '0' && c <= '9');
}

/*
 * Eight bytes at a time, on little-endian machines; others go byte by byte, through the functions named
 * *_slow. All tests are on a word of eight bytes, the first of them lowest.
 */
#define JSON_ONES  UINT64_C(0x0101010101010101)
#define JSON_HIGHS UINT64_C(0x8080808080808080)

static inline uint64_t json_word(const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/*
 * A high bit for each byte that ends a plain run in a string: quote, backslash, control character, beyond
 * ASCII. The classic test for a zero byte, applied to the word xored with the wanted byte: a false hit can
 * only stand above a true one, so the lowest is exact.
 */
static inline uint64_t json_special_bytes(uint64_t w)
{
    uint64_t quote = w ^ (JSON_ONES * '"');
    uint64_t escape = w ^ (JSON_ONES * '\\');
    uint64_t control = (w - JSON_ONES * 0x20) & ~w;
    return (((quote - JSON_ONES) & ~quote) | ((escape - JSON_ONES) & ~escape) | control | w) & JSON_HIGHS;
}

/* A run of 0 to 7 digits at p, of which eight bytes can be read: its length and value. 8: it may go on. */
static inline unsigned json_digit_run(const char *p, uint64_t *out_value)
{
    uint64_t w = json_word(p), zeros = JSON_ONES * '0';
    /* The high nibble of a digit is 3, and stays 3 when 6 is added. A carry leaves a byte that is no digit
     * anyway. */
    uint64_t odd = ((w & JSON_ONES * 0xf0) ^ zeros) | (((w + JSON_ONES * 6) & JSON_ONES * 0xf0) ^ zeros);
    unsigned n = odd == 0 ? 8 : (unsigned)__builtin_ctzll(odd) / 8;
    if (n == 0)
        return 0;
    /* Moved to the top, the digits follow zeros; neighbours are joined: 1+1, 2+2, 4+4 digits. */
    w = (w - zeros) << (64 - 8 * n);
    w = (w * 10 + (w >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    w = (w * 100 + (w >> 16)) & UINT64_C(0x0000ffff0000ffff);
    *out_value = (w * 10000 + (w >> 32)) & UINT64_C(0xffffffff);
    return n;
}

/*
 * The quick forms take and give positions by value, so that a caller that strings them together keeps them in
 * registers; each returns where it ends, or NULL where the text is not of that form, wrong or merely unusual.
 *
 * A string without escapes, all ASCII, whose end shows within whole words of the text. p is at the opening
 * quote.
 */
static inline const char *json_string_quick(const char *p, const char *end, struct text *out)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (p == end || *p != '"')
        return NULL;
    const char *start = ++p;
    uint64_t hit = 0;
    for (; end - p >= 8 && (hit = json_special_bytes(json_word(p))) == 0; p += 8)
        continue;
    if (hit == 0)
        return NULL;
    p += __builtin_ctzll(hit) / 8;
    *out = (struct text){start, (size_t)(p - start)};
    return *p == '"' ? p + 1 : NULL;
#else
    (void)p, (void)end, (void)out;
    return NULL;
#endif
}

/* json_number_quick where less than 24 bytes are left: reads them from a copy with room behind it. */
const char *json_number_near_end(const char *p, const char *end, struct json_number *out);

/*
 * Up to 7 digits before the point and 15 after it, 19 in all, no exponent, and 24 bytes of text from the
 * first digit on. Sets all of *out but its text.
 */
static inline const char *json_number_quick(const char *p, const char *end, struct json_number *out)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    bool negative = p < end && *p == '-';
    uint64_t whole, fraction = 0, more = 0;
    unsigned decimals = 0, rest = 0;
    p += negative;
    if (end - p < 24)
        return json_number_near_end(p - negative, end, out);
    unsigned n = json_digit_run(p, &whole);
    if (n == 0 || n == 8 || (n > 1 && *p == '0'))
        return NULL;
    p += n;
    if (*p == '.') {
        decimals = json_digit_run(p + 1, &fraction);
        if (decimals == 8)
            rest = json_digit_run(p + 9, &more);
        if (decimals == 0 || rest == 8 || n + decimals + rest > 19)
            return NULL;
        p += 1 + decimals + rest;
    }
    if ((*p | 0x20) == 'e')
        return NULL;
    out->digits = (whole * powers[decimals] + fraction) * powers[rest] + more;
    out->exp10 = -(int32_t)(decimals + rest);
    out->negative = negative;
    out->cut = false;
    return p;
#else
    (void)p, (void)end, (void)out;
    return NULL;
#endif
}

enum json_fault json_scan_string_slow(struct json_scan *s, struct json_string *out);
enum json_fault json_scan_number_slow(struct json_scan *s, struct json_number *out);

/* A string; the scanner stands at its opening quote. */
static inline enum json_fault json_scan_string(struct json_scan *s, struct json_string *out)
{
    struct text raw;
    const char *p = json_string_quick(s->at, s->end, &raw);
    if (p == NULL)
        return json_scan_string_slow(s, out);
    *out = (struct json_string){raw, false};
    s->at = p;
    return JSON_FAULT_NONE;
}

/* A number; the scanner stands at its first byte. */
static inline enum json_fault json_scan_number(struct json_scan *s, struct json_number *out)
{
    const char *p = json_number_quick(s->at, s->end, out);
    if (p == NULL)
        return json_scan_number_slow(s, out);
    out->text = (struct text){s->at, (size_t)(p - s->at)};
    s->at = p;
    return JSON_FAULT_NONE;
}

/* Exactly `word`: null, true, false. */
enum json_fault json_scan_word(struct json_scan *s, struct text word);
enum json_fault json_scan_key_slow(struct json_scan *s, struct json_string *out);

/* An object's key, the colon and the space around it; the scanner stands at the key's opening quote. */
static inline enum json_fault json_scan_key(struct json_scan *s, struct json_string *out)
{
    struct text raw;
    const char *p = json_string_quick(s->at, s->end, &raw);
    if (p == NULL || s->end - p < 3 || *p != ':')
        return json_scan_key_slow(s, out);
    p += p[1] == ' ' ? 2 : 1;
    *out = (struct json_string){raw, false};
    s->at = p;
    if ((unsigned char)*p <= ' ')
        json_scan_space(s);
    return JSON_FAULT_NONE;
}
/* Any one value, checked whole. `depth` levels are open around it already. */
enum json_fault json_scan_skip(struct json_scan *s, unsigned depth);

/*
 * Writes the string without its escapes, as UTF-8, to `out`, and returns its length; returns `cap` + 1 when
 * it does not fit. `string` has come from json_scan_string.
 */
size_t json_string_decode(const struct json_string *string, char *out, size_t cap);
bool json_string_equal_escaped(const struct json_string *string, struct text word);

/* Whether the string, without its escapes, is `word` (of at most 32 bytes). */
static inline bool json_string_equal(const struct json_string *string, struct text word)
{
    return string->escaped ? json_string_equal_escaped(string, word) : text_equal(string->raw, word);
}

/* How many bytes from p on are plain in a string: no quote, no backslash, no control character, ASCII. */
size_t json_plain_length(const char *p, const char *end);
/* The length of the UTF-8 sequence at p (p < end), of two to four bytes, or 0 where there is none. */
size_t json_utf8_length(const char *p, const char *end);

double json_number_double_slow(const struct json_number *n);

/* The double nearest to what is written, ties to even; infinite where that is beyond the largest. */
static inline double json_number_double(const struct json_number *n)
{
    /* Digits and power are doubles, so that the division rounds once (Clinger 1990). */
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (n->digits > UINT64_C(1) << 53 || n->cut || n->exp10 > 0 || n->exp10 < -22)
        return json_number_double_slow(n);
    double v = (double)n->digits / powers[-n->exp10];
    return n->negative ? -v : v;
}

#endif
