/*
 * sender: against a broker that forgets, a link with a rate, and a tracker that follows the contract, crashes
 * and goes back, all on virtual time. The oracle is the tracker's store: every fix that the journal kept,
 * once, in order.
 */
#include "sender.h"

#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FIX_BYTES = 150, QUEUE_MAX = 4096, FIXES_MAX = 40000, TICK_MS = 20 };

struct packet {
    enum { P_STATUS, P_FIXES, P_LIVE } kind;
    uint64_t from, to;
    uint32_t bytes_left;
    int token;
};

struct world {
    struct sender s;
    int64_t now_ms;
    uint64_t seed, random;
    /* The unit: what it has journaled; number n was made at made_ms[n], 0: left out. */
    uint64_t first, last, used;
    int64_t made_ms[FIXES_MAX];
    /* Up link: a queue of bytes. */
    struct packet up[QUEUE_MAX];
    unsigned up_count;
    uint32_t link_bytes_per_s; /* 0: no bound */
    bool linked;
    int tokens;
    /* The broker's queue to the tracker, which may be away. */
    struct packet queue[QUEUE_MAX];
    unsigned queue_count;
    bool broker_lossy; /* loses one message in ten after its PUBACK */
    /* The tracker. */
    bool tracker_up;
    uint64_t stored_to; /* all up to here is durable */
    bool stored[FIXES_MAX];
    unsigned stored_twice, holes;
    int64_t hole_since_ms, beyond_ms;
    uint64_t told_first;
    uint64_t ack_value;
    bool ack_due;
    int64_t ack_at_ms;
    uint64_t shown_live;
    int64_t worst_live_ms;
    uint64_t messages;
};

static struct world *new_world(uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    struct sender_options options = sender_defaults();
    assert_non_null(w);
    w->seed = seed;
    w->random = seed;
    w->now_ms = 1000;
    w->first = 1;
    w->tracker_up = true;
    w->hole_since_ms = -1;
    w->told_first = 1;
    sender_init(&w->s, &options, 0);
    sender_journal(&w->s, 1, 0, 0);
    return w;
}

static struct mono mono(const struct world *w)
{
    return (struct mono){w->now_ms};
}

static void journal_fix(struct world *w)
{
    w->last = ++w->used;
    assert_true(w->last < FIXES_MAX);
    w->made_ms[w->last] = w->now_ms;
    sender_journal(&w->s, w->first, w->last, w->used);
}

static void connect_unit(struct world *w)
{
    w->linked = true;
    w->up_count = 0;
    sender_online(&w->s, mono(w));
}

static void cut_link(struct world *w)
{
    w->linked = false;
    w->up_count = 0;
    sender_offline(&w->s);
}

static void ask_for_ack(struct world *w)
{
    w->ack_due = true;
    w->ack_value = w->stored_to;
}

static bool is_missing(const struct world *w, uint64_t seq)
{
    return w->made_ms[seq] != 0 && seq >= w->told_first;
}

/* What the contract says of a fix by number. */
static void tracker_fix(struct world *w, uint64_t seq)
{
    if (seq <= w->stored_to) {
        w->stored_twice += w->stored[seq] ? 0 : 1; /* fills a recorded hole: stored late */
        w->stored[seq] = true;
        ask_for_ack(w);
        return;
    }
    uint64_t expected = w->stored_to + 1;
    while (expected < seq && !is_missing(w, expected))
        expected++;
    if (seq != expected) {
        /* Only while they keep arriving. */
        if (w->hole_since_ms < 0 || w->now_ms - w->beyond_ms > 5000)
            w->hole_since_ms = w->now_ms;
        w->beyond_ms = w->now_ms;
        ask_for_ack(w);
        if (w->now_ms - w->hole_since_ms < 10000)
            return;
        w->holes++;
    }
    w->hole_since_ms = -1;
    w->stored[seq] = true;
    w->stored_to = seq;
    ask_for_ack(w);
}

static void tracker_packet(struct world *w, const struct packet *p)
{
    if (p->kind == P_LIVE) {
        w->shown_live = p->to;
    } else if (p->kind == P_STATUS) {
        w->told_first = p->from > w->told_first ? p->from : w->told_first;
        ask_for_ack(w);
    } else {
        for (uint64_t seq = p->from; seq <= p->to; seq++)
            if (w->made_ms[seq] != 0)
                tracker_fix(w, seq);
    }
}

