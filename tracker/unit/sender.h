/*
 * sender: what an onboard unit publishes next, and what it does about the answers.
 *
 * The sender is a protocol machine without a socket, a clock or a journal; it knows only sequence numbers.
 * The program tells it what has happened (connected, a fix was journaled, the broker took a message, the
 * tracker acknowledged), asks sender_next() what to do, does it, and reports that.
 *
 * The broker's answer (PUBACK) only sets the pace: it shows how much the link can carry. Only the tracker's
 * `ack` says that a fix is stored, so only `ack` moves the number up to which everything is done. From this
 * follows:
 * - What was sent and is not acknowledged is sent again: after a reconnect from the last ack on; when the
 *   broker has taken fixes and `ack` then stands still for stall_ms (doubling to stall_max_ms while nothing
 *   comes at all; an ack that repeats its number is a tracker that sees a hole, and sets it back; the status
 *   is told again, too); when `ack` goes back.
 * - A backlog goes out oldest first in arrays of at most batch_fixes and batch_bytes. The window (bytes that
 *   the broker has not answered) starts at window_min_bytes, grows while answers come within a second and
 *   halves when one takes two: so the queue in front of a new message stays short on a slow link. At most
 *   SENDER_FLIGHT_MAX messages are ahead of `ack`. `fixes_per_s` bounds the rate.
 * - While the newest fix is held up behind a backlog it goes out by the `live` topic as well, one each
 *   live_ms at most.
 */
#ifndef MW_SENDER_H
#define MW_SENDER_H

#include "clock.h"

#include <stdbool.h>
#include <stdint.h>

enum { SENDER_FLIGHT_MAX = 64 };

struct sender_options {
    uint32_t batch_fixes;
    uint32_t batch_bytes;
    uint32_t window_min_bytes, window_max_bytes;
    uint32_t fixes_per_s; /* 0: no bound */
    int64_t stall_ms, stall_max_ms;
    int64_t live_ms;
};

/* 50 fixes and 7.5 kB, under the 8 KiB that brokers are often set to; 2 to 64 KiB; 2.5 s to 30 s; 2 s. */
struct sender_options sender_defaults(void);

enum sender_verb {
    SENDER_NOTHING,
    SENDER_STATUS, /* publish the status */
    SENDER_FIXES,  /* publish fixes from `from` on, in one message */
    SENDER_LIVE,   /* publish the newest fix, without boot and seq, by the live topic */
};

struct sender_action {
    enum sender_verb verb;
    uint64_t from;
    uint32_t fixes; /* at most so many */
    uint32_t bytes; /* stop before this is passed, but send one at least */
};

/* What an ack has changed. */
enum sender_ack {
    SENDER_ACK_FORWARD,
    SENDER_ACK_SAME,
    SENDER_ACK_BACK,   /* sending again from there */
    SENDER_ACK_BEYOND, /* a number that was never given out here: changes nothing */
};

/* One message on its way. */
struct sender_message {
    uint64_t to; /* its last seq; 0: it was given up and only its bytes count */
    uint32_t bytes;
    int token;
    struct mono at;
    bool taken; /* by the broker */
};

/* What went out in one message of fixes. */
struct sender_sent {
    uint64_t to; /* the last seq in it */
    uint32_t fixes, bytes;
    int token; /* names it in sender_taken */
};

struct sender_stats {
    uint64_t messages, fixes, resent, rewinds_stalled, rewinds_back;
};

struct sender {
    struct sender_options options;
    bool online, status_due;
    uint64_t first, last; /* kept in the journal; last 0: nothing yet */
    uint64_t used;        /* highest number given out or left out */
    uint64_t acked;
    uint64_t next;
    uint64_t highest_sent;
    uint64_t taken_to; /* highest seq that the broker took since the last rewind */
    struct mono stall_since;
    int64_t stall_ms;
    uint32_t window_bytes, flight_bytes;
    struct mono paced_until;
    uint64_t live_seq;
    struct mono live_at;
    bool live_sent;
    struct sender_message flight[SENDER_FLIGHT_MAX]; /* oldest first */
    uint32_t flight_count;
    struct sender_stats stats;
};

/* `acked` as the journal remembers it; `first`, `last` and `used` as it stands. */
void sender_init(struct sender *s, const struct sender_options *options, uint64_t acked);

/* What the journal holds: call at the start and after each append. A new `first` is told by a status. */
void sender_journal(struct sender *s, uint64_t first, uint64_t last, uint64_t used);
/* The ranges left out have changed, so a status has to be sent. */
void sender_tell(struct sender *s);

void sender_online(struct sender *s, struct mono now);
void sender_offline(struct sender *s);

/* The next thing to do. SENDER_NOTHING: ask again after the next event, or at sender_wait_ms. */
struct sender_action sender_next(struct sender *s, struct mono now);
/* The action was done. */
void sender_sent_status(struct sender *s);
void sender_sent_live(struct sender *s, struct mono now);
void sender_sent_fixes(struct sender *s, struct sender_sent sent, struct mono now);
/* The journal holds nothing from `from` on. */
void sender_missing(struct sender *s);

/* The broker took the message; unknown tokens are ignored. */
void sender_taken(struct sender *s, int token, struct mono now);
enum sender_ack sender_acked(struct sender *s, uint64_t seq, struct mono now);

/* Milliseconds until sender_next has to be asked even if nothing happens; -1: never. */
int64_t sender_wait_ms(const struct sender *s, struct mono now);

#endif
