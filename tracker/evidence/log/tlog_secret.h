/*
 * tlog_secret: a signing key as text, as Go's checksum database writes one: "PRIVATE+KEY+NAME+ID+BASE64".
 *
 * Whoever calls keeps the text and the key in memory that is locked and in no core dump, and wipes what it does not need any more.
 */
#ifndef MW_TLOG_SECRET_H
#define MW_TLOG_SECRET_H

#include "tlog_note.h"

#define TLOG_SECRET_BYTES    (TLOG_SEED_BYTES + TLOG_KEY_BYTES)
#define TLOG_SECRET_TEXT_MAX (TLOG_NAME_MAX + 96)

/* The key of a text, which may end with a line feed; the key's name is borrowed from it. False where it is none. */
bool tlog_secret_read(struct text text, struct tlog_key *out_key,
                      unsigned char out_secret[TLOG_SECRET_BYTES]);
/* A new one: the text, with its line feed, and the key. Its length; 0 where the name is none. */
size_t tlog_secret_make(struct text name, char out[TLOG_SECRET_TEXT_MAX], struct tlog_key *out_key,
                        unsigned char out_secret[TLOG_SECRET_BYTES]);

/* That a log goes over from one key to another: a text of three lines, with both their signatures behind an empty one. */
void tlog_rotation_write(const struct tlog_key *old, const unsigned char old_secret[TLOG_SECRET_BYTES],
                         const struct tlog_key *now, const unsigned char secret[TLOG_SECRET_BYTES],
                         struct buf *out);
struct tlog_rotation {
    struct tlog_key old, now;
};
/* Of a note that both have signed; names are borrowed. */
bool tlog_rotation_read(struct text note, struct tlog_rotation *out);

#endif
