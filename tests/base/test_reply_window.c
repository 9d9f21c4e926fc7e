/*
 * reply_window: how many commands may wait, what a large one holds up, and what silence is granted.
 */
#include "reply_window.h"

#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void is_closed_when_it_is_full(void **state)
{
    struct reply_window w;
    (void)state;
    reply_window_init(&w, 2, 2000);
    assert_true(reply_window_open(&w));
    reply_window_sent(&w, 0);
    assert_true(reply_window_open(&w));
    reply_window_sent(&w, 0);
    assert_false(reply_window_open(&w));
    reply_window_answered(&w, 0);
    assert_true(reply_window_open(&w));
    assert_int_equal(w.waiting, 1);
}

/* A command of `len` bytes, and how it goes out: every byte once, in order, nothing beside it. */
static void send_large(size_t len, unsigned pieces)
{
    struct reply_window w;
    char *bytes = malloc(len), *got = malloc(len);
    assert_true(bytes != NULL && got != NULL);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 7 + i / 4096);
    reply_window_init(&w, 10, 2000);
    struct text piece = reply_window_begin_large(&w, (struct text){bytes, len});
    size_t at = piece.len;
    unsigned n = 1;
    memcpy(got, piece.data, piece.len);
    reply_window_sent(&w, reply_grace_ms(len));
    while (reply_window_has_piece(&w)) {
        assert_false(reply_window_open(&w));
        piece = reply_window_piece(&w);
        assert_in_range(piece.len, 1, REPLY_PIECE_BYTES);
        assert_true(at + piece.len <= len);
        memcpy(got + at, piece.data, piece.len);
        at += piece.len;
        reply_window_piece_sent(&w);
        n++;
    }
    assert_int_equal(at, len);
    assert_memory_equal(got, bytes, len);
    assert_int_equal(n, pieces);
    assert_true(reply_window_open(&w));
    free(bytes);
    free(got);
}

static void large_commands_go_out_in_pieces(void **state)
{
    (void)state;
    send_large(REPLY_PIECE_BYTES + 1, 2);
    send_large((size_t)REPLY_PIECE_BYTES * 2, 2);
    send_large((size_t)REPLY_PIECE_BYTES * 2 + 1, 3);
    send_large((size_t)REPLY_PIECE_BYTES * 5 + 12345, 6);
}

static void a_lost_connection_opens_the_window(void **state)
{
    struct reply_window w;
    static char bytes[REPLY_PIECE_BYTES + 10];
    (void)state;
    reply_window_init(&w, 10, 2000);
    reply_window_begin_large(&w, (struct text){bytes, sizeof bytes});
    reply_window_sent(&w, 5);
    assert_false(reply_window_open(&w));
    reply_window_forget_large(&w);
    reply_window_answered(&w, 5);
    assert_true(reply_window_open(&w));
    assert_int_equal(reply_window_silence_ms(&w), 2000);
}

static void silence_grows_with_what_is_to_be_digested(void **state)
{
    struct reply_window w;
    (void)state;
    assert_int_equal(reply_grace_ms((size_t)16 << 20), 1024); /* a second for each 16 MiB */
    assert_int_equal(reply_grace_ms(100), 0);
    reply_window_init(&w, 10, 2000);
    reply_window_sent(&w, 0);
    assert_int_equal(reply_window_silence_ms(&w), 2000);
    reply_window_sent(&w, 700);
    reply_window_sent(&w, 300);
    assert_int_equal(reply_window_silence_ms(&w), 3000);
    w.patience_ms = 50;
    assert_int_equal(reply_window_silence_ms(&w), 3050);
    reply_window_answered(&w, 0);
    reply_window_answered(&w, 700);
    assert_int_equal(reply_window_silence_ms(&w), 2350);
    w.patience_ms = UINT32_MAX;
    assert_true(reply_window_silence_ms(&w) > UINT32_MAX); /* not cut to 32 bits */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_closed_when_it_is_full),
        cmocka_unit_test(large_commands_go_out_in_pieces),
        cmocka_unit_test(a_lost_connection_opens_the_window),
        cmocka_unit_test(silence_grows_with_what_is_to_be_digested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
