/*
 * A server whose answer comes slowly: as long as bytes come it is not silent, however long the answer takes; once none
 * come it is. The server is a socket on the same loop.
 */
#include "../cmocka_all.h"
#include "loop.h"
#include "redis.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SILENCE_MS = 1500, PIECE_MS = 100, PIECES = 25, PIECE_BYTES = 1000 };

struct trickle {
    struct loop *loop;
    struct redis *redis;
    int listener, peer, pieces, stops_after;
    struct loop_watch *coming, *asked;
    struct loop_timer *next;
    bool greeted, answered, lost;
};

static void put(const struct trickle *t, const char *bytes, size_t len)
{
    assert_int_equal(write(t->peer, bytes, len), (ssize_t)len);
}

static void on_next(void *arg)
{
    struct trickle *t = arg;
    char piece[PIECE_BYTES];
    memset(piece, 'x', sizeof piece);
    if (t->pieces == t->stops_after)
        return;
    put(t, piece, sizeof piece);
    if (++t->pieces == PIECES)
        put(t, "\r\n", 2);
    else
        loop_timer_set(t->next, PIECE_MS);
}

static void on_asked(void *arg)
{
    struct trickle *t = arg;
    char bytes[256], head[32];
    if (read(t->peer, bytes, sizeof bytes) <= 0) {
        loop_watch_set(t->asked, false);
        return;
    }
    if (!t->greeted) {
        t->greeted = true;
        put(t, "+PONG\r\n", 7);
        return;
    }
    put(t, head, (size_t)snprintf(head, sizeof head, "$%d\r\n", PIECES * PIECE_BYTES));
    loop_timer_set(t->next, PIECE_MS);
}

static void on_coming(void *arg)
{
    struct trickle *t = arg;
    loop_watch_set(t->coming, false); /* once */
    t->peer = accept(t->listener, NULL, NULL);
    assert_true(t->peer >= 0);
    t->asked = loop_watch_new(t->loop, t->peer, false, on_asked, t);
    loop_watch_set(t->asked, true);
}

static void on_answer(void *arg, const struct redis_reply *reply)
{
    struct trickle *t = arg;
    t->answered = reply != NULL && redis_reply_text(reply).len == PIECES * PIECE_BYTES;
    loop_stop(t->loop);
}

static void on_connected(void *arg)
{
    struct trickle *t = arg;
    const struct text argv[] = {TEXT("GET"), TEXT("large")};
    assert_true(redis_send(t->redis, 2, argv, on_answer, t));
}

static void on_lost(void *arg, const char *reason)
{
    struct trickle *t = arg;
    t->lost = strcmp(reason, "silent for too long") == 0;
}

static uint16_t listen_somewhere(int *out_fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *out_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(*out_fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(*out_fd, 1), 0);
    assert_int_equal(getsockname(*out_fd, (struct sockaddr *)&at, &len), 0);
    return ntohs(at.sin_port);
}

static struct trickle play(int stops_after)
{
    static const struct redis_callbacks callbacks = {on_connected, on_lost};
    static struct trickle t;
    t = (struct trickle){.loop = loop_new(), .stops_after = stops_after};
    struct redis_options options = {.host = "127.0.0.1", .silence_ms = SILENCE_MS, .quiet = true};
    options.port = listen_somewhere(&t.listener);
    t.coming = loop_watch_new(t.loop, t.listener, false, on_coming, &t);
    t.next = loop_timer_new(t.loop, on_next, &t);
    t.redis = redis_new(t.loop, &options, &callbacks, &t);
    loop_watch_set(t.coming, true);
    redis_start(t.redis);
    assert_true(loop_run(t.loop));
    redis_free(t.redis);
    loop_watch_free(t.asked);
    loop_watch_free(t.coming);
    loop_timer_free(t.next);
    loop_free(t.loop);
    close(t.peer);
    close(t.listener);
    return t;
}

static void test_slow_is_not_silent(void **state)
{
    struct trickle t = play(PIECES);
    assert_true(t.answered);
    assert_false(t.lost);
}

static void test_silent_in_the_middle(void **state)
{
    struct trickle t = play(PIECES / 2);
    assert_false(t.answered);
    assert_true(t.lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slow_is_not_silent),
                                       cmocka_unit_test(test_silent_in_the_middle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
