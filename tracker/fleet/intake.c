/*
 * intake: numbers, holes and repeats.
 *
 * A journal's numbers are used up in order. journal.seq is the last used one, so a number at or below it is a
 * duplicate unless it lies in a hole that was given up; the next one is new; one further on shows a hole, and
 * is refused until the unit has sent the missing ones or hole_s has passed. Numbers the unit never used are
 * skipped over as if used.
 *
 * A boot that is neither the current journal nor the one before it starts a new journal if its fix is newer
 * than all before, or if the unit's clock is known to be wrong; it is otherwise the remains of some old one:
 * late. A counter that begins again within a boot, having few bits, stands for nothing from then on: its
 * fixes are new until a repeat of their bytes shows otherwise.
 */
#include "intake.h"

#include "hash.h"
#include "lag.h"
#include "trust.h"

#include <assert.h>

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
    step_over_skips(j);
}

static void give_up_to(struct journal_mark *j, uint64_t seq, struct outcome *out)
{
    struct seq_range hole = {j->seq + 1, seq - 1};
    ranges_push(j->holes, hole);
    out->hole_from = hole.from;
    out->hole_to = hole.to;
}

static void start_journal(struct journal_mark *j, struct text boot)
{
    assert(boot.len > 0 && boot.len <= FIX_BOOT_MAX);
    bool known =
        j->boot_len > 0 && !j->restarted; /* what is left of numbers that mean nothing is told by bytes */
    uint64_t previous = known ? boot_hash(journal_boot(j)) : 0;
    *j = (struct journal_mark){.previous_boot = previous,
                               .previous_seq = j->seq,
                               .hole_clock_ms = TIME_NONE,
                               .boot_len = (uint8_t)boot.len};
    memcpy(j->boot, boot.data, boot.len);
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
        if (j->hole_clock_ms == TIME_NONE)
            j->hole_clock_ms = arrival.clock_ms;
        if (arrival.clock_ms - j->hole_clock_ms < settings->hole_ms)
            return VERDICT_HOLE;
        give_up_to(j, seq, out);
    }
    use_up(j, seq);
    out->state_changed = true;
    return VERDICT_NONE;
}

static enum verdict take_previous(struct journal_mark *j, uint64_t seq, struct outcome *out)
{
    if (seq <= j->previous_seq)
        return VERDICT_DUPLICATE;
    j->previous_seq = seq;
    out->state_changed = true;
    return VERDICT_LATE;
}

/* Takes note of a number whose fix is not judged: its time is then no sign of a counter that began again. */
static void note_unjudged(struct journal_mark *j, uint64_t seq)
{
    if (j->unjudged.to == 0 || seq < j->unjudged.from || seq > j->unjudged.to + 1)
        j->unjudged = (struct seq_range){seq, seq};
    else if (seq > j->unjudged.to)
        j->unjudged.to = seq;
}

/*
 * A number that is used up, in a fix newer than all that were judged: no resend, which would have its old
 * time, but a counter of few bits that has begun again.
 */
static bool counts_again(const struct vehicle_state *state, const struct fix *fix, struct arrival arrival)
{
    const struct seq_range *unjudged = &state->journal.unjudged;
    return (state->flags & VEHICLE_SEEN) && fix->time.ms > state->time_ms && !is_future(fix, arrival) &&
           (fix->seq < unjudged->from || fix->seq > unjudged->to);
}

enum verdict intake_number(struct vehicle_state *state, struct text boot, uint64_t seq,
                           struct arrival arrival, const struct intake_settings *settings,
                           struct outcome *out)
{
    struct journal_mark *j = &state->journal;
    if (text_equal(boot, journal_boot(j))) {
        if (j->restarted)
            return VERDICT_NONE;
    } else {
        if (j->previous_boot != 0 && j->previous_boot == boot_hash(boot))
            return take_previous(j, seq, out);
        if (j->boot_len > 0)
            return VERDICT_LATE; /* it has no time that could show it to be newer */
        start_journal(j, boot);
        if (settings->adopt_first)
            j->seq = seq - 1;
    }
    enum verdict verdict = take_number(state, seq, arrival, settings, out);
    if (verdict == VERDICT_NONE)
        note_unjudged(j, seq);
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
    if (!j->restarted) {
        enum verdict verdict = take_number(state, fix->seq, arrival, settings, out);
        if (verdict == VERDICT_NONE && lag_told(state) && is_remembered(state, fix_hash(fix)))
            return VERDICT_DUPLICATE; /* tracked before its boot was believed; now its number is used up */
        if (verdict != VERDICT_DUPLICATE || !counts_again(state, fix, arrival))
            return verdict;
        j->restarted = true;
        out->restarted = true;
        out->ack = false; /* it says nothing of what is kept */
    }
    return take_content(state, fix, out);
}

/*
 * VERDICT_NONE: new. A boot that nobody knows is a new journal's if its time says so, or if the unit's times
 * are known to say nothing; `*out_old`: it is an old one's.
 */
static enum verdict take_numbered(struct vehicle_state *state, const struct fix *fix, struct arrival arrival,
                                  const struct intake_settings *settings, struct outcome *out, bool *out_old)
{
    struct journal_mark *j = &state->journal;
    if (text_equal(fix->boot, journal_boot(j)))
        return take_current(state, fix, arrival, settings, out);
    if (j->previous_boot != 0 && j->previous_boot == boot_hash(fix->boot))
        return take_previous(j, fix->seq, out);
    bool newer = !(state->flags & VEHICLE_SEEN) || fix->time.ms > state->time_ms;
    bool current = j->boot_len == 0 || (newer && !is_future(fix, arrival)) || lag_told(state);
    *out_old = !current;
    if (!current)
        return take_content(state, fix, out);
    start_journal(j, fix->boot);
    if (settings->adopt_first)
        j->seq = fix->seq - 1;
    return take_number(state, fix->seq, arrival, settings, out);
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
    bool numbered = fix_has(fix, FIX_HAS_SEQ), old = false;
    enum verdict verdict =
        numbered ? take_numbered(state, fix, arrival, settings, out, &old) : take_content(state, fix, out);
    if (verdict == VERDICT_NONE)
        verdict = judge_time(state, fix, arrival, old);
    bool taken = verdict == VERDICT_CLOCK || verdict == VERDICT_LATE;
    if (numbered && taken && text_equal(fix->boot, journal_boot(&state->journal)) &&
        fix->time.ms > state->time_ms)
        note_unjudged(&state->journal, fix->seq);
    return verdict;
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
        start_journal(j, status->boot);
    out->ack = true;
    out->state_changed = true;
    if (!text_equal(status->boot, journal_boot(j)))
        return;
    if (j->restarted) {
        out->ack = false;
        return;
    }
    for (size_t i = 0; i < status->skipped_count; i++)
        add_skip(j, (struct seq_range){status->skipped[i][0], status->skipped[i][1]});
    step_over_skips(j);
    if (status->first > j->seq + 1) {
        /* Cut by size before they came: nobody has them any more. */
        give_up_to(j, status->first, out);
        use_up(j, status->first - 1);
    }
}
