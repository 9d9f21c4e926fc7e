/*
 * sender: see the header. Sequence numbers may have gaps (ranges left out, damage), so no count of fixes is
 * computed as a difference of numbers.
 */
#include "sender.h"

#include <assert.h>
#include <string.h>

/* An answer within this time lets the window grow; one after twice this time halves it. */
enum { QUICK_MS = 1000 };

struct sender_options sender_defaults(void)
{
    return (struct sender_options){
        .batch_fixes = 50,
        .batch_bytes = 7500,
        .window_min_bytes = 2048,
        .window_max_bytes = 65536,
        .fixes_per_s = 500,
        .stall_ms = 2500,
        .stall_max_ms = 30000,
        .live_ms = 2000,
    };
}

void sender_init(struct sender *s, const struct sender_options *options, uint64_t acked)
{
    *s = (struct sender){
        .options = *options,
        .acked = acked,
        .next = acked + 1,
        .taken_to = acked,
        .stall_ms = options->stall_ms,
        .window_bytes = options->window_min_bytes,
    };
}

void sender_journal(struct sender *s, uint64_t first, uint64_t last, uint64_t used)
{
    if (first != s->first && s->first != 0 && first > s->acked + 1)
        s->status_due = true; /* what nobody has acknowledged is gone: the tracker need not wait for it */
    s->first = first;
    s->last = last;
    s->used = used;
    if (s->next < first)
        s->next = first;
}

void sender_tell(struct sender *s)
{
    s->status_due = true;
}

static void send_again(struct sender *s)
{
    /* What the broker has not answered is still in front of whatever comes next: its bytes go on counting. */
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->flight_count; i++)
        if (!s->flight[i].taken) {
            s->flight[kept] = s->flight[i];
            s->flight[kept++].to = 0;
        }
    s->flight_count = kept;
    s->next = s->acked + 1 > s->first ? s->acked + 1 : s->first;
    s->taken_to = s->acked;
}

void sender_online(struct sender *s, struct mono now)
{
    s->online = true;
    s->status_due = true;
    s->flight_count = 0;
    s->flight_bytes = 0;
    s->window_bytes = s->options.window_min_bytes;
    s->stall_ms = s->options.stall_ms;
    s->stall_since = now;
    s->paced_until = now;
    s->live_sent = false;
    send_again(s);
}

void sender_offline(struct sender *s)
{
    s->online = false;
}

static bool is_stalled(const struct sender *s)
{
    return s->taken_to > s->acked;
}

/* Whether there is room in the window: half a batch, so that a full window is not refilled with small
 * messages; a single fix needs only some. */
static bool window_open(const struct sender *s)
{
    if (s->flight_count == SENDER_FLIGHT_MAX || s->flight_bytes >= s->window_bytes)
        return false;
    return s->flight_bytes == 0 || s->next == s->last ||
           s->window_bytes - s->flight_bytes >= s->options.batch_bytes / 2;
}

/* Whether the newest fix has to wait for older ones, or for the window. */
static bool newest_waits(const struct sender *s)
{
    return s->next <= s->last && s->live_seq != s->last && (s->next < s->last || !window_open(s));
}

static void rewind_if_stalled(struct sender *s, struct mono now)
{
    if (!is_stalled(s) || now.ms - s->stall_since.ms < s->stall_ms)
        return;
    s->stall_ms = s->stall_ms * 2 < s->options.stall_max_ms ? s->stall_ms * 2 : s->options.stall_max_ms;
    s->stats.rewinds_stalled++;
    s->status_due =
        true; /* it may wait for numbers that were never used, and remembers only so many ranges */
    send_again(s);
}

static struct sender_action next_fixes(const struct sender *s)
{
    assert(s->flight_bytes < s->window_bytes); /* the window is open */
    uint32_t room = s->window_bytes - s->flight_bytes;
    return (struct sender_action){
        .verb = SENDER_FIXES,
        .from = s->next,
        .fixes = s->options.batch_fixes,
        .bytes = room < s->options.batch_bytes ? room : s->options.batch_bytes,
    };
}

struct sender_action sender_next(struct sender *s, struct mono now)
{
    struct sender_action nothing = {.verb = SENDER_NOTHING};
    if (!s->online)
        return nothing;
    rewind_if_stalled(s, now);
    if (s->status_due)
        return (struct sender_action){.verb = SENDER_STATUS};
    if (newest_waits(s) && (!s->live_sent || now.ms - s->live_at.ms >= s->options.live_ms))
        return (struct sender_action){.verb = SENDER_LIVE, .from = s->last};
    if (s->next <= s->last && window_open(s) && now.ms >= s->paced_until.ms)
        return next_fixes(s);
    return nothing;
}

