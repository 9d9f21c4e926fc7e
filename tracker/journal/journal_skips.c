/*
 * journal_skips: from which number on fixes are kept, and the ranges of numbers that are never used, joined
 * where they touch.
 */
#include "journal_state.h"

#include <assert.h>
#include <string.h>

uint64_t journal_first(const struct journal *j)
{
    for (size_t i = 0; i < j->segment_count; i++)
        if (j->segments[i].first_seq != 0)
            return j->segments[i].first_seq;
    return j->pending_first != 0 ? j->pending_first : j->next_seq;
}

void journal_add_skip(struct journal *j, uint64_t first, uint64_t last)
{
    assert(first <= last);
    for (size_t i = 0; i < j->skip_count; i++)
        if (first <= j->skips[i].last + 1 && j->skips[i].first <= last + 1) {
            if (first < j->skips[i].first)
                j->skips[i].first = first;
            if (last > j->skips[i].last)
                j->skips[i].last = last;
            return;
        }
    if (j->skip_count == JOURNAL_SKIPS_MAX) {
        /* The oldest goes undeclared: the tracker waits hole_s there, once, and goes on. */
        memmove(j->skips, j->skips + 1, (JOURNAL_SKIPS_MAX - 1) * sizeof j->skips[0]);
        j->skip_count--;
    }
    assert(j->skip_count < JOURNAL_SKIPS_MAX);
    j->skips[j->skip_count++] = (struct journal_range){first, last};
}

size_t journal_skips(const struct journal *j, const struct journal_range **out)
{
    uint64_t first = journal_first(j);
    size_t from = 0;
    while (from < j->skip_count && j->skips[from].last < first)
        from++;
    *out = j->skips + from;
    return j->skip_count - from;
}
