/*
 * tlog_note: signed notes and checkpoints as C2SP writes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), with Ed25519.
 *
 * A checkpoint is three lines, origin, size and root, an empty line, and a line a signature. Here a checkpoint has no lines
 * beside these three, and what is read is refused where it is not to the byte what writing would give of its parts, but for
 * signatures of others, which stand as they are.
 */
#ifndef MW_TLOG_NOTE_H
#define MW_TLOG_NOTE_H

#include "buf.h"
#include "tlog_tree.h"

#define TLOG_KEY_BYTES       32
#define TLOG_SEED_BYTES      32
#define TLOG_SIGNATURE_BYTES 64
#define TLOG_NAME_MAX        128
#define TLOG_NOTE_MAX        65536
#define TLOG_SIGNATURES_MAX  16

struct tlog_key {
    struct text name; /* borrowed; no blanks, controls or plus signs */
    unsigned char bytes[TLOG_KEY_BYTES];
};
bool tlog_name_ok(struct text name);
/* The four bytes that a signature names its key by. */
uint32_t tlog_key_id(const struct tlog_key *key);
/* "NAME+ID+BASE64", as notice boards and `vkey` files have it; and back, checked. */
void tlog_vkey_write(const struct tlog_key *key, struct buf *out);
bool tlog_vkey_read(struct text vkey, struct tlog_key *out);

/* Signs `text`, which ends with a line feed, and appends the signature's line. The secret is what libsodium calls one: seed and public key. */
void tlog_sign(struct text text, const struct tlog_key *key,
               const unsigned char secret[TLOG_SEED_BYTES + TLOG_KEY_BYTES], struct buf *out);

struct tlog_note {
    struct text text,
        signatures; /* what is signed, its last line feed included; the lines behind the empty one */
};
bool tlog_note_split(struct text note, struct tlog_note *out);
enum tlog_signed {
    TLOG_SIGNED,      /* by this key */
    TLOG_NOT_SIGNED,  /* there is no signature of this key */
    TLOG_SIGNED_WRONG /* there is one, and it is none of this text */
};
enum tlog_signed tlog_note_check(const struct tlog_note *note, const struct tlog_key *key);

struct tlog_checkpoint {
    struct text origin;
    struct tlog_head head;
};
/* The three lines; with an empty line and tlog_sign behind them a checkpoint. */
void tlog_checkpoint_write(const struct tlog_checkpoint *checkpoint, struct buf *out);
/* Of the note's text. */
bool tlog_checkpoint_read(struct text text, struct tlog_checkpoint *out);

/* Standard base64 of exactly `size` bytes, with its padding. */
void tlog_base64_put(struct buf *out, const unsigned char *bytes, size_t size);
bool tlog_base64_read(struct text base64, unsigned char *out, size_t size);
/* What stands before the next line feed, which is taken away with it. False: there is none. */
bool tlog_take_line(struct text *left, struct text *out);
/* A number as a note has it: digits without zeros in front. */
bool tlog_read_number(struct text digits, uint64_t *out);

#endif
