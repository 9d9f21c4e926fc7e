/*
 * What of a track goes into a case, by the rules of cutting.h; that what is written can be read as the lines it came from; and
 * that a record is one text.
 */
#include "cmocka_all.h"

#include "cutting.h"
#include "sealed.h"

#include <stdio.h>
#include <string.h>

enum { MINUTE = 60000, OUT_BYTES = 1 << 20 };
#define DAY INT64_C(1777593600000)

/* A track of minutes behind DAY: fixes and marks as an archive gives them. */
struct track {
    struct cutting *c;
    struct buf wanted; /* the lines that a replay of the case takes */
    int64_t batch;
};

static void begin(struct track *t, struct cutting_span span)
{
    span.start_ms += DAY;
    span.end_ms += span.end_ms > 0 ? DAY : 0;
    span.told_ms += span.told_ms > 0 ? DAY : 0;
    span.loaded_ms += span.loaded_ms > 0 ? DAY : 0;
    t->c = cutting_new(TEXT("t1"), &span);
    assert_non_null(t->c);
    buf_init(&t->wanted, OUT_BYTES);
    t->batch = 1;
}

static void take(struct track *t, enum track_line_kind kind, int64_t minute, enum part_late late,
                 const char *line, bool wanted)
{
    const struct cutting_line l = {
        kind, {.batch = t->batch++, .received_ms = DAY + minute * MINUTE, .late = late}, text_of(line)};
    assert_true(cutting_take(t->c, &l));
    if (wanted)
        buf_printf(&t->wanted, "%s\n", line);
}

static void fix(struct track *t, int64_t minute, bool wanted)
{
    char line[200];
    snprintf(line, sizeof line,
             "{\"vehicle\":\"t1\",\"received\":%lld,\"time\":%lld,\"lat\":31.2,\"lon\":121.4,\"media\":["
             "\"a\\\"b\"]}",
             (long long)(DAY + minute * MINUTE), (long long)(DAY / 1000 + minute * 60));
    take(t, TRACK_LINE_FIX, minute, PART_IN_ORDER, line, wanted);
}

static void late(struct track *t, int64_t came, int64_t minute, bool wanted)
{
    char line[200];
    snprintf(line, sizeof line,
             "{\"vehicle\":\"t1\",\"received\":%lld,\"time\":%lld,\"lat\":31.2,\"lon\":121.4}",
             (long long)(DAY + came * MINUTE), (long long)(DAY / 1000 + minute * 60));
    take(t, TRACK_LINE_FIX, came, PART_LATE, line, wanted);
}

static void end(struct track *t, uint32_t fixes)
{
    struct buf raw, marks, lines;
    uint32_t count;
    buf_init(&raw, OUT_BYTES);
    buf_init(&marks, OUT_BYTES);
    buf_init(&lines, OUT_BYTES);
    assert_true(cutting_put(t->c, &raw, &marks, &count));
    assert_int_equal(count, fixes);
    assert_true(sealed_lines(TEXT("t1"), buf_text(&raw), buf_text(&marks), &lines));
    assert_true(text_equal(buf_text(&lines), buf_text(&t->wanted)));
    buf_fini(&raw);
    buf_fini(&marks);
    buf_fini(&lines);
    buf_fini(&t->wanted);
    cutting_free(t->c);
}

static const struct cutting_span usual = {.start_ms = 60 * MINUTE,
                                          .end_ms = 70 * MINUTE,
                                          .pre_ms = 10 * MINUTE,
                                          .post_ms = 2 * MINUTE,
                                          .gap_ms = 5 * MINUTE};

static void ten_minutes_before_and_two_behind(void **state)
{
    (void)state;
    struct track t;
    begin(&t, usual);
    take(&t, TRACK_LINE_CLOCK, 1, PART_IN_ORDER, "{\"attended\":1,\"received\":1,\"runs\":true}", false);
    take(&t, TRACK_LINE_CLOCK, 2, PART_IN_ORDER, "{\"attended\":5,\"received\":2,\"runs\":true}", true);
    take(&t, TRACK_LINE_RULESET, 2, PART_IN_ORDER, "{\"ruleset\":\"aa\",\"received\":2}", true);
    for (int m = 40; m < 90; m++)
        fix(&t, m, m >= 50 && m <= 72);
    take(&t, TRACK_LINE_RULESET, 90, PART_IN_ORDER, "{\"ruleset\":\"bb\",\"received\":90}", false);
    assert_true(cutting_is_joined(t.c));
    end(&t, 23);
}

static void from_the_loading_of_the_trip(void **state)
{
    (void)state;
    struct track t;
    struct cutting_span span = usual;
    span.loaded_ms = 20 * MINUTE;
    begin(&t, span);
    for (int m = 10; m < 90; m++)
        fix(&t, m, m >= 20 && m <= 72);
    end(&t, 53);
}

static void from_the_last_fix_before_a_silence(void **state)
{
    (void)state;
    struct track t;
    begin(&t, usual);
    for (int m = 10; m < 90; m++)
        if (m <= 30 || m > 54)
            fix(&t, m, m == 30 || (m > 54 && m <= 72));
    assert_false(cutting_is_joined(t.c));
    end(&t, 19);
}

/* It began to be silent just before what is wanted, as every finding that a vehicle is offline has it. */
static void from_the_last_fix_where_the_silence_begins_there(void **state)
{
    (void)state;
    struct track t;
    begin(&t, usual);
    for (int m = 10; m < 90; m++)
        if (m <= 49 || m > 68)
            fix(&t, m, m == 49 || (m > 68 && m <= 72));
        else if (m == 55)
            late(&t, m, 20, true);
    assert_true(cutting_is_joined(t.c));
    end(&t, 6);
}

