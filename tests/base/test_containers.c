/* names, heap, arena and hash against simple oracles. Seeds are fixed; a failure prints the step. */
#include "cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "hash.h"
#include "heap.h"
#include "names.h"

static uint64_t random_state = 20260607;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

static void names_give_each_text_one_symbol(void **state)
{
    (void)state;
    struct names *n = names_new(20000);
    uint32_t first[20000];
    for (uint32_t i = 0; i < 20000; i++) {
        char text[32];
        int len = snprintf(text, sizeof text, "vehicle-%u", i);
        assert_true(names_intern(n, (struct text){text, (size_t)len}, &first[i]));
        assert_int_equal(first[i], i + 1);
    }
    for (uint32_t i = 0; i < 20000; i++) {
        char text[32];
        int len = snprintf(text, sizeof text, "vehicle-%u", i);
        uint32_t again = 0;
        assert_true(names_intern(n, (struct text){text, (size_t)len}, &again));
        assert_int_equal(again, first[i]);
        assert_int_equal(names_find(n, (struct text){text, (size_t)len}), first[i]);
        assert_string_equal(names_text(n, again).data, text);
    }
    names_free(n);
}

enum { SHARED = 30000 };

struct sharer {
    struct names *names;
    uint32_t own, wrong, symbols[SHARED];
};

static struct text shared_text(char bytes[32], uint32_t i)
{
    return (struct text){bytes, (size_t)snprintf(bytes, 32, "fence-%u", i)};
}

/* Interns what the other does as well and what it does not, and reads what either has brought up. */
static void *share(void *arg)
{
    struct sharer *s = arg;
    char bytes[32];
    for (uint32_t i = 0; i < SHARED; i++) {
        struct text text = shared_text(bytes, i % 3 == 0 ? s->own + i : i);
        if (!names_intern(s->names, text, &s->symbols[i]) || names_find(s->names, text) != s->symbols[i] ||
            !text_equal(names_text(s->names, s->symbols[i]), text))
            s->wrong++;
        uint32_t newest = names_count(s->names);
        if (newest < s->symbols[i] || names_text(s->names, newest).len == 0)
            s->wrong++;
    }
    return NULL;
}

static void names_are_shared_by_threads(void **state)
{
    (void)state;
    static struct sharer a, b;
    pthread_t thread;
    struct names *n = names_new(4 * SHARED);
    a = (struct sharer){.names = n, .own = SHARED};
    b = (struct sharer){.names = n, .own = 2 * SHARED};
    assert_int_equal(pthread_create(&thread, NULL, share, &a), 0);
    share(&b);
    pthread_join(thread, NULL);
    assert_int_equal(a.wrong + b.wrong, 0);
    assert_int_equal(names_count(n), SHARED + SHARED / 3);
    for (uint32_t i = 0; i < SHARED; i++)
        assert_true((a.symbols[i] == b.symbols[i]) == (i % 3 != 0));
    names_free(n);
}

static void names_refuse_what_they_cannot_hold(void **state)
{
    (void)state;
    struct names *n = names_new(2);
    char longest[NAMES_TEXT_MAX + 1];
    memset(longest, 'x', sizeof longest);
    uint32_t symbol = 77;
    assert_false(names_intern(n, TEXT(""), &symbol));
    assert_false(names_intern(n, (struct text){longest, sizeof longest}, &symbol));
    assert_int_equal(symbol, 77);
    assert_true(names_intern(n, (struct text){longest, NAMES_TEXT_MAX}, &symbol));
    assert_true(names_intern(n, TEXT("a"), &symbol));
    assert_false(names_intern(n, TEXT("b"), &symbol));
    assert_true(names_intern(n, TEXT("a"), &symbol));
    assert_int_equal(names_find(n, TEXT("b")), 0);
    assert_int_equal(names_text(n, 0).len, 0);
    assert_int_equal(names_text(n, 99).len, 0);
    names_free(n);
}

enum { IDS = 200 };

