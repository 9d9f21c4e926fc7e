/*
 * fix_json against Jansson: the same texts accepted and refused, the same values read, over random payloads,
 * good, bad and mutated. The contract is written down here a second time, over Jansson's tree.
 */
#include "fix_json.h"

#include "../cmocka_all.h"
#include "random.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum { ROUNDS = 60000, TEXT_CAP = 8192 };

/* ---- a generator of payloads, most of them nearly right ---- */

struct out {
    char text[TEXT_CAP];
    size_t len;
};

static void put(struct out *o, const char *s)
{
    size_t n = strlen(s);
    if (o->len + n < sizeof o->text) {
        memcpy(o->text + o->len, s, n);
        o->len += n;
    }
}

static void put_space(struct random *r, struct out *o)
{
    static const char *const spaces[] = {"", "", "", "", " ", "\n", "\t ", "\r\n"};
    put(o, spaces[random_below(r, 8)]);
}

static void put_number(struct random *r, struct out *o, double lo, double hi)
{
    static const char *const odd[] = {"0",
                                      "-0",
                                      "-0.0",
                                      "1e5",
                                      "1E-5",
                                      "91",
                                      "-180.0000000001",
                                      "1e400",
                                      "-1e400",
                                      "0.1e+1",
                                      "123456789012345678901234567890",
                                      "1e-400",
                                      "5e-324",
                                      "360"};
    char text[64];
    if (random_below(r, 12) == 0) {
        put(o, odd[random_below(r, sizeof odd / sizeof odd[0])]);
        return;
    }
    snprintf(text, sizeof text, random_below(r, 4) ? "%.*f" : "%.*g", (int)random_below(r, 19),
             random_between(r, lo, hi));
    put(o, text);
}

static void put_string(struct random *r, struct out *o)
{
    static const char *const strings[] = {"\"\"",
                                          "\"open\"",
                                          "\"closed\"",
                                          "\"\\u006fpen\"",
                                          "\"fault\"",
                                          "\"a\\n\\t\\\"\"",
                                          "\"\xe8\xbd\xa6\"",
                                          "\"ok\"",
                                          "\"\\ud83d\\ude9b\"",
                                          "\"loaded\"",
                                          "\"b-1\"",
                                          "\"\\u0000\"",
                                          "\"\x7f\"",
                                          "\"sweeping\""};
    put(o, strings[random_below(r, sizeof strings / sizeof strings[0])]);
}

static void put_any(struct random *r, struct out *o, unsigned depth)
{
    static const char *const words[] = {"true", "false", "null"};
    switch (random_below(r, depth < 4 ? 7 : 4)) {
    case 0:
    case 1:
        put_number(r, o, -1000, 1000);
        return;
    case 2:
        put_string(r, o);
        return;
    case 3:
        put(o, words[random_below(r, 3)]);
        return;
    case 4:
    case 5:
        put(o, "[");
        for (unsigned i = 0, n = random_below(r, 3); i < n; i++) {
            put(o, i > 0 ? "," : "");
            put_any(r, o, depth + 1);
            put_space(r, o);
        }
        put(o, "]");
        return;
    default:
        put(o, "{");
        for (unsigned i = 0, n = random_below(r, 3); i < n; i++) {
            put(o, i > 0 ? ",\"k" : "\"j");
            put(o, i > 1 ? "2\":" : "\":");
            put_any(r, o, depth + 1);
        }
        put(o, "}");
        return;
    }
}

static void put_time(struct random *r, struct out *o)
{
    static const char *const times[] = {
        "\"2026-05-01T08:00:00+08:00\"", "\"2026-05-01T00:00:00Z\"", "\"2026-05-01t00:00:00.123456z\"",
        "\"2026-02-30T00:00:00Z\"",      "\"2026-05-01\"",           "\"1970-01-01T00:00:00Z\"",
        "\"2016-12-31T23:59:60Z\""};
    char text[32];
    if (random_below(r, 3) > 0) {
        put(o, times[random_below(r, random_below(r, 3) ? 3 : 7)]);
        return;
    }
    snprintf(text, sizeof text, "%.*f", (int)random_below(r, 4), random_between(r, 1262304000, 1900000000));
    put(o, text);
}

