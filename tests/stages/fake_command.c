#include "fake_command.h"

#include "../cmocka_all.h"

#include <stdlib.h>

static size_t read_length(const char **at, char mark)
{
    assert_int_equal(**at, mark);
    char *end;
    size_t n = strtoul(*at + 1, &end, 10);
    assert_memory_equal(end, "\r\n", 2);
    *at = end + 2;
    return n;
}

void command_parse(struct text bytes, struct command *c)
{
    const char *at = bytes.data;
    c->count = read_length(&at, '*');
    assert_in_range(c->count, 1, ARGS_MAX);
    for (size_t i = 0; i < c->count; i++) {
        size_t len = read_length(&at, '$');
        c->args[i] = (struct text){at, len};
        assert_memory_equal(at + len, "\r\n", 2);
        at += len + 2;
    }
    assert_ptr_equal(at, bytes.data + bytes.len);
}

bool command_is(const struct command *c, size_t i, const char *word)
{
    return i < c->count && text_equal(c->args[i], text_of(word));
}

int64_t command_number(const struct command *c, size_t i)
{
    char digits[24] = "";
    assert_true(i < c->count && c->args[i].len < sizeof digits);
    memcpy(digits, c->args[i].data, c->args[i].len);
    return strtoll(digits, NULL, 10);
}

struct text command_field(const struct command *c, size_t i, size_t n, const char *name)
{
    for (size_t k = 0; k + 1 < n; k += 2)
        if (command_is(c, i + k, name))
            return c->args[i + k + 1];
    return TEXT("");
}

bool command_begins(struct text t, const char *word, struct text *out_rest)
{
    size_t n = strlen(word);
    if (t.len < n || memcmp(t.data, word, n) != 0)
        return false;
    *out_rest = (struct text){t.data + n, t.len - n};
    return true;
}
