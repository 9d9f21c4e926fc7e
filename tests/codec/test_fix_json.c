/* fix_json: what is accepted, what is refused and why, what a refusal costs. */
#include "fix_json.h"

#include "../cmocka_all.h"
#include "vehicle_id.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define GOOD "\"time\":\"2026-05-01T00:00:00Z\",\"lat\":30.5,\"lon\":104.1"

/* A copy of exactly the text's size, so that the address sanitizer sees a read past its end. */
static struct text exact(struct text t)
{
    char *copy = malloc(t.len > 0 ? t.len : 1);
    assert_non_null(copy);
    if (t.len > 0)
        memcpy(copy, t.data, t.len);
    return (struct text){copy, t.len};
}

static struct fix_item read_one(struct text payload)
{
    struct fix_reader reader;
    struct fix_item item, none;
    fix_reader_init(&reader, payload);
    assert_true(fix_reader_next(&reader, &item));
    assert_false(fix_reader_next(&reader, &none));
    return item;
}

static void test_every_field(void **state)
{
    struct text payload = TEXT(
        "{\"time\":\"2026-05-01T08:00:00.1259+08:00\",\"lat\":30.1234567,\"lon\":-104.7654321,\"speed\":12.5,"
        "\"track\":359.5,\"alt\":-12.25,\"eph\":3.5,\"mode\":3,\"sats\":17,\"boot\":\"b-1/"
        "\xe8\xbd\xa6\",\"seq\":42,"
        "\"sensors\":{\"cover\":\"closed\",\"body\":\"down\",\"load\":\"over\",\"load_kg\":15500.5,\"height_"
        "m\":3.2,"
        "\"spill\":false,\"discharge\":true,\"wash\":false,\"work\":\"collecting\",\"ignition\":true,"
        "\"power\":\"backup\",\"antenna\":\"short\"},\"media\":[\"https://a/b.jpg\"]}");
    struct fix_item item = read_one(payload);
    const struct fix *f = &item.fix;
    assert_int_equal(item.error, FIX_OK);
    assert_true(text_equal(item.json, payload));
    assert_int_equal(f->time.ms, 1777593600125);
    assert_true(f->lat_deg == 30.1234567 && f->lon_deg == -104.7654321);
    assert_true(f->speed_mps == 12.5f && f->track_deg == 359.5f && f->alt_m == -12.25f && f->eph_m == 3.5f);
    assert_int_equal(f->mode, FIX_MODE_3D);
    assert_int_equal(f->sats, 17);
    assert_true(text_equal(f->boot, TEXT("b-1/\xe8\xbd\xa6")));
    assert_int_equal(f->seq, 42);
    const struct sensors *s = &f->sensors;
    assert_int_equal(s->cover, COVER_CLOSED);
    assert_int_equal(s->body, BODY_DOWN);
    assert_int_equal(s->load, LOAD_OVER);
    assert_true(s->load_kg == 15500.5f && s->height_m == 3.2f);
    assert_int_equal(s->spill, FLAG_FALSE);
    assert_int_equal(s->discharge, FLAG_TRUE);
    assert_int_equal(s->wash, FLAG_FALSE);
    assert_int_equal(s->work, WORK_COLLECTING);
    assert_int_equal(s->ignition, FLAG_TRUE);
    assert_int_equal(s->power, POWER_BACKUP);
    assert_int_equal(s->antenna, ANTENNA_SHORT);
    assert_int_equal(f->has, FIX_HAS_POSITION | FIX_HAS_SPEED | FIX_HAS_TRACK | FIX_HAS_ALT | FIX_HAS_EPH |
                                 FIX_HAS_MODE | FIX_HAS_SATS | FIX_HAS_SEQ | FIX_HAS_SENSORS | FIX_HAS_MEDIA);
}

