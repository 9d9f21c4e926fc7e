/*
 * Replies as hiredis makes them by itself and in the memory of a connection: the same, one after the other, whatever their
 * size and however they come in pieces.
 */
#include "../cmocka_all.h"
#include "redis_arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

enum { LARGE = 300000, MANY = 20000 };

static void same(const redisReply *a, const redisReply *b)
{
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->integer, b->integer);
    assert_int_equal(a->elements, b->elements);
    if (a->str != NULL || b->str != NULL) {
        assert_int_equal(a->len, b->len);
        assert_memory_equal(a->str, b->str, a->len + 1);
    }
    for (size_t i = 0; i < a->elements; i++)
        same(a->element[i], b->element[i]);
}

/* Fed to both, so many bytes at a time. */
static void check(redisReader *ours, redisReader *theirs, const char *bytes, size_t len, size_t step)
{
    void *one = NULL, *other = NULL;
    for (size_t at = 0; at < len; at += step) {
        size_t n = len - at < step ? len - at : step;
        assert_null(one);
        assert_int_equal(redisReaderFeed(ours, bytes + at, n), REDIS_OK);
        assert_int_equal(redisReaderFeed(theirs, bytes + at, n), REDIS_OK);
        assert_int_equal(redisReaderGetReply(ours, &one), REDIS_OK);
        assert_int_equal(redisReaderGetReply(theirs, &other), REDIS_OK);
    }
    assert_non_null(one);
    same(one, other);
    ours->fn->freeObject(one);
    theirs->fn->freeObject(other);
}

static void test_replies(void **state)
{
    redisAsyncContext context = {.c.reader = redisReaderCreate()};
    redisReader *theirs = redisReaderCreate();
    struct redis_arena arena = {0};
    static const char *const replies[] = {
        "+OK\r\n",    "-ERR no\r\n",
        ":-42\r\n",   "$-1\r\n",
        "$0\r\n\r\n", "*-1\r\n",
        "*0\r\n",     "*3\r\n*2\r\n$1\r\na\r\n*-1\r\n:7\r\n*2\r\n*1\r\n$-1\r\n$3\r\nx\0y\r\n"};
    static const size_t lens[] = {5, 9, 6, 5, 6, 5, 4, 46};
    redis_arena_attach(&arena, &context);
    for (size_t round = 1; round < 8; round++)
        for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++)
            check(context.c.reader, theirs, replies[i], lens[i], round);
    /* Larger than a block, then many small ones, then one again. */
    char *large = malloc(LARGE + 64), *many = malloc(MANY * 16 + 64);
    int n = snprintf(large, 64, "$%d\r\n", LARGE);
    memset(large + n, 'a', LARGE);
    memcpy(large + n + LARGE, "\r\n", 3);
    size_t used = (size_t)snprintf(many, 64, "*%d\r\n", MANY);
    for (int i = 0; i < MANY; i++)
        used += (size_t)snprintf(many + used, 16, "$5\r\n%05d\r\n", i);
    for (int round = 0; round < 3; round++) {
        check(context.c.reader, theirs, large, (size_t)n + LARGE + 2, 16384);
        check(context.c.reader, theirs, many, used, 16384);
        check(context.c.reader, theirs, replies[7], lens[7], 3);
    }
    free(large);
    free(many);
    redisReaderFree(context.c.reader);
    redisReaderFree(theirs);
    redis_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_replies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
