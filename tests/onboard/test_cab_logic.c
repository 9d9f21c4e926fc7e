/*
 * cab: a unit on a virtual clock, with a journal on a disk in memory and a broker that is an array. The
 * oracle is what the tracker would have: every fix that was journaled, under its own number, once
 * acknowledged never again.
 */
#include "cab.h"

#include "fake_disk.h"
#include "fix_json.h"
#include "unit_json.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muckwatch/contract.h>

enum { FIXES_MAX = 4096 };

#define BEGIN_MS INT64_C(1780000000000)

static struct fake_disk *disk;
static struct journal *journal;
static struct cab cab;
static struct sampler_now now;
static unsigned heard[FIXES_MAX]; /* how often each number has come to the broker */
static unsigned messages, statuses, lives, largest;
static int token;
static char status[8192];

static struct sensor_settings settings[SENSOR_COUNT];

static struct cab_options options(void)
{
    struct cab_options o = {
        .agent = TEXT("test/1"),
        .floor = {BEGIN_MS - 1},
        .sampling = {.every_ms = 10000, .turn_deg = 20, .distance_m = 200, .standing_ms = 60000},
        .sending = sender_defaults(),
        .sensors = settings,
    };
    o.sending.fixes_per_s = 0;
    return o;
}

static void open_journal(void)
{
    const struct journal_options o = {
        .max_bytes = 64 << 20,
        .max_age_ms = INT64_C(7) * 86400000,
        .fsync_ms = 5000,
        .segment_bytes = 512 << 10,
        .memory_bytes = 512 << 10,
    };
    struct journal_disk d = fake_disk_open(disk);
    assert_int_equal(journal_open(&d, &o, "0123456789abcdef", now.wall, &journal), JOURNAL_OK);
}

static int set_up(void **state)
{
    (void)state;
    memset(heard, 0, sizeof heard);
    messages = statuses = lives = largest = 0;
    token = 0;
    now = (struct sampler_now){{BEGIN_MS}, {5000}};
    for (int i = 0; i < SENSOR_COUNT; i++)
        settings[i] = (struct sensor_settings){1000, 300000, 0};
    disk = malloc(sizeof *disk);
    if (disk == NULL)
        return -1;
    fake_disk_init(disk, 1);
    struct cab_options o = options();
    cab_init(&cab, &o, now.mono);
    open_journal();
    cab_use_journal(&cab, journal, now.mono);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cab_fini(&cab);
    journal_close(journal, now.wall);
    fake_disk_fini(disk);
    free(disk);
    return 0;
}

static void pass_ms(int64_t ms)
{
    now.wall.ms += ms;
    now.mono.ms += ms;
}

/* The broker takes a message and says so. */
static void take(const struct cab_message *m)
{
    messages++;
    if (m->payload.len > largest)
        largest = (unsigned)m->payload.len;
    if (m->verb == SENDER_STATUS) {
        statuses++;
        assert_string_equal(m->suffix, MW_TOPIC_STATUS);
        assert_true(m->retain && m->qos == 1 && m->payload.len < sizeof status);
        memcpy(status, m->payload.data, m->payload.len);
        status[m->payload.len] = '\0';
        return;
    }
    if (m->verb == SENDER_LIVE) {
        lives++;
        assert_string_equal(m->suffix, MW_TOPIC_LIVE);
        assert_true(!m->retain && m->qos == 0);
        return;
    }
    assert_string_equal(m->suffix, MW_TOPIC_FIX);
    struct fix_reader reader;
    struct fix_item item;
    uint32_t fixes = 0;
    uint64_t last = 0;
    fix_reader_init(&reader, m->payload);
    while (fix_reader_next(&reader, &item)) {
        assert_int_equal(item.error, FIX_OK);
        assert_true(text_equal(item.fix.boot, journal_boot(journal)));
        assert_true(item.fix.seq > last && item.fix.seq < FIXES_MAX);
        last = item.fix.seq;
        heard[last]++;
        fixes++;
    }
    assert_int_equal(fixes, m->fixes);
    assert_int_equal(last, m->to);
}

static void send_all(void)
{
    struct cab_message m;
    while (cab_next(&cab, now.mono, &m)) {
        take(&m);
        cab_sent(&cab, &m, ++token, now.mono);
        if (m.verb == SENDER_FIXES)
            sender_taken(&cab.sender, token, now.mono);
    }
}