static void test_null_is_absent(void **state)
{
    struct fix_item item = read_one(
        TEXT("{" GOOD ",\"speed\":null,\"track\":null,\"alt\":null,\"eph\":null,\"mode\":null,\"sats\":null,"
             "\"boot\":null,\"seq\":null,\"media\":null,"
             "\"sensors\":{\"cover\":null,\"load_kg\":null,\"spill\":null}}"));
    assert_int_equal(item.error, FIX_OK);
    assert_int_equal(item.fix.has, FIX_HAS_POSITION | FIX_HAS_SENSORS);
    assert_int_equal(item.fix.sensors.cover, COVER_UNKNOWN);
    assert_int_equal(item.fix.sensors.spill, FLAG_UNKNOWN);
    assert_true(isnan(item.fix.sensors.load_kg));
    assert_int_equal(read_one(TEXT("{" GOOD ",\"sensors\":null}")).fix.has, FIX_HAS_POSITION);
}

/* One object each, and what becomes of it. */
static const struct {
    const char *json;
    enum fix_error error;
    const char *field;
} verdicts[] = {
    {"{" GOOD "}", FIX_OK, ""},
    {" \t\r\n{ " GOOD " } \n", FIX_OK, ""},
    {"{\"lon\":1,\"lat\":2,\"time\":1777593600}", FIX_OK, ""},
    {"{\"t\\u0069me\":1777593600,\"l\\u0061t\":2,\"lon\":1}", FIX_OK, ""},
    {"{\"time\":\"2026-05-01T00:00:00\\u005a\",\"lat\":2,\"lon\":1}", FIX_OK, ""},
    {"{" GOOD ",\"heading\":null,\"x\":{\"time\":[1,{\"lat\":{}}],\"e\":[]},\"y\":\"\\ud83d\\ude9b\"}",
     FIX_OK, ""},
    {"{" GOOD ",\"x\":1,\"x\":2}", FIX_OK, ""},
    {"{" GOOD ",\"vehicle\":7,\"received\":\"soon\"}", FIX_OK, ""},
    /* not JSON */
    {"", FIX_NOT_JSON, ""},
    {"   ", FIX_NOT_JSON, ""},
    {"hello", FIX_NOT_JSON, ""},
    {"{", FIX_NOT_JSON, ""},
    {"[", FIX_NOT_JSON, ""},
    {"[,]", FIX_NOT_JSON, ""},
    {"{" GOOD, FIX_NOT_JSON, ""},
    {"{" GOOD ",}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":NaN}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":Infinity}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":-}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":01}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":1.}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":.5}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":+5}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":1e}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":0x10}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":nul}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":True}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":'a'}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":\"a\nb\"}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":\"\\x41\"}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":\"\\u12g4\"}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":\"\\ud83d\"}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":\"\\ude9b\\ud83d\"}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":\"\xff\"}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":\"\xc0\xaf\"}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":\"\xed\xa0\x80\"}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":\"\xf4\x90\x80\x80\"}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":[1}]", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\":[1,]}", FIX_NOT_JSON, ""},
    {"{" GOOD ",\"x\" 1}", FIX_NOT_JSON, ""},
    {"{" GOOD ",x:1}", FIX_NOT_JSON, ""},
    {"{" GOOD "/* no comments */}", FIX_NOT_JSON, ""},
    {"\xef\xbb\xbf{" GOOD "}", FIX_NOT_JSON, ""},
    /* another type */
    {"7", FIX_WRONG_TYPE, ""},
    {"\""
     "fix"
     "\"",
     FIX_WRONG_TYPE, ""},
    {"null", FIX_WRONG_TYPE, ""},
    {"{\"time\":true,\"lat\":1,\"lon\":2}", FIX_WRONG_TYPE, "time"},
    {"{\"time\":\"yesterday\",\"lat\":1,\"lon\":2}", FIX_WRONG_TYPE, "time"},
    {"{\"time\":\"2026-05-01T00:00:00\",\"lat\":1,\"lon\":2}", FIX_WRONG_TYPE, "time"},
    {"{\"time\":\"1777593600\",\"lat\":1,\"lon\":2}", FIX_WRONG_TYPE, "time"},
    {"{\"time\":1777593600,\"lat\":\"1\",\"lon\":2}", FIX_WRONG_TYPE, "lat"},
    {"{\"time\":1777593600,\"lat\":1,\"lon\":[2]}", FIX_WRONG_TYPE, "lon"},
    {"{" GOOD ",\"speed\":\"12\"}", FIX_WRONG_TYPE, "speed"},
    {"{" GOOD ",\"mode\":true}", FIX_WRONG_TYPE, "mode"},
    {"{" GOOD ",\"boot\":1,\"seq\":1}", FIX_WRONG_TYPE, "boot"},
    {"{" GOOD ",\"boot\":\"b\",\"seq\":\"1\"}", FIX_WRONG_TYPE, "seq"},
    {"{" GOOD ",\"sensors\":[]}", FIX_WRONG_TYPE, "sensors"},
    {"{" GOOD ",\"sensors\":{\"cover\":true}}", FIX_WRONG_TYPE, "cover"},
    {"{" GOOD ",\"sensors\":{\"spill\":\"yes\"}}", FIX_WRONG_TYPE, "spill"},
    {"{" GOOD ",\"sensors\":{\"spill\":1}}", FIX_WRONG_TYPE, "spill"},
    {"{" GOOD ",\"sensors\":{\"load_kg\":\"1\"}}", FIX_WRONG_TYPE, "load_kg"},
    {"{" GOOD ",\"media\":\"a.jpg\"}", FIX_WRONG_TYPE, "media"},
    {"{" GOOD ",\"media\":[\"a.jpg\",null]}", FIX_WRONG_TYPE, "media"},
    /* beyond what the field knows */
    {"{\"time\":1777593600,\"lat\":91,\"lon\":2}", FIX_OUT_OF_RANGE, "lat"},
    {"{\"time\":1777593600,\"lat\":-90.0000001,\"lon\":2}", FIX_OUT_OF_RANGE, "lat"},
    {"{\"time\":1777593600,\"lat\":1e999,\"lon\":2}", FIX_OUT_OF_RANGE, "lat"},
    {"{\"time\":1777593600,\"lat\":90,\"lon\":-180}", FIX_OK, ""},
    {"{\"time\":1777593600,\"lat\":1,\"lon\":180.5}", FIX_OUT_OF_RANGE, "lon"},
    {"{\"time\":4133980799.999,\"lat\":1,\"lon\":1}", FIX_OK, ""},
    {"{\"time\":4133980800,\"lat\":1,\"lon\":1}", FIX_OUT_OF_RANGE, "time"},
    {"{\"time\":1777593600000,\"lat\":1,\"lon\":1}", FIX_OUT_OF_RANGE, "time"},
    {"{\"time\":1e400,\"lat\":1,\"lon\":1}", FIX_OUT_OF_RANGE, "time"},
    {"{\"time\":\"2026-02-29T00:00:00Z\",\"lat\":1,\"lon\":1}", FIX_OUT_OF_RANGE, "time"},
    {"{\"time\":0,\"lat\":1,\"lon\":1}", FIX_TOO_OLD, "time"},
    {"{\"time\":-5,\"lat\":1,\"lon\":1}", FIX_TOO_OLD, "time"},
    {"{\"time\":-1e400,\"lat\":1,\"lon\":1}", FIX_TOO_OLD, "time"},
    {"{\"time\":\"1970-01-01T00:00:00Z\",\"lat\":1,\"lon\":1}", FIX_TOO_OLD, "time"},
    {"{\"time\":\"2009-12-31T23:59:59.999Z\",\"lat\":1,\"lon\":1}", FIX_TOO_OLD, "time"},
    {"{\"time\":\"2010-01-01T00:00:00Z\",\"lat\":1,\"lon\":1}", FIX_OK, ""},
    {"{" GOOD ",\"speed\":150}", FIX_OK, ""},
    {"{" GOOD ",\"mode\":3.0}", FIX_OK, ""},
    {"{" GOOD ",\"boot\":\"\",\"seq\":1}", FIX_OUT_OF_RANGE, "boot"},
    {"{" GOOD ",\"boot\":\"a\\tb\",\"seq\":1}", FIX_OUT_OF_RANGE, "boot"},
    {"{" GOOD ",\"boot\":\"a\x7f\",\"seq\":1}", FIX_OUT_OF_RANGE, "boot"},
    {"{" GOOD ",\"boot\":\"0123456789012345678901234567890123456789012345678901234567890123\",\"seq\":1}",
     FIX_OK, ""},
    {"{" GOOD ",\"boot\":\"01234567890123456789012345678901234567890123456789012345678901234\",\"seq\":1}",
     FIX_OUT_OF_RANGE, "boot"},
    {"{" GOOD ",\"boot\":\"b\",\"seq\":0}", FIX_OUT_OF_RANGE, "seq"},
    /* 4, were 64 bits all there is */
    {"{" GOOD ",\"boot\":\"b\",\"seq\":1844674407370955162e1}", FIX_OUT_OF_RANGE, "seq"},
    {"{" GOOD ",\"boot\":\"b\",\"seq\":-1}", FIX_OUT_OF_RANGE, "seq"},
    {"{" GOOD ",\"boot\":\"b\",\"seq\":1.5}", FIX_OUT_OF_RANGE, "seq"},
    {"{" GOOD ",\"boot\":\"b\",\"seq\":9007199254740991}", FIX_OK, ""},
    {"{" GOOD ",\"boot\":\"b\",\"seq\":9007199254740992}", FIX_OUT_OF_RANGE, "seq"},
    {"{" GOOD ",\"boot\":\"b\",\"seq\":18446744073709551617}", FIX_OUT_OF_RANGE, "seq"},
    {"{" GOOD ",\"sensors\":{\"cover\":\"\\u006fpen\",\"x\":{\"cover\":1}}}", FIX_OK, ""},
    /* what must be there */
    {"{}", FIX_NO_TIME, "time"},
    {"{\"time\":null,\"lat\":1,\"lon\":1}", FIX_NO_TIME, "time"},
    {"{\"time\":1777593600}", FIX_NO_POSITION, "lat"},
    {"{\"time\":1777593600,\"lat\":1}", FIX_NO_POSITION, "lon"},
    {"{\"time\":1777593600,\"mode\":2}", FIX_NO_POSITION, "lat"},
    {"{\"time\":1777593600,\"mode\":1}", FIX_OK, ""},
    {"{\"time\":1777593600,\"mode\":0,\"lat\":1}", FIX_OK, ""},
    {"{" GOOD ",\"seq\":1}", FIX_UNPAIRED_SEQ, "boot"},
    {"{" GOOD ",\"boot\":\"b\"}", FIX_UNPAIRED_SEQ, "seq"},
    {"{" GOOD ",\"boot\":\"b\",\"seq\":null}", FIX_UNPAIRED_SEQ, "seq"},
    /* twice */
    {"{" GOOD ",\"lat\":30.5}", FIX_DUPLICATE_KEY, "lat"},
    {"{" GOOD ",\"l\\u0061t\":30.5}", FIX_DUPLICATE_KEY, "lat"},
    {"{" GOOD ",\"speed\":null,\"speed\":1}", FIX_DUPLICATE_KEY, "speed"},
    {"{" GOOD ",\"sensors\":{\"spill\":true,\"spill\":false}}", FIX_DUPLICATE_KEY, "spill"},
};

