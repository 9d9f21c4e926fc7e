/* chunk: finds the parts of a chunk that leaf.c has written. */
#ifndef MW_GEO_CHUNK_H
#define MW_GEO_CHUNK_H

#include "tree.h"

static inline struct geo_chunk geo_chunk_open(const uint32_t *words)
{
    uint32_t header = words[0];
    struct geo_chunk c = {.entries = CHUNK_ENTRIES(header),
                          .polys = CHUNK_POLYS(header),
                          .runs = CHUNK_RUNS(header),
                          .exacts = CHUNK_EXACTS(header),
                          .shift = (int)CHUNK_SHIFT(header),
                          .more = CHUNK_MORE(header)};
    c.ids = words + 1 + CHUNK_MARKED(header) * CHUNK_MARK_WORDS;
    c.poly = (const uint8_t *)(c.ids + c.entries);
    c.run = c.poly + 2 * c.polys;
    c.exact = c.run + 2 * c.runs;
    const uint32_t *after = c.ids + c.entries + (2 * c.polys + 2 * c.runs + c.exacts + 3) / 4;
    c.scale = (const float *)(const void *)after;
    c.line = after + CHUNK_SCALE_WORDS + c.runs;
    c.points = c.runs ? after + CHUNK_SCALE_WORDS + 2 * c.runs : after;
    return c;
}

/* A coordinate in steps of the tree, as steps of the chunk's cell, rounded down. */
static inline int geo_chunk_step(const struct geo_chunk *c, uint64_t at)
{
    return (int)((at & ((1ull << c->shift) - 1)) >> (c->shift - TREE_CELL_BITS));
}

static inline int geo_word_x(uint32_t word)
{
    return (int16_t)(uint16_t)word;
}

static inline int geo_word_y(uint32_t word)
{
    return (int16_t)(uint16_t)(word >> 16);
}

#endif
