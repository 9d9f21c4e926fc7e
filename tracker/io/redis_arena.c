#include "redis_arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

enum { BLOCK_BYTES = 256 << 10 };

struct redis_arena_block {
    struct redis_arena_block *next;
    size_t used, cap;
    alignas(max_align_t) char bytes[];
};

void redis_arena_fini(struct redis_arena *arena)
{
    for (struct redis_arena_block *block = arena->first, *next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct redis_arena){0};
}

/* The first block is kept, and one that was larger than usual is not. */
static void begin_reply(struct redis_arena *arena)
{
    struct redis_arena_block *first = arena->first;
    if (first == NULL)
        return;
    struct redis_arena rest = {.first = first->next};
    redis_arena_fini(&rest);
    first->next = NULL;
    first->used = 0;
    arena->last = first;
    if (first->cap > BLOCK_BYTES)
        redis_arena_fini(arena);
}

static void *take(struct redis_arena *arena, size_t n)
{
    struct redis_arena_block *block = arena->last;
    size_t whole = (n + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (whole < n)
        return NULL;
    if (block == NULL || block->cap - block->used < whole) {
        size_t cap = whole > BLOCK_BYTES ? whole : BLOCK_BYTES;
        block = cap + sizeof *block > cap ? malloc(sizeof *block + cap) : NULL;
        if (block == NULL)
            return NULL;
        *block = (struct redis_arena_block){.cap = cap};
        *(arena->last != NULL ? &arena->last->next : &arena->first) = block;
        arena->last = block;
    }
    block->used += whole;
    return block->bytes + block->used - whole;
}

/* One without a parent is where a reply begins. NULL without memory, which hiredis takes as the connection's end. */
static redisReply *new_reply(const redisReadTask *task, int type)
{
    if (task->parent == NULL)
        begin_reply(task->privdata);
    redisReply *reply = take(task->privdata, sizeof *reply);
    if (reply == NULL)
        return NULL;
    *reply = (redisReply){.type = type};
    return reply;
}

/* It is where its parent looks for it. */
static void *put_in(const redisReadTask *task, redisReply *reply)
{
    if (reply != NULL && task->parent != NULL)
        ((redisReply *)task->parent->obj)->element[task->idx] = reply;
    return reply;
}

static void *create_string(const redisReadTask *task, char *text, size_t len)
{
    redisReply *reply = new_reply(task, task->type);
    char *copy = reply != NULL ? take(task->privdata, len + 1) : NULL;
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    reply->str = copy;
    reply->len = len;
    return put_in(task, reply);
}

static void *create_array(const redisReadTask *task, int count)
{
    redisReply *reply = new_reply(task, REDIS_REPLY_ARRAY);
    size_t size = count > 0 ? (size_t)count * sizeof(redisReply *) : 0;
    if (reply == NULL || (size > 0 && (reply->element = take(task->privdata, size)) == NULL))
        return NULL;
    if (size > 0)
        memset(reply->element, 0, size);
    reply->elements = (size_t)(count > 0 ? count : 0);
    return put_in(task, reply);
}

static void *create_integer(const redisReadTask *task, long long value)
{
    redisReply *reply = new_reply(task, REDIS_REPLY_INTEGER);
    if (reply != NULL)
        reply->integer = value;
    return put_in(task, reply);
}

static void *create_nil(const redisReadTask *task)
{
    return put_in(task, new_reply(task, REDIS_REPLY_NIL));
}

/* The next reply does. */
static void leave(void *reply)
{
    (void)reply;
}

void redis_arena_attach(struct redis_arena *arena, struct redisAsyncContext *context)
{
    static redisReplyObjectFunctions functions = {create_string, create_array, create_integer, create_nil,
                                                  leave};
    context->c.reader->fn = &functions;
    context->c.reader->privdata = arena;
}