static void what_was_judged_again_later_is_in_it(void **state)
{
    (void)state;
    struct track t;
    begin(&t, usual);
    for (int m = 50; m < 60; m++)
        fix(&t, m, true);
    for (int m = 80; m < 100; m++)
        fix(&t, m, false);
    late(&t, 100, 65, true);
    fix(&t, 101, false);
    take(&t, TRACK_LINE_REDO, 110, PART_IN_ORDER,
         "{\"mark\":\"redo\",\"vehicle\":\"t1\",\"received\":1,\"clock\":2,\"from\":3}", true);
    end(&t, 11);
}

/* An end that is confirmed five minutes later. */
static void up_to_what_told_of_the_end(void **state)
{
    (void)state;
    struct track t;
    struct cutting_span span = usual;
    span.told_ms = 75 * MINUTE;
    begin(&t, span);
    for (int m = 45; m < 90; m++)
        fix(&t, m, m >= 50 && m <= 77);
    end(&t, 28);
}

static void a_running_case_has_all_that_came(void **state)
{
    (void)state;
    struct track t;
    struct cutting_span span = usual;
    span.end_ms = 0;
    begin(&t, span);
    for (int m = 45; m < 500; m++)
        fix(&t, m, m >= 50);
    end(&t, 450);
}

static void holes_are_told_where_they_were_given_up(void **state)
{
    (void)state;
    struct track t;
    struct buf raw, marks;
    uint32_t count;
    begin(&t, usual);
    fix(&t, 55, true);
    fix(&t, 56, true);
    const struct cutting_hole hole = {{0, 0, 0}, 2, DAY + 56 * MINUTE, TEXT("7-9"), true};
    assert_true(cutting_take_hole(t.c, &hole));
    buf_init(&raw, OUT_BYTES);
    buf_init(&marks, OUT_BYTES);
    assert_true(cutting_put(t.c, &raw, &marks, &count));
    buf_put_char(&raw, '\0');
    const char *first = strchr(raw.data, '\n');
    assert_non_null(strstr(
        first,
        "\n{\"n\":2,\"batch\":2,\"received\":1777596960000,\"hole\":\"7-9\",\"seen\":\"1\"}\n{\"n\":3,"));
    buf_fini(&raw);
    buf_fini(&marks);
    end(&t, 2);
}

static const struct sealed_header header = {.id = {"ncktf5syu5c3tap2nmgliksklj", 26},
                                            .kind = {"off_route", 9},
                                            .vehicle = {"truck-7", 7},
                                            .edition = 2,
                                            .why = SEALED_REVIEW,
                                            .trigger = {"actions/1/1777593600125-0", 25},
                                            .rev = 3,
                                            .actions_rev = 4,
                                            .sealed_at_ms = DAY,
                                            .start_ms = DAY - 5,
                                            .end_ms = DAY - 1,
                                            .reviewed = true,
                                            .ruleset = {"ab", 2},
                                            .manifest = {1, 2, 3},
                                            .has_earlier = true,
                                            .earlier_index = 12,
                                            .earlier = {9}};

static void a_record_is_one_text(void **state)
{
    (void)state;
    struct buf record, again;
    struct sealed_header read;
    buf_init(&record, OUT_BYTES);
    buf_init(&again, OUT_BYTES);
    sealed_record_write(&header, &record);
    assert_true(sealed_record_read(buf_text(&record), &read));
    sealed_record_write(&read, &again);
    assert_true(text_equal(buf_text(&record), buf_text(&again)));
    for (size_t i = 0; i < record.len; i++) {
        assert_false(sealed_record_read((struct text){record.data, i}, &read));
        record.data[i] ^= 1; /* another record, or none */
        if (sealed_record_read(buf_text(&record), &read)) {
            buf_clear(&again);
            sealed_record_write(&read, &again);
            assert_true(text_equal(buf_text(&record), buf_text(&again)));
        }
        record.data[i] ^= 1;
    }
    buf_put_char(&record, ' ');
    assert_false(sealed_record_read(buf_text(&record), &read));
    buf_fini(&record);
    buf_fini(&again);
}

static void a_manifest_names_what_lies_below_data(void **state)
{
    (void)state;
    struct sealed_case c = {0};
    struct buf out;
    buf_init(&out, OUT_BYTES);
    assert_true(sealed_add(&c, TEXT("data/world.json"), TEXT("")));
    assert_true(sealed_add(&c, TEXT("README.txt"), TEXT("x")));
    assert_true(sealed_add(&c, TEXT("data/raw.jsonl"), TEXT("abc")));
    assert_true(sealed_manifest(&c, &out));
    assert_true(text_equal(
        buf_text(&out),
        TEXT("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  data/raw.jsonl\n"
             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  data/world.json\n")));
    assert_null(sealed_find(&c, TEXT("data/raw")));
    sealed_fini(&c);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_minutes_before_and_two_behind),
        cmocka_unit_test(from_the_loading_of_the_trip),
        cmocka_unit_test(from_the_last_fix_before_a_silence),
        cmocka_unit_test(from_the_last_fix_where_the_silence_begins_there),
        cmocka_unit_test(what_was_judged_again_later_is_in_it),
        cmocka_unit_test(up_to_what_told_of_the_end),
        cmocka_unit_test(a_running_case_has_all_that_came),
        cmocka_unit_test(holes_are_told_where_they_were_given_up),
        cmocka_unit_test(a_record_is_one_text),
        cmocka_unit_test(a_manifest_names_what_lies_below_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
