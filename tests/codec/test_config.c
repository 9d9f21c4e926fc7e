/* config: the contract's example, every default, every complaint with its place. */
#include "config.h"

#include "../cmocka_all.h"
#include "file_text.h"

#include <stdlib.h>

static void expect_read(struct config *config, const char *yaml)
{
    struct problem problem = {""};
    assert_true(config_init(config));
    if (!config_read(config, TEXT("/etc/muckwatch/muckwatch.yaml"), text_of(yaml), &problem))
        fail_msg("%s", problem.text);
}

static void test_defaults(void **state)
{
    struct config c;
    expect_read(&c, "city: {fences: []}\n");
    assert_string_equal(c.mqtt.host.data, "127.0.0.1");
    assert_int_equal(c.mqtt.port, 1883);
    assert_string_equal(c.mqtt.client_id.data, "muckwatchd");
    assert_int_equal(c.mqtt.username.len, 0);
    assert_int_equal(c.redis.port, 6379);
    assert_false(c.redis.require_durable);
    assert_string_equal(c.city.timezone.data, "Asia/Shanghai");
    assert_int_equal(c.city.fences.count, 0);
    assert_int_equal(c.retention.track_ms, 6 * 3600 * 1000);
    assert_int_equal(c.retention.violations_ms, 30 * INT64_C(86400000));
    assert_int_equal(c.retention.rejects_max, 100000);
    assert_int_equal(c.common.gap_ms, 300000);
    assert_true(c.common.crossing && c.rules[KIND_OFF_ROUTE].enabled);
    assert_int_equal(c.rules[KIND_OFF_ROUTE].confirm_fixes, 3);
    config_fini(&c);
}

static void test_every_section(void **state)
{
    struct config c;
    expect_read(
        &c,
        "mqtt:      {host: broker, port: 8883, client_id: m, username: '007', password_file: pw, cafile: "
        "/ca}\n"
        "redis:     {host: '::1', port: 6380, unix_socket: ../r.sock, require_durable: true}\n"
        "city:      {timezone: Asia/Urumqi, fences: [a.geojson, \"/b c.geojson\"], fleet: [f.json],\n"
        "            calendar: [2026.json]}\n"
        "retention: {track_hours: 0.5, violations_days: 1, trips_days: 0, rejects_max: 0}\n"
        "rules:\n"
        "  off_route:\n"
        "    classes: {compactor: {enabled: false}, sweeper: {confirm_s: 1.5, department: \xe5\x9f\x8e}}\n"
        "    confirm_s: 60\n"
        "    severity: critical\n"
        "    event_code: \"03-11\"\n"
        "  tamper: {jump_mps: 70, confirm_fixes: 0}\n"
        "  common:  {gap_s: 1, moving_kmh: 0, stopped_kmh: 1, eph_default_m: 5, crossing: false, hole_s: "
        "0}\n");
    assert_string_equal(c.mqtt.username.data, "007");
    assert_string_equal(c.mqtt.password_file.data, "/etc/muckwatch/pw");
    assert_string_equal(c.mqtt.cafile.data, "/ca");
    assert_string_equal(c.redis.unix_socket.data, "/etc/muckwatch/../r.sock");
    assert_true(c.redis.require_durable);
    assert_int_equal(c.city.fences.count, 2);
    assert_string_equal(c.city.fences.items[0].data, "/etc/muckwatch/a.geojson");
    assert_string_equal(c.city.fences.items[1].data, "/b c.geojson");
    assert_int_equal(c.retention.track_ms, 1800000);
    assert_int_equal(c.common.gap_ms, 1000);
    assert_false(c.common.crossing);
    const struct rule_settings *off = &c.rules[KIND_OFF_ROUTE];
    assert_int_equal(off->confirm_ms, 60000);
    assert_int_equal(off->severity, SEVERITY_CRITICAL);
    assert_string_equal(off->event_code.data, "03-11");
    assert_true(c.rules[KIND_TAMPER].own[0] == 70 && c.rules[KIND_TAMPER].confirm_fixes == 0);
    /* Classes start from what every class has, wherever that stands in the file. */
    assert_int_equal(c.override_count, 2);
    assert_string_equal(c.overrides[0].class_name.data, "compactor");
    assert_false(c.overrides[0].settings.enabled);
    assert_int_equal(c.overrides[0].settings.confirm_ms, 60000);
    assert_int_equal(c.overrides[1].settings.confirm_ms, 1500);
    assert_true(c.overrides[1].settings.enabled);
    assert_string_equal(c.overrides[1].settings.department.data, "\xe5\x9f\x8e");
    assert_string_equal(c.overrides[1].settings.event_code.data, "03-11");
    config_fini(&c);
}