static void test_verdicts(void **state)
{
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        struct text payload = exact(text_of(verdicts[i].json));
        struct fix_reader reader;
        struct fix_item item;
        fix_reader_init(&reader, payload);
        assert_true(fix_reader_next(&reader, &item));
        if (item.error != verdicts[i].error || strcmp(item.field, verdicts[i].field) != 0)
            fail_msg("%s: %s %s, expected %s %s", verdicts[i].json, fix_error_name(item.error), item.field,
                     fix_error_name(verdicts[i].error), verdicts[i].field);
        assert_false(fix_reader_next(&reader, &item));
        free((char *)payload.data);
    }
}

/* A field that a fix can do without, out of its range: unknown, and the fix counts. */
static const struct {
    const char *json;
    unsigned unknown;
} unknowns[] = {
    {"{" GOOD ",\"speed\":-0.1}", FIX_HAS_SPEED},
    {"{" GOOD ",\"speed\":150.1}", FIX_HAS_SPEED},
    {"{" GOOD ",\"track\":360.5}", FIX_HAS_TRACK},
    {"{" GOOD ",\"eph\":-1}", FIX_HAS_EPH},
    {"{" GOOD ",\"alt\":20001}", FIX_HAS_ALT},
    {"{" GOOD ",\"mode\":4}", FIX_HAS_MODE},
    {"{" GOOD ",\"mode\":2.5}", FIX_HAS_MODE},
    {"{" GOOD ",\"sats\":256}", FIX_HAS_SATS},
    {"{" GOOD ",\"sensors\":{\"cover\":\"ajar\"}}", FIX_HAS_SENSORS},
    {"{" GOOD ",\"sensors\":{\"load_kg\":1e7}}", FIX_HAS_SENSORS},
    {"{" GOOD ",\"track\":511}", FIX_HAS_TRACK},
    {"{" GOOD ",\"alt\":-9999}", FIX_HAS_ALT},
    {"{" GOOD ",\"sats\":-1}", FIX_HAS_SATS},
    {"{" GOOD ",\"speed\":1e400}", FIX_HAS_SPEED},
    {"{" GOOD ",\"sensors\":{\"height_m\":-1,\"spill\":true}}", FIX_HAS_SENSORS},
    {"{" GOOD ",\"speed\":-1,\"track\":-1,\"alt\":2,\"eph\":-1}",
     FIX_HAS_SPEED | FIX_HAS_TRACK | FIX_HAS_EPH},
    /* without a fix the place may be missing, and units say so with one that is nowhere */
    {"{\"time\":1777593600,\"lat\":91,\"lon\":181,\"mode\":1}", FIX_HAS_POSITION},
    {"{\"time\":1777593600,\"mode\":0,\"lat\":1,\"lon\":181}", FIX_HAS_POSITION},
};

