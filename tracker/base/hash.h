/*
 * hash: SipHash-1-3 (Aumasson, Bernstein 2012) over bytes, for tables whose keys strangers choose.
 *
 * Not a checksum and not for evidence: those are BLAKE2b, in the codec.
 */
#ifndef MW_HASH_H
#define MW_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
    uint64_t k0, k1;
};

uint64_t hash_bytes(struct hash_key key, const void *bytes, size_t n);

#endif
