/*
 * text: a borrowed run of bytes, not terminated by a zero.
 *
 * The owner of the bytes must outlive the struct text, which never owns them.
 */
#ifndef MW_TEXT_H
#define MW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *data; /* may be NULL when len is 0 */
    size_t len;
};

/* A string literal as text. */
#define TEXT(literal) ((struct text){"" literal, sizeof(literal) - 1})

/* For printf's "%.*s". */
#define TEXT_ARG(t) (int)(t).len, (t).data

static inline struct text text_of(const char *zero_terminated)
{
    return (struct text){zero_terminated, zero_terminated != NULL ? strlen(zero_terminated) : 0};
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* The whole number that its first digits are, of 18 at most; 0 where there are none. */
int64_t text_whole(struct text t);

/* What stands before the next blank, which is taken away from `line` with it; all of it where there is none. */
struct text text_take_word(struct text *line);

/* Orders bytewise, shorter first where one is the beginning of the other. */
int text_compare(struct text a, struct text b);

#endif
