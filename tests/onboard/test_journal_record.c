/* journal_record: what was written is read, every damage is seen, and the thread is found again behind it. */
#include "journal_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char boot[] = "0123456789abcdef";

static void crc_is_castagnoli(void **state)
{
    /* RFC 3720, B.4, and the catalogue's check value. */
    uint8_t zeros[32] = {0};
    assert_int_equal(journal_crc(0, zeros, 32), 0x8a9136aa);
    assert_int_equal(journal_crc(0, "123456789", 9), 0xe3069283);
    assert_int_equal(journal_crc(journal_crc(0, "1234", 4), "56789", 5), 0xe3069283);
}

/* A SEGMENT, an ACK, a SKIP and five fixes of growing length. */
static size_t write_sample(struct buf *out, size_t *ends)
{
    uint32_t salt = journal_salt(boot, 7);
    size_t n = 0;
    journal_record_write_segment(out, boot, 7, 1234567);
    ends[n++] = out->len;
    journal_record_write(out, salt, &(struct journal_record){.type = JOURNAL_RECORD_ACK, .number = 41});
    ends[n++] = out->len;
    journal_record_write_skip(out, salt, 42, 99);
    ends[n++] = out->len;
    for (uint64_t i = 0; i < 5; i++) {
        char text[64];
        /* The sync mark inside a payload must not lead anyone astray. */
        int len = snprintf(text, sizeof text, "{\"time\":%u,\"x\":\"\xa7\xc5\x02%.*s\"}", (unsigned)i,
                           (int)i * 4, "aaaaaaaaaaaaaaaaaaaaaaaaaa");
        struct journal_record fix = {JOURNAL_RECORD_FIX, 100 + i, {text, (size_t)len}};
        journal_record_write(out, salt, &fix);
        ends[n++] = out->len;
    }
    assert_true(buf_ok(out));
    return n;
}

static void round_trip(void **state)
{
    struct buf b;
    size_t ends[16], at = 0, used;
    buf_init(&b, 1 << 16);
    size_t n = write_sample(&b, ends);
    struct journal_record r;
    char got_boot[JOURNAL_BOOT_LEN];
    uint64_t created, last;
    for (size_t i = 0; i < n; i++) {
        struct text rest = {b.data + at, b.len - at};
        assert_int_equal(journal_record_read(rest, i == 0 ? 0 : journal_salt(boot, 7), &r, &used),
                         JOURNAL_READ_OK);
        at += used;
        assert_int_equal(at, ends[i]);
        if (i == 0) {
            assert_true(journal_record_segment(&r, got_boot, &created));
            assert_memory_equal(got_boot, boot, JOURNAL_BOOT_LEN);
            assert_int_equal(created, 1234567);
        } else if (i == 2) {
            assert_true(journal_record_skip(&r, &last));
            assert_int_equal(r.number, 42);
            assert_int_equal(last, 99);
        } else if (i > 2) {
            assert_int_equal(r.number, 97 + i);
        }
    }
    struct text rest = {b.data + at, 0};
    assert_int_equal(journal_record_read(rest, 0, &r, &used), JOURNAL_READ_END);
    buf_fini(&b);
}

static size_t count_records(struct text bytes, uint32_t salt)
{
    size_t at = 0, used, n = 0;
    struct journal_record r;
    while (at < bytes.len) {
        struct text rest = {bytes.data + at, bytes.len - at};
        if (journal_record_read(rest, salt, &r, &used) == JOURNAL_READ_OK) {
            at += used;
            n++;
        } else {
            at += journal_record_resync(rest, salt);
        }
    }
    return n;
}

static void any_flip_costs_one_record(void **state)
{
    struct buf b;
    size_t ends[16];
    buf_init(&b, 1 << 16);
    size_t n = write_sample(&b, ends);
    struct text salted = {b.data + ends[0], b.len - ends[0]};
    uint32_t salt = journal_salt(boot, 7);
    assert_int_equal(count_records(salted, salt), n - 1);
    for (size_t i = ends[0]; i < b.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            b.data[i] = (char)(b.data[i] ^ (1 << bit));
            assert_int_equal(count_records(salted, salt), n - 2);
            b.data[i] = (char)(b.data[i] ^ (1 << bit));
        }
    buf_fini(&b);
}

static void any_cut_costs_what_is_behind_it(void **state)
{
    struct buf b;
    size_t ends[16];
    buf_init(&b, 1 << 16);
    size_t n = write_sample(&b, ends);
    for (size_t cut = ends[0]; cut < b.len; cut++) {
        size_t whole = 0;
        while (whole < n && ends[whole] <= cut)
            whole++;
        struct text left = {b.data + ends[0], cut - ends[0]};
        assert_int_equal(count_records(left, journal_salt(boot, 7)), whole - 1);
    }
    buf_fini(&b);
}

static void another_segments_records_are_refused(void **state)
{
    struct buf b;
    size_t ends[16];
    buf_init(&b, 1 << 16);
    write_sample(&b, ends);
    struct text salted = {b.data + ends[0], b.len - ends[0]};
    assert_int_equal(count_records(salted, journal_salt(boot, 8)), 0);
    assert_int_equal(count_records(salted, journal_salt("0123456789abcdee", 7)), 0);
    buf_fini(&b);
}

static void too_long_a_payload_writes_nothing(void **state)
{
    static char big[JOURNAL_PAYLOAD_MAX + 1];
    struct buf b;
    buf_init(&b, 1 << 20);
    struct journal_record fix = {JOURNAL_RECORD_FIX, 1, {big, JOURNAL_PAYLOAD_MAX}};
    journal_record_write(&b, 0, &fix);
    assert_true(buf_ok(&b));
    size_t len = b.len;
    fix.payload.len++;
    journal_record_write(&b, 0, &fix);
    assert_false(buf_ok(&b));
    assert_int_equal(b.len, len);
    buf_fini(&b);
}

static void numbers_slot_sees_any_flip(void **state)
{
    struct journal_numbers in = {9, {0}, 2048, 1024, true}, out;
    uint8_t slot[JOURNAL_NUMBERS_SLOT];
    memcpy(in.boot, boot, JOURNAL_BOOT_LEN);
    journal_numbers_write(&in, slot);
    assert_true(journal_numbers_read(slot, &out));
    assert_int_equal(out.generation, 9);
    assert_int_equal(out.reserved, 2048);
    assert_int_equal(out.last, 1024);
    assert_true(out.clean);
    assert_memory_equal(out.boot, boot, JOURNAL_BOOT_LEN);
    for (int i = 0; i < JOURNAL_NUMBERS_SLOT * 8; i++) {
        slot[i / 8] = (uint8_t)(slot[i / 8] ^ (1 << i % 8));
        assert_false(journal_numbers_read(slot, &out));
        slot[i / 8] = (uint8_t)(slot[i / 8] ^ (1 << i % 8));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_is_castagnoli),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(any_flip_costs_one_record),
        cmocka_unit_test(any_cut_costs_what_is_behind_it),
        cmocka_unit_test(another_segments_records_are_refused),
        cmocka_unit_test(too_long_a_payload_writes_nothing),
        cmocka_unit_test(numbers_slot_sees_any_flip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
