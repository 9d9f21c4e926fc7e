/*
 * The committer against a model of the store: it loses questions, loses answers, refuses some vehicles for
 * ever, and its records tell at the end what was applied. Virtual time; no store.
 */
#include "../cmocka_all.h"
#include "../codec/random.h"
#include "committer.h"

#include <string.h>

enum { GROUPS = 40 };

struct store {
    uint64_t number;
    uint32_t good[GROUPS];        /* how often each group's commit was applied */
    uint32_t quarantined[GROUPS]; /* how often its refusal was */
    bool bad[GROUPS], worse[GROUPS];
};

/* What the function library does with a piece; see commit.lua. */
static enum commit_answer ask(struct store *s, const struct commit_piece *p, uint64_t number)
{
    if (number == s->number)
        return COMMIT_APPLIED;
    if (number < s->number)
        return COMMIT_FENCED;
    if (number > s->number + 1)
        return COMMIT_BEHIND;
    for (uint32_t i = p->from; i < p->to; i++)
        if (p->quarantined ? s->worse[i] : s->bad[i])
            return COMMIT_BAD;
    for (uint32_t i = p->from; i < p->to; i++)
        (p->quarantined ? s->quarantined : s->good)[i]++;
    s->number = number;
    return COMMIT_APPLIED;
}

/* One batch to its end. Returns the last step. */
static enum commit_step run_batch(struct committer *c, struct store *s, struct random *r, uint32_t groups)
{
    enum commit_step step = committer_begin(c, groups);
    for (int i = 0; i < 10000 && (step == COMMIT_SEND || step == COMMIT_RETRY || step == COMMIT_STUCK); i++) {
        uint64_t number;
        const struct commit_piece piece = *committer_piece(c, &number);
        enum commit_answer answer = COMMIT_UNKNOWN;
        unsigned luck = random_below(r, 4);
        if (luck != 0) /* else the question is lost */
            answer = ask(s, &piece, number);
        if (luck == 1)
            answer = COMMIT_UNKNOWN; /* the answer is lost */
        step = committer_answer(c, answer);
    }
    return step;
}

static void test_every_group_once(void **state)
{
    struct random r = random_seeded(1);
    for (int round = 0; round < 2000; round++) {
        struct store s = {.number = random_below(&r, 5)};
        struct committer c;
        committer_init(&c, s.number);
        for (int i = 0; i < GROUPS; i++)
            s.bad[i] = random_below(&r, 10) == 0;
        uint32_t groups = 1 + random_below(&r, GROUPS);
        for (int batch = 1; batch <= 3; batch++) {
            assert_int_equal(run_batch(&c, &s, &r, groups), COMMIT_FINISHED);
            assert_false(committer_busy(&c));
            assert_int_equal(c.number, s.number);
            for (uint32_t i = 0; i < groups; i++) {
                assert_int_equal(s.good[i], s.bad[i] ? 0 : batch);
                assert_int_equal(s.quarantined[i], s.bad[i] ? batch : 0);
            }
        }
        for (uint32_t i = groups; i < GROUPS; i++)
            assert_int_equal(s.good[i] + s.quarantined[i], 0);
    }
}

/* The largest batch can be halved to single groups: the stack holds. */
static void test_all_bad(void **state)
{
    struct committer c;
    committer_init(&c, 0);
    enum commit_step step = committer_begin(&c, UINT32_MAX);
    uint64_t number;
    for (int i = 0; i < 200 && !committer_piece(&c, &number)->quarantined; i++)
        step = committer_answer(&c, COMMIT_BAD);
    assert_int_equal(step, COMMIT_SEND);
    assert_int_equal(committer_piece(&c, &number)->refusals, COMMIT_REFUSALS);
    assert_int_equal(committer_piece(&c, &number)->from, 0);
    assert_int_equal(committer_piece(&c, &number)->to, 1);
    assert_int_equal(number, 1);
}

/* A refusal that is refused blocks, and says so; nothing is skipped. */
static void test_stuck(void **state)
{
    struct random r = random_seeded(3);
    struct store s = {.number = 7};
    struct committer c;
    committer_init(&c, 7);
    s.bad[2] = s.worse[2] = true;
    assert_int_equal(run_batch(&c, &s, &r, 4), COMMIT_STUCK);
    assert_int_equal(s.good[0], 1);
    assert_int_equal(s.good[3], 0);
    s.worse[2] = false; /* somebody mended the store */
    uint64_t number;
    enum commit_step step = COMMIT_SEND;
    while (step != COMMIT_FINISHED) {
        const struct commit_piece piece = *committer_piece(&c, &number);
        step = committer_answer(&c, ask(&s, &piece, number));
    }
    assert_int_equal(s.quarantined[2], 1);
    assert_int_equal(s.good[3], 1);
}

/* An odd answer, or two, to a single vehicle's commit cost it nothing. */
static void test_nonsense_is_not_believed(void **state)
{
    struct committer c;
    uint64_t number;
    committer_init(&c, 3);
    assert_int_equal(committer_begin(&c, 1), COMMIT_SEND);
    assert_int_equal(committer_answer(&c, COMMIT_BAD), COMMIT_RETRY);
    assert_int_equal(committer_answer(&c, COMMIT_UNKNOWN), COMMIT_RETRY);
    assert_int_equal(committer_answer(&c, COMMIT_BAD), COMMIT_RETRY);
    assert_false(committer_piece(&c, &number)->quarantined);
    assert_int_equal(number, 4);
    assert_int_equal(committer_answer(&c, COMMIT_APPLIED), COMMIT_FINISHED);
}

static void test_behind_and_fenced(void **state)
{
    struct committer c;
    committer_init(&c, 5);
    committer_begin(&c, 3);
    assert_int_equal(committer_answer(&c, COMMIT_BEHIND), COMMIT_RELOAD);
    assert_false(committer_busy(&c));
    committer_begin(&c, 3);
    assert_int_equal(committer_answer(&c, COMMIT_FENCED), COMMIT_STOP);
    /* A late answer to what was given up changes nothing. */
    assert_int_equal(committer_answer(&c, COMMIT_APPLIED), COMMIT_IDLE);
    assert_int_equal(c.number, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_group_once),
        cmocka_unit_test(test_all_bad),
        cmocka_unit_test(test_stuck),
        cmocka_unit_test(test_nonsense_is_not_believed),
        cmocka_unit_test(test_behind_and_fenced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