void sender_sent_status(struct sender *s)
{
    s->status_due = false;
}

void sender_sent_live(struct sender *s, struct mono now)
{
    s->live_sent = true;
    s->live_seq = s->last;
    s->live_at = now;
}

void sender_sent_fixes(struct sender *s, struct sender_sent sent, struct mono now)
{
    assert(s->flight_count < SENDER_FLIGHT_MAX && sent.to >= s->next); /* sender_next has seen to that */
    s->flight[s->flight_count++] =
        (struct sender_message){.to = sent.to, .bytes = sent.bytes, .token = sent.token, .at = now};
    s->flight_bytes += sent.bytes;
    s->next = sent.to + 1;
    s->stats.messages++;
    s->stats.fixes += sent.fixes;
    if (sent.to <= s->highest_sent)
        s->stats.resent += sent.fixes;
    else
        s->highest_sent = sent.to;
    if (s->options.fixes_per_s > 0) {
        int64_t from_ms = s->paced_until.ms > now.ms ? s->paced_until.ms : now.ms;
        s->paced_until.ms = from_ms + (int64_t)sent.fixes * 1000 / s->options.fixes_per_s;
    }
}

void sender_missing(struct sender *s)
{
    s->next = s->last + 1;
}

/* Forgets the messages that the broker has taken and that were acknowledged or given up. */
static void drop_done(struct sender *s)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->flight_count; i++)
        if (!s->flight[i].taken || s->flight[i].to > s->acked)
            s->flight[kept++] = s->flight[i];
    s->flight_count = kept;
}

static void adapt_window(struct sender *s, int64_t took_ms, uint32_t bytes)
{
    if (took_ms <= QUICK_MS)
        s->window_bytes += bytes;
    else if (took_ms > 2 * QUICK_MS)
        s->window_bytes /= 2;
    if (s->window_bytes > s->options.window_max_bytes)
        s->window_bytes = s->options.window_max_bytes;
    if (s->window_bytes < s->options.window_min_bytes)
        s->window_bytes = s->options.window_min_bytes;
}

void sender_taken(struct sender *s, int token, struct mono now)
{
    uint32_t i = 0;
    while (i < s->flight_count && (s->flight[i].taken || s->flight[i].token != token))
        i++;
    if (i == s->flight_count)
        return;
    struct sender_message *m = &s->flight[i];
    m->taken = true;
    assert(m->bytes <= s->flight_bytes);
    s->flight_bytes -= m->bytes;
    adapt_window(s, now.ms - m->at.ms, m->bytes);
    if (m->to > s->taken_to) {
        if (!is_stalled(s))
            s->stall_since = now;
        s->taken_to = m->to;
    }
    drop_done(s);
}

enum sender_ack sender_acked(struct sender *s, uint64_t seq, struct mono now)
{
    if (seq > s->used)
        return SENDER_ACK_BEYOND;
    if (seq == s->acked) {
        s->stall_ms = s->options.stall_ms;
        return SENDER_ACK_SAME;
    }
    bool back = seq < s->acked;
    s->acked = seq;
    s->stall_ms = s->options.stall_ms;
    s->stall_since = now;
    if (back) {
        s->stats.rewinds_back++;
        s->status_due = s->status_due || s->first > seq + 1;
        send_again(s);
        return SENDER_ACK_BACK;
    }
    if (s->next <= seq)
        s->next = seq + 1;
    drop_done(s);
    return SENDER_ACK_FORWARD;
}

static int64_t sooner(int64_t wait_ms, int64_t other_ms)
{
    if (other_ms < 0)
        other_ms = 0;
    return wait_ms < 0 || other_ms < wait_ms ? other_ms : wait_ms;
}

int64_t sender_wait_ms(const struct sender *s, struct mono now)
{
    if (!s->online)
        return -1;
    int64_t wait_ms = s->status_due ? 0 : -1;
    if (is_stalled(s))
        wait_ms = sooner(wait_ms, s->stall_since.ms + s->stall_ms - now.ms);
    if (newest_waits(s))
        wait_ms = sooner(wait_ms, s->live_sent ? s->live_at.ms + s->options.live_ms - now.ms : 0);
    if (s->next <= s->last && window_open(s))
        wait_ms = sooner(wait_ms, s->paced_until.ms - now.ms);
    return wait_ms;
}
