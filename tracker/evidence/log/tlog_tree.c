/*
 * Proving splits a range of leaves as the RFC does: at the largest power of two below its length, whose left part is whole.
 * Ranges begin at multiples of that power, so each left part is one subtree of the tree.
 *
 * Checking walks from the leaf up, as RFC 9162, section 2.1, puts it in words: the bits of the leaf's number say on which
 * side the other hash is, those of the last leaf's number where a level has no node on the right.
 */
#include "tlog_tree.h"

#include <assert.h>
#include <sodium.h>

static_assert(TLOG_HASH_BYTES == crypto_hash_sha256_BYTES, "a hash of the tree is a SHA-256");

void tlog_leaf(struct text entry, struct tlog_hash *out)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)"\0", 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)entry.data, entry.len);
    crypto_hash_sha256_final(&state, out->bytes);
}

void tlog_node(const struct tlog_hash *left, const struct tlog_hash *right, struct tlog_hash *out)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)"\1", 1);
    crypto_hash_sha256_update(&state, left->bytes, TLOG_HASH_BYTES);
    crypto_hash_sha256_update(&state, right->bytes, TLOG_HASH_BYTES);
    crypto_hash_sha256_final(&state, out->bytes);
}

/* The level of the largest power of two below n (n > 1). */
static unsigned split_level(uint64_t n)
{
    return 63 - (unsigned)__builtin_clzll(n - 1);
}

/* MTH of the leaves [from, to), where `from` is a multiple of the power that holds the range. Left parts go into a stack, at most one a
 * level, and are joined from the right. */
static bool range_root(const struct tlog_tree *tree, uint64_t from, uint64_t to, struct tlog_hash *out)
{
    struct tlog_hash lefts[TLOG_PROOF_MAX];
    unsigned count = 0;
    while (from < to) {
        uint64_t n = to - from;
        unsigned level = 63 - (unsigned)__builtin_clzll(n);
        assert(count < TLOG_PROOF_MAX);
        if (!tree->hash(tree->arg, level, from >> level, &lefts[count++]))
            return false;
        from += UINT64_C(1) << level;
    }
    if (count == 0) {
        crypto_hash_sha256(out->bytes, (const unsigned char *)"", 0);
        return true;
    }
    *out = lefts[--count];
    while (count > 0)
        tlog_node(&lefts[--count], out, out);
    return true;
}

bool tlog_root(const struct tlog_tree *tree, uint64_t size, struct tlog_hash *out)
{
    return size <= TLOG_SIZE_MAX && range_root(tree, 0, size, out);
}

/* Hashes are found from the root down and are told from the leaf up. */
static void turn_around(struct tlog_proof *proof)
{
    for (unsigned i = 0; i < proof->count / 2; i++) {
        struct tlog_hash kept = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = kept;
    }
}

static bool add_range(const struct tlog_tree *tree, uint64_t from, uint64_t to, struct tlog_proof *proof)
{
    assert(proof->count < TLOG_PROOF_MAX);
    return range_root(tree, from, to, &proof->hashes[proof->count++]);
}

bool tlog_prove_inclusion(const struct tlog_tree *tree, uint64_t index, uint64_t size, struct tlog_proof *out)
{
    uint64_t from = 0, to = size;
    out->count = 0;
    if (index >= size || size > TLOG_SIZE_MAX)
        return false;
    while (to - from > 1) {
        uint64_t middle = from + (UINT64_C(1) << split_level(to - from));
        bool left = index < middle;
        if (!(left ? add_range(tree, middle, to, out) : add_range(tree, from, middle, out)))
            return false;
        *(left ? &to : &from) = middle;
    }
    turn_around(out);
    return true;
}

bool tlog_prove_consistency(const struct tlog_tree *tree, uint64_t old_size, uint64_t size,
                            struct tlog_proof *out)
{
    uint64_t from = 0, to = size;
    bool known = true; /* the old tree is a whole subtree here, whose root the verifier has */
    out->count = 0;
    if (old_size > size || size > TLOG_SIZE_MAX)
        return false;
    if (old_size == 0)
        return true;
    while (old_size != to) {
        uint64_t middle = from + (UINT64_C(1) << split_level(to - from));
        bool left = old_size <= middle;
        if (!(left ? add_range(tree, middle, to, out) : add_range(tree, from, middle, out)))
            return false;
        known = known && left;
        *(left ? &to : &from) = middle;
    }
    if (!known && !add_range(tree, from, to, out))
        return false;
    turn_around(out);
    return true;
}

bool tlog_check_inclusion(const struct tlog_hash *leaf, uint64_t index, uint64_t size,
                          const struct tlog_proof *proof, const struct tlog_hash *root)
{
    if (index >= size || size > TLOG_SIZE_MAX)
        return false;
    uint64_t node = index, last = size - 1;
    struct tlog_hash now = *leaf;
    for (unsigned i = 0; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((node & 1) == 1 || node == last) {
            tlog_node(&proof->hashes[i], &now, &now);
            for (; (node & 1) == 0 && node != 0; node >>= 1)
                last >>= 1;
        } else {
            tlog_node(&now, &proof->hashes[i], &now);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && tlog_hash_equal(&now, root);
}

/* Both roots, of trees of which neither is empty and the old one is the smaller. Where it is one whole subtree its root is
 * not among the hashes: the verifier has it. */
static bool climb_both(const struct tlog_head *old, const struct tlog_head *now,
                       const struct tlog_proof *proof)
{
    uint64_t node = old->size - 1, last = now->size - 1;
    bool whole = (old->size & (old->size - 1)) == 0;
    for (; (node & 1) == 1; node >>= 1)
        last >>= 1;
    if (!whole && proof->count == 0)
        return false;
    struct tlog_hash first = whole ? old->root : proof->hashes[0], second = first;
    for (unsigned i = !whole; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((node & 1) == 1 || node == last) {
            tlog_node(&proof->hashes[i], &first, &first);
            tlog_node(&proof->hashes[i], &second, &second);
            for (; (node & 1) == 0 && node != 0; node >>= 1)
                last >>= 1;
        } else {
            tlog_node(&second, &proof->hashes[i], &second);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && tlog_hash_equal(&first, &old->root) && tlog_hash_equal(&second, &now->root);
}

bool tlog_check_consistency(const struct tlog_head *old, const struct tlog_head *now,
                            const struct tlog_proof *proof)
{
    struct tlog_hash empty;
    if (old->size > now->size || now->size > TLOG_SIZE_MAX)
        return false;
    if (old->size > 0 && old->size < now->size)
        return climb_both(old, now, proof);
    crypto_hash_sha256(empty.bytes, (const unsigned char *)"", 0);
    return proof->count == 0 && tlog_hash_equal(&old->root, old->size == 0 ? &empty : &now->root);
}