static void broker_packet(struct world *w, const struct packet *p)
{
    if (p->kind == P_FIXES)
        sender_taken(&w->s, p->token, mono(w));
    bool lost = w->broker_lossy && random_below(&w->random, 10) == 0;
    if (p->kind == P_LIVE)
        tracker_packet(w, p); /* QoS 0: to whoever is there */
    else if (!lost && w->queue_count < QUEUE_MAX)
        w->queue[w->queue_count++] = *p;
}

static void move_link(struct world *w)
{
    int64_t budget = w->link_bytes_per_s == 0 ? INT64_MAX : (int64_t)w->link_bytes_per_s * TICK_MS / 1000;
    unsigned done = 0;
    while (w->linked && done < w->up_count && budget > 0) {
        struct packet *p = &w->up[done];
        uint32_t n = p->bytes_left < budget ? p->bytes_left : (uint32_t)budget;
        p->bytes_left -= n;
        budget -= n;
        if (p->bytes_left > 0)
            break;
        done++;
        broker_packet(w, p);
    }
    w->up_count -= done;
    memmove(w->up, w->up + done, w->up_count * sizeof w->up[0]);
}

static void put_up(struct world *w, struct packet p)
{
    assert_true(w->up_count < QUEUE_MAX);
    w->up[w->up_count++] = p;
    w->messages++;
}

static void unit_send(struct world *w)
{
    struct sender_action a;
    unsigned turns = 0;
    while ((a = sender_next(&w->s, mono(w))).verb != SENDER_NOTHING) {
        assert_true(turns++ < 1000);
        if (a.verb == SENDER_STATUS) {
            put_up(w, (struct packet){P_STATUS, w->first, 0, 100, 0});
            sender_sent_status(&w->s);
        } else if (a.verb == SENDER_LIVE) {
            put_up(w, (struct packet){P_LIVE, w->last, w->last, FIX_BYTES, 0});
            sender_sent_live(&w->s, mono(w));
        } else {
            uint64_t from = a.from, to = from;
            assert_true(from >= w->first); /* what is before has been removed */
            while (w->made_ms[from] == 0)
                from++;
            uint32_t n = 1;
            to = from;
            for (uint64_t seq = from + 1; seq <= w->last && n < a.fixes && (n + 1) * FIX_BYTES <= a.bytes;
                 seq++)
                if (w->made_ms[seq] != 0) {
                    to = seq;
                    n++;
                }
            put_up(w, (struct packet){P_FIXES, from, to, n * FIX_BYTES + 40, ++w->tokens});
            sender_sent_fixes(&w->s, (struct sender_sent){to, n, n * FIX_BYTES + 40, w->tokens}, mono(w));
        }
    }
    int64_t wait = sender_wait_ms(&w->s, mono(w));
    assert_true(wait != 0); /* nothing to do and nothing to wait for: the loop would spin */
}

static void move_tracker(struct world *w)
{
    if (!w->tracker_up)
        return;
    for (unsigned i = 0; i < w->queue_count; i++)
        tracker_packet(w, &w->queue[i]);
    w->queue_count = 0;
    if (w->ack_due && w->now_ms >= w->ack_at_ms) {
        w->ack_due = false;
        w->ack_at_ms = w->now_ms + 200;
        if (w->linked)
            sender_acked(&w->s, w->ack_value, mono(w));
    }
}

static void tick(struct world *w)
{
    w->now_ms += TICK_MS;
    move_link(w);
    move_tracker(w);
    unit_send(w);
    if (w->linked && w->last > 0 && w->shown_live < w->last && w->stored_to < w->last) {
        int64_t age = w->now_ms - w->made_ms[w->last];
        w->worst_live_ms = age > w->worst_live_ms ? age : w->worst_live_ms;
    }
}

static void run_s(struct world *w, int seconds)
{
    for (int i = 0; i < seconds * 1000 / TICK_MS; i++)
        tick(w);
}

/* One fix each ten seconds. */
static void drive_s(struct world *w, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        if (i % 10 == 0)
            journal_fix(w);
        run_s(w, 1);
    }
}

static void assert_all_stored(struct world *w)
{
    for (uint64_t seq = w->told_first; seq <= w->last; seq++)
        if (w->made_ms[seq] != 0 && !w->stored[seq])
            fail_msg("seed %llu: fix %llu of %llu is missing", (unsigned long long)w->seed,
                     (unsigned long long)seq, (unsigned long long)w->last);
    assert_int_equal(w->s.acked, w->last);
}

static void one_message_a_fix_in_fair_weather(void **state)
{
    struct world *w = new_world(1);
    connect_unit(w);
    drive_s(w, 600);
    assert_all_stored(w);
    assert_int_equal(w->s.stats.messages, 60);
    assert_int_equal(w->s.stats.resent, 0);
    assert_int_equal(w->shown_live, 0);
    free(w);
}

