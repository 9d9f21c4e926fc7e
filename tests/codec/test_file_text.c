/* file_text: files that are none, and passwords that others can read. yaml_depth: what is nested
 * without end, and what has no end of keys.
 */
#include "../cmocka_all.h"
#include "config.h"
#include "file_text.h"
#include "yaml_depth.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/mw-files-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *make(const char *name, const char *text, mode_t mode)
{
    const char *path = path_of(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void refused(const char *path, const char *reason)
{
    struct buf out;
    struct problem problem = {""};
    buf_init(&out, 1 << 20);
    assert_false(file_text_read(path, &out, &problem));
    if (strstr(problem.text, reason) == NULL || strstr(problem.text, path) == NULL)
        fail_msg("'%s' is not about %s and %s", problem.text, path, reason);
    buf_fini(&out);
}

/* With nobody at its other end opening a FIFO to read would wait for ever: SIGALRM would end the test. */
static void test_what_is_no_file_is_refused_at_once(void **state)
{
    alarm(60);
    assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
    refused(path_of("fifo"), "not a regular file, but a FIFO");
    refused(folder, "not a regular file, but a folder");
    refused("/dev/zero", "not a regular file, but a device");
    refused(path_of("absent"), "No such file");
    alarm(0);
}

static void test_a_file_is_read(void **state)
{
    struct buf out;
    struct problem problem;
    buf_init(&out, 1 << 20);
    assert_true(file_text_read(make("plain", "some text\n", 0644), &out, &problem));
    assert_int_equal(out.len, 10);
    buf_fini(&out);
}

static void test_passwords_are_for_their_owner(void **state)
{
    static const struct {
        mode_t mode;
        bool ours;
    } rows[] = {{0600, true},  {0400, true},  {0640, true},  {0440, true}, {0604, false},
                {0644, false}, {0602, false}, {0660, false}, {0666, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char password[16];
        struct problem problem = {""};
        bool read = file_text_read_secret(make("password", "open sesame\r\nmore\n", rows[i].mode), password,
                                          sizeof password, &problem);
        assert_int_equal(read, rows[i].ours);
        assert_int_equal(file_text_is_secret(path_of("password"), &problem), rows[i].ours);
        assert_string_equal(password, rows[i].ours ? "open sesame" : "");
        assert_true(read || strstr(problem.text, "chmod 600") != NULL);
    }
}

static void test_passwords_fit_or_are_refused(void **state)
{
    char password[8];
    struct problem problem;
    assert_true(file_text_read_secret(make("six", "123456\n", 0600), password, sizeof password, &problem));
    assert_string_equal(password, "123456");
    assert_true(file_text_read_secret(make("bare", "1234567", 0600), password, sizeof password, &problem));
    assert_string_equal(password, "1234567");
    assert_false(
        file_text_read_secret(make("eight", "12345678\n", 0600), password, sizeof password, &problem));
    assert_string_equal(password, "");
    assert_false(file_text_read_secret(make("none", "\n12345\n", 0600), password, sizeof password, &problem));
    assert_false(file_text_read_secret(make("empty", "", 0600), password, sizeof password, &problem));
}

static char *nested(size_t depth, char open, size_t *out_len)
{
    char *text = malloc(depth + 4);
    assert_non_null(text);
    memcpy(text, "a: ", 3);
    memset(text + 3, open, depth);
    *out_len = depth + 3;
    return text;
}

static void test_depth(void **state)
{
    struct yaml_place deep;
    for (const char *open = "{["; *open != '\0'; open++) {
        size_t len;
        char *text = nested(200000, *open, &len);
        assert_false(yaml_depth_holds((struct text){text, len}, &deep));
        assert_int_equal(deep.line, 1);
        free(text);
        /* The mapping around it is a level too; what is not closed is for the loader to refuse. */
        text = nested(YAML_DEPTH_MAX - 1, *open, &len);
        assert_true(yaml_depth_holds((struct text){text, len}, &deep));
        free(text);
    }
}

static void test_a_configuration_of_braces_is_refused(void **state)
{
    size_t len;
    char *text = nested(200000, '{', &len);
    struct config config;
    struct problem problem;
    assert_true(config_init(&config));
    assert_false(config_read(&config, text_of("m.yaml"), (struct text){text, len}, &problem));
    assert_string_equal(problem.text, "m.yaml:1:67: nested deeper than 64 levels");
    config_fini(&config);
    free(text);
}

/* So many lines of a mapping, each with an anchor of its own: what libyaml and we look through for each of them. */
static char *anchored(int lines, size_t *out_len)
{
    char *text = malloc((size_t)lines * 32);
    assert_non_null(text);
    size_t len = 0;
    for (int i = 0; i < lines; i++)
        len += (size_t)sprintf(text + len, "a%d: &a%d 1\n", i, i);
    *out_len = len;
    return text;
}

static void test_a_configuration_without_end_is_refused(void **state)
{
    size_t len;
    struct yaml_place place;
    char *text = anchored(YAML_VALUES_MAX / 2 - 1, &len); /* the mapping is one, too */
    assert_true(yaml_depth_holds((struct text){text, len}, &place));
    free(text);

    text = anchored(50000, &len);
    struct config config;
    struct problem problem;
    assert_true(config_init(&config));
    assert_false(config_read(&config, text_of("m.yaml"), (struct text){text, len}, &problem));
    assert_string_equal(problem.text, "m.yaml:10000:8: more than 20000 keys and values");
    config_fini(&config);
    free(text);
}

static int make_folder(void **state)
{
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"fifo", "plain", "password", "six", "bare", "eight", "none", "empty"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(path_of(names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_file_is_refused_at_once),
        cmocka_unit_test(test_a_file_is_read),
        cmocka_unit_test(test_passwords_are_for_their_owner),
        cmocka_unit_test(test_passwords_fit_or_are_refused),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_a_configuration_of_braces_is_refused),
        cmocka_unit_test(test_a_configuration_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