static void test_out_of_range_is_unknown_where_a_fix_can_do_without(void **state)
{
    for (size_t i = 0; i < sizeof unknowns / sizeof unknowns[0]; i++) {
        struct fix_item item = read_one(text_of(unknowns[i].json));
        if (item.error != FIX_OK || item.unknown != unknowns[i].unknown ||
            (item.fix.has & item.unknown & ~FIX_HAS_SENSORS) != 0)
            fail_msg("%s: %s, unknown %#x, has %#x", unknowns[i].json, fix_error_name(item.error),
                     item.unknown, item.fix.has);
    }
    struct fix_item item =
        read_one(TEXT("{" GOOD ",\"speed\":-1,\"sensors\":{\"cover\":\"ajar\",\"spill\":true}}"));
    assert_int_equal(item.fix.sensors.cover, COVER_UNKNOWN);
    assert_int_equal(item.fix.sensors.spill, FLAG_TRUE);
    /* What is refused all the same says nothing more. */
    item = read_one(TEXT("{" GOOD ",\"speed\":-1,\"track\":\"north\"}"));
    assert_int_equal(item.error, FIX_WRONG_TYPE);
    assert_int_equal(item.unknown, 0);
}

static void test_mode_without_fix_has_no_position(void **state)
{
    assert_false(fix_has(&(struct fix){.has = read_one(TEXT("{\"time\":1777593600,\"mode\":1}")).fix.has},
                         FIX_HAS_POSITION));
    assert_int_equal(read_one(TEXT("{\"time\":1777593600,\"mode\":1,\"lat\":1}")).fix.has, FIX_HAS_MODE);
}

