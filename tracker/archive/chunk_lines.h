/*
 * chunk_lines: the lines of a chunk, one after the other, each with where it stood in the store (docs/ARCHIVE.md, "chunks").
 */
#ifndef MW_CHUNK_LINES_H
#define MW_CHUNK_LINES_H

#include "track_chunk.h"

struct chunk_lines {
    struct text lines; /* what is left, */
    struct track_chunk_places places;
    int64_t life;
};

/* From the unpacked texts, which are borrowed. */
struct chunk_lines chunk_lines_of(int64_t life, struct text lines, struct text places);
/* False at the end, and where it goes on with what is no line of a chunk: then it is not whole. `received_ms` is not set,
 * `end` neither. The line has no line feed. */
bool chunk_lines_next(struct chunk_lines *c, struct part_line *out_at, struct text *out_line);
/* At its end: nothing is left over. */
bool chunk_lines_whole(const struct chunk_lines *c);
/* What is kept beside a chunk of its first and its last line. Numbers are differences, so what is wrong in the middle shows
 * at the end. */
struct chunk_ends {
    uint32_t count;
    int64_t batch_first, batch_last, first_ms, last_ms;
};
/* So many lines and numbers, with these ends, and nothing else. */
bool chunk_lines_fit(struct text lines, struct text places, const struct chunk_ends *ends);

#endif
