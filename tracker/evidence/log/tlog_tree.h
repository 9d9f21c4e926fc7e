/*
 * tlog_tree: the Merkle tree of RFC 6962, section 2.1, with SHA-256: roots, proofs of inclusion and of consistency.
 *
 * A tree is asked for the hashes of whole subtrees alone, which never change once they are there; a root or a proof of any
 * size that the tree has had is worked out from them. Checking a proof asks no tree: whoever checks has the hashes it is made
 * of, and two roots.
 */
#ifndef MW_TLOG_TREE_H
#define MW_TLOG_TREE_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

#define TLOG_HASH_BYTES 32
/* Hashes of a proof: a size has 63 bits, and a proof of consistency has one more hash than bits. */
#define TLOG_PROOF_MAX 64
/* Greater ones are refused. */
#define TLOG_SIZE_MAX (UINT64_C(1) << 62)

struct tlog_hash {
    unsigned char bytes[TLOG_HASH_BYTES];
};

struct tlog_proof {
    struct tlog_hash hashes[TLOG_PROOF_MAX];
    unsigned count;
};

static inline bool tlog_hash_equal(const struct tlog_hash *a, const struct tlog_hash *b)
{
    return memcmp(a->bytes, b->bytes, TLOG_HASH_BYTES) == 0;
}

void tlog_leaf(struct text entry, struct tlog_hash *out);
void tlog_node(const struct tlog_hash *left, const struct tlog_hash *right, struct tlog_hash *out);

/* A tree as it is kept: the hash of the leaves [n * 2^level, (n + 1) * 2^level), all of which it has. False: it cannot be had,
 * and so nothing that is made of it. */
struct tlog_tree {
    bool (*hash)(void *arg, unsigned level, uint64_t n, struct tlog_hash *out);
    void *arg;
};
bool tlog_root(const struct tlog_tree *tree, uint64_t size, struct tlog_hash *out);
/* Of leaf `index` in the tree of `size` (index < size). */
bool tlog_prove_inclusion(const struct tlog_tree *tree, uint64_t index, uint64_t size,
                          struct tlog_proof *out);
/* That the tree of `old_size` (from 0) is the beginning of the one of `size`. */
bool tlog_prove_consistency(const struct tlog_tree *tree, uint64_t old_size, uint64_t size,
                            struct tlog_proof *out);

bool tlog_check_inclusion(const struct tlog_hash *leaf, uint64_t index, uint64_t size,
                          const struct tlog_proof *proof, const struct tlog_hash *root);
struct tlog_head {
    uint64_t size;
    struct tlog_hash root;
};
bool tlog_check_consistency(const struct tlog_head *old, const struct tlog_head *now,
                            const struct tlog_proof *proof);

#endif
