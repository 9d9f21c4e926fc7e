/*
 * json_number: decimal text to the nearest double.
 *
 * Three ways, each exact, the quick ones first:
 *
 *   1. Digits up to 2^53 and a power of ten up to 22: both are doubles, so one multiplication or division
 *      rounds once (Clinger 1990). This is nearly every number a unit sends; the division stands in
 *      the header.
 *   2. Up to 64 bits of digits and 1 to 17 decimals, such as a double printed with 17 digits: an integer
 *      division with 64 bits to spare, the remainder kept as a sticky bit, rounded once by the conversion.
 *   3. The rest through strtod, given an integer and an exponent only, so that no locale's decimal point
 *      matters. Past 780 digits a 1 stands for all that follow: a halfway point has at most 767.
 *
 * Eisel-Lemire would cover more of the third, which nobody sends, for a table of 10 KB.
 */
#include "json_scan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIGITS_KEPT = 780, EXPONENT_MAX = 1000000 };

/* A number below this can take one more digit in 64 bits. */
#define DIGITS_ROOM UINT64_C(1000000000000000000)

static inline const char *take_digits(const char *p, const char *end, struct json_number *n, int32_t exp_kept,
                                      int32_t exp_dropped)
{
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        unsigned digit = (unsigned)(*p - '0');
        if (n->digits < DIGITS_ROOM) {
            n->digits = n->digits * 10 + digit;
            n->exp10 += exp_kept;
        } else {
            n->cut = n->cut || digit != 0;
            n->exp10 += exp_dropped;
        }
    }
    return p;
}

/* Reads the exponent whose e is at p. It stops growing at EXPONENT_MAX: beyond that every number is 0 or
 * infinite. */
static const char *take_exponent(const char *p, const char *end, struct json_number *n)
{
    p++;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    const char *first = p;
    int32_t e = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        e = e < EXPONENT_MAX ? e * 10 + (*p - '0') : e;
    n->exp10 += negative ? -e : e;
    return p > first ? p : NULL;
}

enum json_fault json_scan_number_slow(struct json_scan *s, struct json_number *out)
{
    struct json_number n = {0};
    const char *p = s->at, *end = s->end;
    n.negative = p < end && *p == '-';
    p += n.negative;
    const char *first = p;
    p = take_digits(p, end, &n, 0, 1);
    if (p == first || (*first == '0' && p > first + 1))
        return JSON_FAULT_SYNTAX;
    if (p < end && *p == '.') {
        const char *fraction = p + 1;
        p = take_digits(fraction, end, &n, -1, 0);
        if (p == fraction)
            return JSON_FAULT_SYNTAX;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p = take_exponent(p, end, &n);
        if (p == NULL)
            return JSON_FAULT_SYNTAX;
    }
    n.text = (struct text){s->at, (size_t)(p - s->at)};
    s->at = p;
    *out = n;
    return JSON_FAULT_NONE;
}

const char *json_number_near_end(const char *p, const char *end, struct json_number *out)
{
    char copy[64] = {0};
    size_t left = (size_t)(end - p);
    if (left == 0 || left > 25) /* an empty text may have no address */
        return NULL;
    memcpy(copy, p, left);
    const char *stop = json_number_quick(copy, copy + sizeof copy, out);
    return stop != NULL ? p + (stop - copy) : NULL;
}

/* digits / 10^decimals, digits at least 2^53, decimals 1 to 17: the quotient has 60 bits or more. */
static double divide(uint64_t digits, unsigned decimals)
{
    static const uint64_t powers[] = {1,
                                      10,
                                      100,
                                      1000,
                                      10000,
                                      100000,
                                      1000000,
                                      10000000,
                                      100000000,
                                      1000000000,
                                      10000000000,
                                      100000000000,
                                      1000000000000,
                                      10000000000000,
                                      100000000000000,
                                      1000000000000000,
                                      10000000000000000,
                                      100000000000000000};
    assert(digits >= UINT64_C(1) << 53 && decimals >= 1 && decimals < sizeof powers / sizeof powers[0]);
    __extension__ typedef unsigned __int128 uint128;
    uint128 dividend = (uint128)digits << 64;
    uint128 quotient = dividend / powers[decimals];
    bool sticky = quotient * powers[decimals] != dividend;
    double scale = 0x1p-64;
    uint64_t high = (uint64_t)(quotient >> 64);
    if (high != 0) {
        int shift = 64 - __builtin_clzll(high);
        sticky = sticky || (quotient & (((uint128)1 << shift) - 1)) != 0;
        quotient >>= shift;
        scale *= (double)(UINT64_C(1) << (shift - 1)) * 2;
    }
    return (double)((uint64_t)quotient | sticky) * scale;
}

static double by_strtod(struct text text)
{
    char digits[DIGITS_KEPT + 24];
    size_t n = 0;
    bool point = false, more = false;
    int32_t exp10 = 0;
    size_t i = 0;
    for (; i < text.len && text.data[i] != 'e' && text.data[i] != 'E'; i++) {
        char c = text.data[i];
        if (c == '.')
            point = true;
        if (c < '0' || c > '9')
            continue;
        bool keep = n < DIGITS_KEPT;
        if (keep && (n > 0 || c != '0'))
            digits[n++] = c;
        more = more || (!keep && c != '0');
        exp10 += (keep ? 0 : 1) - (point ? 1 : 0);
    }
    if (more) {
        digits[n++] = '1';
        exp10--;
    }
    if (n == 0)
        return 0;
    if (i < text.len) {
        struct json_number exponent = {0};
        take_exponent(text.data + i, text.data + text.len, &exponent);
        exp10 += exponent.exp10;
    }
    assert(n <= DIGITS_KEPT + 1); /* room for an exponent of any 32 bits is left */
    snprintf(digits + n, sizeof digits - n, "e%d", (int)exp10);
    return strtod(digits, NULL);
}

double json_number_double_slow(const struct json_number *n)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double v;
    bool small = n->digits <= UINT64_C(1) << 53;
    if (small && !n->cut && n->exp10 > 0 && n->exp10 <= 22)
        v = (double)n->digits * powers[n->exp10];
    else if (!small && !n->cut && n->exp10 < 0 && n->exp10 >= -17)
        v = divide(n->digits, (unsigned)-n->exp10);
    else
        v = by_strtod(n->text);
    return n->negative ? -v : v;
}
