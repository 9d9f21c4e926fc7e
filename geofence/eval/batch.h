/* batch: answers many positions at once; a part of eval_plain.c and eval_avx2.c. */
#ifndef MW_GEO_BATCH_H
#define MW_GEO_BATCH_H

/* Positions that go down the tree together: enough to hide the misses of the cache, few enough to stay in the
 * first-level cache. */
#define BATCH 24

struct walker {
    struct geo_place at;
    uint32_t slot;
    int shift;
};

/* Takes all walkers of a batch down to their leaves, one level at a time, so that their cache misses
 * overlap. */
static void walk_batch(const struct geo_tree *tree, const struct mw_point *p, size_t count, struct walker *w)
{
    for (size_t i = 0; i < count; i++) {
        w[i].at = geo_tree_place(tree, p[i]);
        w[i].shift = TREE_BITS - tree->root_bits;
        w[i].slot = w[i].at.inside ? *geo_tree_root_slot(tree, w[i].at) : 0;
        if (w[i].slot >> SLOT_OFFSET_BITS) {
            int shift = w[i].shift;
            __builtin_prefetch(geo_tree_step(tree, w[i].slot, w[i].at, &shift));
        }
    }
    for (bool tables = true; tables;) {
        tables = false;
        for (size_t i = 0; i < count; i++) {
            if (w[i].slot >> SLOT_OFFSET_BITS) {
                w[i].slot = *geo_tree_step(tree, w[i].slot, w[i].at, &w[i].shift);
                int shift = w[i].shift;
                if (w[i].slot >> SLOT_OFFSET_BITS) {
                    __builtin_prefetch(geo_tree_step(tree, w[i].slot, w[i].at, &shift));
                    tables = true;
                    continue;
                }
            }
            if (w[i].slot)
                leaf_fetch(tree, tree->words + w[i].slot);
        }
    }
}

static size_t eval_points(const struct mw_index *index, const struct geo_points *many)
{
    struct walker w[BATCH];
    size_t total = 0, count = many->count, cap = many->cap;
    for (size_t base = 0; base < count; base += BATCH) {
        size_t n = count - base < BATCH ? count - base : BATCH;
        walk_batch(&index->tree, many->points + base, n, w);
        for (size_t i = 0; i < n; i++) {
            many->out_first[base + i] = (uint32_t)total;
            if (w[i].slot) {
                size_t written = total < cap ? total : cap;
                const struct room room = {many->out_fences + written, cap - written};
                total +=
                    eval_leaf(index, index->tree.words + w[i].slot, w[i].at, many->points[base + i], room);
            }
        }
    }
    many->out_first[count] = (uint32_t)total;
    return total;
}

#endif