static void put_sensors(struct random *r, struct out *o)
{
    static const char *const keys[] = {"cover", "body", "load",  "load_kg", "height_m", "spill",
                                       "wash",  "work", "power", "antenna", "other"};
    static const char *const words[][5] = {{"open", "closed", "fault"},
                                           {"raised", "down", "fault"},
                                           {"empty", "loaded", "over", "fault"},
                                           {0},
                                           {0},
                                           {0},
                                           {0},
                                           {"off", "sweeping", "washing", "spraying", "collecting"},
                                           {"main", "backup"},
                                           {"ok", "cut", "short"},
                                           {0}};
    put(o, "{");
    bool first = true;
    for (unsigned k = 0; k < 11; k++) {
        if (random_below(r, 3) > 0)
            continue;
        put(o, first ? "\"" : ",\"");
        first = false;
        put(o, keys[k]);
        put(o, "\":");
        const char *word = words[k][random_below(r, 5)];
        if (random_below(r, 15) == 0) {
            put_any(r, o, 2);
        } else if (word != NULL) {
            put(o, "\"");
            put(o, word);
            put(o, "\"");
        } else if (k == 3 || k == 4) {
            put_number(r, o, 0, 100);
        } else {
            put(o, random_below(r, 2) ? "true" : "false");
        }
    }
    put(o, "}");
}

static void put_value(struct random *r, struct out *o, unsigned k)
{
    static const double lo[] = {0, -90, -180, 0, 0, -100, 0}, hi[] = {0, 90, 180, 40, 360, 3000, 30};
    if (random_below(r, 25) == 0)
        put_any(r, o, 1);
    else if (k == 0)
        put_time(r, o);
    else if (k <= 6)
        put_number(r, o, lo[k], hi[k]);
    else if (k <= 8 || k == 10) {
        char text[24];
        snprintf(text, sizeof text, "%u", random_below(r, k == 7 ? 4 : 250) + (k == 10));
        put(o, text);
    } else if (k == 9)
        put(o, "\"boot-7\"");
    else if (k == 11)
        put_sensors(r, o);
    else
        put(o, "[\"https://a/b\",\"c\"]");
}

static void put_fix(struct random *r, struct out *o)
{
    static const char *const keys[] = {"\"time\"", "\"lat\"",     "\"lon\"",   "\"speed\"", "\"track\"",
                                       "\"alt\"",  "\"eph\"",     "\"mode\"",  "\"sats\"",  "\"boot\"",
                                       "\"seq\"",  "\"sensors\"", "\"media\"", "\"x\"",     "\"t\\u0069me\""};
    bool first = true, numbered = random_below(r, 2);
    unsigned from = random_below(r, 3) ? 0 : random_below(r, 13);
    put(o, "{");
    put_space(r, o);
    for (unsigned i = 0; i < 14; i++) {
        unsigned k = (from + i) % 14;
        bool needed = k < 3, wanted = k == 9 || k == 10 ? numbered : random_below(r, 2) == 0;
        if (random_below(r, 40) ? !needed && !wanted : needed)
            continue;
        if (!first)
            put(o, ",");
        put_space(r, o);
        first = false;
        put(o, keys[k == 0 && random_below(r, 20) == 0 ? 14 : k]);
        put_space(r, o);
        put(o, ":");
        put_space(r, o);
        put_value(r, o, k);
        put_space(r, o);
    }
    put(o, "}");
}

static void put_payload(struct random *r, struct out *o)
{
    o->len = 0;
    unsigned n = random_below(r, 4);
    put_space(r, o);
    if (n == 0) {
        put_fix(r, o);
    } else {
        put(o, "[");
        for (unsigned i = 1; i < n; i++) {
            put(o, i > 1 ? "," : "");
            put_space(r, o);
            if (random_below(r, 20))
                put_fix(r, o);
            else
                put_any(r, o, 1);
            put_space(r, o);
        }
        put(o, "]");
    }
    put_space(r, o);
}

