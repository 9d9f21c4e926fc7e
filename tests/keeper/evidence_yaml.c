/* The keeper's configuration: what it takes, what it refuses and in which words, and that the packaged files are those of this version. */
#include "cmocka_all.h"

#include "evidence_config.h"
#include "file_text.h"

#include <stdio.h>
#include <string.h>

static const char base[] = "archive: {dir: a}\nevidence_dir: /e\nkey_file: k\norigin: x.example/y\n";

static bool read_more(struct evidence_config *c, const char *more, struct problem *problem)
{
    char yaml[1024];
    snprintf(yaml, sizeof yaml, "%s%s", base, more);
    assert_true(evidence_config_init(c));
    return evidence_config_read(c, TEXT("/etc/muckwatch/evidence.yaml"), text_of(yaml), problem);
}

static void what_is_said_is_taken(void **state)
{
    (void)state;
    struct evidence_config c;
    struct problem problem;
    assert_true(read_more(&c, "retention: {days: 2000, kinds: {illegal_dumping: {days: 4000}}}\npost_s: 60\n",
                          &problem));
    assert_string_equal(c.archive.dir.data, "/etc/muckwatch/a");
    assert_int_equal(c.post_ms, 60000);
    assert_int_equal(c.pre_ms, 600000);
    assert_int_equal(evidence_config_retention_ms(&c, TEXT("illegal_dumping")), INT64_C(4000) * 86400000);
    assert_int_equal(evidence_config_retention_ms(&c, TEXT("speeding")), INT64_C(2000) * 86400000);
    evidence_config_fini(&c);
}

static void what_is_wrong_is_refused_in_words(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {{"pre_s: 5\n", "pre_s"},
                                           {"sockets: x\n", "sockets"},
                                           {"retention: {kinds: {nothing: {days: 4}}}\n", "no such kind"},
                                           {"retention: {kinds: {speeding: {}}}\n", "days"},
                                           {"mqtt: {topic: \"a/#\"}\n", "one topic"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct evidence_config c;
        struct problem problem = {""};
        assert_false(read_more(&c, wrong[i][0], &problem));
        if (strstr(problem.text, wrong[i][1]) == NULL)
            fail_msg("%s: %s", wrong[i][0], problem.text);
        evidence_config_fini(&c);
    }
}

static void read_packaged(const char *path)
{
    struct evidence_config c;
    struct problem problem;
    assert_true(evidence_config_init(&c));
    if (!evidence_config_read_file(&c, path, &problem))
        fail_msg("%s", problem.text);
    evidence_config_fini(&c);
}

static void the_packaged_files_are_of_this_version(void **state)
{
    (void)state;
    struct buf sample, packaged;
    struct problem problem;
    buf_init(&sample, 1 << 16);
    buf_init(&packaged, 1 << 16);
    assert_true(evidence_config_write_sample(&sample));
    if (!file_text_read(MW_SOURCE_DIR "/packaging/evidence.yaml", &packaged, &problem))
        fail_msg("%s", problem.text);
    if (!text_equal(buf_text(&sample), buf_text(&packaged)))
        fail_msg("packaging/evidence.yaml is old: muckwatch-evidence --sample prints the present one");
    read_packaged(MW_SOURCE_DIR "/packaging/evidence.yaml");
    read_packaged(MW_SOURCE_DIR "/packaging/evidence-local.yaml");
    read_packaged(MW_SOURCE_DIR "/packaging/evidence-key.yaml");
    buf_fini(&sample);
    buf_fini(&packaged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_taken),
        cmocka_unit_test(what_is_wrong_is_refused_in_words),
        cmocka_unit_test(the_packaged_files_are_of_this_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
