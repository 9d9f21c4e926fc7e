/* dispatch_config: the sample reads back as the defaults; what is wrong is said with its place. */
#include "dispatch_config.h"

#include "cmocka_all.h"
#include "file_text.h"

#include <string.h>

static bool read_yaml(struct dispatch_config *c, const char *yaml, struct problem *problem)
{
    assert_true(dispatch_config_init(c));
    return dispatch_config_read(c, TEXT("/etc/muckwatch/dispatch.yaml"), text_of(yaml), problem);
}

static void test_defaults(void **state)
{
    struct dispatch_config c;
    struct problem problem;
    if (!read_yaml(&c, "users: users.yaml\n", &problem))
        fail_msg("%s", problem.text);
    assert_string_equal(c.users.data, "/etc/muckwatch/users.yaml");
    assert_string_equal(c.http.host.data, "127.0.0.1");
    assert_int_equal(c.http.port, 8080);
    assert_int_equal(c.http.proxy, DISPATCH_PROXY_NONE);
    assert_int_equal(c.partitions.count, 1);
    assert_int_equal(c.partitions.items[0], 0);
    assert_int_equal(c.sessions.idle_ms, 12 * 3600000);
    assert_false(c.insecure);
    dispatch_config_fini(&c);
}

static void test_values(void **state)
{
    struct dispatch_config c;
    struct problem problem;
    if (!read_yaml(&c,
                   "users: /u.yaml\nredis: {unix_socket: /run/redis.sock}\npartitions: [3, 0, 65535]\n"
                   "http: {host: 0.0.0.0, port: 443, proxy: https}\ntls: {cert: a.pem, key: a.key}\n"
                   "basemap: {raster: \"https://t/{z}/{x}/{y}.png\", crs: gcj02}\n",
                   &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(c.partitions.count, 3);
    assert_int_equal(c.partitions.items[2], 65535);
    assert_string_equal(c.tls.key.data, "/etc/muckwatch/a.key");
    assert_int_equal(c.basemap.crs, DISPATCH_CRS_GCJ02);
    assert_true(text_equal(dispatch_config_pictures(&c), TEXT("https://t")));
    dispatch_config_fini(&c);
    assert_true(
        read_yaml(&c, "users: u\nbasemap: {raster: \"http://t.example:8080/a/{z}/{x}/{y}\"}\n", &problem));
    assert_true(text_equal(dispatch_config_pictures(&c), TEXT("http://t.example:8080")));
    dispatch_config_fini(&c);
    assert_true(read_yaml(&c, "users: u\nbasemap: {raster: \"/pictures/{z}/{x}/{y}\"}\n", &problem));
    assert_int_equal(dispatch_config_pictures(&c).len, 0);
    dispatch_config_fini(&c);
}

static const char *const wrong[][2] = {
    {"http: {port: 80}\n", "users is missing"},
    {"users: u\nhttp: {prot: 80}\n",
     "dispatch.yaml:2:8: http.prot: unknown key; is it meant to be \"port\"?"},
    {"users: u\nhttp: {port: 0}\n", "a whole number from 1 to 65535"},
    {"users: u\nhttp: {host: 0.0.0.0}\n", "insecure"},
    {"users: u\nhttp: {host: dispatch.example}\n", "insecure"},
    {"users: u\nhttp: {host: 127.0.0.1.example}\n", "insecure"},
    {"users: u\nhttp: {proxy: nginx}\n", "none or http or https"},
    {"users: u\ntls: {cert: a}\n", "needs its key"},
    {"users: u\ntls: {key: a}\n", "needs its key"},
    {"users: u\npartitions: 0\n", "a list of whole numbers"},
    {"users: u\npartitions: [a]\n",
     "dispatch.yaml:2:14: partitions: a, expected a whole number from 0 to 65535"},
    {"users: u\npartitions: [0, 65536]\n", "from 0 to 65535"},
    {"users: u\npartitions: []\n", "1 to 64"},
    {"users: u\npartitions: [1, 2, 1]\n", "stands twice"},
    {"users: u\nbasemap: {tiles: a, pmtiles: b}\n", "one of tiles"},
    {"users: u\nbasemap: {raster: \"ftp://t/{z}/{x}/{y}\"}\n", "basemap.raster"},
    {"users: u\nbasemap: {raster: \"https://t/{z}/{x}.png\"}\n", "basemap.raster"},
    {"users: u\nbasemap: {raster: \"https:///{z}/{x}/{y}\"}\n", "basemap.raster"},
    {"users: u\nbasemap: {raster: \"//t/{z}/{x}/{y}\"}\n", "basemap.raster"},
    {"users: u\nbasemap: {raster: \"https://t; script-src */{z}/{x}/{y}\"}\n", "basemap.raster"},
};

static void test_wrong(void **state)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct dispatch_config c;
        struct problem problem;
        assert_false(read_yaml(&c, wrong[i][0], &problem));
        if (strstr(problem.text, wrong[i][1]) == NULL)
            fail_msg("%s", problem.text);
        dispatch_config_fini(&c);
    }
    struct dispatch_config c;
    struct problem problem;
    assert_true(read_yaml(&c, "users: u\nhttp: {host: 0.0.0.0}\ninsecure: true\n", &problem));
    dispatch_config_fini(&c);
}

/* The packaged one is what --sample prints. */
static void test_packaged(void **state)
{
    struct buf sample, packaged;
    struct problem problem;
    buf_init(&sample, 1 << 16);
    buf_init(&packaged, 1 << 16);
    assert_true(dispatch_config_write_sample(&sample));
    if (!file_text_read(MW_SOURCE_DIR "/packaging/dispatch.yaml", &packaged, &problem))
        fail_msg("%s", problem.text);
    if (!text_equal(buf_text(&sample), buf_text(&packaged)))
        fail_msg("packaging/dispatch.yaml is old: muckwatch-dispatch --sample prints the present one");
    struct dispatch_config c;
    assert_true(dispatch_config_init(&c));
    if (!dispatch_config_read_file(&c, MW_SOURCE_DIR "/packaging/dispatch-local.yaml", &problem))
        fail_msg("%s", problem.text);
    dispatch_config_fini(&c);
    buf_fini(&sample);
    buf_fini(&packaged);
}

static void test_sample(void **state)
{
    struct dispatch_config c;
    struct problem problem;
    struct buf out;
    buf_init(&out, 1 << 16);
    assert_true(dispatch_config_write_sample(&out));
    buf_put_char(&out, '\0');
    if (!read_yaml(&c, out.data, &problem))
        fail_msg("%s\n%s", problem.text, out.data);
    assert_int_equal(c.http.connections, 2048);
    dispatch_config_fini(&c);
    buf_clear(&out);
    assert_true(dispatch_config_write_help(&out) && dispatch_config_write_man(&out));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults), cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_wrong), cmocka_unit_test(test_sample),
                                       cmocka_unit_test(test_packaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
