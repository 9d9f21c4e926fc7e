/*
 * The blank in front of a signature's name is U+0020, and the dash U+2014; nothing else begins a signature's line.
 */
#include "tlog_note.h"

#include <assert.h>
#include <sodium.h>

enum { ED25519 = 1, BASE64_MAX = 256 };
static const char dash[] = "\xe2\x80\x94 ";

static_assert(TLOG_KEY_BYTES == crypto_sign_PUBLICKEYBYTES && TLOG_SIGNATURE_BYTES == crypto_sign_BYTES &&
                  TLOG_SEED_BYTES + TLOG_KEY_BYTES == crypto_sign_SECRETKEYBYTES,
              "keys and signatures are Ed25519");

void tlog_base64_put(struct buf *out, const unsigned char *bytes, size_t size)
{
    char base64[BASE64_MAX];
    assert(sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL) <= sizeof base64);
    sodium_bin2base64(base64, sizeof base64, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    buf_puts(out, base64);
}

/* libsodium takes some bytes above 0x7f for digits; so what was read is written again, and has to be the same. */
bool tlog_base64_read(struct text base64, unsigned char *out, size_t size)
{
    char again[BASE64_MAX];
    size_t len = 0;
    if (base64.len != (size + 2) / 3 * 4 || base64.len >= sizeof again ||
        sodium_base642bin(out, size, base64.data, base64.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        len != size)
        return false;
    sodium_bin2base64(again, sizeof again, out, size, sodium_base64_VARIANT_ORIGINAL);
    return memcmp(again, base64.data, base64.len) == 0;
}

bool tlog_take_line(struct text *left, struct text *out)
{
    const char *feed = left->len > 0 ? memchr(left->data, '\n', left->len) : NULL;
    if (feed == NULL)
        return false;
    *out = (struct text){left->data, (size_t)(feed - left->data)};
    *left = (struct text){feed + 1, left->len - out->len - 1};
    return true;
}

bool tlog_read_number(struct text digits, uint64_t *out)
{
    uint64_t value = 0;
    if (digits.len == 0 || digits.len > 19 || (digits.len > 1 && digits.data[0] == '0'))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(digits.data[i] - '0');
    }
    *out = value;
    return value <= TLOG_SIZE_MAX;
}

/* ---- keys ---- */

bool tlog_name_ok(struct text name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] > '~' || name.data[i] == '+')
            return false;
    return name.len > 0 && name.len <= TLOG_NAME_MAX;
}

uint32_t tlog_key_id(const struct tlog_key *key)
{
    crypto_hash_sha256_state state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)key->name.data, key->name.len);
    crypto_hash_sha256_update(&state, (const unsigned char[]){'\n', ED25519}, 2);
    crypto_hash_sha256_update(&state, key->bytes, TLOG_KEY_BYTES);
    crypto_hash_sha256_final(&state, hash);
    return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

void tlog_vkey_write(const struct tlog_key *key, struct buf *out)
{
    unsigned char bytes[1 + TLOG_KEY_BYTES] = {ED25519};
    memcpy(bytes + 1, key->bytes, TLOG_KEY_BYTES);
    buf_printf(out, "%.*s+%08x+", TEXT_ARG(key->name), tlog_key_id(key));
    tlog_base64_put(out, bytes, sizeof bytes);
}

bool tlog_vkey_read(struct text vkey, struct tlog_key *out)
{
    unsigned char bytes[1 + TLOG_KEY_BYTES];
    const char *plus = vkey.len > 0 ? memchr(vkey.data, '+', vkey.len) : NULL;
    struct text written;
    struct buf again;
    if (plus == NULL)
        return false;
    out->name = (struct text){vkey.data, (size_t)(plus - vkey.data)};
    struct text rest = {plus + 1, vkey.len - out->name.len - 1};
    if (!tlog_name_ok(out->name) || rest.len < 9 ||
        !tlog_base64_read((struct text){rest.data + 9, rest.len - 9}, bytes, sizeof bytes) ||
        bytes[0] != ED25519)
        return false;
    memcpy(out->bytes, bytes + 1, TLOG_KEY_BYTES);
    buf_init(&again, TLOG_NOTE_MAX);
    tlog_vkey_write(out, &again);
    written = buf_text(&again);
    bool same = text_equal(written, vkey);
    buf_fini(&again);
    return same;
}