/* Every step is compared with a plain array that is searched from the front. */
static void heap_equals_a_search(void **state)
{
    (void)state;
    struct heap h;
    int64_t oracle[IDS];
    heap_init(&h);
    assert_true(heap_reserve(&h, IDS));
    for (uint32_t i = 0; i < IDS; i++)
        oracle[i] = INT64_MAX;
    for (uint32_t step = 0; step < 200000; step++) {
        uint32_t id = random_below(IDS);
        if (random_below(4) == 0) {
            heap_remove(&h, id);
            oracle[id] = INT64_MAX;
        } else {
            int64_t at = (int64_t)random_below(50); /* many equal times */
            heap_set(&h, id, at);
            oracle[id] = at;
        }
        uint32_t best = IDS;
        for (uint32_t i = 0; i < IDS; i++)
            if (oracle[i] != INT64_MAX && (best == IDS || oracle[i] < oracle[best]))
                best = i;
        const struct heap_item *first = heap_first(&h);
        if ((first == NULL) != (best == IDS) ||
            (first != NULL && (first->id != best || first->at_ms != oracle[best])))
            fail_msg("step %u", step);
    }
    heap_fini(&h);
}

static void heap_grows_without_losing(void **state)
{
    (void)state;
    struct heap h;
    heap_init(&h);
    for (uint32_t id = 0; id < 1000; id++) {
        assert_true(heap_reserve(&h, id + 1));
        heap_set(&h, id, -(int64_t)id);
    }
    for (uint32_t id = 1000; id > 0; id--) {
        assert_int_equal(heap_first(&h)->id, id - 1);
        heap_remove(&h, id - 1);
        heap_remove(&h, id - 1);
    }
    assert_null(heap_first(&h));
    heap_remove(&h, 4000);
    heap_fini(&h);
}

/* SipHash-1-3 of 00 01 02 … under the key 00 01 … 0f, as the reference implementation gives them. */
static void hash_is_siphash_1_3(void **state)
{
    (void)state;
    const struct hash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    unsigned char in[64];
    for (unsigned i = 0; i < sizeof in; i++)
        in[i] = (unsigned char)i;
    assert_true(hash_bytes(key, in, 0) == 0xabac0158050fc4dcu);
    assert_true(hash_bytes(key, in, 1) == 0xc9f49bf37d57ca93u);
}

static void arena_pieces_are_zeroed_and_stay(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    unsigned char *pieces[500];
    size_t sizes[500];
    for (unsigned i = 0; i < 500; i++) {
        sizes[i] = random_below(i % 50 == 0 ? 200000 : 300);
        pieces[i] = arena_take(&a, sizes[i], 1);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], 0);
        if (sizes[i] > 0)
            memset(pieces[i], (int)(i & 0xff), sizes[i]);
    }
    for (unsigned i = 0; i < 500; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], i & 0xff);
    assert_null(arena_take(&a, SIZE_MAX / 2, 8));
    struct text copy;
    assert_true(arena_copy_text(&a, TEXT("渣土"), &copy));
    assert_string_equal(copy.data, "渣土");
    arena_fini(&a);
}

static void arena_cleared_keeps_a_block_and_zeroes_again(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    arena_clear(&a);
    for (unsigned round = 0; round < 200; round++) {
        const struct arena_block *kept = a.blocks;
        for (unsigned i = 1 + random_below(40); i > 0; i--) {
            size_t size = random_below(10000);
            unsigned char *piece = arena_take(&a, size, 1);
            assert_non_null(piece);
            for (size_t k = 0; k < size; k++)
                assert_int_equal(piece[k], 0);
            if (size > 0)
                memset(piece, 0xa5, size);
        }
        if (round % 3 == 0)
            assert_non_null(arena_take(&a, 200000, 1)); /* a block of its own is kept like any */
        assert_true(round == 0 || kept != NULL);
        arena_clear(&a);
        assert_true(a.blocks != NULL && a.used == 0);
    }
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_give_each_text_one_symbol),
        cmocka_unit_test(names_are_shared_by_threads),
        cmocka_unit_test(names_refuse_what_they_cannot_hold),
        cmocka_unit_test(heap_equals_a_search),
        cmocka_unit_test(heap_grows_without_losing),
        cmocka_unit_test(hash_is_siphash_1_3),
        cmocka_unit_test(arena_pieces_are_zeroed_and_stay),
        cmocka_unit_test(arena_cleared_keeps_a_block_and_zeroes_again),
    };
    return cmocka_run_group_tests_name("base containers", tests, NULL, NULL);
}
