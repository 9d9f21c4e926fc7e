/*
 * tlog_tile: where the hashes and entries of a log stand as files (c2sp.org/tlog-tiles).
 *
 * A tile has 256 hashes of one level, or, the last of its level, fewer; level L has the hashes of whole subtrees of 256^L
 * leaves. A bundle has the entries of 256 leaves, each behind its length.
 */
#ifndef MW_TLOG_TILE_H
#define MW_TLOG_TILE_H

#include "buf.h"
#include "tlog_tree.h"

#define TLOG_TILE_HASHES 256
#define TLOG_TILE_LEVELS 8 /* 256^8 leaves are more than there are */
#define TLOG_ENTRY_MAX   65535
#define TLOG_PATH_MAX    64

/* How many whole hashes of 256^level leaves a log of `size` has. */
static inline uint64_t tlog_tile_hashes(uint64_t size, unsigned level)
{
    return size >> (8 * level);
}

#define TLOG_TILE_ENTRIES (-1)
/* "tile/0/x001/x234/067", "tile/entries/000.p/12": of level `level`, or TLOG_TILE_ENTRIES; `width` hashes, 256: a full one. */
void tlog_tile_path(int level, uint64_t n, unsigned width, char out[TLOG_PATH_MAX]);

void tlog_bundle_put(struct buf *out, struct text entry);
/* The next entry of a bundle, taken away. False at its end, and where it is none: *bundle is then not empty. */
bool tlog_bundle_take(struct text *bundle, struct text *out_entry);

#endif
