/*
 * Notes are those of Go's checksum database: its key and its signature are the oracle. Whatever is changed in a checkpoint or a proof is refused.
 */
#include "cmocka_all.h"

#include "tlog_note.h"
#include "tlog_proof_text.h"
#include "tlog_tile.h"

#include <sodium.h>
#include <string.h>

/* golang.org/x/mod/sumdb/note, ExampleSign; the specification's example.com/foo. */
static const char peter[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char foo[] = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char peters_seed[] = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
static const char peters_text[] = "If you think cryptography is the answer to your problem,\n"
                                  "then you don't know what your problem is.\n";
static const char peters_line[] =
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static void sign_as_peter(struct buf *out)
{
    unsigned char bytes[1 + TLOG_SEED_BYTES], secret[crypto_sign_SECRETKEYBYTES];
    struct tlog_key key = {.name = TEXT("PeterNeumann")};
    assert_true(tlog_base64_read(text_of(peters_seed), bytes, sizeof bytes));
    crypto_sign_seed_keypair(key.bytes, secret, bytes + 1);
    tlog_sign(text_of(peters_text), &key, secret, out);
    tlog_vkey_write(&key, out);
}

static void a_signature_is_the_one_that_go_makes(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 10000);
    sign_as_peter(&out);
    buf_put_char(&out, '\0');
    assert_true(buf_ok(&out));
    assert_memory_equal(out.data, peters_line, strlen(peters_line));
    assert_string_equal(out.data + strlen(peters_line), peter);
    buf_fini(&out);
}

static enum tlog_signed check(const char *note, const char *vkey)
{
    struct tlog_note parts;
    struct tlog_key key;
    assert_true(tlog_vkey_read(text_of(vkey), &key));
    assert_true(tlog_note_split(text_of(note), &parts));
    return tlog_note_check(&parts, &key);
}

static void notes_of_others_are_read(void **state)
{
    (void)state;
    char note[1024];
    snprintf(note, sizeof note, "%s\n%s", peters_text, peters_line);
    assert_int_equal(check(note, peter), TLOG_SIGNED);
    assert_int_equal(check(note, foo), TLOG_NOT_SIGNED);
    assert_int_equal(
        check(
            "This is an example message.\n\n\xe2\x80\x94 example.com/foo "
            "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
            foo),
        TLOG_SIGNED);
    note[3] = 'Y';
    assert_int_equal(check(note, peter), TLOG_SIGNED_WRONG);
}

static void a_key_that_is_changed_is_none(void **state)
{
    (void)state;
    struct tlog_key key;
    char changed[sizeof peter];
    for (size_t i = 0; i < sizeof peter - 1; i++) {
        memcpy(changed, peter, sizeof peter);
        changed[i]++;
        assert_false(tlog_vkey_read((struct text){changed, sizeof peter - 1}, &key));
        assert_false(tlog_vkey_read((struct text){peter, i}, &key));
    }
}

static void make_proof(struct buf *note, struct buf *out, struct tlog_key *key)
{
    unsigned char seed[TLOG_SEED_BYTES] = {7}, secret[crypto_sign_SECRETKEYBYTES];
    struct tlog_checkpoint c = {TEXT("city.example/evidence"), {3, {{0}}}};
    struct tlog_hash leaf[3], left;
    struct tlog_proof proof = {.count = 1};
    for (unsigned i = 0; i < 3; i++)
        tlog_leaf((struct text){"abc" + i, 1}, &leaf[i]);
    tlog_node(&leaf[0], &leaf[1], &left);
    tlog_node(&left, &leaf[2], &c.head.root);
    proof.hashes[0] = left;
    key->name = c.origin;
    crypto_sign_seed_keypair(key->bytes, secret, seed);
    tlog_checkpoint_write(&c, note);
    struct text text = buf_text(note);
    buf_put_char(note, '\n');
    tlog_sign((struct text){note->data, text.len}, key, secret, note);
    tlog_proof_write(2, &proof, buf_text(note), out);
}

/* As somebody reads it who has the entry "c" and the key. */
static bool holds(struct text proof, const struct tlog_key *key)
{
    struct tlog_proved p;
    struct tlog_hash leaf;
    tlog_leaf(TEXT("c"), &leaf);
    return tlog_proof_read(proof, &p) && tlog_note_check(&p.parts, key) == TLOG_SIGNED &&
           tlog_check_inclusion(&leaf, p.index, p.checkpoint.head.size, &p.proof, &p.checkpoint.head.root);
}

static void a_proof_holds_as_it_is_written_and_in_no_other_way(void **state)
{
    (void)state;
    struct buf note, out;
    struct tlog_key key;
    buf_init(&note, 10000);
    buf_init(&out, 10000);
    make_proof(&note, &out, &key);
    assert_true(buf_ok(&out) && holds(buf_text(&out), &key));
    for (size_t i = 0; i < out.len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            out.data[i] ^= (char)(1 << bit);
            assert_false(holds(buf_text(&out), &key));
            out.data[i] ^= (char)(1 << bit);
        }
    for (size_t len = 0; len < out.len; len++)
        assert_false(holds((struct text){out.data, len}, &key));
    buf_fini(&note);
    buf_fini(&out);
}

static void expect_path(int level, uint64_t n, unsigned width, const char *want)
{
    char path[TLOG_PATH_MAX];
    tlog_tile_path(level, n, width, path);
    assert_string_equal(path, want);
}

static void tiles_stand_where_the_specification_has_them(void **state)
{
    (void)state;
    expect_path(0, 1234067, 256, "tile/0/x001/x234/067");
    expect_path(0, 0, 256, "tile/0/000");
    expect_path(1, 5, 17, "tile/1/005.p/17");
    expect_path(TLOG_TILE_ENTRIES, 273, 112, "tile/entries/273.p/112");
    expect_path(TLOG_TILE_ENTRIES, 1000, 256, "tile/entries/x001/000");
    /* Its example: a log of 70,000. */
    assert_int_equal(tlog_tile_hashes(70000, 0) / 256, 273);
    assert_int_equal(tlog_tile_hashes(70000, 0) % 256, 112);
    assert_int_equal(tlog_tile_hashes(70000, 1), 256 + 17);
    assert_int_equal(tlog_tile_hashes(70000, 2), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_the_one_that_go_makes),
        cmocka_unit_test(notes_of_others_are_read),
        cmocka_unit_test(a_key_that_is_changed_is_none),
        cmocka_unit_test(a_proof_holds_as_it_is_written_and_in_no_other_way),
        cmocka_unit_test(tiles_stand_where_the_specification_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
