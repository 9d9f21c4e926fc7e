/* wording: what no name, however hostile, may do to a sentence; and how names and durations are written. */
#include "../cmocka_all.h"
#include "phrases.h"
#include "sample_transitions.h"

#include <stdio.h>
#include <string.h>

enum { HOSTILE_LEN = 1024 };

/* What a kibibyte of names is made of, over and over. */
static const char *const hostile[] = {
    "x",
    "渣",
    "🚛",                      /* four bytes */
    "\x01\n\r\t\x7f\xc2\x85", /* controls */
    "a\n",
    "“”\"",
    "\u202e\u2066\u200f", /* marks that turn what follows */
    "\u202eש",
    "قلاب ",        /* right to left */
    "\u200b\ufeff", /* not seen */
    "\u2028",
    "\xff\xc3", /* no UTF-8 */
    "\xe6\xb8", /* the beginning of a character */
    "e\u0301",
    "%s%n\\{}[]#@^~",
    "\"}],\"",
};
enum { HOSTILE_COUNT = sizeof hostile / sizeof *hostile };

static struct text hostile_name(size_t which, size_t shift, char bytes[HOSTILE_LEN])
{
    size_t len = strlen(hostile[which]);
    for (size_t i = 0; i < HOSTILE_LEN; i++)
        bytes[i] = i < shift ? 'x' : hostile[which][(i - shift) % len];
    return (struct text){bytes, HOSTILE_LEN};
}

static void hostile_names(struct transition *t, struct text big)
{
    char id[WORLD_ID_MAX + 1];
    memcpy(id, big.data, WORLD_ID_MAX);
    id[WORLD_ID_MAX] = '\0';
    for (size_t i = 0; i < WORLD_ID_MAX; i++)
        id[i] = id[i] == '\0' ? 'x' : id[i];
    t->plate = t->company = t->fence_name = big;
    t->told.fence_name_en = t->told.fence_reason = t->told.place = t->told.place_en = big;
    t->told.near_site = t->told.near_site_en = big;
    t->fence = t->permit = t->near_permit = sample_name(id);
    for (t->trail_count = 0; t->trail_count < EPISODE_PIECES_MAX; t->trail_count++)
        t->fence_trail[t->trail_count] = t->fence;
    t->trail_count = UINT32_MAX;
    t->told.near_ms = t->told.closed_ms = t->told.opens_ms = INT64_C(4000000000000);
    t->value = t->limit = t->limit_before = t->error_m = -9.9e8f;
    t->lat_deg = t->start_lat_deg = t->told.lat_deg = -89.9999999;
    t->lon_deg = t->start_lon_deg = t->told.lon_deg = -179.9999999;
    t->repeat = UINT32_MAX;
    t->why = GAP_EXPIRED;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Marks that a name may bring and a sentence must not have; quotation marks and isolates, opening and
 * closing.
 */
static const char *const never[] = {"\u2028", "\u202e", "\u200f", "\u2066", "\u200b", "\ufeff"};
static const char *const pairs[] = {"“", "”", "\u2068", "\u2069"};

static bool is_one(const char *at, const char *character)
{
    return memcmp(at, character, 3) == 0;
}

/* One line of whole characters, which nothing turns and no name breaks out of. */
static void check_line(const struct buf *b, size_t max)
{
    int depth[2] = {0, 0};
    assert_true(buf_ok(b));
    assert_true(b->len > 10 && b->len <= max);
    for (size_t i = 0; i < b->len; i++) {
        unsigned char c = (unsigned char)b->data[i];
        size_t more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0x20 || c == 0x7f || is_continuation(b->data[i]) || i + more >= b->len)
            fail_msg("byte %zu: %.*s", i, TEXT_ARG(buf_text(b)));
        for (size_t k = 0; more == 2 && k < sizeof never / sizeof *never; k++)
            if (is_one(b->data + i, never[k]))
                fail_msg("mark %zu: %.*s", k, TEXT_ARG(buf_text(b)));
        for (size_t k = 0; more == 2 && k < sizeof pairs / sizeof *pairs; k++)
            if (is_one(b->data + i, pairs[k]))
                depth[k / 2] += k % 2 == 0 ? 1 : -1;
        if (depth[0] < 0 || depth[0] > 1 || depth[1] < 0 || depth[1] > 1)
            fail_msg("pairs: %.*s", TEXT_ARG(buf_text(b)));
        for (; more > 0; more--)
            if (!is_continuation(b->data[++i]))
                fail_msg("byte %zu: %.*s", i, TEXT_ARG(buf_text(b)));
    }
    assert_true(depth[0] == 0 && depth[1] == 0);
}