static void a_backlog_goes_in_order_in_batches_with_live_on_top(void **state)
{
    struct world *w = new_world(1);
    for (int i = 0; i < 4000; i++) /* eleven hours */
        journal_fix(w);
    w->link_bytes_per_s = 5000; /* 40 kbit/s */
    connect_unit(w);
    drive_s(w, 240);
    assert_all_stored(w);
    assert_int_equal(w->holes, 0);
    assert_true(w->s.stats.messages < 4000 / 30);
    assert_int_equal(w->s.stats.resent, 0);
    assert_in_range(w->worst_live_ms, 0, 5000);
    assert_true(w->shown_live > 4000);
    free(w);
}

static void the_newest_is_shown_within_five_seconds_on_a_poor_link(void **state)
{
    struct world *w = new_world(1);
    for (int i = 0; i < 3000; i++)
        journal_fix(w);
    w->link_bytes_per_s = 1200; /* 9.6 kbit/s */
    connect_unit(w);
    drive_s(w, 300);
    assert_in_range(w->worst_live_ms, 0, 5000);
    run_s(w, 300);
    assert_all_stored(w);
    assert_int_equal(w->s.stats.resent, 0);
    free(w);
}

static void the_rate_is_bounded(void **state)
{
    struct world *w = new_world(1);
    for (int i = 0; i < 20000; i++)
        journal_fix(w);
    connect_unit(w);
    run_s(w, 10);
    assert_in_range(w->s.stats.fixes, 4800, 5100);
    free(w);
}

static void a_silent_tracker_is_not_flooded(void **state)
{
    struct world *w = new_world(1);
    w->tracker_up = false;
    connect_unit(w);
    drive_s(w, 3600);
    /* 360 fixes; resends every 30 s at the most, in batches. */
    assert_in_range(w->messages, 360, 1300);
    w->tracker_up = true;
    run_s(w, 60);
    assert_all_stored(w);
    free(w);
}

static void a_lost_message_is_sent_again_within_three_seconds(void **state)
{
    struct world *w = new_world(1);
    connect_unit(w);
    drive_s(w, 20);
    w->tracker_up = false;
    journal_fix(w);
    run_s(w, 1);
    w->queue_count = 0; /* the broker forgets what it took */
    w->tracker_up = true;
    run_s(w, 2);
    assert_all_stored(w);
    assert_int_equal(w->s.stats.rewinds_stalled, 1);
    free(w);
}

static void a_hole_is_filled_before_it_is_recorded(void **state)
{
    struct world *w = new_world(1);
    connect_unit(w);
    drive_s(w, 20);
    w->tracker_up = false;
    for (int i = 0; i < 5; i++) {
        journal_fix(w);
        run_s(w, 1);
    }
    assert_true(w->queue_count >= 5);
    memmove(w->queue, w->queue + 1, --w->queue_count * sizeof w->queue[0]);
    w->tracker_up = true;
    run_s(w, 3);
    assert_all_stored(w);
    assert_int_equal(w->holes, 0);
    free(w);
}

static void an_ack_that_goes_back_is_followed(void **state)
{
    struct world *w = new_world(1);
    connect_unit(w);
    drive_s(w, 1000);
    assert_int_equal(w->stored_to, 100);
    /* The store was restored from a copy. */
    for (uint64_t seq = 31; seq <= 100; seq++)
        w->stored[seq] = false;
    w->stored_to = 30;
    ask_for_ack(w);
    run_s(w, 3);
    assert_all_stored(w);
    assert_int_equal(w->s.stats.rewinds_back, 1);
    assert_int_equal(w->holes, 0);
    free(w);
}

/* The tracker that has gone back has forgotten, too, what the unit no longer has: nobody may wait for that.
 */
static void an_ack_behind_what_is_kept_is_answered_with_what_is(void **state)
{
    struct world *w = new_world(1);
    connect_unit(w);
    drive_s(w, 1000);
    w->first = 61;
    sender_journal(&w->s, w->first, w->last, w->used);
    run_s(w, 5);
    for (uint64_t seq = 31; seq <= 100; seq++)
        w->stored[seq] = false;
    w->stored_to = 30;
    w->told_first = 1;
    ask_for_ack(w);
    run_s(w, 1);
    assert_int_equal(w->told_first, 61); /* and not only when it seems stuck */
    run_s(w, 2);
    assert_all_stored(w);
    assert_int_equal(w->s.stats.rewinds_back, 1);
    assert_int_equal(w->holes, 0);
    free(w);
}

