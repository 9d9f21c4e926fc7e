/*
 * intake: numbers, holes and repeats.
 *
 * A journal's numbers are used up in order. journal.seq is the last used one, so a number at or below it is a
 * duplicate unless it lies in a hole that was given up; the next one is new; one further on shows a hole, and
 * is refused until the unit has sent the missing ones or hole_s has passed (pass_hole). Numbers the unit
 * never used are skipped over as if used.
 *
 * A boot that is neither the current journal nor the one before it starts a new journal if its fix is newer
 * than all before, or if the unit's clock is known to be wrong; it is otherwise the remains of some old one:
 * late. A counter that begins again within a boot, having few bits, stands for nothing from then on: its
 * fixes are new until a repeat of their bytes shows otherwise. What tells it from a repeat of something that
 * was tracked and not judged is in seen.h.
 */
#include "intake.h"

#include "hash.h"
#include "lag.h"
#include "seen.h"
#include "trust.h"

#include <assert.h>

/* What units keep, and so may send again: of a state that was lost nobody knows which of it came, and with
 * which clock. So long no counter is taken for one that began again. */
#define KEPT_MS (INT64_C(7) * 86400 * 1000)

static struct text journal_boot(const struct journal_mark *j)
{
    return (struct text){j->boot, j->boot_len};
}

static uint64_t boot_hash(struct text boot)
{
    /* Fixed key: the hash is written with the state. A unit could make two of its own boots collide, to its
     * own harm. */
    return hash_bytes((struct hash_key){1, 2}, boot.data, boot.len);
}

/* A fix by its bytes; one with a number by that and by its time, should the number have begun again. */
static uint64_t fix_hash(const struct fix *fix)
{
    bool numbered = fix_has(fix, FIX_HAS_SEQ);
    struct {
        int64_t time_ms;
        double lat_deg, lon_deg;
        uint64_t content, seq;
    } key = {fix->time.ms, 0, 0, numbered ? boot_hash(fix->boot) : fix->content, fix->seq};
    if (fix_has(fix, FIX_HAS_POSITION)) {
        key.lat_deg = fix->lat_deg + 0.0; /* minus zero becomes zero */
        key.lon_deg = fix->lon_deg + 0.0;
    }
    return hash_bytes((struct hash_key){3, 4}, &key, sizeof key);
}

static bool is_remembered(const struct vehicle_state *state, uint64_t hash)
{
    for (uint32_t i = 0; i < state->recent_count; i++)
        if (state->recent[i] == hash)
            return true;
    return false;
}

/*
 * Between two fixes, a message that says once more what one before the last one said is a switch that went
 * back, not a repeat: else a flicker would stand as its last word.
 */
static bool went_back(const struct vehicle_state *state, const struct fix *fix, uint64_t hash)
{
    uint32_t last = (state->recent_next + VEHICLE_RECENT_MAX - 1u) % VEHICLE_RECENT_MAX;
    return (state->flags & VEHICLE_ADDED) && fix_has(fix, FIX_HAS_SENSORS) &&
           fix->time.ms == state->time_ms && state->recent[last] != hash;
}

/* Whether the fix equals one of the last distinct ones; remembers it if not. */
static bool seen_recently(struct vehicle_state *state, const struct fix *fix)
{
    uint64_t hash = fix_hash(fix);
    if (is_remembered(state, hash) && !went_back(state, fix, hash))
        return true;
    state->recent[state->recent_next] = hash;
    state->recent_next = (uint8_t)((state->recent_next + 1) % VEHICLE_RECENT_MAX);
    if (state->recent_count < VEHICLE_RECENT_MAX)
        state->recent_count++;
    return false;
}

static bool is_future(const struct fix *fix, struct arrival arrival)
{
    return fix->time.ms > arrival.received_ms + INTAKE_FUTURE_MS;
}

static void ranges_remove(struct seq_range *ranges, int at)
{
    for (int i = at; i + 1 < JOURNAL_RANGES_MAX; i++)
        ranges[i] = ranges[i + 1];
    ranges[JOURNAL_RANGES_MAX - 1] = (struct seq_range){0};
}

/* Adds at the end; when full the oldest is forgotten, and what still comes of it counts as a duplicate. */
static void ranges_push(struct seq_range *ranges, struct seq_range range)
{
    if (ranges[JOURNAL_RANGES_MAX - 1].to != 0)
        ranges_remove(ranges, 0);
    for (int i = 0; i < JOURNAL_RANGES_MAX; i++)
        if (ranges[i].to == 0) {
            ranges[i] = range;
            return;
        }
}