static void test_track_of_360_is_0(void **state)
{
    assert_true(read_one(TEXT("{" GOOD ",\"track\":360}")).fix.track_deg == 0);
    /* Rounds up to 360 as a float. */
    assert_true(read_one(TEXT("{" GOOD ",\"track\":359.99999999}")).fix.track_deg == 0);
}

static void test_unix_time_floors_by_digits(void **state)
{
    /* As a double this number lies below the millisecond that it names. */
    assert_int_equal(read_one(TEXT("{\"time\":1700000000.123,\"mode\":1}")).fix.time.ms, 1700000000123);
    assert_int_equal(read_one(TEXT("{\"time\":1700000000.1239999999999999999999,\"mode\":1}")).fix.time.ms,
                     1700000000123);
    assert_int_equal(read_one(TEXT("{\"time\":17000000001230e-4,\"mode\":1}")).fix.time.ms, 1700000000123);
}

static void test_empty_array_has_no_fix(void **state)
{
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, TEXT(" [ ] "));
    assert_false(fix_reader_next(&reader, &item));
    assert_false(fix_reader_next(&reader, &item));
}

static void test_bad_element_costs_itself(void **state)
{
    static const struct text elements[] = {
        TEXT("{" GOOD ",\"boot\":\"b\",\"seq\":1}"),
        TEXT("{\"time\":1,\"lat\":30,\"lon\":104,\"boot\":\"b\",\"seq\":2}"),
        TEXT("[{" GOOD "}]"),
        TEXT("{\"boot\":\"b\",\"lat\":91,\"seq\":4}"),
        TEXT("{" GOOD ",\"boot\":\"b\",\"seq\":5}"),
    };
    static const enum fix_error errors[] = {FIX_OK, FIX_TOO_OLD, FIX_WRONG_TYPE, FIX_OUT_OF_RANGE, FIX_OK};
    static const uint64_t seqs[] = {1, 2, 0, 4, 5};
    char payload[1024];
    size_t n = (size_t)snprintf(payload, sizeof payload, "[%s , %s,\n%s,%s,%s]", elements[0].data,
                                elements[1].data, elements[2].data, elements[3].data, elements[4].data);
    struct fix_reader reader;
    fix_reader_init(&reader, (struct text){payload, n});
    struct fix_item item;
    for (size_t i = 0; i < 5; i++) {
        assert_true(fix_reader_next(&reader, &item));
        assert_int_equal(item.error, errors[i]);
        assert_true(text_equal(item.json, elements[i]));
        assert_int_equal(item.fix.seq, seqs[i]);
        assert_int_equal(fix_has(&item.fix, FIX_HAS_SEQ), seqs[i] > 0);
        if (item.error != FIX_OK)
            assert_int_equal(item.fix.has & ~FIX_HAS_SEQ, 0);
    }
    assert_false(fix_reader_next(&reader, &item));
}

