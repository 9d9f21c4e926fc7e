/*
 * rejects: what could not be used of a table, each with its line, the reason, and the record as it stood.
 */
#ifndef MW_REJECTS_H
#define MW_REJECTS_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

struct reject {
    uint32_t line;
    struct text raw; /* borrowed from the text that was read */
    char reason[120];
};

/* Zero is an empty list. */
struct rejects {
    struct reject *items;
    size_t count, cap;
};

/* False without memory. */
bool rejects_add(struct rejects *r, uint32_t line, struct text raw, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* In order of lines. */
void rejects_sort(struct rejects *r);
/* As a table: line, reason, record. */
void rejects_write(const struct rejects *r, struct buf *out);
void rejects_fini(struct rejects *r);

#endif
