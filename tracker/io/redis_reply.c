#include "redis_reply.h"

#include <errno.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>

static const redisReply *raw(const struct redis_reply *reply)
{
    return (const redisReply *)reply;
}

enum redis_type redis_reply_type(const struct redis_reply *reply)
{
    if (reply == NULL)
        return REDIS_NOTHING;
    switch (raw(reply)->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        return REDIS_TEXT;
    case REDIS_REPLY_INTEGER:
        return REDIS_INTEGER;
    case REDIS_REPLY_ARRAY:
        return REDIS_ARRAY;
    case REDIS_REPLY_ERROR:
        return REDIS_ERROR;
    default:
        return REDIS_NIL;
    }
}

struct text redis_reply_text(const struct redis_reply *reply)
{
    enum redis_type type = redis_reply_type(reply);
    if (type != REDIS_TEXT && type != REDIS_ERROR)
        return (struct text){"", 0};
    return (struct text){raw(reply)->str, raw(reply)->len};
}

int64_t redis_reply_integer(const struct redis_reply *reply)
{
    if (redis_reply_type(reply) == REDIS_INTEGER)
        return raw(reply)->integer;
    if (redis_reply_type(reply) == REDIS_TEXT) {
        errno = 0;
        long long n = strtoll(raw(reply)->str, NULL, 10);
        return errno == 0 ? n : 0;
    }
    return 0;
}

size_t redis_reply_count(const struct redis_reply *reply)
{
    return redis_reply_type(reply) == REDIS_ARRAY ? raw(reply)->elements : 0;
}

const struct redis_reply *redis_reply_at(const struct redis_reply *reply, size_t i)
{
    return i < redis_reply_count(reply) ? (const struct redis_reply *)raw(reply)->element[i] : NULL;
}