static void a_bogus_ack_changes_nothing(void **state)
{
    struct world *w = new_world(1);
    connect_unit(w);
    drive_s(w, 100);
    assert_int_equal(sender_acked(&w->s, w->used + 1, mono(w)), SENDER_ACK_BEYOND);
    assert_int_equal(w->s.acked, w->used);
    free(w);
}

static void a_cut_by_size_is_told_and_not_waited_for(void **state)
{
    struct world *w = new_world(1);
    connect_unit(w);
    drive_s(w, 100);
    cut_link(w);
    for (int i = 0; i < 500; i++)
        journal_fix(w);
    w->first = 300;
    sender_journal(&w->s, w->first, w->last, w->used);
    connect_unit(w);
    run_s(w, 5);
    assert_int_equal(w->told_first, 300);
    assert_all_stored(w);
    assert_int_equal(w->holes, 0);
    /* And while connected. */
    w->tracker_up = false;
    w->queue_count = 0;
    for (int i = 0; i < 100; i++)
        journal_fix(w);
    w->first = 560;
    sender_journal(&w->s, w->first, w->last, w->used);
    run_s(w, 1);
    w->queue_count = 0;
    w->tracker_up = true;
    sender_tell(&w->s);
    run_s(w, 8);
    assert_all_stored(w);
    free(w);
}

static void numbers_left_out_do_not_matter(void **state)
{
    struct world *w = new_world(1);
    connect_unit(w);
    drive_s(w, 50);
    w->used += 1024;
    drive_s(w, 50);
    w->used += 5000;
    cut_link(w);
    drive_s(w, 300);
    connect_unit(w);
    run_s(w, 5);
    assert_all_stored(w);
    assert_int_equal(w->holes, 0);
    free(w);
}

/* Online, told the status, with this many fixes and a window as at the start. */
static void begin_online(struct sender *s, uint64_t last)
{
    struct sender_options options = sender_defaults();
    sender_init(s, &options, 0);
    sender_journal(s, 1, last, last);
    sender_online(s, (struct mono){0});
    assert_int_equal(sender_next(s, (struct mono){0}).verb, SENDER_STATUS);
    sender_sent_status(s);
}

static void a_single_fix_goes_beside_what_is_under_way(void **state)
{
    struct sender s;
    begin_online(&s, 1);
    struct sender_action a = sender_next(&s, (struct mono){0});
    assert_true(a.verb == SENDER_FIXES && a.from == 1);
    sender_sent_fixes(&s, (struct sender_sent){1, 1, 190, 1}, (struct mono){0});
    sender_journal(&s, 1, 2, 2);
    a = sender_next(&s, (struct mono){100});
    assert_true(a.verb == SENDER_FIXES && a.from == 2);
    assert_true(a.bytes <= s.options.window_min_bytes - 190);
}

static void slow_answers_leave_a_window(void **state)
{
    struct sender s;
    begin_online(&s, 100);
    int64_t now_ms = 0;
    for (int i = 1; i <= 30; i++) {
        struct sender_action a = sender_next(&s, (struct mono){now_ms});
        for (int turns = 0; a.verb != SENDER_FIXES; turns++) {
            assert_true(turns < 3); /* it is owed no more than this beside them */
            if (a.verb == SENDER_LIVE)
                sender_sent_live(&s, (struct mono){now_ms});
            a = sender_next(&s, (struct mono){now_ms});
        }
        assert_true(a.bytes >= s.options.window_min_bytes);
        sender_sent_fixes(&s, (struct sender_sent){a.from, 1, 190, i}, (struct mono){now_ms});
        now_ms += 2100;
        sender_taken(&s, i, (struct mono){now_ms});
        sender_acked(&s, a.from, (struct mono){now_ms});
    }
}

static void what_is_cut_while_online_is_told_at_once(void **state)
{
    struct sender s;
    begin_online(&s, 20);
    sender_sent_fixes(&s, (struct sender_sent){20, 20, 2000, 1}, (struct mono){0});
    sender_journal(&s, 10, 20, 20);
    assert_int_equal(sender_next(&s, (struct mono){1}).verb, SENDER_STATUS);
    sender_sent_status(&s);
    /* What was acknowledged may go without a word. */
    sender_taken(&s, 1, (struct mono){1});
    sender_acked(&s, 20, (struct mono){2});
    sender_journal(&s, 15, 20, 20);
    assert_int_equal(sender_next(&s, (struct mono){3}).verb, SENDER_NOTHING);
}

