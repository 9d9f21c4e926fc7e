/*
 * register_filter: what a question asks becomes a bit for each symbol of each column it names; then a row is looked at
 * in a few loads. A scope is such a column too: the pairs of jurisdiction and company that there are, each judged once a question. This is the
 * one place that knows who may see what, so lists, counts and cursors cannot differ in it.
 */
#include "register_state.h"

#include "array.h"
#include "json_write.h"
#include "text_fold.h"

#include <stdlib.h>

enum { PART_MAX = 256, QUOTED_MAX = 6 * 255 + 2 };

bool alert_is_overdue(const struct alert_row *row, int64_t now_ms)
{
    return row->due_ms < now_ms;
}

bool alert_is_shelved(const struct alert_row *row, int64_t now_ms)
{
    return row->until_ms > now_ms && row->work != WORK_CLOSED;
}

bool alert_is_to_do(const struct alert_row *row, int64_t now_ms)
{
    bool never_was = row->condition == CONDITION_WITHDRAWN && !row->touched;
    return row->work != WORK_CLOSED && !never_was && !alert_is_shelved(row, now_ms);
}

static size_t words_of(const struct register_book *r, enum register_column column)
{
    return symbols_limit(&r->columns[column]) / 64 + 1;
}

static void set_bit(uint64_t *bits, uint32_t symbol)
{
    bits[symbol / 64] |= UINT64_C(1) << symbol % 64;
}

static bool has_bit(const uint64_t *bits, uint32_t symbol)
{
    return (bits[symbol / 64] >> symbol % 64 & 1) != 0;
}

/* ---- what a column is asked for ---- */

/* Whether `t` is `tree` or lies below it: names of parts with a stroke between them. */
static bool lies_in(struct text t, struct text tree)
{
    return t.len >= tree.len && memcmp(t.data, tree.data, tree.len) == 0 &&
           (t.len == tree.len || t.data[tree.len] == '/');
}

static void ask_values(const struct register_book *r, const struct register_wanted *w, uint64_t *bits)
{
    const struct symbols *column = &r->columns[w->column];
    for (size_t i = 0; i < w->count; i++) {
        uint32_t symbol = symbols_find(column, w->any[i]);
        if (symbol != 0 || w->any[i].len == 0)
            set_bit(bits, symbol);
        if (w->column != COLUMN_JURISDICTION || w->any[i].len == 0)
            continue;
        for (uint32_t s = 1; s < symbols_limit(column); s++)
            if (lies_in(symbols_text(column, s), w->any[i]))
                set_bit(bits, s);
    }
}

/* Whether the list, as the tracker writes it, has this element. */
static bool has_element(struct text list, struct text quoted)
{
    for (size_t at = 1; list.len >= quoted.len && at <= list.len - quoted.len; at++)
        if ((list.data[at - 1] == '[' || list.data[at - 1] == ',') &&
            memcmp(list.data + at, quoted.data, quoted.len) == 0)
            return true;
    return false;
}

static void ask_lists(const struct register_book *r, const struct register_wanted *w, uint64_t *bits)
{
    const struct symbols *lists = &r->columns[COLUMN_FENCES];
    char bytes[QUOTED_MAX];
    for (size_t i = 0; i < w->count; i++) {
        struct buf quoted = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
        json_put_string(&quoted, w->any[i]);
        for (uint32_t s = 1; s < symbols_limit(lists) && buf_ok(&quoted) && w->any[i].len > 0; s++)
            if (has_element(symbols_text(lists, s), buf_text(&quoted)))
                set_bit(bits, s);
    }
}

static void ask_part(const struct register_book *r, struct text part, uint64_t *bits)
{
    const struct symbols *plates = &r->columns[COLUMN_PLATE];
    char folded[PART_MAX];
    part.len = part.len < sizeof folded ? part.len : sizeof folded;
    size_t len = text_fold(part, TEXT_FOLD_CASE | TEXT_FOLD_MARKS, folded);
    for (uint32_t s = 1; s < symbols_limit(plates); s++) {
        struct text plate = symbols_text(plates, s);
        for (size_t at = 0; plate.len >= len && at <= plate.len - len; at++)
            if (memcmp(plate.data + at, folded, len) == 0) {
                set_bit(bits, s);
                break;
            }
    }
}

