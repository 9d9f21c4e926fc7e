#include "text_fold.h"

enum { WORD_MAX = 48, CUT_MIN = 8, WORD_MIN = 4 };

/* The length of a blank, or of a mark, at the begin of a text of UTF-8, which is not empty; 0: it is none. */
static size_t begins_with(struct text t, const char *const *those)
{
    for (; *those != NULL; those++) {
        size_t n = **those == *t.data ? strlen(*those) : 0; /* few characters begin any of them */
        if (n > 0 && t.len >= n && memcmp(t.data, *those, n) == 0)
            return n;
    }
    return 0;
}

/* Blank, tab, line ends, no-break space, zero width, byte order mark, ideographic space. */
static const char *const blanks[] = {
    " ", "\t", "\r", "\n", "\xc2\xa0", "\xe2\x80\x8b", "\xef\xbb\xbf", "\xe3\x80\x80", NULL};
/* Middle dots as they stand in number plates, dashes. */
static const char *const marks[] = {"-", "_", ".", "\xc2\xb7", "\xe2\x80\xa2", "\xe3\x83\xbb", "\xe2\x80\x93",
                                    NULL};

/* The ASCII character whose full-width form the text begins with; 0: none. */
static char narrow_of(struct text t)
{
    const unsigned char *p = (const unsigned char *)t.data;
    if (t.len < 3 || p[0] != 0xef || (p[1] != 0xbc && p[1] != 0xbd))
        return 0;
    unsigned code = (p[1] - 0xbcu) * 64 + (p[2] & 0x3fu); /* above U+FF00 */
    return code >= 1 && code <= 0x5e ? (char)(code + 0x20) : 0;
}

size_t text_fold(struct text text, unsigned how, char *out)
{
    size_t n = 0;
    while (text.len > 0) {
        char narrow = narrow_of(text), c = narrow != 0 ? narrow : *text.data;
        size_t skip = begins_with(text, blanks);
        if (skip == 0 && (how & TEXT_FOLD_MARKS) != 0)
            skip = narrow != 0 ? (begins_with((struct text){&c, 1}, marks) > 0 ? 3 : 0)
                               : begins_with(text, marks);
        size_t taken = skip > 0 ? skip : narrow != 0 ? 3 : 1;
        if (skip == 0)
            out[n++] = (how & TEXT_FOLD_CASE) != 0 && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        text.data += taken;
        text.len -= taken;
    }
    return n;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau's distance, optimal string alignment. */
static unsigned distance(struct text a, struct text b)
{
    unsigned d[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= a.len; i++)
        d[i][0] = (unsigned)i;
    for (size_t k = 0; k <= b.len; k++)
        d[0][k] = (unsigned)k;
    for (size_t i = 1; i <= a.len; i++)
        for (size_t k = 1; k <= b.len; k++) {
            unsigned best = d[i - 1][k - 1] + (a.data[i - 1] != b.data[k - 1]);
            best = least(best, least(d[i - 1][k], d[i][k - 1]) + 1);
            if (i > 1 && k > 1 && a.data[i - 1] == b.data[k - 2] && a.data[i - 2] == b.data[k - 1])
                best = least(best, d[i - 2][k - 2] + 1);
            d[i][k] = best;
        }
    return d[a.len][b.len];
}

unsigned text_distance(struct text a, struct text b)
{
    char x[WORD_MAX], y[WORD_MAX];
    if (a.len > sizeof x || b.len > sizeof y)
        return TEXT_UNLIKE;
    struct text s = {x, text_fold(a, TEXT_FOLD_CASE, x)}, t = {y, text_fold(b, TEXT_FOLD_CASE, y)};
    if (text_equal(s, t))
        return 0;
    size_t shorter = s.len < t.len ? s.len : t.len, longer = s.len + t.len - shorter;
    if (shorter >= CUT_MIN && memcmp(x, y, shorter) == 0)
        return 1;
    if (shorter < WORD_MIN || longer > shorter + TEXT_UNLIKE - 1)
        return TEXT_UNLIKE;
    return least(distance(s, t), TEXT_UNLIKE);
}
