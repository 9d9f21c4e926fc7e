/*
 * register_reviews: what the review of an alert found, and how much each person had to acknowledge.
 *
 * The review that stands is the last one since the alert was opened, or reopened: what a reopened alert was once found to be is no finding.
 */
#include "register_state.h"

#include "array.h"

#define HOUR_MS INT64_C(3600000)
/* Persons times hours of a question: 900 in a year, 32 MB. */
enum { PACES_MAX = 8 << 20 };

static bool set_review(struct register_book *r, uint32_t number, struct text verdict, struct text reason)
{
    bool rejected = text_equal(verdict, TEXT("reject"));
    r->rows[number].verdict = rejected                               ? VERDICT_REJECTED
                              : text_equal(verdict, TEXT("approve")) ? VERDICT_APPROVED
                                                                     : VERDICT_NONE;
    return register_set(r, number, COLUMN_REASON, rejected ? reason : (struct text){"", 0});
}

bool register_note_review(struct register_book *r, uint32_t number, struct fields action)
{
    struct text what = fields_value(action, "action");
    if (text_equal(what, TEXT("review")) || text_equal(what, TEXT("reopen")))
        return set_review(r, number, fields_value(action, "verdict"), fields_value(action, "reason"));
    return true;
}

bool register_note_review_of_hash(struct register_book *r, uint32_t number, struct fields hash)
{
    return set_review(r, number, fields_value(hash, "verdict"), fields_value(hash, "reason"));
}

void register_tally_add(struct register_tally *tally, const struct alert_row *row)
{
    tally->alerts++;
    tally->approved += row->verdict == VERDICT_APPROVED;
    tally->rejected += row->verdict == VERDICT_REJECTED;
}

/* ---- how much each had to do ---- */

/* Who acknowledged it, and in which hour. False: nobody. */
static bool acknowledged(const struct alert_more *more, struct acknowledgement *out)
{
    *out = (struct acknowledgement){more->acknowledged_by,
                                    (uint32_t)(more->done_ms[STEP_ACKNOWLEDGE] / HOUR_MS)};
    return more->acknowledged_by != 0 && more->done_ms[STEP_ACKNOWLEDGE] > 0;
}

/* Those that fit, put beside each other, so that alerts are walked over once. */
static size_t gather(struct register_book *r, const struct register_filter *f, uint32_t *first,
                     uint32_t *last)
{
    size_t count = 0;
    *first = UINT32_MAX;
    *last = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        struct acknowledgement *a = &r->acknowledged[count];
        if (!register_filter_fits(f, &r->rows[i]) || !acknowledged(&r->mores[i], a))
            continue;
        *first = a->hour < *first ? a->hour : *first;
        *last = a->hour > *last ? a->hour : *last;
        count++;
    }
    return count;
}

static void insert(struct register_pace *out, size_t *count, size_t limit, struct register_pace one)
{
    size_t at = *count;
    while (at > 0 && out[at - 1].alerts < one.alerts)
        at--;
    if (at == limit)
        return;
    if (*count < limit)
        ++*count;
    memmove(out + at + 1, out + at, (*count - 1 - at) * sizeof *out);
    out[at] = one;
}

enum register_asked register_paces(struct register_book *r, const struct register_query *query,
                                   struct register_pace *out, size_t *limit)
{
    struct register_filter filter;
    size_t people = symbols_limit(&r->columns[COLUMN_TO]), most = *limit;
    uint32_t first, last;
    *limit = 0;
    if (!array_reserve(&r->acknowledged, &r->acknowledged_cap, r->count + 1, sizeof *r->acknowledged) ||
        !register_filter_make(r, query, &filter))
        return REGISTER_NO_MEMORY;
    size_t count = gather(r, &filter, &first, &last);
    if (count == 0)
        return REGISTER_OK;
    size_t hours = (size_t)(last - first) + 1;
    if (hours > PACES_MAX / people ||
        !array_reserve(&r->paces, &r->pace_cap, people * hours, sizeof *r->paces))
        return REGISTER_NO_MEMORY;
    memset(r->paces, 0, people * hours * sizeof *r->paces);
    for (size_t i = 0; i < count; i++)
        r->paces[r->acknowledged[i].who * hours + (r->acknowledged[i].hour - first)]++;
    for (uint32_t who = 1; who < people; who++) {
        struct register_pace one = {.who = who};
        for (size_t i = 0; i < hours; i++) {
            uint32_t alerts = r->paces[who * hours + i];
            one.alerts += alerts;
            one.hours += alerts > 0;
            one.most = alerts > one.most ? alerts : one.most;
        }
        if (one.alerts > 0)
            insert(out, limit, most, one);
    }
    return REGISTER_OK;
}
