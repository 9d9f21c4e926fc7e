/*
 * journal_record: see the header. The CRC runs over four bits at a time with a table of 64 bytes: a record
 * has a few hundred bytes, and 1 KiB of table would cost a small core more in cache than it saves.
 */
#include "journal_record.h"

#include <assert.h>
#include <string.h>

#define SYNC_LOW  0xA7u
#define SYNC_HIGH 0xC5u

static const char numbers_magic[8] = {'M', 'W', 'N', 'U', 'M', 'S', '1', '\n'};

uint32_t journal_crc(uint32_t crc, const void *bytes, size_t n)
{
    /* The polynomial 0x82F63B78 (reflected), for each half byte. */
    static const uint32_t table[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                                       0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                       0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};
    const uint8_t *p = bytes;
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc = table[(crc ^ p[i]) & 15] ^ (crc >> 4);
        crc = table[(crc ^ (uint32_t)(p[i] >> 4)) & 15] ^ (crc >> 4);
    }
    return ~crc;
}

static void put_u32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static void put_u64(uint8_t *at, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get_u32(const uint8_t *at)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++)
        v |= (uint32_t)at[i] << (8 * i);
    return v;
}

static uint64_t get_u64(const uint8_t *at)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

uint32_t journal_salt(const char *boot, uint64_t ordinal)
{
    uint8_t bytes[8];
    put_u64(bytes, ordinal);
    return journal_crc(journal_crc(0, boot, JOURNAL_BOOT_LEN), bytes, sizeof bytes);
}

static uint32_t record_crc(uint32_t salt, const uint8_t *head, const void *payload, size_t len)
{
    uint8_t salted[4];
    put_u32(salted, salt);
    return journal_crc(journal_crc(journal_crc(0, salted, sizeof salted), head, 16), payload, len);
}

void journal_record_write(struct buf *out, uint32_t salt, const struct journal_record *record)
{
    uint8_t head[JOURNAL_RECORD_HEAD] = {SYNC_LOW, SYNC_HIGH, (uint8_t)record->type, 0};
    if (record->payload.len > JOURNAL_PAYLOAD_MAX) {
        out->failed = true;
        return;
    }
    static_assert(16 + 4 == JOURNAL_RECORD_HEAD, "the checksum ends the head");
    put_u32(head + 4, (uint32_t)record->payload.len);
    put_u64(head + 8, record->number);
    put_u32(head + 16, record_crc(salt, head, record->payload.data, record->payload.len));
    /* One reservation for both parts: half a record must not stay behind in a full buffer. */
    if (buf_reserve(out, sizeof head + record->payload.len) == NULL)
        return;
    buf_put(out, head, sizeof head);
    buf_put_text(out, record->payload);
}

void journal_record_write_segment(struct buf *out, const char *boot, uint64_t ordinal, uint64_t created_ms)
{
    uint8_t payload[JOURNAL_BOOT_LEN + 8];
    memcpy(payload, boot, JOURNAL_BOOT_LEN);
    put_u64(payload + JOURNAL_BOOT_LEN, created_ms);
    struct journal_record record = {JOURNAL_RECORD_SEGMENT, ordinal, {(const char *)payload, sizeof payload}};
    journal_record_write(out, 0, &record);
}

void journal_record_write_skip(struct buf *out, uint32_t salt, uint64_t first, uint64_t last)
{
    uint8_t payload[8];
    put_u64(payload, last);
    struct journal_record record = {JOURNAL_RECORD_SKIP, first, {(const char *)payload, sizeof payload}};
    journal_record_write(out, salt, &record);
}

enum journal_read_status journal_record_read(struct text bytes, uint32_t salt, struct journal_record *out,
                                             size_t *out_used)
{
    const uint8_t *p = (const uint8_t *)bytes.data;
    if (bytes.len == 0)
        return JOURNAL_READ_END;
    if (p[0] != SYNC_LOW || (bytes.len > 1 && p[1] != SYNC_HIGH))
        return JOURNAL_READ_BAD;
    if (bytes.len < JOURNAL_RECORD_HEAD)
        return JOURNAL_READ_SHORT;
    uint32_t len = get_u32(p + 4);
    if (len > JOURNAL_PAYLOAD_MAX || p[2] == JOURNAL_RECORD_NONE || p[2] > JOURNAL_RECORD_SKIP || p[3] != 0)
        return JOURNAL_READ_BAD;
    if (bytes.len - JOURNAL_RECORD_HEAD < len)
        return JOURNAL_READ_SHORT;
    if (get_u32(p + 16) != record_crc(salt, p, p + JOURNAL_RECORD_HEAD, len))
        return JOURNAL_READ_BAD;
    out->type = (enum journal_record_type)p[2];
    out->number = get_u64(p + 8);
    out->payload = (struct text){bytes.data + JOURNAL_RECORD_HEAD, len};
    *out_used = JOURNAL_RECORD_HEAD + (size_t)len;
    return JOURNAL_READ_OK;
}

bool journal_record_segment(const struct journal_record *record, char *out_boot, uint64_t *out_created_ms)
{
    if (record->type != JOURNAL_RECORD_SEGMENT || record->payload.len != JOURNAL_BOOT_LEN + 8)
        return false;
    memcpy(out_boot, record->payload.data, JOURNAL_BOOT_LEN);
    *out_created_ms = get_u64((const uint8_t *)record->payload.data + JOURNAL_BOOT_LEN);
    return true;
}

bool journal_record_skip(const struct journal_record *record, uint64_t *out_last)
{
    if (record->type != JOURNAL_RECORD_SKIP || record->payload.len != 8)
        return false;
    uint64_t last = get_u64((const uint8_t *)record->payload.data);
    if (last < record->number)
        return false;
    *out_last = last;
    return true;
}

size_t journal_record_resync(struct text bytes, uint32_t salt)
{
    size_t at = 1;
    while (at < bytes.len) {
        const char *mark = memchr(bytes.data + at, (int)SYNC_LOW, bytes.len - at);
        if (mark == NULL)
            break;
        at = (size_t)(mark - bytes.data);
        struct journal_record record;
        size_t used;
        struct text rest = {bytes.data + at, bytes.len - at};
        if (journal_record_read(rest, salt, &record, &used) == JOURNAL_READ_OK)
            return at;
        at++;
    }
    return bytes.len;
}

void journal_numbers_write(const struct journal_numbers *numbers, uint8_t *out)
{
    memset(out, 0, JOURNAL_NUMBERS_SLOT);
    memcpy(out, numbers_magic, sizeof numbers_magic);
    put_u64(out + 8, numbers->generation);
    memcpy(out + 16, numbers->boot, JOURNAL_BOOT_LEN);
    put_u64(out + 32, numbers->reserved);
    static_assert(60 + 4 == JOURNAL_NUMBERS_SLOT, "the checksum ends the slot");
    put_u64(out + 40, numbers->last);
    out[48] = numbers->clean ? 1 : 0;
    put_u32(out + 60, journal_crc(0, out, 60));
}

bool journal_numbers_read(const uint8_t *slot, struct journal_numbers *out)
{
    if (memcmp(slot, numbers_magic, sizeof numbers_magic) != 0 ||
        get_u32(slot + 60) != journal_crc(0, slot, 60))
        return false;
    out->generation = get_u64(slot + 8);
    memcpy(out->boot, slot + 16, JOURNAL_BOOT_LEN);
    out->reserved = get_u64(slot + 32);
    out->last = get_u64(slot + 40);
    out->clean = slot[48] == 1;
    return true;
}