static void mutate(struct random *r, struct out *o)
{
    static const char bytes[] = "{}[]\",:\\ 0123456789.-+eEtrufalsn\x00\x01\x1f\x7f\x80\xc0\xe8\xff/";
    for (unsigned i = 0, n = 1 + random_below(r, 3); i < n && o->len > 1; i++) {
        size_t at = random_below(r, (unsigned)o->len);
        switch (random_below(r, 4)) {
        case 0:
            o->text[at] = bytes[random_below(r, sizeof bytes - 1)];
            break;
        case 1:
            memmove(o->text + at, o->text + at + 1, o->len - at - 1);
            o->len--;
            break;
        case 2:
            if (o->len + 1 < sizeof o->text) {
                memmove(o->text + at + 1, o->text + at, o->len - at);
                o->text[at] = bytes[random_below(r, sizeof bytes - 1)];
                o->len++;
            }
            break;
        default:
            o->len = random_below(r, 8) ? o->len : at;
        }
    }
}

/* ---- the contract, over Jansson's tree ---- */

#define MASK(e) (1u << (e))

static bool number_in(const json_t *v, double lo, double hi)
{
    double d = json_number_value(v);
    return d >= lo && d <= hi;
}

static bool present(const json_t *fix, const char *key)
{
    const json_t *v = json_object_get(fix, key);
    return v != NULL && !json_is_null(v);
}

/* Whether it is there and in its range: else it is unknown, if it may be. */
static bool known(const json_t *o, const char *key, double lo, double hi, bool whole)
{
    const json_t *v = json_object_get(o, key);
    double d = json_number_value(v);
    return json_is_number(v) && number_in(v, lo, hi) && (!whole || d == floor(d));
}

static bool known_word(const json_t *o, const char *key, const char *words)
{
    const json_t *v = json_object_get(o, key);
    if (!json_is_string(v))
        return false;
    char wanted[64];
    snprintf(wanted, sizeof wanted, " %s ", json_string_value(v));
    bool plain = strlen(json_string_value(v)) == json_string_length(v) && json_string_length(v) > 0;
    return plain && strstr(words, wanted) != NULL;
}

static unsigned check_number(const json_t *o, const char *key)
{
    return present(o, key) && !json_is_number(json_object_get(o, key)) ? MASK(FIX_WRONG_TYPE) : 0;
}

static unsigned check_needed(const json_t *o, const char *key, double lo, double hi, bool whole)
{
    unsigned mask = check_number(o, key);
    return mask != 0 || !present(o, key) || known(o, key, lo, hi, whole) ? mask : MASK(FIX_OUT_OF_RANGE);
}

static unsigned check_word(const json_t *o, const char *key)
{
    return present(o, key) && !json_is_string(json_object_get(o, key)) ? MASK(FIX_WRONG_TYPE) : 0;
}

static unsigned check_bool(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return v == NULL || json_is_null(v) || json_is_boolean(v) ? 0 : MASK(FIX_WRONG_TYPE);
}

static unsigned check_sensors(const json_t *fix)
{
    const json_t *s = json_object_get(fix, "sensors");
    if (s == NULL || json_is_null(s))
        return 0;
    if (!json_is_object(s))
        return MASK(FIX_WRONG_TYPE);
    return check_word(s, "cover") | check_word(s, "body") | check_word(s, "load") |
           check_number(s, "load_kg") | check_number(s, "height_m") | check_bool(s, "spill") |
           check_bool(s, "wash") | check_word(s, "work") | check_word(s, "power") | check_word(s, "antenna");
}

static unsigned check_media(const json_t *fix)
{
    const json_t *media = json_object_get(fix, "media");
    if (media == NULL || json_is_null(media))
        return 0;
    if (!json_is_array(media))
        return MASK(FIX_WRONG_TYPE);
    for (size_t i = 0; i < json_array_size(media); i++)
        if (!json_is_string(json_array_get(media, i)))
            return MASK(FIX_WRONG_TYPE);
    return 0;
}

static unsigned check_boot(const json_t *fix)
{
    const json_t *boot = json_object_get(fix, "boot");
    if (!present(fix, "boot"))
        return 0;
    if (!json_is_string(boot))
        return MASK(FIX_WRONG_TYPE);
    return MASK(FIX_OUT_OF_RANGE); /* used only as "may be": escapes cannot be seen in the tree */
}

