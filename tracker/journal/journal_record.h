/*
 * journal_record: the bytes of an onboard unit's journal: one record after another in a segment.
 *
 * A record, little endian:
 *
 *     0  u16  sync mark 0xC5A7      where a reader takes up the thread again behind damage
 *     2  u8   type
 *     3  u8   0
 *     4  u32  payload length        at most JOURNAL_PAYLOAD_MAX
 *     8  u64  number                by type, below
 *    16  u32  CRC-32C               over the salt, bytes 0 to 15 and the payload
 *    20       payload
 *
 * A segment begins with a SEGMENT record under salt 0; all others carry the segment's salt, made from the
 * journal's `boot` and the segment's ordinal, so that bytes of another segment which a file system brings
 * back after a power cut are never taken for records of this one.
 *
 * This file only knows bytes. It may be called from any thread; records borrow the bytes they were read from.
 */
#ifndef MW_JOURNAL_RECORD_H
#define MW_JOURNAL_RECORD_H

#include "buf.h"
#include "text.h"

#include <stddef.h>
#include <stdint.h>

enum {
    JOURNAL_RECORD_HEAD = 20,    /* bytes before the payload */
    JOURNAL_PAYLOAD_MAX = 16384, /* a fix is 100 to 400 bytes; media URIs may add some kilobytes */
    JOURNAL_BOOT_LEN = 16, /* hexadecimal digits of `boot`: 64 random bits tell one unit's journals apart */
    JOURNAL_NUMBERS_SLOT = 64, /* bytes of one slot of the numbers file */
};

enum journal_record_type {
    JOURNAL_RECORD_NONE,
    JOURNAL_RECORD_SEGMENT, /* number: the segment's ordinal; payload: boot, u64 creation time (wall, ms) */
    JOURNAL_RECORD_FIX,     /* number: seq; payload: the fix object's JSON without boot and seq */
    JOURNAL_RECORD_ACK,     /* number: everything up to here is acknowledged; the last one counts */
    JOURNAL_RECORD_SKIP,    /* number: first seq never used; payload: u64 last one */
};

struct journal_record {
    enum journal_record_type type;
    uint64_t number;
    struct text payload;
};

/* What the numbers file says: which seq may be used. Two slots, written in turn; the higher generation
 * counts. */
struct journal_numbers {
    uint64_t generation;
    char boot[JOURNAL_BOOT_LEN];
    uint64_t reserved; /* the highest seq that may have been used */
    uint64_t last;     /* the last seq used, where clean */
    bool clean;        /* the unit stopped in good order: nothing above `last` was used */
};

enum journal_read_status {
    JOURNAL_READ_OK,
    JOURNAL_READ_END,   /* no bytes left */
    JOURNAL_READ_SHORT, /* what is there may be the beginning of a record, the rest is missing */
    JOURNAL_READ_BAD,   /* not a record */
};

/* CRC-32C (Castagnoli, RFC 3720 B.4) of `n` bytes, continued from `crc` (0 to begin). */
uint32_t journal_crc(uint32_t crc, const void *bytes, size_t n);

/* The salt of a segment. `boot` is JOURNAL_BOOT_LEN bytes. */
uint32_t journal_salt(const char *boot, uint64_t ordinal);

/* Appends a record. A payload over JOURNAL_PAYLOAD_MAX fails the buffer. */
void journal_record_write(struct buf *out, uint32_t salt, const struct journal_record *record);
void journal_record_write_segment(struct buf *out, const char *boot, uint64_t ordinal, uint64_t created_ms);
void journal_record_write_skip(struct buf *out, uint32_t salt, uint64_t first, uint64_t last);

/* Reads the record at the beginning of `bytes`; out_used is its length. Both are untouched unless OK. */
enum journal_read_status journal_record_read(struct text bytes, uint32_t salt, struct journal_record *out,
                                             size_t *out_used);
/* What a SEGMENT record says; false where the payload has another shape. out_boot has JOURNAL_BOOT_LEN bytes.
 */
bool journal_record_segment(const struct journal_record *record, char *out_boot, uint64_t *out_created_ms);
/* The last seq of a SKIP record; false where the payload has another shape or the range is empty. */
bool journal_record_skip(const struct journal_record *record, uint64_t *out_last);

/* How many bytes to leave out until the next whole record: all of them where none follows. Tries each byte.
 */
size_t journal_record_resync(struct text bytes, uint32_t salt);

/* A slot of the numbers file, JOURNAL_NUMBERS_SLOT bytes. Reading fails on any damage. */
void journal_numbers_write(const struct journal_numbers *numbers, uint8_t *out);
bool journal_numbers_read(const uint8_t *slot, struct journal_numbers *out);

#endif