static void what_is_acknowledged_late_is_not_sent_again(void **state)
{
    struct sender s;
    begin_online(&s, 20);
    sender_sent_fixes(&s, (struct sender_sent){20, 20, 2000, 1}, (struct mono){0});
    sender_taken(&s, 1, (struct mono){0});
    int64_t now_ms = s.options.stall_ms;
    assert_int_equal(sender_next(&s, (struct mono){now_ms}).verb, SENDER_STATUS); /* it seems lost */
    sender_sent_status(&s);
    assert_int_equal(sender_acked(&s, 20, (struct mono){now_ms}), SENDER_ACK_FORWARD);
    assert_int_equal(sender_next(&s, (struct mono){now_ms + 1000}).verb, SENDER_NOTHING);
}

static void the_newest_is_shown_at_once_on_a_new_link(void **state)
{
    struct sender s;
    begin_online(&s, 100);
    assert_int_equal(sender_next(&s, (struct mono){0}).verb, SENDER_LIVE);
    sender_sent_live(&s, (struct mono){0});
    sender_journal(&s, 1, 101, 101);
    assert_int_equal(sender_next(&s, (struct mono){500}).verb, SENDER_FIXES);
    sender_offline(&s);
    sender_online(&s, (struct mono){500});
    sender_sent_status(&s);
    assert_int_equal(sender_next(&s, (struct mono){500}).verb, SENDER_LIVE);
}

/* Links cut, brokers killed, messages lost, trackers away and set back, units restarted: nothing is missing.
 */
static void whatever_happens_all_is_stored(void **state)
{
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct world *w = new_world(seed);
        connect_unit(w);
        for (int i = 0; i < 150; i++) {
            switch (random_below(&w->random, 14)) {
            case 0:
                cut_link(w);
                break;
            case 1: /* the broker is killed: it forgets, and everyone reconnects */
                w->queue_count = 0;
                cut_link(w);
                break;
            case 2:
                w->tracker_up = !w->tracker_up;
                break;
            case 3: { /* a store set back */
                uint64_t back = random_below(&w->random, 40);
                uint64_t to = w->stored_to > back ? w->stored_to - back : 0;
                for (uint64_t seq = to + 1; seq <= w->stored_to; seq++)
                    w->stored[seq] = false;
                w->stored_to = to;
                ask_for_ack(w);
                break;
            }
            case 4:
                w->broker_lossy = !w->broker_lossy;
                break;
            case 5:
                w->link_bytes_per_s = (uint32_t)random_below(&w->random, 3) * 3000;
                break;
            case 6: { /* the unit is killed: it knows an older ack, and leaves numbers out */
                struct sender_options options = sender_defaults();
                uint64_t forgotten = random_below(&w->random, 10);
                sender_init(&w->s, &options, w->s.acked > forgotten ? w->s.acked - forgotten : 0);
                w->used += random_below(&w->random, 20);
                sender_journal(&w->s, w->first, w->last, w->used);
                w->linked = false;
                w->up_count = 0;
                break;
            }
            default:
                break;
            }
            if (!w->linked && random_below(&w->random, 3) > 0)
                connect_unit(w);
            drive_s(w, 1 + (int)random_below(&w->random, 40));
        }
        w->tracker_up = true;
        w->broker_lossy = false;
        w->link_bytes_per_s = 0;
        cut_link(w);
        connect_unit(w);
        run_s(w, 60);
        assert_all_stored(w);
        free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_message_a_fix_in_fair_weather),
        cmocka_unit_test(a_backlog_goes_in_order_in_batches_with_live_on_top),
        cmocka_unit_test(the_newest_is_shown_within_five_seconds_on_a_poor_link),
        cmocka_unit_test(the_rate_is_bounded),
        cmocka_unit_test(a_silent_tracker_is_not_flooded),
        cmocka_unit_test(a_lost_message_is_sent_again_within_three_seconds),
        cmocka_unit_test(a_hole_is_filled_before_it_is_recorded),
        cmocka_unit_test(an_ack_that_goes_back_is_followed),
        cmocka_unit_test(an_ack_behind_what_is_kept_is_answered_with_what_is),
        cmocka_unit_test(a_bogus_ack_changes_nothing),
        cmocka_unit_test(a_cut_by_size_is_told_and_not_waited_for),
        cmocka_unit_test(numbers_left_out_do_not_matter),
        cmocka_unit_test(a_single_fix_goes_beside_what_is_under_way),
        cmocka_unit_test(slow_answers_leave_a_window),
        cmocka_unit_test(what_is_acknowledged_late_is_not_sent_again),
        cmocka_unit_test(the_newest_is_shown_at_once_on_a_new_link),
        cmocka_unit_test(what_is_cut_while_online_is_told_at_once),
        cmocka_unit_test(whatever_happens_all_is_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
