/* past_lines: entries about one alert, as JSON, wherever they were found: in order, each once. */
#ifndef MW_PAST_LINES_H
#define MW_PAST_LINES_H

#include "buf.h"
#include "register.h"

struct past_line {
    struct register_line at;
    struct buf json;
};

struct past_lines {
    struct past_line *items;
    size_t count, cap;
};

/* False without memory. */
bool past_lines_add(struct past_lines *lines, struct register_line at, struct fields entry);
void past_lines_settle(struct past_lines *lines);
void past_lines_fini(struct past_lines *lines);

#endif
