/*
 * What is said to people: every kind, every event, both languages, as a table that a person can read and a
 * change has to change: sayings.txt.
 */
#include "../cmocka_all.h"
#include "phrases.h"
#include "sample_transitions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const tongues[] = {"zh", "en"};

static void put_sentences(struct buf *out, const char *title, const struct transition *t)
{
    for (int language = PHRASE_ZH; language <= PHRASE_EN; language++) {
        buf_printf(out, "%-14s %s  ", language == PHRASE_ZH ? title : "", tongues[language]);
        phrase_put_sentence(t, sample_names, (enum phrase_language)language, out);
        buf_puts(out, "\n");
    }
}

static void put_headlines(struct buf *out, const struct transition *t)
{
    for (int language = PHRASE_ZH; language <= PHRASE_EN; language++) {
        buf_printf(out, "%-14s %s  ", language == PHRASE_ZH ? "headline" : "", tongues[language]);
        phrase_put_headline(t, sample_names, (enum phrase_language)language, out);
        buf_puts(out, "\n");
    }
}

static void put_cab(struct buf *out, const char *title, const struct transition *t,
                    enum transition_event event)
{
    for (int language = PHRASE_ZH; language <= PHRASE_EN; language++) {
        buf_printf(out, "%-14s %s  ", language == PHRASE_ZH ? title : "", tongues[language]);
        phrase_put_cab(t, event, (enum phrase_language)language, out);
        buf_puts(out, "\n");
    }
}

static void put_kind(struct buf *out, enum kind kind)
{
    struct transition t = sample_transition(kind), updated = sample_turned(t, TRANSITION_UPDATED, CLOSE_NONE),
                      closed = sample_turned(t, TRANSITION_CLOSED, CLOSE_CLEARED);
    buf_printf(out, "\n%s\n", kind_row(kind)->name);
    put_sentences(out, "opened", &t);
    put_sentences(out, "updated", &updated);
    put_sentences(out, "closed", &closed);
    put_headlines(out, &t);
    if (kind_row(kind)->machine)
        return;
    put_cab(out, "cab, warning", &t, TRANSITION_NONE);
    put_cab(out, "cab, opened", &t, TRANSITION_OPENED);
    put_cab(out, "cab, closed", &closed, TRANSITION_CLOSED);
}

static void put_gaps(struct buf *out)
{
    buf_puts(out, "\nno_permit, by what the nearest permit lacks\n");
    for (int why = GAP_NONE + 1; why < GAP_COUNT; why++) {
        struct transition t = sample_transition(KIND_NO_PERMIT);
        t.why = (enum permit_gap)why;
        if (why == GAP_NO_PERMIT)
            t.near_permit = 0;
        if (why != GAP_EXPIRED)
            t.told.near_ms = why == GAP_NOT_YET ? INT64_C(1780243200000) : TIME_NONE;
        if (why == GAP_OTHER_SITE) {
            t.told.near_site = TEXT("东湖科创园二期");
            t.told.near_site_en = TEXT("Donghu Park II");
        }
        put_sentences(out, permit_gap_name(t.why), &t);
    }
}

static void put_endings(struct buf *out)
{
    buf_puts(out, "\nhow else it ends\n");
    for (int reason = CLOSE_WINDOW; reason <= CLOSE_SUBJECT_GONE; reason++)
        for (int kind = KIND_OFF_ROUTE; kind <= KIND_NO_PERMIT; kind++) {
            struct transition t = sample_turned(sample_transition((enum kind)kind), TRANSITION_CLOSED,
                                                (enum close_reason)reason);
            if (kind == KIND_WRONG_HOURS || kind == KIND_BANNED_AREA ||
                (kind == KIND_NO_PERMIT && reason == CLOSE_SUBJECT_GONE))
                put_sentences(out, close_reason_name(t.reason), &t);
        }
    struct transition crossing =
        sample_turned(sample_transition(KIND_BANNED_AREA), TRANSITION_CLOSED, CLOSE_CLEARED);
    crossing.end_ms = crossing.start_ms + 400;
    put_sentences(out, "a crossing", &crossing);
}