static enum cab_kept drive(double lat_deg, double speed_mps)
{
    const struct fix position = {
        .time = now.wall,
        .lat_deg = lat_deg,
        .lon_deg = 112.9,
        .speed_mps = (float)speed_mps,
        .mode = 3,
        .has = FIX_HAS_POSITION | FIX_HAS_SPEED | FIX_HAS_MODE,
        .sensors = sensors_none(),
    };
    enum sampler_verdict verdict;
    enum cab_kept kept = cab_take_position(&cab, &position, now, &verdict);
    assert_true(verdict <= SAMPLER_REPEATED);
    return kept;
}

/* So many seconds at 10 m/s, a position each second, and what is due after each. */
static struct cab_ack acknowledge(uint64_t seq)
{
    char text[128];
    struct text boot = journal_boot(journal);
    snprintf(text, sizeof text, "{\"boot\":\"%.*s\",\"seq\":%llu}", TEXT_ARG(boot), (unsigned long long)seq);
    return cab_take_ack(&cab, text_of(text), now.mono);
}

enum link { LINK_NONE, LINK_WITHOUT_ACKS, LINK_GOOD };

static void drive_for(int seconds, enum link link)
{
    static double lat_deg = 28.0;
    for (int i = 0; i < seconds; i++) {
        pass_ms(1000);
        lat_deg += 10.0 / 111195;
        drive(lat_deg, 10);
        assert_int_not_equal(cab_settle(&cab, now), CAB_UNNUMBERED);
        if (link != LINK_NONE)
            send_all();
        if (link == LINK_GOOD && journal_last(journal) != journal_acked(journal))
            assert_int_equal(acknowledge(journal_last(journal)).verdict, CAB_ACK_FORWARD);
        assert_in_range(cab_wait_ms(&cab, now.mono, now.wall), 0, 1000);
    }
}

static void every_fix_arrives_once_on_a_good_link(void **state)
{
    (void)state;
    cab_online(&cab, now.mono);
    drive_for(600, LINK_GOOD);
    assert_int_equal(acknowledge(journal_last(journal)).verdict, CAB_ACK_SAME);
    uint64_t last = journal_last(journal);
    assert_in_range(last, 55, 65); /* one in ten seconds */
    for (uint64_t seq = 1; seq <= last; seq++)
        assert_int_equal(heard[seq], 1);
    assert_int_equal(journal_acked(journal), last);
    assert_int_equal(statuses, 1);
    assert_int_equal(lives, 0);
}

static void a_backlog_goes_out_in_messages_of_the_asked_size(void **state)
{
    struct sender_options defaults = sender_defaults();
    (void)state;
    drive_for(6000, LINK_NONE);
    uint64_t last = journal_last(journal);
    assert_true(last > 500);
    cab_online(&cab, now.mono);
    for (int i = 0; i < 600 && cab.sender.acked < last; i++) {
        send_all();
        acknowledge(last < (uint64_t)i * 50 ? last : (uint64_t)i * 50);
        pass_ms(100);
    }
    for (uint64_t seq = 1; seq <= last; seq++)
        assert_true(heard[seq] >= 1);
    assert_true(largest <= defaults.batch_bytes);
    assert_true(messages >= last / defaults.batch_fixes && messages < last);
    assert_int_equal(journal_acked(journal), last);
}

static void a_message_that_was_not_taken_is_due_again(void **state)
{
    struct cab_message first, second;
    (void)state;
    cab_online(&cab, now.mono);
    send_all();
    drive_for(20, LINK_NONE);
    assert_true(cab_next(&cab, now.mono, &first));
    char *bytes = malloc(first.payload.len);
    assert_non_null(bytes);
    memcpy(bytes, first.payload.data, first.payload.len);
    assert_true(cab_next(&cab, now.mono, &second));
    assert_int_equal(second.verb, first.verb);
    assert_int_equal(second.to, first.to);
    assert_int_equal(second.payload.len, first.payload.len);
    assert_memory_equal(second.payload.data, bytes, first.payload.len);
    free(bytes);
}

static void nothing_is_due_without_a_link(void **state)
{
    struct cab_message m;
    (void)state;
    drive_for(60, LINK_NONE);
    assert_false(cab_next(&cab, now.mono, &m));
    cab_online(&cab, now.mono);
    assert_true(cab_next(&cab, now.mono, &m));
    cab_offline(&cab);
    assert_false(cab_next(&cab, now.mono, &m));
}