static void ask_scope(const struct register_book *r, struct register_scope scope, uint64_t *bits)
{
    const struct symbols *realms = &r->columns[COLUMN_REALM];
    for (uint32_t s = 0; s < symbols_limit(realms); s++) {
        struct text realm = symbols_text(realms, s);
        const char *end = realm.len > 0 ? memchr(realm.data, '\0', realm.len) : realm.data;
        size_t len = (size_t)(end - realm.data), behind = realm.len > 0 ? len + 1 : 0;
        if (scope.covers(scope.context, (struct text){realm.data, len},
                         (struct text){realm.data + behind, realm.len - behind}))
            set_bit(bits, s);
    }
}

/* ---- a question ---- */

static size_t needed(const struct register_book *r, const struct register_query *q)
{
    size_t words = words_of(r, COLUMN_REALM) + words_of(r, COLUMN_PLATE);
    for (size_t i = 0; i < q->wanted_count; i++)
        words += words_of(r, q->wanted[i].column) +
                 (q->wanted[i].column == COLUMN_FENCE ? words_of(r, COLUMN_FENCES) : 0);
    return words;
}

static uint64_t *next_bits(struct register_book *r, struct register_filter *f, enum register_column column,
                           size_t *at)
{
    uint64_t *bits = r->bits + *at;
    f->tests[f->test_count].column = column;
    f->tests[f->test_count].of_several = NULL;
    f->tests[f->test_count++].bits = bits;
    *at += words_of(r, column);
    return bits;
}

bool register_filter_make(struct register_book *r, const struct register_query *q,
                          struct register_filter *out)
{
    size_t at = 0, words = needed(r, q);
    if (q->wanted_count + 2 > FILTER_TESTS_MAX ||
        !array_reserve(&r->bits, &r->bit_cap, words, sizeof *r->bits))
        return false;
    memset(r->bits, 0, words * sizeof *r->bits);
    *out = (struct register_filter){.query = q,
                                    .severities = q->severities == 0 ? ~0u : q->severities,
                                    .conditions = q->conditions == 0 ? ~0u : q->conditions,
                                    .work_states = q->work_states == 0 ? ~0u : q->work_states,
                                    .from_ms = q->from_ms,
                                    .to_ms = q->to_ms == 0 ? INT64_MAX : q->to_ms};
    if (q->scope.covers != NULL)
        ask_scope(r, q->scope, next_bits(r, out, COLUMN_REALM, &at));
    for (size_t i = 0; i < q->wanted_count; i++) {
        ask_values(r, &q->wanted[i], next_bits(r, out, q->wanted[i].column, &at));
        if (q->wanted[i].column != COLUMN_FENCE)
            continue;
        uint64_t *lists = r->bits + at;
        at += words_of(r, COLUMN_FENCES);
        ask_lists(r, &q->wanted[i], lists);
        out->tests[out->test_count - 1].of_several = lists;
    }
    if (q->plate_part.len > 0)
        ask_part(r, q->plate_part, next_bits(r, out, COLUMN_PLATE, &at));
    return true;
}

static bool is_as(enum register_whether wanted, bool is)
{
    return wanted == WHETHER_ANY || (wanted == WHETHER_YES) == is;
}

bool register_filter_fits(const struct register_filter *f, const struct alert_row *row)
{
    if (!row->used || (f->severities >> row->severity & 1) == 0 ||
        (f->conditions >> row->condition & 1) == 0 || (f->work_states >> row->work & 1) == 0 ||
        row->start_ms < f->from_ms || row->start_ms >= f->to_ms)
        return false;
    for (size_t i = 0; i < f->test_count; i++)
        if (!has_bit(f->tests[i].bits, row->columns[f->tests[i].column]) &&
            (f->tests[i].of_several == NULL || !has_bit(f->tests[i].of_several, row->columns[COLUMN_FENCES])))
            return false;
    const struct register_query *q = f->query;
    return is_as(q->overdue, alert_is_overdue(row, q->now_ms)) &&
           is_as(q->shelved, alert_is_shelved(row, q->now_ms)) &&
           is_as(q->to_do, alert_is_to_do(row, q->now_ms));
}
