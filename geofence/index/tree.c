#include "tree.h"

#include <stdlib.h>

enum mw_error geo_tree_reserve(struct geo_tree *tree, size_t more)
{
    if (tree->word_count + more > SLOT_OFFSET_MASK)
        return MW_TOO_LARGE;
    if (tree->word_count + more <= tree->word_cap)
        return MW_OK;
    size_t cap = tree->word_count + more + tree->word_count / 2 + 1024;
    uint32_t *words = realloc(tree->words, cap * sizeof *words);
    if (words == NULL)
        return MW_NO_MEMORY;
    tree->words = words;
    tree->word_cap = cap;
    return MW_OK;
}

void geo_tree_fini(struct geo_tree *tree)
{
    free(tree->words);
    free(tree->root);
    *tree = (struct geo_tree){0};
}

size_t geo_tree_bytes(const struct geo_tree *tree)
{
    return tree->root != NULL ? tree->word_cap * sizeof *tree->words +
                                    sizeof *tree->root * ((size_t)1 << (2 * tree->root_bits))
                              : 0;
}