/* Takes one number out of the holes; false if it is in none. */
static bool fill_hole(struct journal_mark *j, uint64_t seq)
{
    for (int i = 0; i < JOURNAL_RANGES_MAX; i++) {
        struct seq_range *r = &j->holes[i];
        if (seq < r->from || seq > r->to)
            continue;
        struct seq_range above = {seq + 1, r->to};
        bool splits = seq > r->from && seq < r->to;
        if (seq == r->from)
            r->from = seq + 1;
        else
            r->to = seq - 1;
        if (r->from > r->to)
            ranges_remove(j->holes, i);
        if (splits)
            ranges_push(j->holes, above);
        return true;
    }
    return false;
}

/* Steps over numbers that were never used, and forgets those behind. */
static void step_over_skips(struct journal_mark *j)
{
    for (int i = 0; i < JOURNAL_RANGES_MAX && j->skips[i].to != 0;) {
        if (j->skips[i].from <= j->seq + 1 && j->skips[i].to > j->seq)
            j->seq = j->skips[i].to;
        if (j->skips[i].to <= j->seq)
            ranges_remove(j->skips, i);
        else
            i++;
    }
}

static void use_up(struct journal_mark *j, uint64_t seq)
{
    j->seq = seq;
    j->hole_clock_ms = TIME_NONE;
    j->beyond = 0;
    step_over_skips(j);
}

static void give_up_to(struct journal_mark *j, uint64_t seq, struct outcome *out)
{
    struct seq_range hole = {j->seq + 1, seq - 1};
    ranges_push(j->holes, hole);
    out->hole_from = hole.from;
    out->hole_to = hole.to;
}

/* Numbers below `first` are nowhere any more. */
static void begin_at(struct journal_mark *j, uint64_t first, struct outcome *out)
{
    if (first <= j->seq + 1)
        return;
    give_up_to(j, first, out);
    use_up(j, first - 1);
}

/* What of a boot is in the track already, from its first number on, needs not come again. */
static void start_journal(struct vehicle_state *state, struct text boot, struct outcome *out)
{
    struct journal_mark *j = &state->journal;
    assert(boot.len > 0 && boot.len <= FIX_BOOT_MAX);
    if (j->boot_len > 0)
        seen_leave(j, boot_hash(journal_boot(j)), state->flags & VEHICLE_SEEN ? state->time_ms : TIME_NEVER);
    j->seq = seen_adopt(j, boot_hash(boot));
    j->hole_clock_ms = TIME_NONE;
    j->beyond = 0;
    j->restarted = false;
    memset(j->holes, 0, sizeof j->holes);
    memset(j->skips, 0, sizeof j->skips);
    memset(j->boot, 0, sizeof j->boot);
    memcpy(j->boot, boot.data, boot.len);
    j->boot_len = (uint8_t)boot.len;
    if (j->told_boot == boot_hash(boot))
        begin_at(j, j->told_first, out);
    j->told_boot = j->told_first = 0;
}

/*
 * A number beyond a hole; true: all before it is used up now. What lies before the lowest number seen beyond
 * the hole is given up after hole_s. That one has come, and was refused: it is waited for once more, so that
 * what the unit still has is not given up with what it has not.
 */
static bool pass_hole(struct journal_mark *j, uint64_t seq, int64_t clock_ms, int64_t hole_ms,
                      struct outcome *out)
{
    if (j->hole_clock_ms == TIME_NONE) {
        j->hole_clock_ms = clock_ms;
        j->beyond = seq;
    }
    if (j->beyond == 0 || seq < j->beyond)
        j->beyond = seq;
    if (clock_ms - j->hole_clock_ms < hole_ms)
        return false;
    out->hole_seen = j->beyond == j->seq + 1;
    uint64_t to = out->hole_seen ? seq : j->beyond;
    give_up_to(j, to, out);
    if (to == seq)
        return true;
    j->seq = to - 1;
    step_over_skips(j);
    j->hole_clock_ms = clock_ms;
    j->beyond = j->seq + 1;
    return j->beyond == seq;
}

/* A number of the current journal. VERDICT_NONE: taken, and in order. */
static enum verdict take_number(struct vehicle_state *state, uint64_t seq, struct arrival arrival,
                                const struct intake_settings *settings, struct outcome *out)
{
    struct journal_mark *j = &state->journal;
    out->ack = true;
    if (seq <= j->seq) {
        if (!fill_hole(j, seq))
            return VERDICT_DUPLICATE;
        out->state_changed = true;
        return VERDICT_LATE;
    }
    if (seq > j->seq + 1) {
        if (!pass_hole(j, seq, arrival.clock_ms, settings->hole_ms, out))
            return VERDICT_HOLE;
    }
    use_up(j, seq);
    out->state_changed = true;
    return VERDICT_NONE;
}

