/*
 * json_members: members of an object as a table of names and values.
 *
 *     json_write_table(&w, JSON_TEXT("vehicle", id), JSON_WHOLE("entered", ms), JSON_FIXED("metres", m, 1), JSON_WORD("load", NULL));
 */
#ifndef MW_JSON_MEMBERS_H
#define MW_JSON_MEMBERS_H

#include "json_write.h"

#include <math.h>
#include <stddef.h>

enum json_member_type {
    JSON_MEMBER_TEXT,
    JSON_MEMBER_WHOLE,
    JSON_MEMBER_FIXED,
    JSON_MEMBER_TRUTH,
    JSON_MEMBER_NULL,
    JSON_MEMBER_LEFT_OUT
};

struct json_member {
    const char *name;
    enum json_member_type type;
    struct text text;
    int64_t whole;
    double number;
    int decimals;
};

#define JSON_TEXT(key, value) ((struct json_member){.name = (key), .type = JSON_MEMBER_TEXT, .text = (value)})
#define JSON_WHOLE(key, value)                                                                               \
    ((struct json_member){.name = (key), .type = JSON_MEMBER_WHOLE, .whole = (int64_t)(value)})
/* null where it is not finite */
#define JSON_FIXED(key, value, digits)                                                                       \
    ((struct json_member){.name = (key), .type = JSON_MEMBER_FIXED, .number = (value), .decimals = (digits)})
#define JSON_TRUTH(key, value)                                                                               \
    ((struct json_member){.name = (key), .type = JSON_MEMBER_TRUTH, .whole = (value)})
/* A word of our own, which ends with a zero; null for NULL. */
#define JSON_WORD(key, value) json_member_word((key), (value))

/* Left out where there is none: NULL, or no finite number. */
#define JSON_WORD_IF_ANY(key, value) json_member_word_if_any((key), (value))
#define JSON_FIXED_IF_ANY(key, value, digits)                                                                \
    (isfinite(value) ? JSON_FIXED(key, value, digits) : json_member_word_if_any((key), NULL))

static inline struct json_member json_member_word_if_any(const char *name, const char *word)
{
    return word == NULL ? (struct json_member){.name = name, .type = JSON_MEMBER_LEFT_OUT}
                        : (struct json_member){.name = name, .type = JSON_MEMBER_TEXT, .text = text_of(word)};
}

static inline struct json_member json_member_word(const char *name, const char *word)
{
    return word == NULL ? (struct json_member){.name = name, .type = JSON_MEMBER_NULL}
                        : (struct json_member){.name = name, .type = JSON_MEMBER_TEXT, .text = text_of(word)};
}

void json_write_members(struct json_writer *w, const struct json_member *members, size_t count);
#define json_write_table(w, ...)                                                                             \
    json_write_members((w), (const struct json_member[]){__VA_ARGS__},                                       \
                       sizeof((const struct json_member[]){__VA_ARGS__}) / sizeof(struct json_member))

#endif
