/*
 * hours_words: the characters and words of an expression, and the texts of errors.
 *
 * Expressions are typed with Chinese input methods and pasted from office programs. So a full-width colon, a
 * dash or a no-break space is read as the ASCII character it looks like. A character that cannot be seen is
 * an error that names the character.
 */
#include "hours_parser.h"

#include <stdio.h>
#include <string.h>

const char *const hours_month_names[HOURS_MONTHS] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
const char *const hours_day_names[HOURS_WEEKDAYS] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
static const char *const other_words[] = {"PH", "SH", "WD", "week", "day", "days", "off", "open", "closed"};

/* ---- characters ---- */

/* Decodes a character below U+10000; NO_CHARACTER if there is none. Returns the number of its bytes. */
static size_t decode(const char *s, size_t length, unsigned *out)
{
    enum { NO_CHARACTER = 0xfffd };
    const unsigned char *u = (const unsigned char *)s;
    *out = u[0] < 0x80 ? u[0] : NO_CHARACTER;
    if (u[0] < 0xc2 || u[0] > 0xef)
        return 1;
    size_t size = u[0] < 0xe0 ? 2 : 3;
    if (size > length)
        return 1;
    unsigned c = u[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 1;
        c = c << 6 | (u[i] & 0x3f);
    }
    if (size == 3 && c < 0x800) /* an overlong form */
        return 1;
    *out = c;
    return size;
}

/* The ASCII character that a character is read as; '\0': it is read as itself. */
static char fold(unsigned c)
{
    if (c >= 0xff01 && c <= 0xff5e) /* the full-width forms of ASCII */
        c -= 0xff01 - '!';
    if (c == 0xa0 || c == 0x3000 || (c >= 0x2002 && c <= 0x200a) || c == 0x202f || c == 0x205f)
        return ' ';
    if (c == '~' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x301c) /* dashes, minus, waves */
        return '-';
    if (c == 0x3001) /* the comma of Chinese lists */
        return ',';
    if (c == 0x2236) /* the sign of a ratio */
        return ':';
    return c < 0x80 ? (char)c : '\0';
}

