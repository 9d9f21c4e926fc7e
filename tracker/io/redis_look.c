#include "redis_look.h"

#include "arena.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    STORE_WAIT_MS = 3000,    /* for a connection */
    STORE_ANSWER_MS = 15000, /* a store that has just started, or is writing its file anew, takes its time */
    STORE_WORDS_MAX = 64,
};

struct store {
    redisContext *redis;
    struct arena arena;
    char error[256];
};

static struct timeval wait_of(int64_t ms)
{
    return (struct timeval){.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

static bool copy_reply(struct store *s, const redisReply *from, struct reply *to)
{
    *to = (struct reply){0};
    switch (from->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        to->type = REPLY_TEXT;
        return arena_copy_text(&s->arena, (struct text){from->str, (size_t)from->len}, &to->text);
    case REDIS_REPLY_INTEGER:
        to->type = REPLY_NUMBER;
        to->number = from->integer;
        return true;
    case REDIS_REPLY_ARRAY: {
        struct reply *items = arena_take(&s->arena, from->elements, sizeof *items);
        if (items == NULL)
            return false;
        for (size_t i = 0; i < from->elements; i++)
            if (!copy_reply(s, from->element[i], &items[i]))
                return false;
        to->type = REPLY_LIST;
        to->count = from->elements;
        to->items = items;
        return true;
    }
    default:
        return true;
    }
}

bool store_command(struct store *s, const struct text *words, size_t count, int64_t wait_ms,
                   const struct reply **out_reply)
{
    const char *argv[STORE_WORDS_MAX];
    size_t lengths[STORE_WORDS_MAX];
    if (count > STORE_WORDS_MAX) {
        snprintf(s->error, sizeof s->error, "a command of more than %d words", STORE_WORDS_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        argv[i] = words[i].data;
        lengths[i] = words[i].len;
    }
    redisSetTimeout(s->redis, wait_of(wait_ms > 0 ? wait_ms : STORE_ANSWER_MS));
    redisReply *reply = redisCommandArgv(s->redis, (int)count, argv, lengths);
    if (reply == NULL) {
        bool late = s->redis->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
        snprintf(s->error, sizeof s->error, "%s", late ? "it does not answer" : s->redis->errstr);
        return false;
    }
    arena_fini(&s->arena);
    struct reply *copy = arena_take(&s->arena, 1, sizeof *copy);
    bool ok = copy != NULL && reply->type != REDIS_REPLY_ERROR && copy_reply(s, reply, copy);
    if (!ok)
        snprintf(s->error, sizeof s->error, "%s",
                 reply->type == REDIS_REPLY_ERROR ? reply->str : "out of memory");
    freeReplyObject(reply);
    if (ok)
        *out_reply = copy;
    return ok;
}

const char *store_error(const struct store *s)
{
    return s->error;
}

static bool sign_in(struct store *s, const struct store_options *o)
{
    if (o->password.len == 0)
        return true;
    const struct reply *reply;
    const struct text words[] = {TEXT("AUTH"), text_of(o->username != NULL ? o->username : "default"),
                                 o->password};
    return store_command(s, words, 3, 0, &reply);
}

struct store *store_open(const struct store_options *o, char *error, size_t error_size)
{
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    const char *host = o->host != NULL ? o->host : "127.0.0.1";
    int port = o->port != 0 ? o->port : 6379;
    arena_init(&s->arena);
    s->redis = o->unix_socket != NULL ? redisConnectUnixWithTimeout(o->unix_socket, wait_of(STORE_WAIT_MS))
                                      : redisConnectWithTimeout(host, port, wait_of(STORE_WAIT_MS));
    const char *why = s->redis == NULL ? "out of memory" : s->redis->err != 0 ? s->redis->errstr : NULL;
    if (why == NULL && !sign_in(s, o))
        why = s->error;
    if (why == NULL)
        return s;
    if (o->unix_socket != NULL)
        snprintf(error, error_size, "cannot reach Redis at %s: %s", o->unix_socket, why);
    else
        snprintf(error, error_size, "cannot reach Redis at %s:%d: %s", host, port, why);
    store_close(s);
    return NULL;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    if (s->redis != NULL)
        redisFree(s->redis);
    arena_fini(&s->arena);
    free(s);
}

bool store_scan_hash(struct store *s, const char *key, store_visit *visit, void *context)
{
    char cursor[32] = "0";
    do {
        const struct text words[] = {TEXT("HSCAN"), text_of(key), text_of(cursor), TEXT("COUNT"),
                                     TEXT("500")};
        const struct reply *reply;
        if (!store_command(s, words, 5, 0, &reply))
            return false;
        if (reply->count != 2) {
            snprintf(s->error, sizeof s->error, "%s: not a page of a hash", key);
            return false;
        }
        snprintf(cursor, sizeof cursor, "%.*s", TEXT_ARG(reply->items[0].text));
        const struct reply *pairs = &reply->items[1];
        for (size_t i = 0; i + 1 < pairs->count; i += 2)
            visit(context, pairs->items[i].text, pairs->items[i + 1].text);
    } while (strcmp(cursor, "0") != 0);
    return true;
}

struct text reply_field(const struct reply *list, const char *name)
{
    for (size_t i = 0; i + 1 < list->count; i += 2)
        if (text_equal(list->items[i].text, text_of(name)))
            return list->items[i + 1].text;
    return TEXT("");
}