static void acks_that_are_none_move_nothing(void **state)
{
    (void)state;
    cab_online(&cab, now.mono);
    drive_for(60, LINK_WITHOUT_ACKS);
    assert_int_equal(cab_take_ack(&cab, TEXT("{}"), now.mono).verdict, CAB_ACK_BAD);
    assert_int_equal(cab_take_ack(&cab, TEXT("seq"), now.mono).verdict, CAB_ACK_BAD);
    assert_int_equal(cab_take_ack(&cab, TEXT("{\"boot\":\"another0000\",\"seq\":3}"), now.mono).verdict,
                     CAB_ACK_FOREIGN);
    assert_int_equal(journal_acked(journal), 0);
    assert_true(heard[1] > 1); /* so it was sent again and again */
}

static void an_ack_that_goes_back_has_fixes_sent_again(void **state)
{
    (void)state;
    cab_online(&cab, now.mono);
    drive_for(120, LINK_GOOD);
    uint64_t last = journal_last(journal);
    assert_int_equal(acknowledge(3).verdict, CAB_ACK_BACK);
    assert_int_equal(journal_acked(journal), 3);
    send_all();
    for (uint64_t seq = 1; seq <= last; seq++)
        assert_int_equal(heard[seq], seq <= 3 ? 1 : 2);
}

/* Nobody can have stored what was never given out: nothing is taken for acknowledged, and all is sent again. */
static void an_ack_beyond_changes_nothing(void **state)
{
    static const uint64_t beyond[] = {1, 1000, UINT64_C(1) << 40, FIX_SEQ_MAX / 2};
    const struct journal_range *skips;
    (void)state;
    cab_online(&cab, now.mono);
    drive_for(60, LINK_GOOD);
    uint64_t acked = journal_acked(journal);
    drive_for(60, LINK_WITHOUT_ACKS);
    uint64_t used = journal_used(journal), last = journal_last(journal), first = journal_first(journal);
    assert_true(last > acked);
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        struct cab_ack ack = acknowledge(used + beyond[i]);
        assert_int_equal(ack.verdict, CAB_ACK_BEYOND);
        assert_int_equal(ack.used, used);
        assert_int_equal(journal_used(journal), used);
        assert_int_equal(journal_acked(journal), acked);
        assert_int_equal(journal_first(journal), first);
        assert_int_equal(journal_skips(journal, &skips), 0);
        assert_int_equal(cab.sender.acked, acked);
    }
    cab_offline(&cab);
    cab_online(&cab, now.mono);
    drive_for(30, LINK_WITHOUT_ACKS);
    for (uint64_t seq = acked + 1; seq <= last; seq++)
        assert_true(heard[seq] >= 2);
    /* The next number is the next one, and the next good word counts. */
    assert_in_range(journal_last(journal), last + 2, last + 4);
    assert_int_equal(acknowledge(journal_last(journal)).verdict, CAB_ACK_FORWARD);
    assert_int_equal(journal_acked(journal), journal_last(journal));
}

/* Without a journal nothing was ever given out; what opens later stands where it stood. */
static void without_a_journal_no_ack_counts(void **state)
{
    struct cab_options o = options();
    struct cab bare;
    char text[128];
    (void)state;
    cab_online(&cab, now.mono);
    drive_for(60, LINK_WITHOUT_ACKS);
    uint64_t last = journal_last(journal);
    cab_init(&bare, &o, now.mono);
    cab_online(&bare, now.mono);
    for (uint64_t seq = 1; seq <= last + 1000; seq += 500) {
        snprintf(text, sizeof text, "{\"boot\":\"%.*s\",\"seq\":%llu}", TEXT_ARG(journal_boot(journal)),
                 (unsigned long long)seq);
        assert_int_equal(cab_take_ack(&bare, text_of(text), now.mono).verdict, CAB_ACK_FOREIGN);
        assert_int_equal(bare.sender.acked, 0);
        assert_int_equal(bare.sender.next, 1);
    }
    cab_use_journal(&bare, journal, now.mono);
    assert_int_equal(journal_acked(journal), 0);
    assert_int_equal(bare.sender.acked, 0);
    assert_int_equal(bare.sender.last, last);
    cab_fini(&bare);
}