static void check_lines(const struct transition *t)
{
    for (int language = PHRASE_ZH; language <= PHRASE_EN; language++) {
        char bytes[SENTENCE_MAX];
        struct buf b = {.data = bytes, .cap = SENTENCE_MAX, .limit = SENTENCE_MAX};
        phrase_put_sentence(t, sample_names, (enum phrase_language)language, &b);
        check_line(&b, SENTENCE_MAX);
        assert_true(language == PHRASE_EN ? b.data[b.len - 1] == '.'
                                          : memcmp(b.data + b.len - 3, "。", 3) == 0);
        b.len = 0;
        phrase_put_headline(t, sample_names, (enum phrase_language)language, &b);
        check_line(&b, PHRASE_MAX);
        b.len = 0;
        phrase_put_cab(t, t->event, (enum phrase_language)language, &b);
        check_line(&b, PHRASE_MAX);
    }
}

/* Whatever the names hold, for every kind and event: lines that can be read, and an entry that is whole. */
static void test_hostile_names(void **state)
{
    static char bytes[HOSTILE_LEN];
    static struct entry e;
    for (size_t which = 0; which < HOSTILE_COUNT; which++)
        for (size_t shift = 0; shift < 3; shift++)
            for (int kind = KIND_NONE + 1; kind < KIND_COUNT; kind++)
                for (int event = TRANSITION_NONE; event <= TRANSITION_CLOSED; event++) {
                    struct transition t = sample_transition((enum kind)kind);
                    hostile_names(&t, hostile_name(which, shift, bytes));
                    t.event = (enum transition_event)event;
                    if (event == TRANSITION_CLOSED) {
                        t.reason = CLOSE_SUBJECT_GONE;
                        t.end_ms = SAMPLE_START_MS + INT64_C(100000000000);
                    }
                    check_lines(&t);
                    entry_of_transition(&e, &t, sample_names);
                    assert_true(e.store.len <= ENTRY_STORE_MAX && buf_ok(&e.store));
                }
}

static void put(const char *want, struct text raw, void (*put_it)(struct buf *, struct text))
{
    char bytes[NAME_WRITTEN_MAX];
    struct buf b = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    put_it(&b, raw);
    assert_true(buf_ok(&b));
    assert_int_equal(b.len, strlen(want));
    assert_memory_equal(b.data, want, b.len);
}

static void test_names(void **state)
{
    put("人民路", TEXT("人民路"), wording_put_name);
    put("“a 'b' c”", TEXT(" a\n\t\"b\" \u3000c\r\n"), wording_put_quoted);
    put("沪A1", TEXT("\u202e沪A\u200b1"), wording_put_name);
    put("\u2068قلاب\u2069", TEXT("قلاب"), wording_put_name);
    put("a??b",
        TEXT("a\xff\xe6"
             "b"),
        wording_put_name);
    put("?", TEXT("\n\u2028\x01"), wording_put_name);
    put("🚛🚛", TEXT("🚛🚛"), wording_put_name);
    char longest[NAME_SHOWN_MAX + 4], want[NAME_SHOWN_MAX + 4];
    memset(longest, 'x', sizeof longest);
    memset(want, 'x', sizeof want);
    want[NAME_SHOWN_MAX] = '\0';
    put(want, (struct text){longest, NAME_SHOWN_MAX}, wording_put_name);
    memcpy(want + NAME_SHOWN_MAX, "…", 4);
    put(want, (struct text){longest, NAME_SHOWN_MAX + 1}, wording_put_name);
    /* A character that would not fit whole is left out whole. */
    memcpy(longest + NAME_SHOWN_MAX - 2, "渣", 3);
    memcpy(want + NAME_SHOWN_MAX - 2, "…", 4);
    put(want, (struct text){longest, NAME_SHOWN_MAX + 1}, wording_put_name);
}

static void test_durations(void **state)
{
    static const struct {
        int64_t ms;
        const char *zh, *en;
    } rows[] = {{0, "0秒", "0 s"},
                {59999, "59秒", "59 s"},
                {60000, "1分钟", "1 min"},
                {3599000, "59分59秒", "59 min 59 s"},
                {3600000, "1小时", "1 h"},
                {3659000, "1小时", "1 h"},
                {90000000, "1天1小时", "1 d 1 h"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int language = PHRASE_ZH; language <= PHRASE_EN; language++) {
            char bytes[64];
            struct buf b = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
            wording_put_duration(&b, rows[i].ms, (enum phrase_language)language);
            buf_put_char(&b, '\0');
            assert_string_equal(bytes, language == PHRASE_ZH ? rows[i].zh : rows[i].en);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hostile_names, sample_set_up, sample_tear_down),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests_name("codec hostile names", tests, NULL, NULL);
}