/* Of a journal that is not the one in hand; TIME_NONE for a number alone. */
static enum verdict take_other(struct journal_mark *j, uint64_t boot, uint64_t seq, int64_t time_ms,
                               struct outcome *out)
{
    if (seen_covers(j, boot, seq, time_ms))
        return VERDICT_DUPLICATE;
    seen_note(j, boot, seq, time_ms == TIME_NONE ? TIME_NEVER : time_ms);
    out->state_changed = true;
    return VERDICT_LATE;
}

/* A fix of the journal in hand that is in the track, and newer than all that were judged. */
static bool is_seen(const struct journal_mark *j, const struct fix *fix)
{
    return seen_covers(j, 0, fix->seq, fix->time.ms);
}

/*
 * A number that is used up, in a fix newer than all that were judged and not in the track: no resend, which
 * would have its old time, but a counter of few bits that has begun again.
 */
static bool counts_again(const struct vehicle_state *state, const struct fix *fix, struct arrival arrival)
{
    return (state->flags & VEHICLE_SEEN) && fix->time.ms > state->time_ms && !is_future(fix, arrival);
}

enum verdict intake_number(struct vehicle_state *state, struct fix_number number, struct arrival arrival,
                           const struct intake_settings *settings, struct outcome *out)
{
    struct journal_mark *j = &state->journal;
    if (text_equal(number.boot, journal_boot(j))) {
        if (j->restarted)
            return VERDICT_NONE;
    } else {
        if (j->boot_len > 0) /* it has no time that could show it to be newer */
            return take_other(j, boot_hash(number.boot), number.seq, TIME_NONE, out);
        start_journal(state, number.boot, out);
        if (settings->adopt_first)
            j->seq = number.seq - 1;
    }
    enum verdict verdict = take_number(state, number.seq, arrival, settings, out);
    if (verdict == VERDICT_NONE)
        seen_note(j, 0, number.seq, TIME_NEVER);
    return verdict;
}

/* By its bytes, or what stands for them. VERDICT_NONE: not seen lately. */
static enum verdict take_content(struct vehicle_state *state, const struct fix *fix, struct outcome *out)
{
    if (seen_recently(state, fix))
        return VERDICT_DUPLICATE;
    out->state_changed = true;
    return VERDICT_NONE;
}

/* Of the journal in hand. */
static enum verdict take_current(struct vehicle_state *state, const struct fix *fix, struct arrival arrival,
                                 const struct intake_settings *settings, struct outcome *out)
{
    struct journal_mark *j = &state->journal;
    bool seen = is_seen(j, fix);
    if (!j->restarted) {
        enum verdict verdict = take_number(state, fix->seq, arrival, settings, out);
        if (seen && (verdict == VERDICT_NONE || verdict == VERDICT_LATE))
            return VERDICT_DUPLICATE; /* tracked before its boot was believed; now its number is used up */
        if (verdict != VERDICT_DUPLICATE || seen || !counts_again(state, fix, arrival))
            return verdict;
        seen_add(j, (struct seq_seen){0, 1, j->seq, state->time_ms, 0});
        j->restarted = true;
        out->restarted = true;
        out->ack = false; /* it says nothing of what is kept */
    } else if (seen && !fill_hole(j, fix->seq)) {
        return VERDICT_DUPLICATE; /* of before it began again */
    }
    return take_content(state, fix, out);
}

/* What the number of a fix makes of it. */
struct by_number {
    enum verdict verdict; /* VERDICT_NONE: new */
    bool old;             /* of a journal that the unit no longer writes */
};

/* A boot that nobody knows is a new journal's if its time says so, or if the unit's times are known to say
 * nothing. */
static struct by_number take_numbered(struct vehicle_state *state, const struct fix *fix,
                                      struct arrival arrival, const struct intake_settings *settings,
                                      struct outcome *out)
{
    struct journal_mark *j = &state->journal;
    if (text_equal(fix->boot, journal_boot(j)))
        return (struct by_number){.verdict = take_current(state, fix, arrival, settings, out)};
    uint64_t boot = boot_hash(fix->boot);
    bool seen = seen_covers(j, boot, fix->seq, fix->time.ms); /* what is repeated begins no journal */
    uint64_t left = seen_left(j, boot);
    if (seen || left == 2)
        return (struct by_number){.verdict = take_other(j, boot, fix->seq, fix->time.ms, out)};
    bool newer = !(state->flags & VEHICLE_SEEN) || fix->time.ms > state->time_ms;
    if (j->boot_len > 0 && (!newer || is_future(fix, arrival)) && (left != 0 || !lag_told(state))) {
        if (is_remembered(state, fix_hash(fix))) /* of one whose numbers meant nothing */
            return (struct by_number){VERDICT_DUPLICATE, true};
        enum verdict v = take_other(j, boot, fix->seq, fix->time.ms, out);
        return (struct by_number){v == VERDICT_LATE ? VERDICT_NONE : v, true}; /* its time may be news */
    }
    start_journal(state, fix->boot, out);
    if (settings->adopt_first && j->seq == 0)
        j->seq = fix->seq - 1;
    return (struct by_number){.verdict = take_current(state, fix, arrival, settings, out)};
}