static void test_syntax_error_takes_the_rest(void **state)
{
    struct text payload = TEXT("[{" GOOD "},{" GOOD ",\"boot\":\"b\",\"seq\":7,\"x\":NaN},{" GOOD "}]");
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, payload);
    assert_true(fix_reader_next(&reader, &item));
    assert_int_equal(item.error, FIX_OK);
    size_t first = item.json.len;
    assert_true(fix_reader_next(&reader, &item));
    assert_int_equal(item.error, FIX_NOT_JSON);
    assert_ptr_equal(item.json.data, payload.data + 1 + first + 1);
    assert_int_equal(item.json.len, payload.len - first - 2);
    assert_true(fix_has(&item.fix, FIX_HAS_SEQ));
    assert_int_equal(item.fix.seq, 7);
    assert_false(fix_reader_next(&reader, &item));
}

static void test_text_after_the_payload_is_refused(void **state)
{
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, TEXT("{" GOOD "} x"));
    assert_true(fix_reader_next(&reader, &item));
    assert_int_equal(item.error, FIX_OK);
    assert_true(fix_reader_next(&reader, &item));
    assert_int_equal(item.error, FIX_NOT_JSON);
    assert_true(text_equal(item.json, TEXT("x")));
    assert_false(fix_reader_next(&reader, &item));
}

