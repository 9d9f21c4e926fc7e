#include "pieces.h"

#include <stdlib.h>

void geo_split_fini(struct split *split)
{
    free(split->points);
    free(split->halves);
    for (uint32_t i = 0; i < 4; i++)
        free(split->piles[i].pieces);
    *split = (struct split){0};
}

enum mw_error geo_corners_reserve(struct geo_corner **points, size_t *cap, size_t need)
{
    if (need <= *cap)
        return MW_OK;
    size_t want = need + need / 2;
    struct geo_corner *grown = realloc(*points, want * sizeof *grown);
    if (grown == NULL)
        return MW_NO_MEMORY;
    *points = grown;
    *cap = want;
    return MW_OK;
}

enum mw_error geo_split_reserve(struct split *split, size_t more)
{
    return geo_corners_reserve(&split->points, &split->point_cap, split->point_count + more);
}

enum mw_error geo_split_push(struct split *split, uint32_t pile, size_t first, const struct piece *piece)
{
    struct pile *on = &split->piles[pile];
    while (on->count > first && on->pieces[on->count - 1].fence == piece->fence) {
        if (on->pieces[on->count - 1].type == PIECE_WHOLE)
            return MW_OK;
        if (piece->type != PIECE_WHOLE)
            break;
        on->count--;
    }
    if (on->count == on->cap) {
        size_t cap = on->cap + on->cap / 2 + 64;
        struct piece *pieces = realloc(on->pieces, cap * sizeof *pieces);
        if (pieces == NULL)
            return MW_NO_MEMORY;
        on->pieces = pieces;
        on->cap = cap;
    }
    on->pieces[on->count++] = *piece;
    return MW_OK;
}