/* Texts of time are checked by the test of time_text; here only what cannot be mistaken. */
static unsigned check_time(const json_t *fix)
{
    const json_t *t = json_object_get(fix, "time");
    if (!present(fix, "time"))
        return MASK(FIX_NO_TIME);
    if (json_is_number(t)) {
        double d = json_number_value(t);
        return d < 1262304000 ? MASK(FIX_TOO_OLD) : d >= 4133980800 ? MASK(FIX_OUT_OF_RANGE) : 0;
    }
    return json_is_string(t) ? 0 : MASK(FIX_WRONG_TYPE);
}

/* Every reason for which the element must be refused. */
static unsigned reasons(const json_t *fix)
{
    if (!json_is_object(fix))
        return MASK(FIX_WRONG_TYPE);
    unsigned mask = check_time(fix) | check_number(fix, "lat") | check_number(fix, "lon") |
                    check_number(fix, "speed") | check_number(fix, "track") | check_number(fix, "alt") |
                    check_number(fix, "eph") | check_number(fix, "mode") | check_number(fix, "sats") |
                    check_needed(fix, "seq", 1, 9007199254740991.0, true) | check_sensors(fix) |
                    check_media(fix);
    if (present(fix, "boot") && !json_is_string(json_object_get(fix, "boot")))
        mask |= MASK(FIX_WRONG_TYPE);
    if (present(fix, "boot") != present(fix, "seq"))
        mask |= MASK(FIX_UNPAIRED_SEQ);
    bool may_lack = known(fix, "mode", 0, 1, true);
    if (!may_lack)
        mask |= check_needed(fix, "lat", -90, 90, false) | check_needed(fix, "lon", -180, 180, false);
    if (!(present(fix, "lat") && present(fix, "lon")) && !may_lack)
        mask |= MASK(FIX_NO_POSITION);
    return mask;
}

/* Reasons that the tree may hide: what text of time, what bytes of boot. */
static unsigned hidden_reasons(const json_t *fix)
{
    unsigned mask = check_boot(fix);
    if (json_is_string(json_object_get(fix, "time")))
        mask |= MASK(FIX_WRONG_TYPE) | MASK(FIX_OUT_OF_RANGE) | MASK(FIX_TOO_OLD);
    return mask;
}

/* A bool without adding 0.0 to a double's sign. */
static void check_double(const json_t *fix, const char *key, bool expected, bool has, double value)
{
    assert_int_equal(has, expected);
    if (has)
        assert_true(value == json_number_value(json_object_get(fix, key)));
}

static void check_float(const json_t *fix, const char *key, double lo, double hi, bool has, float value)
{
    assert_int_equal(has, known(fix, key, lo, hi, false));
    if (has)
        assert_true(value == (float)json_number_value(json_object_get(fix, key)));
}

static void check_values(const struct fix *fix, const json_t *tree)
{
    bool both = known(tree, "lat", -90, 90, false) && known(tree, "lon", -180, 180, false);
    assert_int_equal(fix_has(fix, FIX_HAS_POSITION), both);
    if (both) {
        check_double(tree, "lat", true, true, fix->lat_deg);
        check_double(tree, "lon", true, true, fix->lon_deg);
    }
    check_float(tree, "speed", 0, 150, fix_has(fix, FIX_HAS_SPEED), fix->speed_mps);
    check_float(tree, "alt", -1000, 20000, fix_has(fix, FIX_HAS_ALT), fix->alt_m);
    check_float(tree, "eph", 0, 1e6, fix_has(fix, FIX_HAS_EPH), fix->eph_m);
    assert_int_equal(fix_has(fix, FIX_HAS_TRACK), known(tree, "track", 0, 360, false));
    if (fix_has(fix, FIX_HAS_TRACK)) {
        float track = (float)json_number_value(json_object_get(tree, "track"));
        assert_true(fix->track_deg == (track >= 360 ? 0 : track));
    }
    check_double(tree, "mode", known(tree, "mode", 0, 3, true), fix_has(fix, FIX_HAS_MODE), fix->mode);
    check_double(tree, "sats", known(tree, "sats", 0, 255, true), fix_has(fix, FIX_HAS_SATS), fix->sats);
    check_double(tree, "seq", present(tree, "seq"), fix_has(fix, FIX_HAS_SEQ), (double)fix->seq);
    const json_t *time = json_object_get(tree, "time");
    if (json_is_number(time))
        assert_true(fabs((double)fix->time.ms - json_number_value(time) * 1000) < 1.01);
    const json_t *sensors = json_object_get(tree, "sensors");
    if (present(tree, "sensors")) {
        assert_int_equal(isnan(fix->sensors.load_kg), !known(sensors, "load_kg", -10000, 1e6, false));
        assert_int_equal(fix->sensors.cover != COVER_UNKNOWN,
                         known_word(sensors, "cover", " open closed fault "));
        assert_int_equal(fix->sensors.work != WORK_UNKNOWN,
                         known_word(sensors, "work", " off sweeping washing spraying collecting "));
        assert_int_equal(fix->sensors.spill == FLAG_TRUE, json_is_true(json_object_get(sensors, "spill")));
    }
}

