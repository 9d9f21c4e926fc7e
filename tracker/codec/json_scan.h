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

/* A string; the scanner stands at its opening quote. */
enum json_fault json_scan_string(struct json_scan *s, struct json_string *out);
/* A number; the scanner stands at its first byte. */
enum json_fault json_scan_number(struct json_scan *s, struct json_number *out);
/* Exactly `word`: null, true, false. */
enum json_fault json_scan_word(struct json_scan *s, struct text word);
/* An object's key, the colon and the space around it; the scanner stands at the key's opening quote. */
enum json_fault json_scan_key(struct json_scan *s, struct json_string *out);
/* Any one value, checked whole. `depth` levels are open around it already. */
enum json_fault json_scan_skip(struct json_scan *s, unsigned depth);

/*
 * Writes the string without its escapes, as UTF-8, to `out`, and returns its length; returns `cap` + 1 when
 * it does not fit. `string` has come from json_scan_string.
 */
size_t json_string_decode(const struct json_string *string, char *out, size_t cap);
/* Whether the string, without its escapes, is `word` (of at most 32 bytes). */
bool json_string_equal(const struct json_string *string, struct text word);

/* How many bytes from p on are plain in a string: no quote, no backslash, no control character, ASCII. */
size_t json_plain_length(const char *p, const char *end);
/* The length of the UTF-8 sequence at p (p < end), of two to four bytes, or 0 where there is none. */
size_t json_utf8_length(const char *p, const char *end);

/* The double nearest to what is written, ties to even; infinite where that is beyond the largest. */
double json_number_double(const struct json_number *n);

#endif