static void put_causes(struct buf *out)
{
    buf_puts(out, "\ntamper and no_fix, by cause\n");
    for (int cause = CAUSE_ANTENNA_CUT; cause < CAUSE_COUNT; cause++) {
        struct transition t = sample_transition(cause >= CAUSE_CLOCK ? KIND_NO_FIX : KIND_TAMPER);
        t.cause = (enum cause)cause;
        if (cause != CAUSE_JUMP)
            t.value = t.limit = NAN;
        if (cause == CAUSE_CLOCK)
            sample_measured(&t, 28800, NAN, "s");
        put_sentences(out, cause_name(t.cause), &t);
        if (cause == CAUSE_CLOCK) {
            t.value = -5400;
            put_sentences(out, "clock, behind", &t);
        }
    }
}

static void put_places(struct buf *out)
{
    buf_puts(out, "\nwhere it was, by what is known\n");
    struct transition t = sample_transition(KIND_BANNED_AREA);
    t.fence_name = t.told.fence_name_en = (struct text){0};
    put_sentences(out, "the road", &t);
    t.told.place_en = (struct text){0};
    put_sentences(out, "no English", &t);
    t.told.place = (struct text){0};
    put_sentences(out, "a position", &t);
    t.told.lat_deg = -33.9;
    t.told.lon_deg = -70.6;
    put_sentences(out, "elsewhere", &t);
    t.told.lat_deg = t.told.lon_deg = NAN;
    put_sentences(out, "nothing", &t);
}

static void put_others(struct buf *out)
{
    buf_puts(out, "\nothers\n");
    struct transition t = sample_transition(KIND_SPEEDING);
    t = sample_turned(t, TRANSITION_UPDATED, CLOSE_NONE);
    t.severity = SEVERITY_MINOR;
    t.limit_before = 60;
    put_sentences(out, "another limit", &t);
    t = sample_transition(KIND_WRONG_HOURS);
    t.permit = 0;
    sample_at_fence(&t, "area-north", "江北环卫作业区", "North area");
    put_sentences(out, "hours of area", &t);
    t = sample_transition(KIND_WRONG_HOURS);
    t.at_ms = SAMPLE_START_MS - 600000;
    t.told.closed_ms = SAMPLE_START_MS + 1303000;
    put_cab(out, "hours ahead", &t, TRANSITION_NONE);
    t = sample_transition(KIND_OFF_ROUTE);
    t.value = (float)OFF_ROUTE_FAR_M;
    put_sentences(out, "far away", &t);
    t.value = 12.04f;
    t.limit = NAN;
    t.error_m = NAN;
    t.plate = t.company = (struct text){0};
    t.repeat = 1;
    put_sentences(out, "little known", &t);
    t = sample_turned(sample_transition(KIND_OVERLOAD), TRANSITION_CLOSED, CLOSE_CLEARED);
    t.end_ms = SAMPLE_START_MS + INT64_C(93784000);
    put_sentences(out, "over days", &t);
}

/* Line by line against the file; what differs is left beside the test. */
static void test_table(void **state)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    buf_puts(&out, "What is said of each kind, at each event, to whom. Made by test_codec_sayings.\n");
    for (int kind = KIND_NONE + 1; kind < KIND_COUNT; kind++)
        put_kind(&out, (enum kind)kind);
    put_gaps(&out);
    put_causes(&out);
    put_endings(&out);
    put_places(&out);
    put_others(&out);
    assert_true(buf_ok(&out));
    FILE *made = fopen(MW_BINARY_DIR "/sayings.txt", "w");
    assert_non_null(made);
    assert_int_equal(fwrite(out.data, 1, out.len, made), out.len);
    fclose(made);
    FILE *kept = fopen(MW_SOURCE_DIR "/tests/codec/sayings.txt", "r");
    assert_non_null(kept);
    char *want = calloc(1, out.len + 2);
    size_t len = fread(want, 1, out.len + 1, kept);
    fclose(kept);
    if (len != out.len || memcmp(want, out.data, len) != 0)
        print_error("cp %s/sayings.txt %s/tests/codec/ when it is what should be said\n", MW_BINARY_DIR,
                    MW_SOURCE_DIR);
    assert_int_equal(len, out.len);
    assert_memory_equal(want, out.data, len);
    free(want);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_table, sample_set_up, sample_tear_down),
    };
    return cmocka_run_group_tests_name("codec sayings", tests, NULL, NULL);
}
