/*
 * The log on disk: what a kill leaves is cut off, what was signed is never given up, and the files that others follow give the root
 * that was signed. Objects are what was put, or are not given.
 */
#include "cmocka_all.h"

#include "evidence_file.h"
#include "evidence_log.h"
#include "evidence_objects.h"
#include "tlog_tile.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];
static unsigned char secret[crypto_sign_SECRETKEYBYTES];
static struct evidence_log_signer signer;

static int begin(void **state)
{
    (void)state;
    const unsigned char seed[crypto_sign_SEEDBYTES] = {3};
    strcpy(root, "/tmp/keeper_log_XXXXXX");
    signer.key.name = TEXT("city.example/evidence");
    crypto_sign_seed_keypair(signer.key.bytes, secret, seed);
    signer.secret = secret;
    return mkdtemp(root) == NULL;
}

static int end(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

static char why[500];

static struct evidence_log *open_log(enum evidence_log_error want)
{
    struct evidence_log *log;
    enum evidence_log_error error = evidence_log_open(root, &log, why, sizeof why);
    if (error != want)
        print_error("%d, not %d: %s\n", error, want, why);
    assert_int_equal(error, want);
    return log;
}

static void append(struct evidence_log *log, unsigned from, unsigned to)
{
    char entry[64];
    uint64_t index;
    for (unsigned i = from; i < to; i++) {
        int len = snprintf(entry, sizeof entry, "entry %u of this log", i);
        assert_true(evidence_log_append(log, (struct text){entry, (size_t)len}, &index));
        assert_int_equal(index, i);
    }
}

static void change(const char *name, off_t at, char by)
{
    char path[128], byte;
    snprintf(path, sizeof path, "%s/%s", root, name);
    chmod(path, 0600);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= by;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static off_t length(const char *name)
{
    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void cut(const char *name, off_t at)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(truncate(path, at), 0);
}

/* ---- as a mirror sees it ---- */

static bool tile_hash(void *arg, unsigned level, uint64_t n, struct tlog_hash *out)
{
    uint64_t size = *(uint64_t *)arg, tile = n / TLOG_TILE_HASHES;
    struct tlog_hash left, right;
    struct buf bytes;
    char path[TLOG_PATH_MAX], below[TLOG_PATH_MAX + 8];
    if (level % 8 != 0) {
        return tile_hash(arg, level - 1, 2 * n, &left) && tile_hash(arg, level - 1, 2 * n + 1, &right) &&
               (tlog_node(&left, &right, out), true);
    }
    uint64_t count = tlog_tile_hashes(size, level / 8);
    unsigned width =
        tile < count / TLOG_TILE_HASHES ? TLOG_TILE_HASHES : (unsigned)(count % TLOG_TILE_HASHES);
    tlog_tile_path((int)level / 8, tile, width, path);
    snprintf(below, sizeof below, "log/%s", path);
    buf_init(&bytes, 10000);
    assert_true(evidence_file_get(root, below, &bytes));
    assert_int_equal(bytes.len, width * TLOG_HASH_BYTES);
    memcpy(out, bytes.data + n % TLOG_TILE_HASHES * TLOG_HASH_BYTES, TLOG_HASH_BYTES);
    buf_fini(&bytes);
    return true;
}

static void read_bundles(uint64_t size)
{
    struct buf bytes;
    char path[TLOG_PATH_MAX], below[TLOG_PATH_MAX + 8], want[64];
    buf_init(&bytes, 1 << 20);
    for (uint64_t i = 0; i < size;) {
        uint64_t rest = size - i;
        struct text left, entry;
        tlog_tile_path(TLOG_TILE_ENTRIES, i / TLOG_TILE_HASHES,
                       rest < TLOG_TILE_HASHES ? (unsigned)rest : TLOG_TILE_HASHES, path);
        snprintf(below, sizeof below, "log/%s", path);
        buf_clear(&bytes);
        assert_true(evidence_file_get(root, below, &bytes));
        for (left = buf_text(&bytes); tlog_bundle_take(&left, &entry); i++) {
            snprintf(want, sizeof want, "entry %u of this log", (unsigned)i);
            assert_true(text_equal(entry, text_of(want)));
        }
        assert_int_equal(left.len, 0);
    }
    buf_fini(&bytes);
}

static void a_mirror_has_all_from_the_files(void **state)
{
    static const unsigned sizes[] = {1, 5, 255, 256, 257, 700};
    struct evidence_log *log = open_log(EVIDENCE_LOG_OK);
    unsigned from = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buf note;
        struct tlog_note parts;
        struct tlog_checkpoint c;
        append(log, from, sizes[i]);
        from = sizes[i];
        assert_true(evidence_log_sign(log, &signer));
        buf_init(&note, TLOG_NOTE_MAX);
        assert_true(evidence_file_get(root, "log/checkpoint", &note));
        assert_true(tlog_note_split(buf_text(&note), &parts) &&
                    tlog_note_check(&parts, &signer.key) == TLOG_SIGNED);
        assert_true(tlog_checkpoint_read(parts.text, &c));
        assert_int_equal(c.head.size, from);
        struct tlog_hash got;
        uint64_t size = from;
        const struct tlog_tree tiles = {tile_hash, &size};
        assert_true(tlog_root(&tiles, size, &got) && tlog_hash_equal(&got, &c.head.root));
        read_bundles(size);
        buf_fini(&note);
    }
    evidence_log_close(log);
    /* Opened again, it gives the same proofs. */
    log = open_log(EVIDENCE_LOG_OK);
    struct tlog_proof proof;
    struct tlog_hash leaf, head;
    const struct tlog_tree tree = evidence_log_tree(log);
    assert_int_equal(evidence_log_size(log), 700);
    tlog_leaf(TEXT("entry 512 of this log"), &leaf);
    assert_true(tlog_root(&tree, 600, &head) && evidence_log_prove(log, 512, 600, &proof) &&
                tlog_check_inclusion(&leaf, 512, 600, &proof, &head));
    evidence_log_close(log);
}

static void what_a_kill_leaves_is_cut_off(void **state)
{
    struct evidence_log *log = open_log(EVIDENCE_LOG_OK);
    append(log, 0, 3);
    assert_true(evidence_log_sign(log, &signer));
    off_t kept = length("log/entries"), kept_checkpoints = length("log/checkpoints");
    append(log, 3, 4);
    evidence_log_close(log);
    for (off_t at = length("log/entries") - 1; at >= kept; at--) {
        cut("log/entries", at);
        log = open_log(EVIDENCE_LOG_OK);
        assert_int_equal(evidence_log_size(log), 3);
        assert_int_equal(length("log/entries"), kept);
        evidence_log_close(log);
        log = open_log(EVIDENCE_LOG_OK);
        append(log, 3, 4);
        evidence_log_close(log);
    }
    log = open_log(EVIDENCE_LOG_OK);
    assert_true(evidence_log_sign(log, &signer));
    evidence_log_close(log);
    for (off_t at = length("log/checkpoints") - 1; at >= kept_checkpoints; at--) {
        cut("log/checkpoints", at);
        log = open_log(EVIDENCE_LOG_OK);
        assert_int_equal(evidence_log_signed(log), 3);
        assert_int_equal(length("log/checkpoints"), kept_checkpoints);
        assert_true(evidence_log_sign(log, &signer));
        evidence_log_close(log);
    }
}

static void what_was_signed_is_not_given_up(void **state)
{
    struct evidence_log *log = open_log(EVIDENCE_LOG_OK);
    append(log, 0, 20);
    assert_true(evidence_log_sign(log, &signer));
    evidence_log_close(log);
    off_t size = length("log/entries");
    for (off_t at = 0; at < size; at += 3) {
        change("log/entries", at, 0x10);
        open_log(EVIDENCE_LOG_BROKEN);
        assert_int_equal(length("log/entries"), size);
        change("log/entries", at, 0x10);
    }
    for (off_t at = 4; at < length("log/checkpoints") - 100;
         at++) { /* behind its length, before its signature */
        change("log/checkpoints", at, 1);
        struct evidence_log *other;
        enum evidence_log_error error = evidence_log_open(root, &other, why, sizeof why);
        assert_true(error == EVIDENCE_LOG_BROKEN || error == EVIDENCE_LOG_OK);
        evidence_log_close(other); /* the origin is not the log's to check */
        change("log/checkpoints", at, 1);
    }
    change("log/checkpoint", 30, 1);
    open_log(EVIDENCE_LOG_BROKEN);
    change("log/checkpoint", 30, 1);
    cut("log/entries", size - 1);
    open_log(EVIDENCE_LOG_BROKEN);
    assert_non_null(strstr(why, "20"));
}

static void another_log_is_told_apart(void **state)
{
    struct evidence_log *log = open_log(EVIDENCE_LOG_OK);
    const struct tlog_tree tree = evidence_log_tree(log);
    struct tlog_head head = {4, {{0}}};
    append(log, 0, 9);
    assert_true(tlog_root(&tree, 4, &head.root));
    assert_int_equal(evidence_log_compare(log, &head), EVIDENCE_LOG_HELD);
    head.size = 10;
    assert_int_equal(evidence_log_compare(log, &head), EVIDENCE_LOG_HELD_LATER);
    head.size = 5;
    assert_int_equal(evidence_log_compare(log, &head), EVIDENCE_LOG_HELD_OTHER);
    evidence_log_close(log);
}

static void objects_are_what_was_put(void **state)
{
    static const char long_text[] =
        "the same words, the same words, the same words, the same words, the same words";
    unsigned char hash[EVIDENCE_HASH_BYTES];
    char path[EVIDENCE_OBJECT_PATH];
    struct buf out;
    struct evidence_objects *o = evidence_objects_new(root);
    buf_init(&out, 1 << 20);
    assert_non_null(o);
    crypto_hash_sha256(hash, (const unsigned char *)long_text, strlen(long_text));
    assert_false(evidence_objects_get(o, hash, &out));
    assert_int_equal(errno, ENOENT);
    assert_true(evidence_objects_put(o, hash, text_of(long_text)) &&
                evidence_objects_put(o, hash, text_of(long_text)));
    assert_true(evidence_objects_get(o, hash, &out) && text_equal(buf_text(&out), text_of(long_text)));
    evidence_object_path(hash, path);
    for (off_t at = 0; at < length(path); at++) {
        change(path, at, 4);
        buf_clear(&out);
        assert_false(evidence_objects_get(o, hash, &out));
        assert_int_equal(errno, EILSEQ);
        assert_int_equal(out.len, 0);
        change(path, at, 4);
    }
    assert_true(evidence_objects_drop(o, hash) && !evidence_objects_has(o, hash) &&
                evidence_objects_drop(o, hash));
    evidence_objects_free(o);
    buf_fini(&out);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_mirror_has_all_from_the_files), TEST(what_a_kill_leaves_is_cut_off),
        TEST(what_was_signed_is_not_given_up), TEST(another_log_is_told_apart),
        TEST(objects_are_what_was_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