void hours_fold(struct hours_parser *p, const char *source, size_t length)
{
    static const char chinese_dash[] = "——";
    p->source = source;
    p->length = p->at = 0;
    for (size_t i = 0; i < length;) {
        unsigned c;
        size_t size = decode(source + i, length - i, &c);
        char folded = fold(c);
        if (length - i >= sizeof chinese_dash - 1 &&
            memcmp(source + i, chinese_dash, sizeof chinese_dash - 1) == 0)
            size = sizeof chinese_dash - 1;
        size_t kept = folded != '\0' ? 1 : size;
        for (size_t k = 0; k < kept; k++) {
            p->place[p->length] = (uint16_t)(i + k);
            p->text[p->length++] = folded != '\0' ? folded : source[i + k];
        }
        i += size;
    }
    p->place[p->length] = (uint16_t)length;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool hours_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

char hours_char(const struct hours_parser *p, size_t at)
{
    return at < p->length ? p->text[at] : '\0';
}

/* Characters as a person counts them: continuation bytes of UTF-8 belong to their first byte. */
static size_t char_length(const struct hours_parser *p, size_t at)
{
    size_t end = at + 1;
    while (end < p->length && ((unsigned char)p->text[end] & 0xc0) == 0x80)
        end++;
    return end - at;
}

size_t hours_thing_length(const struct hours_parser *p, size_t at)
{
    size_t end = at;
    if (at >= p->length)
        return 0;
    if (is_letter(p->text[at]))
        while (end < p->length && is_letter(p->text[end]))
            end++;
    else if (hours_is_digit(p->text[at]))
        while (end < p->length && hours_is_digit(p->text[end]))
            end++;
    else
        return char_length(p, at);
    return end - at;
}

/* ---- complaints ---- */

bool hours_fail(struct hours_parser *p, enum mw_hours_status status, size_t at, size_t length,
                const char *text)
{
    if (p->status == MW_HOURS_OK) {
        p->status = status;
        p->error->at = p->place[at];
        p->error->length = (size_t)(p->place[at + length] - p->place[at]);
        snprintf(p->error->text, sizeof p->error->text, "%s", text);
    }
    return false;
}

/* Whether text has the letters of the word in any case. */
static bool is_spelling(const char *word, const char *text, size_t length)
{
    if (strlen(word) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_letter(text[i]) || (word[i] | 0x20) != (text[i] | 0x20))
            return false;
    return true;
}

static const char *find_spelling(const char *const *words, size_t count, const char *text, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (is_spelling(words[i], text, length))
            return words[i];
    return NULL;
}

/* The word that was probably meant at the parser's place, as Mo for "mo"; NULL if there is none. */
static const char *find_meant(const struct hours_parser *p, size_t length)
{
    const char *text = p->text + p->at;
    const char *word = find_spelling(hours_day_names, HOURS_WEEKDAYS, text, length);
    if (word == NULL)
        word = find_spelling(hours_month_names, HOURS_MONTHS, text, length);
    if (word == NULL)
        word = find_spelling(other_words, sizeof other_words / sizeof *other_words, text, length);
    return word == NULL || memcmp(word, text, length) == 0 ? NULL : word;
}

/* Whether a character cannot be seen: spaces without width, marks of direction, soft hyphens. */
static bool is_unseen(unsigned c)
{
    return c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

bool hours_fail_expected(struct hours_parser *p, const char *expected)
{
    enum { QUOTED = 24 };
    char text[sizeof p->error->text];
    size_t length = hours_thing_length(p, p->at);
    const char *found = p->source + p->place[p->at];
    size_t bytes = (size_t)(p->place[p->at + length] - p->place[p->at]);
    unsigned c = 0;
    if (length > 0)
        decode(found, bytes, &c);
    const char *meant = find_meant(p, length);
    if (length == 0)
        snprintf(text, sizeof text, "expected %s, but the expression ends", expected);
    else if (c < ' ' || c == 0x7f || (c >= 0x80 && bytes == 1))
        snprintf(text, sizeof text, "expected %s, found byte 0x%02x", expected, (unsigned char)found[0]);
    else if (is_unseen(c))
        snprintf(text, sizeof text, "expected %s, found U+%04X, which cannot be seen", expected, c);
    else if (meant != NULL)
        snprintf(text, sizeof text, "expected %s, found '%.*s': write '%s'", expected, (int)bytes, found,
                 meant);
    else {
        size_t quoted = bytes < QUOTED ? bytes : QUOTED;
        while (quoted < bytes && ((unsigned char)found[quoted] & 0xc0) == 0x80)
            quoted--;
        snprintf(text, sizeof text, "expected %s, found '%.*s'", expected, (int)quoted, found);
    }
    return hours_fail(p, MW_HOURS_SYNTAX, p->at, length, text);
}

/* ---- words ---- */

void hours_skip_blanks(struct hours_parser *p)
{
    while (hours_char(p, p->at) == ' ' || hours_char(p, p->at) == '\t')
        p->at++;
}

bool hours_take_char(struct hours_parser *p, char c)
{
    hours_skip_blanks(p);
    if (p->at >= p->length || p->text[p->at] != c)
        return false;
    p->at++;
    return true;
}

/* Whether this whole word follows, in this spelling. */
static bool looks_like(const struct hours_parser *p, const char *word)
{
    size_t length = strlen(word);
    return hours_thing_length(p, p->at) == length && memcmp(p->text + p->at, word, length) == 0;
}

bool hours_take_word(struct hours_parser *p, const char *word)
{
    hours_skip_blanks(p);
    if (!looks_like(p, word))
        return false;
    p->at += strlen(word);
    return true;
}

int hours_find_name(const struct hours_parser *p, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (looks_like(p, names[i]))
            return i;
    return -1;
}

int hours_take_number(struct hours_parser *p)
{
    int value = 0;
    while (hours_is_digit(hours_char(p, p->at)) && value < 100000)
        value = value * 10 + (p->text[p->at++] - '0');
    return value;
}

enum hours_thing hours_peek(struct hours_parser *p)
{
    hours_skip_blanks(p);
    size_t length = hours_thing_length(p, p->at);
    if (length > 0 && hours_is_digit(p->text[p->at])) {
        if (hours_char(p, p->at + length) == ':')
            return THING_TIME;
        return length == 4 ? THING_YEAR : length <= 2 ? THING_NUMBER : THING_OTHER;
    }
    if (hours_find_name(p, hours_month_names, HOURS_MONTHS) >= 0)
        return THING_MONTH;
    if (looks_like(p, "week"))
        return THING_WEEK;
    static const char *const calendar_names[] = {"PH", "SH", "WD"};
    bool day = hours_find_name(p, hours_day_names, HOURS_WEEKDAYS) >= 0;
    return day || hours_find_name(p, calendar_names, 3) >= 0 ? THING_DAY : THING_OTHER;
}

/* In "07:10:00" and "07: 10:00" the 07 is not an hour; in "07:10" it is. */
enum hours_thing hours_peek_number(struct hours_parser *p)
{
    enum hours_thing thing = hours_peek(p);
    size_t digits = hours_thing_length(p, p->at);
    if (thing != THING_TIME || digits > 2)
        return thing;
    size_t behind = p->at + digits + 1;
    if (!hours_is_digit(hours_char(p, behind)))
        return THING_NUMBER;
    return hours_char(p, behind + hours_thing_length(p, behind)) == ':' ? THING_NUMBER : THING_TIME;
}
