/*
 * symbols: each text of a column once, as a small number, for as long as something uses it.
 *
 * Unlike base/names.h a text goes when its last user goes: trips and people come and go for as long as the
 * gateway runs. Numbers of texts that went are given out again, so they stay dense and a question can have a bit for each.
 * 0 is no text. One thread.
 */
#ifndef MW_SYMBOLS_H
#define MW_SYMBOLS_H

#include "hash.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct symbol {
    char *bytes; /* NULL: the number is free */
    uint32_t len, users;
    uint32_t next; /* of a free one: the next free number */
};

struct symbols {
    struct symbol *rows; /* by number; [0] is no text */
    size_t cap, count;   /* numbers given out so far, and 0 */
    uint32_t free;       /* the first free number, or 0 */
    uint32_t *slots;     /* numbers by hash; a power of two, at most half of them taken */
    uint32_t slot_count, used;
    size_t bytes; /* of memory that is held */
    struct hash_key key;
};

void symbols_init(struct symbols *s, struct hash_key key);
void symbols_fini(struct symbols *s);
/* One user more of the text. False without memory; an empty text is 0. */
bool symbols_use(struct symbols *s, struct text text, uint32_t *out_number);
/* One user less. 0 may be passed. */
void symbols_leave(struct symbols *s, uint32_t number);
/* The number of a text, or 0 where nobody uses it. */
uint32_t symbols_find(const struct symbols *s, struct text text);
/* Borrowed until its last user leaves; empty for 0 and for a number that is free. */
struct text symbols_text(const struct symbols *s, uint32_t number);
/* Numbers are below this. */
size_t symbols_limit(const struct symbols *s);

#endif
