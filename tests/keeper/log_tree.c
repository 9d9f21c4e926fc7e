/*
 * The tree gives the roots and proofs that the reference implementation of RFC 6962 has in its tests (certificate-transparency's merkletree:
 * the same eight leaves stand in every other implementation's), and a check of a proof refuses whatever is changed in it.
 */
#include "cmocka_all.h"

#include "tlog_tree.h"

#include <stdlib.h>
#include <string.h>

static const struct text leaves[8] = {
    {"", 0},
    {"\x00", 1},
    {"\x10", 1},
    {"\x20\x21", 2},
    {"\x30\x31", 2},
    {"\x40\x41\x42\x43", 4},
    {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};

static const char *const roots[9] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                     "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                     "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                     "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                     "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                     "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                     "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

struct published {
    uint64_t at, size; /* a leaf and a size, or an old size and a new one */
    const char *hashes[3];
};
static const struct published inclusion[] = {
    {0,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {5,
     8,
     {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
    {1,
     5,
     {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};
static const struct published consistency[] = {
    {1, 1, {NULL}},
    {1,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {6,
     8,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2,
     5,
     {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};

static void from_hex(const char *hex, struct tlog_hash *out)
{
    for (size_t i = 0; i < TLOG_HASH_BYTES; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out->bytes[i] = (unsigned char)strtoul(two, NULL, 16);
    }
}

/* A tree of leaves, worked out anew for each question. */
struct tree {
    const struct tlog_hash *leaves;
    uint64_t size;
};

static bool subtree(void *arg, unsigned level, uint64_t n, struct tlog_hash *out)
{
    const struct tree *t = arg;
    struct tlog_hash left, right;
    assert_true((n + 1) << level <= t->size);
    if (level == 0) {
        *out = t->leaves[n];
        return true;
    }
    subtree(arg, level - 1, 2 * n, &left);
    subtree(arg, level - 1, 2 * n + 1, &right);
    tlog_node(&left, &right, out);
    return true;
}

static void assert_proof(const struct tlog_proof *proof, const struct published *want)
{
    struct tlog_hash hash;
    unsigned count = 0;
    for (; count < 3 && want->hashes[count] != NULL; count++) {
        from_hex(want->hashes[count], &hash);
        assert_true(count < proof->count && tlog_hash_equal(&proof->hashes[count], &hash));
    }
    assert_int_equal(proof->count, count);
}

static void the_reference_trees_come_out(void **state)
{
    (void)state;
    struct tlog_hash hashes[8], root, want;
    struct tree kept = {hashes, 8};
    const struct tlog_tree tree = {subtree, &kept};
    struct tlog_proof proof;
    for (size_t i = 0; i < 8; i++)
        tlog_leaf(leaves[i], &hashes[i]);
    for (size_t size = 0; size <= 8; size++) {
        from_hex(roots[size], &want);
        assert_true(tlog_root(&tree, size, &root) && tlog_hash_equal(&root, &want));
    }
    for (size_t i = 0; i < sizeof inclusion / sizeof *inclusion; i++) {
        assert_true(tlog_prove_inclusion(&tree, inclusion[i].at, inclusion[i].size, &proof));
        assert_proof(&proof, &inclusion[i]);
    }
    for (size_t i = 0; i < sizeof consistency / sizeof *consistency; i++) {
        assert_true(tlog_prove_consistency(&tree, consistency[i].at, consistency[i].size, &proof));
        assert_proof(&proof, &consistency[i]);
    }
}

enum { MOST = 70 };

/* A bit of any hash, one hash fewer or more, another place or size: none of it is accepted. */
static void refuse_others(const struct tlog_hash *leaf, uint64_t index, uint64_t size,
                          const struct tlog_proof *proof, const struct tlog_hash *root)
{
    for (unsigned i = 0; i < proof->count; i++) {
        struct tlog_proof other = *proof;
        other.hashes[i].bytes[7] ^= 4;
        assert_false(tlog_check_inclusion(leaf, index, size, &other, root));
    }
    struct tlog_proof other = *proof;
    other.hashes[other.count++] = *root;
    assert_false(tlog_check_inclusion(leaf, index, size, &other, root));
    if (proof->count > 0) {
        other.count = proof->count - 1;
        assert_false(tlog_check_inclusion(leaf, index, size, &other, root));
    }
    assert_false(tlog_check_inclusion(leaf, index ^ 1, size, proof, root));
    assert_false(tlog_check_inclusion(leaf, size, size, proof, root));
}

static void every_proof_of_small_trees_holds_and_nothing_else(void **state)
{
    (void)state;
    struct tlog_hash hashes[MOST];
    struct tlog_head heads[MOST + 1];
    struct tree kept = {hashes, MOST};
    const struct tlog_tree tree = {subtree, &kept};
    struct tlog_proof proof;
    for (uint64_t i = 0; i < MOST; i++)
        tlog_leaf((struct text){(const char *)&i, 1}, &hashes[i]);
    for (uint64_t size = 0; size <= MOST; size++) {
        heads[size].size = size;
        assert_true(tlog_root(&tree, size, &heads[size].root));
    }
    for (uint64_t size = 1; size <= MOST; size++) {
        for (uint64_t i = 0; i < size; i++) {
            assert_true(tlog_prove_inclusion(&tree, i, size, &proof));
            assert_true(tlog_check_inclusion(&hashes[i], i, size, &proof, &heads[size].root));
            refuse_others(&hashes[i], i, size, &proof, &heads[size].root);
        }
        for (uint64_t old = 0; old <= size; old++) {
            struct tlog_head wrong = heads[old];
            wrong.root.bytes[0] ^= 1;
            assert_true(tlog_prove_consistency(&tree, old, size, &proof));
            assert_true(tlog_check_consistency(&heads[old], &heads[size], &proof));
            assert_false(tlog_check_consistency(&wrong, &heads[size], &proof));
            wrong = heads[size];
            wrong.root.bytes[31] ^= 0x80;
            assert_false(old > 0 && tlog_check_consistency(&heads[old], &wrong, &proof));
            assert_false(old < size && tlog_check_consistency(&heads[size], &heads[old], &proof));
        }
    }
    assert_false(tlog_prove_inclusion(&tree, 3, 3, &proof));
    assert_false(tlog_prove_consistency(&tree, 4, 3, &proof));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_trees_come_out),
        cmocka_unit_test(every_proof_of_small_trees_holds_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
