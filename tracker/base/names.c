/*
 * names: open addressing over symbols, texts in blocks that never move.
 */
#include "names.h"

#include "hash.h"

#include <stdlib.h>

enum { BLOCK_BYTES = 64 * 1024, FIRST_SLOTS = 256 };

struct block {
    struct block *next;
    size_t used;
    char bytes[BLOCK_BYTES];
};

struct names {
    struct hash_key key;
    struct block *blocks;
    struct text *texts; /* by symbol; [0] is empty */
    uint32_t *slots;    /* symbols; 0 is free; a power of two of them, at most half full */
    uint32_t slot_count;
    uint32_t count;
    uint32_t texts_cap;
    uint32_t limit;
};

struct names *names_new(uint32_t limit)
{
    struct names *n = calloc(1, sizeof *n);
    if (n == NULL)
        return NULL;
    n->limit = limit;
    n->texts = calloc(FIRST_SLOTS, sizeof *n->texts);
    n->texts_cap = FIRST_SLOTS;
    n->slots = calloc(FIRST_SLOTS, sizeof *n->slots);
    n->slot_count = FIRST_SLOTS;
    /* Addresses are random enough to keep strangers from aiming at one slot, and nothing that is written out
     * depends on the order of this table. */
    n->key = (struct hash_key){(uint64_t)(uintptr_t)n, (uint64_t)(uintptr_t)n->slots * 0x9e3779b97f4a7c15u};
    if (n->texts == NULL || n->slots == NULL) {
        names_free(n);
        return NULL;
    }
    n->texts[0] = (struct text){"", 0};
    return n;
}

void names_free(struct names *n)
{
    if (n == NULL)
        return;
    for (struct block *b = n->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    free(n->texts);
    free(n->slots);
    free(n);
}

static uint32_t *find_slot(const struct names *n, struct text text)
{
    uint32_t mask = n->slot_count - 1;
    uint32_t at = (uint32_t)hash_bytes(n->key, text.data, text.len) & mask;
    while (n->slots[at] != 0 && !text_equal(n->texts[n->slots[at]], text))
        at = (at + 1) & mask;
    return &n->slots[at];
}

static bool grow_slots(struct names *n)
{
    uint32_t *old = n->slots;
    uint32_t *slots = calloc((size_t)n->slot_count * 2, sizeof *slots);
    if (slots == NULL)
        return false;
    n->slots = slots;
    n->slot_count *= 2;
    for (uint32_t s = 1; s <= n->count; s++)
        *find_slot(n, n->texts[s]) = s;
    free(old);
    return true;
}

static bool grow_texts(struct names *n)
{
    struct text *texts = realloc(n->texts, (size_t)n->texts_cap * 2 * sizeof *texts);
    if (texts == NULL)
        return false;
    n->texts = texts;
    n->texts_cap *= 2;
    return true;
}

static const char *store_text(struct names *n, struct text text)
{
    if (n->blocks == NULL || BLOCK_BYTES - n->blocks->used < text.len + 1) {
        struct block *b = malloc(sizeof *b);
        if (b == NULL)
            return NULL;
        b->next = n->blocks;
        b->used = 0;
        n->blocks = b;
    }
    char *at = n->blocks->bytes + n->blocks->used;
    memcpy(at, text.data, text.len);
    at[text.len] = '\0';
    n->blocks->used += text.len + 1;
    return at;
}

bool names_intern(struct names *n, struct text text, uint32_t *out_symbol)
{
    if (text.len == 0 || text.len > NAMES_TEXT_MAX)
        return false;
    uint32_t *slot = find_slot(n, text);
    if (*slot != 0) {
        *out_symbol = *slot;
        return true;
    }
    if (n->count >= n->limit)
        return false;
    if (n->count + 1 >= n->texts_cap && !grow_texts(n))
        return false;
    if ((n->count + 1) * 2 > n->slot_count && !grow_slots(n))
        return false;
    const char *stored = store_text(n, text);
    if (stored == NULL)
        return false;
    uint32_t symbol = ++n->count;
    n->texts[symbol] = (struct text){stored, text.len};
    *find_slot(n, text) = symbol;
    *out_symbol = symbol;
    return true;
}

uint32_t names_find(const struct names *n, struct text text)
{
    return text.len == 0 ? 0 : *find_slot(n, text);
}

struct text names_text(const struct names *n, uint32_t symbol)
{
    return symbol <= n->count ? n->texts[symbol] : n->texts[0];
}

uint32_t names_count(const struct names *n)
{
    return n->count;
}
