/* onboard_config: the sample is what is packaged and reads back as the defaults; what is wrong is said with
 * its place. */
#include "onboard_config.h"

#include "file_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool read_yaml(struct onboard_config *c, const char *yaml, struct problem *problem)
{
    assert_true(onboard_config_init(c));
    return onboard_config_read(c, TEXT("/etc/muckwatch/onboard.yaml"), text_of(yaml), problem);
}

static void defaults_are_the_contracts(void **state)
{
    struct onboard_config c;
    struct problem problem;
    if (!read_yaml(&c, "vehicle: truck-7\n", &problem))
        fail_msg("%s", problem.text);
    assert_string_equal(c.mqtt.client_id.data, "truck-7");
    assert_int_equal(c.mqtt.port, 1883);
    assert_int_equal(c.gpsd.port, 2947);
    assert_string_equal(c.journal.dir.data, "/var/lib/muckwatch/journal");
    assert_int_equal(c.journal.max_mb, 64);
    assert_int_equal(c.journal.max_age_ms, 7 * 86400000);
    assert_int_equal(c.journal.fsync_ms, 5000);
    assert_int_equal(c.sampling.every_ms, 10000);
    assert_true(c.sampling.turn_deg == 20);
    assert_true(c.sampling.distance_m == 200);
    assert_int_equal(c.sampling.standing_ms, 60000);
    assert_false(c.sampling.receiver_clock);
    assert_int_equal(c.sensors[SENSOR_COVER].debounce_ms, 1000);
    assert_int_equal(c.sensors[SENSOR_HEIGHT_M].stale_ms, 300000);
    assert_null(c.sensor_socket.data);
    onboard_config_fini(&c);
}

static void the_contracts_example_is_read(void **state)
{
    struct onboard_config c;
    struct problem problem;
    static const char yaml[] =
        "vehicle:  truck-7\n"
        "mqtt:     {host: broker.example, port: 8883, username: truck-7, password_file: secret, cafile: "
        "/ca.pem}\n"
        "gpsd:     {host: 127.0.0.1, port: 2947}\n"
        "journal:  {dir: /var/lib/muckwatch/journal, max_mb: 64, max_days: 7, fsync_s: 5}\n"
        "sampling: {every_s: 10, turn_deg: 20, distance_m: 200, standing_s: 60, clock: receiver}\n"
        "sensors:  {socket: /run/muckwatch/sensors.sock, cover: {debounce_s: 0.5, stale_s: 0}}\n";
    if (!read_yaml(&c, yaml, &problem))
        fail_msg("%s", problem.text);
    assert_string_equal(c.mqtt.password_file.data, "/etc/muckwatch/secret");
    assert_int_equal(c.sensors[SENSOR_COVER].debounce_ms, 500);
    assert_int_equal(c.sensors[SENSOR_COVER].stale_ms, 0);
    assert_true(c.sampling.receiver_clock);
    onboard_config_fini(&c);
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        const char *yaml, *part;
    } rows[] = {
        {"mqtt: {port: 1}\n", "vehicle"},
        {"vehicle: \"truck 7\"\n", "vehicle"},
        {"vehicle: a/b\n", "vehicle"},
        {"vehicle: t\nmqtt: {port: 70000}\n", "mqtt.port"},
        {"vehicle: t\nsampling: {every: 10}\n", "every"},
        {"vehicle: t\nmqtt: {certfile: x}\n", "certfile"},
        {"vehicle: t\nmqtt: {cafile: x, keyfile: y}\n", "keyfile"},
        {"vehicle: t\nmqtt: {password_file: x}\n", "password_file"},
        {"vehicle: t\nsensors: {cover: {stale: 1}}\n", "stale"},
        {"vehicle: t\nsampling: {clock: moon}\n", "clock"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct onboard_config c;
        struct problem problem = {{0}};
        if (read_yaml(&c, rows[i].yaml, &problem))
            fail_msg("accepted: %s", rows[i].yaml);
        if (strstr(problem.text, rows[i].part) == NULL || strstr(problem.text, "onboard.yaml") == NULL)
            fail_msg("%s: %s", rows[i].yaml, problem.text);
        onboard_config_fini(&c);
    }
}

static void the_packaged_sample_is_the_tables(void **state)
{
    struct buf sample, packaged;
    struct problem problem;
    struct onboard_config c;
    buf_init(&sample, 1 << 18);
    buf_init(&packaged, 1 << 18);
    assert_true(onboard_config_write_sample(&sample));
    if (!file_text_read(MW_SOURCE_DIR "/packaging/onboard.yaml", &packaged, &problem))
        fail_msg("%s", problem.text);
    if (!text_equal(buf_text(&sample), buf_text(&packaged)))
        fail_msg("packaging/onboard.yaml is old: muckwatch-onboard --sample prints the present one");
    assert_true(onboard_config_init(&c));
    if (!onboard_config_read(&c, TEXT("onboard.yaml"), buf_text(&packaged), &problem))
        fail_msg("%s", problem.text);
    onboard_config_fini(&c);
    buf_clear(&sample);
    assert_true(onboard_config_write_help(&sample) && onboard_config_write_man(&sample));
    buf_fini(&sample);
    buf_fini(&packaged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_contracts),
        cmocka_unit_test(the_contracts_example_is_read),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(the_packaged_sample_is_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