static const struct {
    const char *yaml, *problem;
} complaints[] = {
    {"", "f.yaml: city.fences is missing (GeoJSON files with sites, routes, zones)"},
    {"city:\n", "f.yaml: city.fences is missing (GeoJSON files with sites, routes, zones)"},
    {"city: {fences: []}\nmqqt: {}\n", "f.yaml:2:1: mqqt: unknown key; is it meant to be \"mqtt\"?"},
    {"city: {fences: []}\nmqtt:\n  prot: 1883\n",
     "f.yaml:3:3: mqtt.prot: unknown key; is it meant to be \"port\"?"},
    {"mqtt.port: 1883\n", "f.yaml:1:1: mqtt.port: unknown key"},
    {"mqtt: {port: 70000}\n", "f.yaml:1:14: mqtt.port: 70000, expected a whole number from 1 to 65535"},
    {"mqtt: {port: 18.5}\n", "f.yaml:1:14: mqtt.port: 18.5, expected a whole number from 1 to 65535"},
    {"mqtt: {port: \"1883\"}\n", "f.yaml:1:14: mqtt.port: \"1883\", expected a whole number from 1 to 65535"},
    {"mqtt: {port: 0x75b}\n", "f.yaml:1:14: mqtt.port: 0x75b, expected a whole number from 1 to 65535"},
    {"mqtt: {port: !!int 7}\n", "f.yaml:1:14: mqtt.port: 7, expected a whole number from 1 to 65535"},
    {"mqtt: {port: }\n", "f.yaml:1:14: mqtt.port: has no value, expected a whole number from 1 to 65535"},
    {"mqtt: {port: [1]}\n", "f.yaml:1:14: mqtt.port: expected a whole number from 1 to 65535"},
    {"mqtt: {host: \"\"}\n", "f.yaml:1:14: mqtt.host: \"\", expected text of 1 to 255 bytes"},
    {"mqtt: {host: ~}\n", "f.yaml:1:14: mqtt.host: has no value, expected text of 1 to 255 bytes"},
    {"mqtt: 5\n", "f.yaml:1:7: mqtt: expected a mapping of options"},
    {"- a\n", "f.yaml:1:1: expected a mapping of options"},
    {"mqtt: {port: 1, port: 2}\n", "f.yaml:1:17: mqtt.port: stands twice"},
    {"mqtt: {}\nmqtt: {}\n", "f.yaml:2:1: mqtt: stands twice"},
    {"redis: {require_durable: yes}\n", "f.yaml:1:26: redis.require_durable: yes, expected true or false"},
    {"city: {fences: a.geojson}\n", "f.yaml:1:16: city.fences: a.geojson, expected a list of paths"},
    {"city: {fences: [a, {b: c}]}\n", "f.yaml:1:20: city.fences: expected a path"},
    {"rules: {off_rute: {}}\n", "f.yaml:1:9: rules.off_rute: there is no such rule"},
    {"rules: {spill: {jump_mps: 70}}\n", "f.yaml:1:17: rules.spill.jump_mps: unknown key"},
    {"rules: {tamper: {jump_mps: 0}}\n",
     "f.yaml:1:28: rules.tamper.jump_mps: 0, expected a number from 1 to 1000 m/s"},
    {"rules: {spill: {severity: high}}\n",
     "f.yaml:1:27: rules.spill.severity: high, expected minor or major or critical"},
    {"rules: {spill: {confirm_s: -1}}\n",
     "f.yaml:1:28: rules.spill.confirm_s: -1, expected a number from 0 to 86400 s"},
    {"rules: {spill: {classes: {a: {classes: {}}}}}\n",
     "f.yaml:1:31: rules.spill.classes.a.classes: unknown key"},
    {"rules: {spill: {classes: {a: {enabled: 1}}}}\n",
     "f.yaml:1:40: rules.spill.classes.a.enabled: 1, expected true or false"},
    {"rules: {spill: {classes: {\"\": {}}}}\n",
     "f.yaml:1:27: rules.spill.classes: the name of a class has 1 to 64 bytes"},
    {"a: [\n", "f.yaml:2:1: not YAML: while parsing a flow node, did not find expected node content"},
    {"city: {fences: []}\n---\nx: 1\n", "f.yaml:3:1: a second document"},
    {"city: {fences: []}\n\tx: 1\n",
     "f.yaml:2:1: not YAML: while scanning for the next token, found character that cannot start any token"},
    {"a: \xff\n", "f.yaml: not YAML at byte 4: invalid leading UTF-8 octet"},
    {"? [a]\n: 1\n", "f.yaml:1:3: a key has to be a word"},
};