static void without_a_journal_fixes_go_out_without_numbers(void **state)
{
    struct cab_options o = options();
    struct cab bare;
    struct cab_message m;
    struct fix_reader reader;
    struct fix_item item;
    enum sampler_verdict verdict;
    const struct fix position = {
        .time = now.wall, .lat_deg = 28, .lon_deg = 112, .mode = 3, .has = FIX_HAS_POSITION | FIX_HAS_MODE};
    (void)state;
    cab_init(&bare, &o, now.mono);
    cab_online(&bare, now.mono);
    assert_int_equal(cab_take_position(&bare, &position, now, &verdict), CAB_UNNUMBERED);
    fix_reader_init(&reader, buf_text(&bare.json));
    assert_true(fix_reader_next(&reader, &item));
    assert_int_equal(item.error, FIX_OK);
    assert_false(fix_has(&item.fix, FIX_HAS_SEQ));
    assert_false(cab_next(&bare, now.mono, &m));
    assert_int_equal(cab_take_ack(&bare, TEXT("{\"boot\":\"0123456789abcdef\",\"seq\":3}"), now.mono).verdict,
                     CAB_ACK_FOREIGN);
    assert_in_range(cab_wait_ms(&bare, now.mono, now.wall), 0, 1000);
    cab_fini(&bare);
}

/* The flash may come up after the link: what it has goes out without waiting for the next connection. */
static void a_journal_that_opens_after_the_link_goes_out(void **state)
{
    cab_fini(&cab);
    struct cab_options o = options();
    cab_init(&cab, &o, now.mono);
    cab_online(&cab, now.mono);
    cab_use_journal(&cab, journal, now.mono);
    send_all();
    assert_int_equal(statuses, 1);
    assert_true(cab.sender.online);
}

static void a_journal_that_is_opened_again_is_gone_on_with(void **state)
{
    (void)state;
    cab_online(&cab, now.mono);
    drive_for(60, LINK_GOOD);
    uint64_t last = journal_last(journal);
    journal_close(journal, now.wall);
    open_journal();
    cab_use_journal(&cab, journal, now.mono);
    drive_for(60, LINK_GOOD);
    assert_int_equal(statuses, 2);
    assert_true(journal_last(journal) > last);
    for (uint64_t seq = 1; seq <= journal_last(journal); seq++)
        assert_int_equal(heard[seq], 1);
}

static void fixes_go_out_while_the_disk_refuses(void **state)
{
    (void)state;
    cab_online(&cab, now.mono);
    disk->write_errno = 28;
    drive_for(60, LINK_GOOD);
    assert_true(journal_last(journal) >= 5);
    for (uint64_t seq = 1; seq <= journal_last(journal); seq++)
        assert_int_equal(heard[seq], 1);
    disk->write_errno = 0;
}

static void a_silent_receiver_is_told_of(void **state)
{
    unsigned blind = 0;
    (void)state;
    cab_online(&cab, now.mono);
    drive_for(20, LINK_GOOD);
    for (int i = 0; i < 200; i++) {
        pass_ms(1000);
        blind += cab_settle(&cab, now) == CAB_JOURNALED;
        send_all();
    }
    assert_in_range(blind, 2, 4); /* one a minute */
    assert_int_equal(cab.sampler.blind, blind);
}

static void a_sensor_that_changes_is_news_even_without_a_position(void **state)
{
    bool kept = false;
    (void)state;
    cab_online(&cab, now.mono);
    drive_for(20, LINK_GOOD);
    assert_false(cab_take_sensors(&cab, TEXT("cover"), now.mono));
    assert_true(cab_take_sensors(&cab, TEXT("{\"cover\":\"open\"}"), now.mono));
    for (int i = 0; i < 40 && !kept; i++) {
        pass_ms(100);
        cab_take_sensors(&cab, TEXT("{\"cover\":\"open\"}"), now.mono);
        kept = cab_settle(&cab, now) == CAB_JOURNALED;
        if (!kept && cab.sampler.sensor_due)
            assert_in_range(cab_wait_ms(&cab, now.mono, now.wall), 0, 250);
    }
    assert_true(kept);
    assert_non_null(strstr(cab.json.data, "\"cover\":\"open\""));
}

static void the_will_names_the_journal(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 8192);
    cab_write_status(&cab, false, &out);
    buf_put_char(&out, '\0');
    assert_true(buf_ok(&out));
    assert_non_null(strstr(out.data, "0123456789abcdef"));
    assert_non_null(strstr(out.data, "\"online\":false"));
    assert_non_null(strstr(out.data, "test/1"));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_fix_arrives_once_on_a_good_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_backlog_goes_out_in_messages_of_the_asked_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_that_was_not_taken_is_due_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_due_without_a_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(acks_that_are_none_move_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_ack_that_goes_back_has_fixes_sent_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_ack_beyond_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_journal_no_ack_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_journal_fixes_go_out_without_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_journal_that_opens_after_the_link_goes_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_journal_that_is_opened_again_is_gone_on_with, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fixes_go_out_while_the_disk_refuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_silent_receiver_is_told_of, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_sensor_that_changes_is_news_even_without_a_position, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_will_names_the_journal, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