/* What its time makes of a fix that is new. */
static enum verdict judge_time(struct vehicle_state *state, const struct fix *fix, struct arrival arrival,
                               bool old)
{
    if (is_future(fix, arrival)) {
        lag_note_future(state, arrival);
        return VERDICT_CLOCK;
    }
    bool same = (state->flags & VEHICLE_SEEN) && fix->time.ms == state->time_ms && !old;
    if (same && state->lag.stage != LAG_WRONG) {
        /* Of a fix in two messages the second may bring the position. */
        bool placed = fix_has(fix, FIX_HAS_POSITION) && trust_usable(fix);
        return (state->flags & VEHICLE_NOWHERE) && placed ? VERDICT_JUDGED : VERDICT_ADDITION;
    }
    if (lag_is_wrong(state, fix, arrival))
        return VERDICT_CLOCK;
    bool late = old || ((state->flags & VEHICLE_SEEN) && fix->time.ms <= state->time_ms);
    return late ? VERDICT_LATE : VERDICT_JUDGED;
}

enum verdict intake_fix(struct vehicle_state *state, const struct fix *fix, struct arrival arrival,
                        const struct intake_settings *settings, struct outcome *out)
{
    bool numbered = fix_has(fix, FIX_HAS_SEQ);
    struct by_number by = numbered ? take_numbered(state, fix, arrival, settings, out)
                                   : (struct by_number){.verdict = take_content(state, fix, out)};
    enum verdict verdict = by.verdict;
    if (verdict == VERDICT_NONE)
        verdict = judge_time(state, fix, arrival, by.old);
    struct journal_mark *j = &state->journal;
    if (j->boot_len == 0 || j->restarted)
        return verdict;
    if (verdict == VERDICT_JUDGED)
        seen_judged(j, fix->time.ms);
    bool taken = verdict == VERDICT_CLOCK || verdict == VERDICT_LATE;
    if (numbered && taken && fix->time.ms > state->time_ms && text_equal(fix->boot, journal_boot(j)))
        seen_note(j, 0, fix->seq, fix->time.ms);
    return verdict;
}

void intake_recall(struct vehicle_state *state, const struct fix *fix, enum verdict verdict)
{
    struct journal_mark *j = &state->journal;
    if (!fix_has(fix, FIX_HAS_SEQ)) {
        seen_recently(state, fix);
        return;
    }
    bool current = text_equal(fix->boot, journal_boot(j));
    if (!current && verdict == VERDICT_LATE) {
        seen_note(j, boot_hash(fix->boot), fix->seq, fix->time.ms);
        return;
    }
    if (!current)
        start_journal(state, fix->boot, NULL); /* which no status has told of */
    if (fix->seq > j->seq)
        j->seq = fix->seq;
    seen_recall(j, fix->time.ms + KEPT_MS);
}

/* Keeps the ranges ascending; one too many is left out, and its numbers then count as a hole. */
static void add_skip(struct journal_mark *j, struct seq_range range)
{
    if (range.from == 0 || range.from > range.to || range.to <= j->seq)
        return;
    int at = 0;
    while (at < JOURNAL_RANGES_MAX && j->skips[at].to != 0 && j->skips[at].from < range.from)
        at++;
    bool known = at < JOURNAL_RANGES_MAX && j->skips[at].from == range.from && j->skips[at].to == range.to;
    if (known || at == JOURNAL_RANGES_MAX || j->skips[JOURNAL_RANGES_MAX - 1].to != 0)
        return;
    for (int i = JOURNAL_RANGES_MAX - 1; i > at; i--)
        j->skips[i] = j->skips[i - 1];
    j->skips[at] = range;
}

void intake_status(struct vehicle_state *state, const struct unit_status *status, struct outcome *out)
{
    struct journal_mark *j = &state->journal;
    if (status->boot.len == 0 || status->boot.len > FIX_BOOT_MAX)
        return;
    if (j->boot_len == 0)
        start_journal(state, status->boot, out);
    out->ack = true;
    out->state_changed = true;
    if (!text_equal(status->boot, journal_boot(j))) {
        /* It has no time that could show it to be newer, and stands until a fix of it comes that has. */
        j->told_boot = boot_hash(status->boot);
        j->told_first = status->first;
        return;
    }
    if (j->restarted) {
        out->ack = false;
        return;
    }
    for (size_t i = 0; i < status->skipped_count; i++)
        add_skip(j, (struct seq_range){status->skipped[i][0], status->skipped[i][1]});
    step_over_skips(j);
    begin_at(j, status->first, out); /* cut by size before they came, or never used */
}
