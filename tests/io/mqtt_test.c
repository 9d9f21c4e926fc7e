/* The MQTT adapter against a real broker. */
#include "mqtt.h"
#include "server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One client and what it saw. */
struct client {
    struct mqtt *mqtt;
    int connected, disconnected, subscribed, published, published_bad;
    bool session_present, granted;
    int received, received_before;
    int payloads[1000]; /* how often each numbered message came */
    bool hold_in_burst, drained;
};

static bool seen_since_drop[1000];
static struct loop *loop;
static struct loop_timer *deadline;

static void too_late(void *arg)
{
    loop_stop(arg);
}

static bool (*condition)(void);

static void check(void)
{
    if (condition != NULL && condition())
        loop_stop(loop);
}

static void on_connected(void *arg, bool session_present)
{
    struct client *c = arg;
    c->connected++;
    c->session_present = session_present;
    check();
}

static void on_subscribed(void *arg, bool granted)
{
    struct client *c = arg;
    c->subscribed++;
    c->granted = granted;
    check();
}

static void on_disconnected(void *arg, const char *reason)
{
    assert_non_null(reason);
    ((struct client *)arg)->disconnected++;
    check();
}

static void on_message(void *arg, const struct mqtt_message *m)
{
    struct client *c = arg;
    char text[16] = "";
    assert_true(m->payload.len < sizeof text);
    memcpy(text, m->payload.data, m->payload.len);
    c->payloads[atoi(text)]++;
    seen_since_drop[atoi(text)] = true;
    c->received++;
}

static void on_burst(void *arg, bool drained)
{
    struct client *c = arg;
    c->drained = drained;
    if (c->hold_in_burst && c->received > c->received_before)
        mqtt_hold(c->mqtt);
    c->received_before = c->received;
    check();
}

static void on_published(void *arg, int id, int reason)
{
    struct client *c = arg;
    c->published++;
    c->published_bad += reason >= 0x80;
    check();
}

static const struct mqtt_callbacks callbacks = {on_connected, on_subscribed, on_disconnected,
                                                on_message,   on_burst,      on_published};

static struct server broker;
static struct client sub, pub;
static const struct mqtt_subscription filters[] = {{"t/#", 1, false}, {0}};

/* Runs the loop until the condition holds; fails after ten seconds. */
static void run_until(bool (*holds)(void))
{
    condition = holds;
    if (!holds()) {
        loop_timer_set(deadline, 10000);
        assert_true(loop_run(loop));
    }
    condition = NULL;
    if (!holds())
        fail_msg("nothing came in ten seconds: received %d, connected %d, published %d", sub.received,
                 sub.connected, pub.published);
}

static void run_for(int ms)
{
    condition = NULL;
    loop_timer_set(deadline, ms);
    assert_true(loop_run(loop));
}

static struct mqtt *client_new(struct client *c, const char *id, const struct mqtt_options *more)
{
    struct mqtt_options o = *more;
    o.host = o.host != NULL ? o.host : "127.0.0.1";
    o.port = broker.port;
    o.client_id = id;
    memset(c, 0, sizeof *c);
    assert_int_equal(mqtt_new(loop, &o, &callbacks, c, &c->mqtt), MQTT_OK);
    return c->mqtt;
}

static int setup(void **state)
{
    mqtt_library_init();
    loop = loop_new();
    deadline = loop_timer_new(loop, too_late, loop);
    server_init(&broker, SERVER_MOSQUITTO, NULL);
    server_start(&broker);
    return 0;
}

static int teardown(void **state)
{
    mqtt_free(sub.mqtt);
    mqtt_free(pub.mqtt);
    sub.mqtt = pub.mqtt = NULL;
    loop_timer_free(deadline);
    loop_free(loop);
    server_fini(&broker);
    mqtt_library_fini();
    return 0;
}

static bool both_ready(void)
{
    return sub.subscribed > 0 && pub.connected > 0;
}

static int target;

static bool all_received(void)
{
    return sub.received >= target;
}

static bool all_received_since_drop(void)
{
    bool any = false;
    for (int i = 20; i < 25; i++)
        any |= seen_since_drop[i];
    /* The first burst is held, so it may be all that comes. */
    return any && (mqtt_held(sub.mqtt) || (!sub.hold_in_burst && seen_since_drop[24]));
}

static bool all_published(void)
{
    return pub.published >= target;
}