static void test_numbers_that_cannot_be_told(void **state)
{
    static const struct text payloads[] = {
        TEXT("{" GOOD ",\"boot\":\"b\",\"seq\":12"),             /* torn: 12, or 123 */
        TEXT("{" GOOD ",\"boot\":\"b\",\"seq\":12,\"seq\":13}"), /* one of two */
        TEXT("{" GOOD ",\"boot\":\"a\",\"seq\":12,\"boot\":\"b\"}"),
        TEXT("{" GOOD ",\"boot\":7,\"seq\":12}"),
        TEXT("{" GOOD ",\"boot\":\"b\",\"seq\":0}"),
        TEXT("{" GOOD ",\"seq\":12}"),
    };
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        struct fix_item item = read_one(payloads[i]);
        assert_int_not_equal(item.error, FIX_OK);
        assert_int_equal(item.fix.has, 0);
    }
}

/* Its payload lies elsewhere after each element: the same elements, and what was refused is so too. */
static void test_moved_between_elements(void **state)
{
    static const char payload[] = " [{" GOOD ",\"boot\":\"b\",\"seq\":1} , 5,{" GOOD "},{" GOOD ",oh}";
    char other[2][sizeof payload];
    struct fix_reader still, moved;
    struct fix_item a, b;
    fix_reader_init(&still, text_of(payload));
    fix_reader_init(&moved, text_of(payload));
    assert_false(fix_reader_in_array(&still));
    for (int i = 0; fix_reader_next(&still, &a); i++) {
        memcpy(other[i % 2], payload, sizeof payload);
        fix_reader_move(&moved, other[i % 2]);
        memset(other[1 - i % 2], 'x', sizeof payload);
        assert_true(fix_reader_next(&moved, &b));
        assert_int_equal(a.error, b.error);
        assert_true(text_equal(a.json, b.json));
        assert_true(fix_reader_in_array(&moved) == (a.error != FIX_NOT_JSON));
    }
    assert_false(fix_reader_next(&moved, &b));
}

static void test_size_bound(void **state)
{
    size_t cap = FIX_PAYLOAD_MAX + 1;
    char *payload = malloc(cap);
    assert_non_null(payload);
    memset(payload, ' ', cap);
    memcpy(payload, "{" GOOD "}", sizeof "{" GOOD "}" - 1);
    assert_int_equal(read_one((struct text){payload, cap - 1}).error, FIX_OK);
    struct fix_item item = read_one((struct text){payload, cap});
    assert_int_equal(item.error, FIX_TOO_LARGE);
    assert_int_equal(item.json.len, cap);
    free(payload);
}

static void test_depth_bound(void **state)
{
    char *payload = malloc(FIX_PAYLOAD_MAX);
    assert_non_null(payload);
    for (unsigned depth = 1; depth <= 200000; depth = depth < 70 ? depth + 1 : depth * 10) {
        size_t n = (size_t)sprintf(payload, "{" GOOD ",\"x\":");
        memset(payload + n, '[', depth);
        bool closed = depth < 100000;
        if (closed) {
            memset(payload + n + depth, ']', depth);
            payload[n + 2 * depth] = '}';
        }
        struct fix_item item = read_one((struct text){payload, closed ? n + 2 * depth + 1 : n + depth});
        assert_int_equal(item.error, depth < JSON_SCAN_DEPTH_MAX ? FIX_OK : FIX_TOO_DEEP);
    }
    free(payload);
}

/* Every beginning of a payload: never a fix that is not in the whole, one refusal at the tear, no invented
 * number. */