/* What the comparison has seen: a test that compares nothing would pass too. */
static struct {
    unsigned json, not_json, good, refused;
} seen;

static void check_element(const struct fix_item *item, const json_t *tree, const struct out *o)
{
    json_t *slice = json_loadb(item->json.data, item->json.len,
                               JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    assert_non_null(slice);
    assert_true(json_equal(slice, (json_t *)(uintptr_t)tree));
    json_decref(slice);
    unsigned must = reasons(tree), may = must | hidden_reasons(tree);
    bool agree = item->error == FIX_OK ? must == 0 : (may & MASK(item->error)) != 0;
    if (!agree)
        fail_msg("%.*s: %s %s, by Jansson %#x", (int)o->len, o->text, fix_error_name(item->error),
                 item->field, must);
    if (item->error == FIX_OK)
        check_values(&item->fix, tree);
    else
        assert_int_equal(item->fix.has & ~FIX_HAS_SEQ, 0);
    seen.good += item->error == FIX_OK;
    seen.refused += item->error != FIX_OK;
}

static void check_payload(const struct out *o)
{
    char *exact = malloc(o->len > 0 ? o->len : 1);
    assert_non_null(exact);
    memcpy(exact, o->text, o->len);
    json_error_t error;
    json_t *tree =
        json_loadb(exact, o->len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    enum json_error_code code = tree == NULL ? json_error_code(&error) : json_error_unknown;
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, (struct text){exact, o->len});
    size_t i = 0;
    bool lost = false, repeated = false;
    for (; fix_reader_next(&reader, &item); i++) {
        assert_false(lost);
        lost = item.error == FIX_NOT_JSON || item.error == FIX_TOO_DEEP;
        repeated = item.error == FIX_DUPLICATE_KEY; /* by mutation; Jansson keeps one of them */
        if (tree != NULL && !lost && !repeated) {
            const json_t *element = json_is_array(tree) ? json_array_get(tree, i) : tree;
            assert_non_null(element);
            check_element(&item, element, o);
        }
    }
    /* Jansson refuses numbers beyond a double and zero bytes in keys, which are JSON. */
    bool known = code == json_error_numeric_overflow || code == json_error_null_byte_in_key;
    /* And it steps over a zero byte that follows a number, which is not JSON. */
    known = known || (tree != NULL && lost && memchr(exact, 0, o->len) != NULL);
    if (!known && lost != (tree == NULL))
        fail_msg("%.*s: %s, Jansson: %s", (int)o->len, o->text, lost ? "not JSON" : "JSON",
                 tree == NULL ? error.text : "JSON");
    seen.json += tree != NULL;
    seen.not_json += tree == NULL && !known;
    json_decref(tree);
    free(exact);
}

static void test_agrees_with_jansson(void **state)
{
    static struct out o;
    struct random r = random_seeded(20260501);
    for (int i = 0; i < ROUNDS; i++) {
        put_payload(&r, &o);
        if (i % 2)
            mutate(&r, &o);
        check_payload(&o);
    }
    printf("%u payloads JSON, %u not; %u fixes read, %u refused\n", seen.json, seen.not_json, seen.good,
           seen.refused);
    assert_true(seen.json > ROUNDS / 4 && seen.not_json > ROUNDS / 10);
    assert_true(seen.good > ROUNDS / 5 && seen.refused > ROUNDS / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_agrees_with_jansson)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
