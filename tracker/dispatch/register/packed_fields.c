#include "packed_fields.h"

#include <assert.h>

enum { CODE_END, CODE_BYTES, CODE_NUMBER, CODE_WORDS };
/* A mixed run of letters and digits that is longer is an id; but a world's name is one of a few. */
enum { WORD_MAX = 48, PLATE_MAX = 12, WORLD_LENGTH = 64, SHORT_NUMBER = 2, LONG_NUMBER = 18 };

void dictionary_init(struct dictionary *d, struct hash_key key, uint32_t limit)
{
    symbols_init(&d->words, key);
    d->limit = limit;
}

void dictionary_fini(struct dictionary *d)
{
    symbols_fini(&d->words);
}

static void put_code(struct buf *out, uint64_t code)
{
    while (code >= 0x80) {
        buf_put_char(out, (char)(code | 0x80));
        code >>= 7;
    }
    buf_put_char(out, (char)code);
}

static uint64_t take_code(struct text *packed)
{
    uint64_t code = 0;
    for (unsigned shift = 0; packed->len > 0 && shift < 64; shift += 7) {
        unsigned char byte = (unsigned char)*packed->data++;
        packed->len--;
        code |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    return code;
}

/* ---- words ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* How many bytes of punctuation beyond ASCII stand at the begin: U+2000 to U+206F, U+3000 to U+303F, U+FF00 to U+FFEF. */
static size_t is_mark(struct text t)
{
    if (t.len < 3)
        return 0;
    unsigned char a = (unsigned char)t.data[0], b = (unsigned char)t.data[1];
    bool mark =
        (a == 0xe2 && (b == 0x80 || b == 0x81)) || (a == 0xe3 && b == 0x80) || (a == 0xef && b >= 0xbc);
    return mark ? 3 : 0;
}

/* Letters and digits, or bytes beyond ASCII that are no punctuation. A blank behind is part of a word. */
static size_t run_length(struct text t, bool *out_digits, bool *out_letters)
{
    size_t n = 0;
    *out_digits = *out_letters = false;
    if ((unsigned char)t.data[0] >= 0x80) {
        n = is_mark(t);
        if (n == 0)
            do
                n++;
            while (n < t.len && n < WORD_MAX && (unsigned char)t.data[n] >= 0x80 &&
                   !is_mark((struct text){t.data + n, t.len - n}));
        return n;
    }
    for (; n < t.len && (is_digit(t.data[n]) || is_letter(t.data[n])); n++) {
        *out_digits |= is_digit(t.data[n]);
        *out_letters |= is_letter(t.data[n]);
    }
    if (n == 0 || (!*out_digits && n < t.len && t.data[n] == ' '))
        n++;
    return n;
}

static uint64_t number_of(struct text digits)
{
    uint64_t n = 0;
    for (size_t i = 0; i < digits.len; i++)
        n = n * 10 + (uint64_t)(digits.data[i] - '0');
    return n;
}

static void put_word(struct dictionary *d, struct text word, struct buf *out)
{
    uint32_t number = symbols_find(&d->words, word);
    if (number == 0 && d->words.used < d->limit && !symbols_use(&d->words, word, &number))
        out->failed = true;
    if (number != 0) {
        put_code(out, (uint64_t)number - 1 + CODE_WORDS);
        return;
    }
    put_code(out, CODE_BYTES);
    put_code(out, word.len);
    buf_put_text(out, word);
}

static void put_text(struct dictionary *d, struct text t, struct buf *out)
{
    while (t.len > 0) {
        bool digits, letters;
        struct text run = {t.data, run_length(t, &digits, &letters)};
        bool number = digits && !letters && run.len > SHORT_NUMBER;
        if (number && run.len <= LONG_NUMBER && run.data[0] != '0') {
            put_code(out, CODE_NUMBER);
            put_code(out, number_of(run));
        } else if (number || (run.len > (digits ? PLATE_MAX : WORD_MAX) && run.len != WORLD_LENGTH)) {
            put_code(out, CODE_BYTES);
            put_code(out, run.len);
            buf_put_text(out, run);
        } else {
            put_word(d, run, out);
        }
        t.data += run.len;
        t.len -= run.len;
    }
    put_code(out, CODE_END);
}

void fields_pack(struct dictionary *d, struct fields fields, struct buf *out)
{
    for (size_t i = 0; i < fields.count; i++) {
        put_text(d, fields.items[i].name, out);
        put_text(d, fields.items[i].value, out);
    }
}

static void take_text(const struct dictionary *d, struct text *packed, struct buf *out)
{
    for (uint64_t code = take_code(packed); code != CODE_END; code = take_code(packed)) {
        if (code == CODE_NUMBER) {
            buf_put_u64(out, take_code(packed));
        } else if (code == CODE_BYTES) {
            size_t n = (size_t)take_code(packed);
            assert(n <= packed->len);
            buf_put(out, packed->data, n);
            packed->data += n;
            packed->len -= n;
        } else {
            buf_put_text(out, symbols_text(&d->words, (uint32_t)(code - CODE_WORDS + 1)));
        }
    }
}

bool fields_unpack(const struct dictionary *d, struct text *packed, struct buf *bytes, struct field *out)
{
    if (packed->len == 0)
        return false;
    buf_clear(bytes);
    take_text(d, packed, bytes);
    size_t name = bytes->len;
    take_text(d, packed, bytes);
    *out = (struct field){{bytes->data, name}, {bytes->data + name, bytes->len - name}};
    return !bytes->failed;
}