static void test_torn_anywhere(void **state)
{
    struct text whole =
        TEXT("[{" GOOD ",\"boot\":\"b\",\"seq\":123,\"sensors\":{\"load_kg\":12.5e1,\"cover\":\"open\"}},"
             "{" GOOD ",\"media\":[\"\\u00e9\xe8\xbd\xa6\"],\"boot\":\"b\",\"seq\":123,\"z\":[true,{}]}]");
    for (size_t n = 0; n < whole.len; n++) {
        struct text torn = exact((struct text){whole.data, n});
        struct fix_reader reader;
        struct fix_item item = {.error = FIX_OK};
        fix_reader_init(&reader, torn);
        unsigned good = 0;
        while (fix_reader_next(&reader, &item)) {
            good += item.error == FIX_OK;
            if (fix_has(&item.fix, FIX_HAS_SEQ))
                assert_int_equal(item.fix.seq, 123);
        }
        assert_true(good <= 2);
        assert_int_equal(item.error, FIX_NOT_JSON);
        free((char *)torn.data);
    }
}

static void test_lines(void **state)
{
    struct fix_line line;
    assert_int_equal(
        fix_line_read(TEXT("{\"vehicle\":\"t-1.A_9\"," GOOD ",\"received\":1777593600125}\n"), &line),
        FIX_OK);
    assert_true(text_equal(line.vehicle, TEXT("t-1.A_9")));
    assert_true(line.has_received);
    assert_int_equal(line.received.ms, 1777593600125);
    assert_int_equal(
        fix_line_read(TEXT("{\"received\":\"2026-05-01T00:00:00.5Z\"," GOOD ",\"vehicle\":\"7\"}"), &line),
        FIX_OK);
    assert_int_equal(line.received.ms, 1777593600500);
    assert_int_equal(fix_line_read(TEXT("{\"vehicle\":\"7\"," GOOD ",\"heading\":null}"), &line), FIX_OK);
    assert_false(line.has_received);
    assert_int_equal(fix_line_read(TEXT("{" GOOD "}"), &line), FIX_NO_VEHICLE);
    assert_int_equal(fix_line_read(TEXT("{\"vehicle\":null," GOOD "}"), &line), FIX_NO_VEHICLE);
    assert_int_equal(fix_line_read(TEXT("{\"vehicle\":\"a b\"," GOOD "}"), &line), FIX_NO_VEHICLE);
    assert_int_equal(fix_line_read(TEXT("{\"vehicle\":7," GOOD "}"), &line), FIX_WRONG_TYPE);
    assert_int_equal(fix_line_read(TEXT("{\"vehicle\":\"7\"," GOOD ",\"received\":1777593600}"), &line),
                     FIX_TOO_OLD);
    assert_int_equal(fix_line_read(TEXT("{\"vehicle\":\"7\"," GOOD "} {}"), &line), FIX_NOT_JSON);
    assert_int_equal(fix_line_read(TEXT("[]"), &line), FIX_WRONG_TYPE);
    assert_int_equal(fix_line_read(TEXT(""), &line), FIX_NOT_JSON);
}

static void test_vehicle_ids(void **state)
{
    char id[65];
    memset(id, 'x', sizeof id);
    assert_true(vehicle_id_valid((struct text){id, 64}));
    assert_false(vehicle_id_valid((struct text){id, 65}));
    assert_false(vehicle_id_valid(TEXT("")));
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    for (int c = 0; c < 256; c++) {
        char one = (char)c;
        bool want = c != 0 && strchr(allowed, c) != NULL;
        assert_int_equal(vehicle_id_valid((struct text){&one, 1}), want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field),
        cmocka_unit_test(test_null_is_absent),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_out_of_range_is_unknown_where_a_fix_can_do_without),
        cmocka_unit_test(test_mode_without_fix_has_no_position),
        cmocka_unit_test(test_track_of_360_is_0),
        cmocka_unit_test(test_unix_time_floors_by_digits),
        cmocka_unit_test(test_empty_array_has_no_fix),
        cmocka_unit_test(test_bad_element_costs_itself),
        cmocka_unit_test(test_syntax_error_takes_the_rest),
        cmocka_unit_test(test_text_after_the_payload_is_refused),
        cmocka_unit_test(test_numbers_that_cannot_be_told),
        cmocka_unit_test(test_moved_between_elements),
        cmocka_unit_test(test_size_bound),
        cmocka_unit_test(test_depth_bound),
        cmocka_unit_test(test_torn_anywhere),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_vehicle_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
