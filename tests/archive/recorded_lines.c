/*
 * Lines and rows by hand: what an entry of a stream becomes (docs/PROTOCOL.md, "Recorded lines"; docs/ARCHIVE.md,
 * "city.db"), what is read out of such a line, and that a chunk's lines and numbers are whole only together,
 * and that what waits to be closed is small in memory and whole.
 */
#include "../cmocka_all.h"

#include "chunk_lines.h"
#include "entry_row.h"
#include "line_fix.h"
#include "open_part.h"
#include "track_line.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 16, OUT_BYTES = 4096 };

/* An entry of name, value, name, value, up to NULL. */
struct entry {
    struct archive_answer words[WORDS_MAX], list;
};

static void fill(struct entry *e, const char *const *words)
{
    size_t n = 0;
    for (; words[n] != NULL; n++)
        e->words[n] = (struct archive_answer){.type = ANSWER_TEXT, .text = text_of(words[n])};
    e->list = (struct archive_answer){.type = ANSWER_LIST, .items = e->words, .count = n};
}

static void check_line(enum track_line_kind kind, const char *const *words, const char *line)
{
    struct entry e;
    struct buf out;
    fill(&e, words);
    struct track_entry_fields fields = archive_answer_fields(&e.list);
    buf_init(&out, OUT_BYTES);
    track_line_put(&out, kind, TEXT("t1"), &fields);
    assert_int_equal(out.len, strlen(line));
    assert_memory_equal(out.data, line, out.len);
    buf_fini(&out);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_lines(void **state)
{
    check_line(TRACK_LINE_FIX, WORDS("fix", "{\"lat\":1}", "received", "7"),
               "{\"vehicle\":\"t1\",\"received\":7,\"lat\":1}");
    check_line(TRACK_LINE_FIX, WORDS("fix", "{}", "received", "7"), "{\"vehicle\":\"t1\",\"received\":7}");
    check_line(TRACK_LINE_FIX, WORDS("fix", "{\n\"lat\":\n1}", "received", "7"),
               "{\"vehicle\":\"t1\",\"received\":7, \"lat\": 1}");
    check_line(TRACK_LINE_FIX, WORDS("hole", "3-4", "received", "7"), "");
    check_line(TRACK_LINE_LIFE, WORDS("kind", "life", "vehicle", "t1", "received", "7", "clock", "5"),
               "{\"mark\":\"life\",\"vehicle\":\"t1\",\"received\":7,\"clock\":5}");
    check_line(TRACK_LINE_LIFE, WORDS("kind", "redo", "vehicle", "t1", "received", "7", "clock", "5"), "");
    check_line(TRACK_LINE_CLOCK, WORDS("clock", "5", "received", "7", "runs", "1"),
               "{\"attended\":5,\"received\":7,\"runs\":true}");
    check_line(TRACK_LINE_CLOCK, WORDS("clock", "5", "received", "7", "runs", "0", "fired", "4"),
               "{\"attended\":5,\"received\":7,\"runs\":false,\"fired\":4}");
    check_line(TRACK_LINE_RULESET, WORDS("ruleset", "ab12", "received", "7"),
               "{\"ruleset\":\"ab12\",\"received\":7}");
    check_line(TRACK_LINE_REDO,
               WORDS("kind", "redo", "vehicle", "t1", "received", "7", "clock", "5", "from", "3"),
               "{\"mark\":\"redo\",\"vehicle\":\"t1\",\"received\":7,\"clock\":5,\"from\":3}");
    check_line(TRACK_LINE_REDO,
               WORDS("kind", "redo", "vehicle", "t1", "received", "7", "clock", "5", "from", "3", "begin",
                     "2", "left", "9"),
               "{\"mark\":\"redo\",\"vehicle\":\"t1\",\"received\":7,\"clock\":5,\"from\":3,\"begin\":2,"
               "\"left\":9}");
    check_line(TRACK_LINE_REDO, WORDS("kind", "life", "vehicle", "t1", "received", "7", "clock", "5"), "");
}

static void test_read_back(void **state)
{
    struct fix_line fix;
    const struct text line = TEXT("{\"vehicle\":\"t1\",\"received\":1780000000500,\"time\":\"2026-05-28T20:"
                                  "26:40Z\",\"lat\":30.4,\"lon\":112.9}");
    assert_true(line_fix_read(line, &fix));
    assert_true(text_equal(fix.vehicle, TEXT("t1")));
    assert_int_equal(fix.item.fix.time.ms, INT64_C(1780000000000));
    /* from a phone */
    assert_true(
        line_fix_read(TEXT("{\"vehicle\":\"t1\",\"received\":1780000000500,\"_type\":\"location\",\"tst\":"
                           "1780000000,\"lat\":30.4,\"lon\":112.9}"),
                      &fix));
    assert_int_equal(fix.item.fix.time.ms, INT64_C(1780000000000));
    assert_false(line_fix_read(TEXT("{\"attended\":5,\"received\":1780000000500,\"runs\":true}"), &fix));
    assert_false(
        line_fix_read(TEXT("{\"vehicle\":\"t1\",\"received\":1780000000500,\"_type\":\"lwt\"}"), &fix));

    assert_int_equal(line_fix_received_ms(line), INT64_C(1780000000500));
    assert_int_equal(line_fix_received_ms(TEXT("{\"vehicle\":\"t1\",\"lat\":1,\"received\":1780000000500}")),
                     0);
    assert_int_equal(line_fix_received_ms(TEXT("{\"vehicle\":\"t1")), 0);
    assert_int_equal(line_fix_received_ms(TEXT("")), 0);

    assert_true(text_equal(line_fix_behind(line, "\"vehicle\":\""), TEXT("t1")));
    assert_true(text_equal(line_fix_behind(line, "\"lon\":"), TEXT("112.9")));
    assert_int_equal(line_fix_behind(line, "\"speed\":").len, 0);
    assert_int_equal(line_fix_behind(TEXT(""), "\"speed\":").len, 0);
}

static void test_rows(void **state)
{
    struct entry e;
    struct archive_row row, again;
    struct buf fields;
    buf_init(&fields, OUT_BYTES);
    fill(&e, WORDS("id", "abc", "rev", "2", "event", "closed", "kind", "spill", "vehicle", "t1", "start", "5",
                   "text", "a \"b\" \xe6\xb8\xa3"));
    assert_true(entry_row_make(&archive_streams[0], &e.list, &fields, &row));
    assert_true(text_equal(
        row.fields, TEXT("{\"id\":\"abc\",\"rev\":\"2\",\"event\":\"closed\",\"kind\":\"spill\","
                         "\"vehicle\":\"t1\",\"start\":\"5\",\"text\":\"a \\\"b\\\" \xe6\xb8\xa3\"}")));
    assert_true(text_equal(row.id, TEXT("abc")) && text_equal(row.kind, TEXT("spill")));
    assert_int_equal(row.rev, 2);
    assert_int_equal(row.start_ms, 5);
    assert_int_equal(row.received_ms, -1);
    /* Other bytes, another hash; no revision is the first; what is no text stands in hexadecimal. */
    fill(&e,
         WORDS("trip", "t1-5", "departed", "5", "received", "9", "driver", "\xff\x41", "cut", "\xe6\xb8"));
    assert_true(entry_row_make(&archive_streams[1], &e.list, &fields, &again));
    assert_true(text_equal(again.fields, TEXT("{\"trip\":\"t1-5\",\"departed\":\"5\",\"received\":\"9\","
                                              "\"driver\":{\"hex\":\"ff41\"},\"cut\":{\"hex\":\"e6b8\"}}")));
    assert_true(text_equal(again.id, TEXT("t1-5")));
    assert_int_equal(again.rev, 1);
    assert_int_equal(again.received_ms, 9);
    assert_memory_not_equal(row.hash, again.hash, sizeof row.hash);
    buf_fini(&fields);
    buf_init(&fields, 8);
    assert_false(entry_row_make(&archive_streams[1], &e.list, &fields, &again));
    buf_fini(&fields);
}

/* LEB128 of zigzag differences of batch and milliseconds, the number within the millisecond, and late: two lines of the batches
 * 5 and 6, at 100-0 and 90-3, the second late. */
static const char places[] = {10, (char)0xc8, 1, 0, 0, 2, 19, 3, 1};

static void test_chunks(void **state)
{
    const struct text lines = TEXT("{\"a\":1}\n{\"b\":2}\n"), numbers = {places, sizeof places};
    const struct chunk_ends ends = {2, 5, 6, 100, 90};
    struct chunk_lines c = chunk_lines_of(4, lines, numbers);
    struct part_line at = {.batch = 0};
    struct text line;
    assert_true(chunk_lines_next(&c, &at, &line));
    assert_true(text_equal(line, TEXT("{\"a\":1}")));
    assert_true(at.batch == 5 && at.at.ms == 100 && at.at.seq == 0 && at.at.life == 4 &&
                at.late == PART_IN_ORDER);
    assert_false(chunk_lines_whole(&c));
    assert_true(chunk_lines_next(&c, &at, &line));
    assert_true(text_equal(line, TEXT("{\"b\":2}")));
    assert_true(at.batch == 6 && at.at.ms == 90 && at.at.seq == 3 && at.late != PART_IN_ORDER);
    assert_false(chunk_lines_next(&c, &at, &line));
    assert_true(chunk_lines_whole(&c));

    assert_true(chunk_lines_fit(lines, numbers, &ends));
    for (size_t n = 0; n < sizeof places; n++) /* cut */
        assert_false(chunk_lines_fit(lines, (struct text){places, n}, &ends));
    for (size_t n = 0; n < lines.len; n++)
        assert_false(chunk_lines_fit((struct text){lines.data, n}, numbers, &ends));
    const struct chunk_ends others[] = {
        {1, 5, 6, 100, 90}, {2, 4, 6, 100, 90}, {2, 5, 7, 100, 90}, {2, 5, 6, 101, 90}, {2, 5, 6, 100, 91}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(chunk_lines_fit(lines, numbers, &others[i]));
}

/* A press that leaves out what is the same in every line here. */
static bool cut(void *context, struct text in, struct buf *out)
{
    buf_clear(out);
    for (size_t i = 0; i < in.len; i++)
        if (in.data[i] != 'x')
            buf_put_char(out, in.data[i]);
    return buf_ok(out) && ++*(int *)context > 0;
}

static bool fill_in(void *context, struct text in, struct buf *out)
{
    (void)context;
    buf_clear(out);
    for (size_t i = 0; i < in.len; i++) {
        buf_put_char(out, in.data[i]);
        if (in.data[i] == '{')
            buf_puts(out, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    }
    return buf_ok(out);
}

enum { WAITING = 500 };

static size_t wait_for_chunks(struct open_part *part, uint32_t vehicle)
{
    char line[128];
    size_t bytes = 0;
    for (int i = 0; i < WAITING; i++) {
        const struct part_line at = {{1, 1000 + i, (uint64_t)i % 3}, i, 2000 + i, 0, PART_LATE};
        snprintf(line, sizeof line, "{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx%d-%u}", i,
                 vehicle);
        assert_true(part_add(part, vehicle, TEXT("t"), &at, text_of(line)));
        bytes += part->written.len;
    }
    return bytes;
}

/* What waits is small, and is what it was when it is read; what was let go of takes no room. */
static void test_waiting(void **state)
{
    int presses = 0;
    const struct archive_press press = {&presses, cut, fill_in, 1000};
    struct open_part part;
    part_init(&part, 1, &press);
    size_t bytes = wait_for_chunks(&part, 3) + wait_for_chunks(&part, 7);
    assert_true(presses > 10 && part.bytes < bytes * 2 / 3);
    assert_int_equal(part.longest, bytes / 2);
    assert_null(part_find(&part, 4));
    for (uint32_t vehicle = 3; vehicle <= 7; vehicle += 4) {
        const struct part_track *track = part_whole(&part, part_find(&part, vehicle));
        char line[128];
        assert_non_null(track);
        assert_int_equal(track->count, WAITING);
        for (int i = 0; i < WAITING; i++) {
            const struct part_line *at = &track->lines[i];
            snprintf(line, sizeof line, "{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx%d-%u}",
                     i, vehicle);
            assert_true(text_equal(part_text(track, (size_t)i), text_of(line)));
            assert_true(at->at.life == 1 && at->at.ms == 1000 + i && at->at.seq == (uint64_t)i % 3 &&
                        at->batch == i && at->received_ms == 2000 + i && at->late == PART_LATE);
        }
    }
    part_let_go(&part, &part.tracks[0]);
    part_let_go(&part, &part.tracks[1]);
    assert_int_equal(part.bytes, 0);
    part_fini(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_read_back),
                                       cmocka_unit_test(test_rows), cmocka_unit_test(test_chunks),
                                       cmocka_unit_test(test_waiting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