static void test_complaints(void **state)
{
    for (size_t i = 0; i < sizeof complaints / sizeof complaints[0]; i++) {
        struct config c;
        struct problem problem = {""};
        assert_true(config_init(&c));
        assert_false(config_read(&c, TEXT("f.yaml"), text_of(complaints[i].yaml), &problem));
        assert_string_equal(problem.text, complaints[i].problem);
        config_fini(&c);
    }
}

static void test_paths_beside_the_file(void **state)
{
    static const char *const names[][2] = {
        {"f.yaml", "a"}, {"./f.yaml", "./a"}, {"/f.yaml", "//a"}, {"x/y/f.yaml", "x/y/a"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct config c;
        struct problem problem;
        assert_true(config_init(&c));
        assert_true(config_read(&c, text_of(names[i][0]), TEXT("city: {fences: [a]}"), &problem));
        assert_string_equal(c.city.fences.items[0].data, names[i][1]);
        config_fini(&c);
    }
}

static void test_missing_file(void **state)
{
    struct config c;
    struct problem problem;
    assert_true(config_init(&c));
    assert_false(config_read_file(&c, "/nonexistent/f.yaml", &problem));
    assert_string_equal(problem.text, "/nonexistent/f.yaml: No such file or directory");
    assert_false(config_read_file(&c, "/", &problem));
    config_fini(&c);
}

/* The sample is what the package installs, and reading it changes nothing but the files it names. */
static void test_sample(void **state)
{
    struct buf sample, installed;
    struct problem problem;
    buf_init(&sample, 1 << 16);
    buf_init(&installed, 1 << 16);
    assert_true(config_write_sample(&sample));
    struct config read, initial;
    assert_true(config_init(&read) && config_init(&initial));
    if (!config_read(&read, TEXT("f.yaml"), buf_text(&sample), &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(read.city.fences.count, 1);
    assert_memory_equal(&read.retention, &initial.retention, sizeof read.retention);
    assert_memory_equal(&read.common, &initial.common, sizeof read.common);
    assert_memory_equal(&read.late, &initial.late, sizeof read.late);
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++) {
        const struct rule_settings *a = &read.rules[k], *b = &initial.rules[k];
        assert_true(a->enabled == b->enabled && a->confirm_fixes == b->confirm_fixes &&
                    a->confirm_ms == b->confirm_ms);
        assert_true(a->clear_fixes == b->clear_fixes && a->clear_ms == b->clear_ms &&
                    a->severity == b->severity);
        assert_true(a->major == b->major && memcmp(a->own, b->own, sizeof a->own) == 0);
    }
    assert_true(text_equal(read.mqtt.client_id, initial.mqtt.client_id));
    config_fini(&read);
    config_fini(&initial);
    if (!file_text_read(MW_SOURCE_DIR "/packaging/muckwatch.yaml", &installed, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(installed.len, sample.len);
    assert_memory_equal(installed.data, sample.data, sample.len);
    buf_fini(&sample);
    buf_fini(&installed);
}

static bool read_text(struct config *c, const char *text, struct problem *problem)
{
    assert_true(config_init(c));
    return config_read(c, TEXT("f.yaml"), text_of(text), problem);
}

/* As far as the track reaches but for an hour, unless another one is written; and that one has to fit. */
static void test_late_horizon(void **state)
{
#define HOUR INT64_C(3600000)
#define CITY "city: {fences: [a.geojson]}\n"
    static const struct {
        const char *text;
        int64_t horizon_ms;
    } cases[] = {
        {CITY, 5 * HOUR},
        {CITY "retention: {track_hours: 25}\n", 24 * HOUR},
        {CITY "retention: {track_hours: 100}\n", 24 * HOUR},
        {CITY "retention: {track_hours: 2}\n", 1 * HOUR},
        {CITY "retention: {track_hours: 1}\n", 0},
        {CITY "retention: {track_hours: 0}\n", 0},
        {CITY "retention: {track_hours: 0}\nlate: {horizon_h: 0}\n", 0},
        {CITY "late: {horizon_h: 0}\n", 0},
        {CITY "late: {horizon_h: 1.5}\nretention: {track_hours: 8}\n", 3 * HOUR / 2},
        {CITY "late: {horizon_h: 24}\nretention: {track_hours: 25}\n", 24 * HOUR},
    };
    static const char *const wrong[] = {CITY "late: {horizon_h: 5.5}\n",
                                        CITY "retention: {track_hours: 0}\nlate: {horizon_h: 1}\n",
                                        CITY "late: {horizon_h: 24}\nretention: {track_hours: 24.5}\n",
                                        CITY "late: {horizon_h: 25}\n", CITY "late: {horizon_h: -1}\n"};
    struct config c;
    struct problem problem;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (!read_text(&c, cases[i].text, &problem))
            fail_msg("%s: %s", cases[i].text, problem.text);
        assert_int_equal(c.late.horizon_ms, cases[i].horizon_ms);
        assert_int_equal(c.late.quiet_ms, 10000);
        assert_int_equal(c.late.max_wait_ms, 60000);
        assert_int_equal(c.late.checkpoint_ms, 900000);
        config_fini(&c);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(read_text(&c, wrong[i], &problem));
        assert_non_null(strstr(problem.text, "f.yaml"));
        assert_non_null(strstr(problem.text, "late.horizon_h"));
        config_fini(&c);
    }
}

static void test_help_and_manual_name_everything(void **state)
{
    static const char *const some[] = {"late.horizon_h",
                                       "mqtt.cafile",
                                       "redis.unix_socket",
                                       "city.calendar",
                                       "retention.rejects_max",
                                       "rules.common.hole_s",
                                       "rules.off_route.confirm_s",
                                       "rules.tamper.frozen_kmh"};
    struct buf help, man;
    buf_init(&help, 1 << 17);
    buf_init(&man, 1 << 17);
    assert_true(config_write_help(&help) && config_write_man(&man));
    buf_put_char(&help, '\0');
    buf_put_char(&man, '\0');
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        assert_non_null(strstr(help.data, some[i]));
        assert_non_null(strstr(man.data, some[i]));
    }
    assert_non_null(strstr(help.data, "the broker's port, 1 to 65535 [1883]\n"));
    buf_fini(&help);
    buf_fini(&man);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),     cmocka_unit_test(test_every_section),
        cmocka_unit_test(test_complaints),   cmocka_unit_test(test_paths_beside_the_file),
        cmocka_unit_test(test_missing_file), cmocka_unit_test(test_sample),
        cmocka_unit_test(test_late_horizon), cmocka_unit_test(test_help_and_manual_name_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
