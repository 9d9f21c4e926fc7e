/*
 * verify_keys: from the key that the asker trusts to the one that signed, by statements of rotation that both of each pair have signed (proof/keys.txt: the
 * first key as a vkey, and each statement behind an empty line).
 */
#include "tlog_secret.h"
#include "verify_private.h"

#include <string.h>

enum { NOTE_LINES = 6 };

/* The next statement: three lines, an empty one, two signatures. */
static bool take_note(struct text *left, struct text *out)
{
    struct text line;
    if (!tlog_take_line(left, &line) || line.len != 0)
        return false;
    *out = (struct text){left->data, 0};
    for (int i = 0; i < NOTE_LINES; i++) {
        if (!tlog_take_line(left, &line))
            return false;
        out->len += line.len + 1;
    }
    return true;
}

static bool is_key(const struct tlog_key *key, const unsigned char bytes[TLOG_KEY_BYTES])
{
    return memcmp(key->bytes, bytes, TLOG_KEY_BYTES) == 0;
}

bool verify_keys_lead(struct text keys, const unsigned char from[TLOG_KEY_BYTES],
                      const unsigned char to[TLOG_KEY_BYTES], unsigned *out_steps)
{
    struct text line, note;
    struct tlog_key now;
    struct tlog_rotation rotation;
    if (!tlog_take_line(&keys, &line) || !tlog_vkey_read(line, &now))
        return false;
    bool met = is_key(&now, from);
    *out_steps = 0;
    while (keys.len > 0) {
        if (!take_note(&keys, &note) || !tlog_rotation_read(note, &rotation) ||
            !is_key(&rotation.old, now.bytes))
            return false;
        now = rotation.now;
        *out_steps += met;
        met = met || is_key(&now, from);
    }
    return met && is_key(&now, to);
}
