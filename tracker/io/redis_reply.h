/*
 * redis_reply: what an answer of Redis says. NULL, the answer that never came, may be passed everywhere.
 */
#ifndef MW_REDIS_REPLY_H
#define MW_REDIS_REPLY_H

#include "text.h"

#include <stddef.h>
#include <stdint.h>

struct redis_reply;

enum redis_type { REDIS_NOTHING, REDIS_NIL, REDIS_TEXT, REDIS_INTEGER, REDIS_ARRAY, REDIS_ERROR };
enum redis_type redis_reply_type(const struct redis_reply *reply);
/* The bytes of a text, status or error; else empty. */
struct text redis_reply_text(const struct redis_reply *reply);
/* An integer, or a text that is one; else 0. */
int64_t redis_reply_integer(const struct redis_reply *reply);
size_t redis_reply_count(const struct redis_reply *reply);
/* An element of an array; NULL when there is none. */
const struct redis_reply *redis_reply_at(const struct redis_reply *reply, size_t i);

#endif
