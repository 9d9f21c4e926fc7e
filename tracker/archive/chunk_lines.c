#include "chunk_lines.h"

struct chunk_lines chunk_lines_of(int64_t life, struct text lines, struct text places)
{
    return (struct chunk_lines){.lines = lines, .places = {.left = places}, .life = life};
}

bool chunk_lines_next(struct chunk_lines *c, struct part_line *out_at, struct text *out_line)
{
    const char *feed = c->lines.len > 0 ? memchr(c->lines.data, '\n', c->lines.len) : NULL;
    if (feed == NULL || !track_chunk_next(&c->places, out_at))
        return false;
    out_at->at.life = c->life;
    *out_line = (struct text){c->lines.data, (size_t)(feed - c->lines.data)};
    c->lines = (struct text){feed + 1, c->lines.len - out_line->len - 1};
    return true;
}

bool chunk_lines_whole(const struct chunk_lines *c)
{
    return c->lines.len == 0 && c->places.left.len == 0;
}

bool chunk_lines_fit(struct text lines, struct text places, const struct chunk_ends *ends)
{
    struct chunk_lines c = chunk_lines_of(0, lines, places);
    struct part_line at = {.batch = 0};
    struct text line;
    uint32_t n = 0;
    bool begins = true;
    while (chunk_lines_next(&c, &at, &line))
        begins = begins && (n++ > 0 || (at.batch == ends->batch_first && at.at.ms == ends->first_ms));
    return begins && n == ends->count && chunk_lines_whole(&c) && at.batch == ends->batch_last &&
           at.at.ms == ends->last_ms;
}
