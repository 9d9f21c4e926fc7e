/*
 * fake_command: a command in Redis' protocol, taken apart. What is not well formed fails the test.
 */
#ifndef MW_TEST_FAKE_COMMAND_H
#define MW_TEST_FAKE_COMMAND_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARGS_MAX = 20000 };

struct command {
    struct text args[ARGS_MAX];
    size_t count;
};

void command_parse(struct text bytes, struct command *c);
bool command_is(const struct command *c, size_t i, const char *word);
int64_t command_number(const struct command *c, size_t i);
/* A field of an entry: names and values from args[i] on. */
struct text command_field(const struct command *c, size_t i, size_t n, const char *name);
bool command_begins(struct text t, const char *word, struct text *out_rest);

#endif
