/*
 * The most that one unit can send at once of whatever costs most to read: how much of it is looked into in a burst,
 * and what is said of the rest. Time stands still, so nothing is paid off unless the test says so.
 */
#include "../cmocka_all.h"
#include "receiving.h"
#include "telemetry.h"

#include <stdlib.h>

enum { BURST = 500, VEHICLES = 4 };

static struct shared shared;
static struct partition partition;
static char payload[FIX_PAYLOAD_MAX + 1];

static void make_world(void)
{
    struct world_error error;
    struct world_builder *builder = world_builder_new(shared.names);
    assert_int_equal(world_builder_zone(builder, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    assert_int_equal(world_builder_build(builder, &shared.world, &error), WORLD_OK);
    world_builder_free(builder);
    assert_true(fleet_set_world(partition.fleet, shared.world));
}

static int begin(void **state)
{
    (void)state;
    memset(&shared, 0, sizeof shared);
    shared.names = names_new(VEHICLES + 1);
    shared.metrics = telemetry_new();
    shared.now = (struct now){.wall = {INT64_C(1770000000000)}, .mono = {1000}};
    actions_init(&shared.actions);
    const struct partition_options options = {
        .names = shared.names, .vehicle_limit = VEHICLES, .batch_groups = VEHICLES, .batch_bytes = SIZE_MAX};
    assert_true(partition_init(&partition, &options));
    make_world();
    return 0;
}

static int end(void **state)
{
    (void)state;
    partition_fini(&partition);
    world_free(shared.world);
    actions_fini(&shared.actions);
    metrics_free(shared.metrics);
    names_free(shared.names);
    return 0;
}

/* A message of 256 KiB that is one piece again and again. */
static struct text full_of(const char *head, const char *piece, const char *tail)
{
    size_t len = strlen(head), step = strlen(piece), rest = strlen(tail);
    memcpy(payload, head, len);
    while (len + step + rest <= FIX_PAYLOAD_MAX) {
        memcpy(payload + len, piece, step);
        len += step;
    }
    len -= payload[len - 1] == ',';
    memcpy(payload + len, tail, rest);
    return (struct text){payload, len + rest};
}

static void send(const char *topic, struct text bytes)
{
    const struct message m = {.topic = text_of(topic), .payload = bytes, .qos = 1};
    receiving_take(&shared, &partition, &m);
    actions_clear(&shared.actions);
}

static double count(enum metric m)
{
    return metrics_get(shared.metrics, m, 0);
}

static const struct dear {
    const char *topic, *head, *piece, *tail;
} dearest[] = {
    {"muck/v1/mad/fix", "[", "1,", "]"},           {"muck/v1/mad/fix", "{\"x\":\"", "a", "\"}"},
    {"muck/v1/mad/live", "{\"x\":\"", "a", "\"}"}, {"muck/v1/mad/status", "{\"x\":\"", "a", "\"}"},
    {"owntracks/x/mad", "{\"x\":\"", "a", "\"}"},
};

static void what_is_looked_into_at_once_is_bounded(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof dearest / sizeof *dearest; k++) {
        assert_int_equal(begin(NULL), 0);
        const struct dear *kind = &dearest[k];
        struct text bytes = full_of(kind->head, kind->piece, kind->tail);
        double elements = 1, unread = 0, read = 0;
        while (read < BURST && unread == 0) {
            send(kind->topic, bytes);
            elements = read++ == 0 && count(METRIC_FIXES) > 1 ? count(METRIC_FIXES) : elements;
            unread = count(METRIC_UNREAD);
        }
        double weight = (double)bytes.len + elements * SHARE_OF_ELEMENT;
        assert_true(unread == 1);
        read -= unread;
        assert_true(read * weight > (double)share_bounds[SHARE_READ].at_once);
        assert_true((read - 1) * weight <= (double)share_bounds[SHARE_READ].at_once);
        double fixes = count(METRIC_FIXES);
        for (int i = 0; i < BURST; i++)
            send(kind->topic, bytes);
        assert_true(count(METRIC_FIXES) == fixes && count(METRIC_UNREAD) == BURST + 1);
        end(NULL);
    }
}

static uint32_t refused(void)
{
    const struct batch *b = &partition.batch;
    return b->count > 0 ? b->groups[0].refused : 0;
}

static struct text large(void)
{
    return full_of("{\"x\":\"", "a", "\"}");
}

static void flood(void)
{
    struct text bytes = large();
    for (int i = 0; i < BURST; i++)
        send("muck/v1/mad/fix", bytes);
}

/* Of a unit without numbers each message that is left unread is told as one that is refused. */
static void what_is_left_unread_is_told(void **state)
{
    (void)state;
    flood();
    assert_true(count(METRIC_UNREAD) > 0);
    assert_true(refused() == (uint32_t)(count(METRIC_FIXES) + count(METRIC_UNREAD)));
}

/* One with numbers sends again what is not acknowledged. */
static void a_unit_with_numbers_sends_it_again(void **state)
{
    (void)state;
    send("muck/v1/mad/fix", TEXT("{\"boot\":\"b\",\"seq\":1}"));
    flood();
    assert_true(count(METRIC_UNREAD) > 0);
    assert_true(refused() == (uint32_t)count(METRIC_FIXES));
}

/* What is small is read, of others all is, and of the unit too once it has paid. */
static void others_and_small_ones_are_read(void **state)
{
    (void)state;
    flood();
    double fixes = count(METRIC_FIXES), unread = count(METRIC_UNREAD);
    send("muck/v1/mad/fix", TEXT("1"));
    assert_true(count(METRIC_FIXES) == fixes + 1);
    send("muck/v1/other/fix", large());
    assert_true(count(METRIC_FIXES) == fixes + 2 && count(METRIC_UNREAD) == unread);
    const size_t owed[SHARE_KINDS] = {[SHARE_READ] = partition.batch.groups[0].read};
    assert_true(shares_take(&partition.shares, partition.batch.groups[0].place, owed, shared.now.mono));
    partition.batch.groups[0].read = 0;
    send("muck/v1/mad/fix", large());
    assert_true(count(METRIC_UNREAD) == unread + 1);
    shared.now.mono.ms += 1000;
    fixes = count(METRIC_FIXES);
    send("muck/v1/mad/fix", large());
    assert_true(count(METRIC_UNREAD) == unread + 1 && count(METRIC_FIXES) == fixes + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_looked_into_at_once_is_bounded),
        cmocka_unit_test_setup_teardown(what_is_left_unread_is_told, begin, end),
        cmocka_unit_test_setup_teardown(a_unit_with_numbers_sends_it_again, begin, end),
        cmocka_unit_test_setup_teardown(others_and_small_ones_are_read, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
