/*
 * packed_fields: the fields of an entry, whole and in their order, in a third of their bytes.
 *
 * What is packed comes out byte for byte, fields of a later tracker too: so nothing that was told is left out of an
 * answer, and the register knows by name only what it is asked by. Names and texts are cut into words, and a word is its
 * number in a dictionary that grows while it is used: sentences are made of the same few phrases, and only names, times and
 * figures differ. Ids are not put into it, since each is another one. When the dictionary is full, words that are not in it
 * stand as they are: packing gets worse, never wrong.
 *
 * Bytes: per field a code for the name's words up to 0, then one for the value's up to 0. A code is a number of 7 bits a byte:
 * 0 ends, 1 is followed by a length and so many bytes, 2 by a whole number that is written in decimal, else it is a word's number
 * and 2 more. Rejected: a general packer over blocks of alerts, since one alert changes at a time and is shown alone.
 */
#ifndef MW_PACKED_FIELDS_H
#define MW_PACKED_FIELDS_H

#include "buf.h"
#include "fields.h"
#include "symbols.h"

/* Words, at most `limit`; they stay for good. */
struct dictionary {
    struct symbols words;
    uint32_t limit;
};

void dictionary_init(struct dictionary *d, struct hash_key key, uint32_t limit);
void dictionary_fini(struct dictionary *d);

/* Appends the fields, packed. What is wrong with memory fails `out`. */
void fields_pack(struct dictionary *d, struct fields fields, struct buf *out);

/*
 * Takes one field off `packed`; name and value are appended to `bytes`, which is the caller's, and `out` points
 * into it: use it before the next one is taken. False at the end.
 */
bool fields_unpack(const struct dictionary *d, struct text *packed, struct buf *bytes, struct field *out);

#endif