/* ---- signatures ---- */

void tlog_sign(struct text text, const struct tlog_key *key,
               const unsigned char secret[TLOG_SEED_BYTES + TLOG_KEY_BYTES], struct buf *out)
{
    unsigned char bytes[4 + TLOG_SIGNATURE_BYTES];
    uint32_t id = tlog_key_id(key);
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(id >> (24 - 8 * i));
    crypto_sign_detached(bytes + 4, NULL, (const unsigned char *)text.data, text.len, secret);
    buf_puts(out, dash);
    buf_put_text(out, key->name);
    buf_put_char(out, ' ');
    tlog_base64_put(out, bytes, sizeof bytes);
    buf_put_char(out, '\n');
}

/* A line of a signature: its name, and its base64. */
static bool take_signature(struct text *left, struct text *out_name, struct text *out_base64)
{
    struct text line;
    size_t n = sizeof dash - 1;
    if (!tlog_take_line(left, &line) || line.len <= n || memcmp(line.data, dash, n) != 0)
        return false;
    line = (struct text){line.data + n, line.len - n};
    *out_name = text_take_word(&line);
    *out_base64 = line;
    return out_name->len > 0 && line.len > 0 && memchr(line.data, ' ', line.len) == NULL;
}

bool tlog_note_split(struct text note, struct tlog_note *out)
{
    struct text name, base64, left;
    size_t at = note.len;
    unsigned count = 0;
    if (note.len > TLOG_NOTE_MAX || note.len < 4 || note.data[note.len - 1] != '\n')
        return false;
    for (size_t i = 0; i < note.len; i++)
        if ((unsigned char)note.data[i] < ' ' && note.data[i] != '\n')
            return false;
    while (at >= 2 && !(note.data[at - 1] == '\n' && note.data[at - 2] == '\n'))
        at--;
    if (at < 2)
        return false;
    *out = (struct tlog_note){{note.data, at - 1}, {note.data + at, note.len - at}};
    for (left = out->signatures; left.len > 0; count++)
        if (!take_signature(&left, &name, &base64))
            return false;
    return count > 0 && count <= TLOG_SIGNATURES_MAX;
}

enum tlog_signed tlog_note_check(const struct tlog_note *note, const struct tlog_key *key)
{
    struct text left = note->signatures, name, base64;
    uint32_t id = tlog_key_id(key);
    while (left.len > 0 && take_signature(&left, &name, &base64)) {
        unsigned char bytes[4 + TLOG_SIGNATURE_BYTES];
        if (!text_equal(name, key->name) || !tlog_base64_read(base64, bytes, sizeof bytes))
            continue;
        uint32_t by =
            (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
        if (by != id)
            continue;
        bool good = crypto_sign_verify_detached(bytes + 4, (const unsigned char *)note->text.data,
                                                note->text.len, key->bytes) == 0;
        return good ? TLOG_SIGNED : TLOG_SIGNED_WRONG;
    }
    return TLOG_NOT_SIGNED;
}

/* ---- checkpoints ---- */

void tlog_checkpoint_write(const struct tlog_checkpoint *checkpoint, struct buf *out)
{
    buf_put_text(out, checkpoint->origin);
    buf_put_char(out, '\n');
    buf_put_u64(out, checkpoint->head.size);
    buf_put_char(out, '\n');
    tlog_base64_put(out, checkpoint->head.root.bytes, TLOG_HASH_BYTES);
    buf_put_char(out, '\n');
}

bool tlog_checkpoint_read(struct text text, struct tlog_checkpoint *out)
{
    struct text size, root;
    return tlog_take_line(&text, &out->origin) && tlog_take_line(&text, &size) &&
           tlog_take_line(&text, &root) && text.len == 0 && tlog_name_ok(out->origin) &&
           tlog_read_number(size, &out->head.size) &&
           tlog_base64_read(root, out->head.root.bytes, TLOG_HASH_BYTES);
}