static void start_both(const struct mqtt_options *sub_options)
{
    struct mqtt_options o = *sub_options;
    o.subscriptions = filters;
    client_new(&sub, "sub", &o);
    client_new(&pub, "pub", &(struct mqtt_options){.send_max = 1000});
    mqtt_start(sub.mqtt);
    mqtt_start(pub.mqtt);
    run_until(both_ready);
    assert_true(sub.granted);
}

static void publish(int from, int to)
{
    for (int i = from; i < to; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        const struct mqtt_publication p = {.topic = "t/1", .payload = text_of(text), .qos = 1};
        assert_int_equal(mqtt_publish(pub.mqtt, &p, NULL), MQTT_OK);
    }
    target = to;
    run_until(all_published);
    assert_int_equal(pub.published_bad, 0);
}

static void test_self_test(void **state)
{
    const char *reason = "";
    mqtt_library_init();
    if (!mqtt_self_test(&reason))
        fail_msg("%s", reason);
    mqtt_library_fini();
}

static void test_round_trip(void **state)
{
    start_both(&(struct mqtt_options){.host = "localhost"});
    publish(0, 500);
    run_until(all_received);
    for (int i = 0; i < 500; i++)
        assert_int_equal(sub.payloads[i], 1);
}

/* What is held comes again after the connection was dropped; what was released does not. */
static void test_held_is_delivered_again(void **state)
{
    start_both(&(struct mqtt_options){.session_expiry_s = 3600});
    publish(0, 20);
    run_until(all_received);
    run_for(50); /* its acknowledgements leave */
    sub.hold_in_burst = true;
    publish(20, 25);
    for (int round = 0; round < 3; round++) {
        target = sub.received + 5;
        run_until(all_received_since_drop);
        assert_true(mqtt_held(sub.mqtt));
        run_for(50);
        mqtt_drop(sub.mqtt, "test");
        sub.session_present = false;
        memset(seen_since_drop, 0, sizeof seen_since_drop);
    }
    sub.hold_in_burst = false;
    run_until(all_received_since_drop);
    assert_true(sub.session_present);
    run_for(100);
    int received = sub.received;
    mqtt_drop(sub.mqtt, "test");
    run_for(1000); /* nothing is left to be delivered */
    assert_true(mqtt_connected(sub.mqtt));
    assert_int_equal(sub.received, received);
    for (int i = 0; i < 20; i++)
        assert_int_equal(sub.payloads[i], 1);
    for (int i = 20; i < 25; i++)
        assert_true(sub.payloads[i] >= 1);
    assert_int_equal(sub.payloads[20], 4); /* at first, and after each drop while it was held */
}

/* The broker sends no more than receive_max ahead of the acknowledgements. */
static void test_receive_maximum_bounds_a_batch(void **state)
{
    start_both(&(struct mqtt_options){.session_expiry_s = 3600, .receive_max = 10});
    sub.hold_in_burst = true;
    publish(0, 100);
    run_for(300);
    int before = 0;
    for (int i = 0; i < 200 && sub.received < 100; i++) {
        assert_true(sub.received - before <= 10);
        before = sub.received;
        mqtt_release(sub.mqtt);
        run_for(20);
    }
    assert_int_equal(sub.received, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(sub.payloads[i], 1);
}

static bool reconnected(void)
{
    return sub.subscribed >= 2 && pub.connected >= 2;
}

/* A broker that died knows neither session nor subscription; both come back. */
static void test_broker_restart(void **state)
{
    start_both(&(struct mqtt_options){.session_expiry_s = 3600, .backoff_max_ms = 600});
    server_stop(&broker, SIGKILL);
    run_for(300);
    assert_int_equal(sub.disconnected > 0, 1);
    assert_false(mqtt_connected(sub.mqtt));
    assert_int_equal(mqtt_publish(pub.mqtt, &(struct mqtt_publication){.topic = "t/1", .qos = 1}, NULL),
                     MQTT_OFFLINE);
    server_start(&broker);
    run_until(reconnected);
    assert_false(sub.session_present);
    publish(0, 10);
    run_until(all_received);
}

static bool tried_thrice(void)
{
    return sub.disconnected >= 3;
}

static void test_no_such_host(void **state)
{
    client_new(&sub, "sub", &(struct mqtt_options){.host = "no-such-host.invalid", .backoff_max_ms = 200});
    mqtt_start(sub.mqtt);
    run_until(tried_thrice);
    assert_int_equal(sub.connected, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_self_test),
        cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_held_is_delivered_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_receive_maximum_bounds_a_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(test_broker_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_such_host, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
