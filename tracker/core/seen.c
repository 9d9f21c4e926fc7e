#include "seen.h"

static int count_of(const struct journal_mark *j)
{
    int count = 0;
    while (count < JOURNAL_SEEN_MAX && j->seen[count].to != 0)
        count++;
    return count;
}

static void remove_at(struct journal_mark *j, int at)
{
    for (int i = at; i + 1 < JOURNAL_SEEN_MAX; i++)
        j->seen[i] = j->seen[i + 1];
    j->seen[JOURNAL_SEEN_MAX - 1] = (struct seq_seen){0};
}

static void widen(struct seq_seen *s, uint64_t from, uint64_t to, int64_t time_ms)
{
    s->from = from < s->from ? from : s->from;
    s->to = to > s->to ? to : s->to;
    s->newest_ms = time_ms > s->newest_ms ? time_ms : s->newest_ms;
}

/* Of the journal in hand, of numbers whose times nobody knows. There is one at most: the last. */
static bool is_timeless(const struct seq_seen *s)
{
    return s->boot == 0 && s->newest_ms == TIME_NEVER;
}

static bool are_alike(const struct seq_seen *a, const struct seq_seen *b)
{
    return a->boot == b->boot && is_timeless(a) == is_timeless(b);
}

/* Whether the mark alone calls all of a range used up. */
static bool is_below(const struct journal_mark *j, const struct seq_seen *s)
{
    for (int i = 0; i < JOURNAL_RANGES_MAX && j->holes[i].to != 0; i++)
        if (j->holes[i].from <= s->to && s->from <= j->holes[i].to)
            return false;
    return s->to <= j->seq;
}

/* Makes one of two of the journal in hand; what of a hole lies between them then counts as repeated. */
static bool merge_two(struct journal_mark *j, bool over_holes)
{
    for (int i = 0; i < JOURNAL_SEEN_MAX; i++)
        for (int k = i + 1; k < JOURNAL_SEEN_MAX; k++) {
            struct seq_seen one = j->seen[k];
            widen(&one, j->seen[i].from, j->seen[i].to, j->seen[i].newest_ms);
            if (j->seen[i].boot != 0 || !are_alike(&j->seen[i], &j->seen[k]) ||
                (over_holes ? one.to > j->seq : !is_below(j, &one)))
                continue;
            j->seen[k] = one;
            remove_at(j, i);
            return true;
        }
    return false;
}

static void make_room(struct journal_mark *j)
{
    int oldest = 0;
    if (merge_two(j, false) || merge_two(j, true))
        return;
    while (oldest + 1 < JOURNAL_SEEN_MAX && j->seen[oldest].boot == 0)
        oldest++;
    remove_at(j, j->seen[oldest].boot != 0 ? oldest : 0);
}

/* A range that has grown may have met another one. */
static void join(struct journal_mark *j, int at)
{
    for (int i = 0; i < JOURNAL_SEEN_MAX && j->seen[i].to != 0; i++) {
        struct seq_seen *a = &j->seen[at], *b = &j->seen[i];
        if (i == at || !are_alike(a, b) || a->from > b->to + 1 || b->from > a->to + 1)
            continue;
        widen(b, a->from, a->to, a->newest_ms);
        b->left = a->left > b->left ? a->left : b->left;
        remove_at(j, at);
        return;
    }
}

bool seen_covers(const struct journal_mark *j, uint64_t boot, uint64_t seq, int64_t time_ms)
{
    for (int i = 0; i < JOURNAL_SEEN_MAX && j->seen[i].to != 0; i++) {
        const struct seq_seen *s = &j->seen[i];
        if (s->boot == boot && seq >= s->from && seq <= s->to && time_ms <= s->newest_ms)
            return true;
    }
    return false;
}

void seen_add(struct journal_mark *j, struct seq_seen range)
{
    if (j->seen[JOURNAL_SEEN_MAX - 1].to != 0)
        make_room(j);
    j->seen[count_of(j)] = range;
}

void seen_note(struct journal_mark *j, uint64_t boot, uint64_t seq, int64_t time_ms)
{
    const struct seq_seen one = {boot, seq, seq, time_ms, 0};
    for (int i = 0; i < JOURNAL_SEEN_MAX && j->seen[i].to != 0; i++) {
        struct seq_seen *s = &j->seen[i];
        if (!are_alike(s, &one))
            continue;
        if (seq + 1 >= s->from && seq <= s->to + 1) {
            widen(s, seq, seq, time_ms);
            join(j, i);
            return;
        }
        if (is_timeless(s)) {
            *s = one;
            return;
        }
    }
    seen_add(j, one);
}

void seen_recall(struct journal_mark *j, int64_t time_ms)
{
    for (int i = 0; i < JOURNAL_SEEN_MAX && j->seen[i].to != 0; i++)
        if (j->seen[i].boot == 0 && j->seen[i].from == 1) {
            widen(&j->seen[i], 1, j->seq, time_ms);
            return;
        }
    seen_add(j, (struct seq_seen){0, 1, j->seq, time_ms, 0});
}

uint64_t seen_left(const struct journal_mark *j, uint64_t boot)
{
    uint64_t left = 0;
    for (int i = 0; i < JOURNAL_SEEN_MAX && j->seen[i].to != 0; i++)
        if (j->seen[i].boot == boot && j->seen[i].left > left)
            left = j->seen[i].left;
    return left;
}

void seen_judged(struct journal_mark *j, int64_t time_ms)
{
    for (int i = 0; i < JOURNAL_SEEN_MAX && j->seen[i].to != 0;)
        if (j->seen[i].boot == 0 && j->seen[i].newest_ms <= time_ms && is_below(j, &j->seen[i]))
            remove_at(j, i);
        else
            i++;
}

void seen_leave(struct journal_mark *j, uint64_t boot, int64_t time_ms)
{
    for (int i = 0; i < JOURNAL_SEEN_MAX && j->seen[i].to != 0;) {
        struct seq_seen *s = &j->seen[i];
        s->left = s->left > 0;
        if (s->boot == 0 && (j->restarted || s->to > j->seq)) {
            s->boot = boot;
            s->left = 1;
        }
        if (s->boot != 0) {
            i++;
            continue;
        }
        time_ms = s->newest_ms > time_ms ? s->newest_ms : time_ms;
        remove_at(j, i); /* all of it is below the mark */
    }
    if (j->seq > 0 && !j->restarted)
        seen_add(j, (struct seq_seen){boot, 1, j->seq, time_ms, 2});
}

uint64_t seen_adopt(struct journal_mark *j, uint64_t boot)
{
    uint64_t to = 0;
    for (int i = 0; i < JOURNAL_SEEN_MAX && j->seen[i].to != 0; i++) {
        struct seq_seen *s = &j->seen[i];
        if (s->boot != boot)
            continue;
        s->boot = s->left = 0;
        if (s->from <= 1)
            to = s->to;
    }
    return to;
}
