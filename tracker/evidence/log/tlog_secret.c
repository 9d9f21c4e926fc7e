#include "tlog_secret.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

enum { ED25519 = 1, KEY_BYTES = 1 + TLOG_SEED_BYTES, BASE64_BYTES = (KEY_BYTES + 2) / 3 * 4, ID_DIGITS = 8 };
static const struct text prefix = {"PRIVATE+KEY+", 12};
static const struct text rotation_line = {"muckwatch/rotation/1", 20};

static_assert(crypto_sign_SEEDBYTES == TLOG_SEED_BYTES, "a seed of Ed25519");

bool tlog_secret_read(struct text text, struct tlog_key *out_key, unsigned char out_secret[TLOG_SECRET_BYTES])
{
    unsigned char bytes[KEY_BYTES];
    char id[ID_DIGITS + 1];
    if (text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    if (text.len < prefix.len + 1 + 1 + ID_DIGITS + 1 + BASE64_BYTES ||
        memcmp(text.data, prefix.data, prefix.len) != 0)
        return false;
    size_t behind = text.len - BASE64_BYTES;
    out_key->name = (struct text){text.data + prefix.len, behind - prefix.len - ID_DIGITS - 2};
    bool ok = tlog_name_ok(out_key->name) && text.data[behind - 1] == '+' &&
              text.data[behind - ID_DIGITS - 2] == '+' &&
              tlog_base64_read((struct text){text.data + behind, BASE64_BYTES}, bytes, sizeof bytes) &&
              bytes[0] == ED25519;
    if (ok) {
        crypto_sign_seed_keypair(out_key->bytes, out_secret, bytes + 1);
        snprintf(id, sizeof id, "%08x", tlog_key_id(out_key));
        ok = memcmp(id, text.data + behind - ID_DIGITS - 1, ID_DIGITS) == 0;
    }
    sodium_memzero(bytes, sizeof bytes);
    if (!ok)
        sodium_memzero(out_secret, TLOG_SECRET_BYTES);
    return ok;
}

size_t tlog_secret_make(struct text name, char out[TLOG_SECRET_TEXT_MAX], struct tlog_key *out_key,
                        unsigned char out_secret[TLOG_SECRET_BYTES])
{
    unsigned char bytes[KEY_BYTES] = {ED25519};
    if (!tlog_name_ok(name))
        return 0;
    randombytes_buf(bytes + 1, TLOG_SEED_BYTES);
    out_key->name = name;
    crypto_sign_seed_keypair(out_key->bytes, out_secret, bytes + 1);
    int len = snprintf(out, TLOG_SECRET_TEXT_MAX, "%s%.*s+%08x+", prefix.data, TEXT_ARG(name),
                       tlog_key_id(out_key));
    sodium_bin2base64(out + len, TLOG_SECRET_TEXT_MAX - (size_t)len, bytes, sizeof bytes,
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(bytes, sizeof bytes);
    out[len + BASE64_BYTES] = '\n';
    return (size_t)len + BASE64_BYTES + 1;
}

void tlog_rotation_write(const struct tlog_key *old, const unsigned char old_secret[TLOG_SECRET_BYTES],
                         const struct tlog_key *now, const unsigned char secret[TLOG_SECRET_BYTES],
                         struct buf *out)
{
    size_t from = out->len;
    buf_put_text(out, rotation_line);
    buf_put_char(out, '\n');
    tlog_vkey_write(old, out);
    buf_put_char(out, '\n');
    tlog_vkey_write(now, out);
    buf_put_char(out, '\n');
    size_t len = out->len - from;
    buf_put_char(out, '\n');
    tlog_sign((struct text){out->data + from, len}, old, old_secret, out);
    tlog_sign((struct text){out->data + from, len}, now, secret, out);
}

bool tlog_rotation_read(struct text note, struct tlog_rotation *out)
{
    struct tlog_note parts;
    struct text left, line, old, now;
    if (!tlog_note_split(note, &parts))
        return false;
    left = parts.text;
    return tlog_take_line(&left, &line) && text_equal(line, rotation_line) && tlog_take_line(&left, &old) &&
           tlog_take_line(&left, &now) && left.len == 0 && tlog_vkey_read(old, &out->old) &&
           tlog_vkey_read(now, &out->now) && tlog_note_check(&parts, &out->old) == TLOG_SIGNED &&
           tlog_note_check(&parts, &out->now) == TLOG_SIGNED;
}
