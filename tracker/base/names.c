/*
 * names: open addressing over symbols, texts in blocks that never move.
 *
 * Readers take no lock. Everything that a reader follows is written before it is published: a text before its
 * symbol is put into a slot, and a set of slots before the pointer to it. When the slots become too few, a
 * larger set replaces them; the old set is kept until the table is freed, since somebody may still read it.
 * All old sets together are no larger than the set in use. A reader in an old set may miss a name that was
 * added just now, as if it had come a moment earlier; a writer looks again under the lock. The lock is held
 * while one name is added, or while the slots are moved, which takes some milliseconds at 100,000 names.
 */
#include "names.h"

#include "hash.h"

#include <assert.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 64 * 1024, FIRST_SLOTS = 256, PAGE_TEXTS = 1024 };

struct block {
    struct block *next;
    size_t used;
    char bytes[BLOCK_BYTES];
};

struct slots {
    struct slots *older;
    uint32_t count;           /* a power of two, at most half of them taken */
    _Atomic uint32_t taken[]; /* symbols; 0 is free */
};

struct names {
    struct hash_key key;
    struct block *blocks;
    struct text **pages; /* of texts, by symbol; [0][0] is empty */
    struct slots *_Atomic slots;
    _Atomic uint32_t count;
    uint32_t limit;
    atomic_flag writing;
};

static struct slots *slots_new(uint32_t count)
{
    struct slots *slots = calloc(1, sizeof *slots + count * sizeof *slots->taken);
    if (slots != NULL)
        slots->count = count;
    return slots;
}

struct names *names_new(uint32_t limit)
{
    struct names *n = calloc(1, sizeof *n);
    if (n == NULL)
        return NULL;
    n->limit = limit;
    n->pages = calloc((size_t)limit / PAGE_TEXTS + 1, sizeof *n->pages);
    if (n->pages != NULL)
        n->pages[0] = calloc(PAGE_TEXTS, sizeof **n->pages);
    struct slots *slots = slots_new(FIRST_SLOTS);
    atomic_init(&n->slots, slots);
    atomic_flag_clear(&n->writing);
    /* Addresses are random enough that strangers cannot choose names for one slot. No output depends on the
     * order of this table. */
    n->key = (struct hash_key){(uint64_t)(uintptr_t)n, (uint64_t)(uintptr_t)slots * 0x9e3779b97f4a7c15u};
    if (n->pages == NULL || n->pages[0] == NULL || slots == NULL) {
        names_free(n);
        return NULL;
    }
    n->pages[0][0] = (struct text){"", 0};
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
    for (struct slots *s = atomic_load(&n->slots), *older; s != NULL; s = older) {
        older = s->older;
        free(s);
    }
    for (size_t i = 0; n->pages != NULL && i <= n->limit / PAGE_TEXTS; i++)
        free(n->pages[i]);
    free(n->pages);
    free(n);
}

static struct text *text_at(const struct names *n, uint32_t symbol)
{
    return &n->pages[symbol / PAGE_TEXTS][symbol % PAGE_TEXTS];
}

/* The symbol of the text, or 0 and the slot where it would stand. */
static uint32_t find(const struct names *n, struct slots *slots, struct text text, uint32_t *out_at)
{
    uint32_t mask = slots->count - 1, symbol;
    uint32_t at = (uint32_t)hash_bytes(n->key, text.data, text.len) & mask;
    while ((symbol = atomic_load_explicit(&slots->taken[at], memory_order_acquire)) != 0 &&
           !text_equal(*text_at(n, symbol), text))
        at = (at + 1) & mask;
    *out_at = at;
    return symbol;
}

static struct slots *slots_now(const struct names *n)
{
    return atomic_load_explicit(&n->slots, memory_order_acquire);
}

uint32_t names_find(const struct names *n, struct text text)
{
    uint32_t at;
    return text.len == 0 ? 0 : find(n, slots_now(n), text, &at);
}

static bool grow_slots(struct names *n, uint32_t count)
{
    struct slots *old = slots_now(n), *slots = slots_new(old->count * 2);
    uint32_t at;
    if (slots == NULL)
        return false;
    assert((slots->count & (slots->count - 1)) == 0 && count < slots->count);
    slots->older = old;
    for (uint32_t s = 1; s <= count; s++) {
        find(n, slots, *text_at(n, s), &at);
        atomic_store_explicit(&slots->taken[at], s, memory_order_relaxed);
    }
    atomic_store_explicit(&n->slots, slots, memory_order_release);
    return true;
}

static bool reserve_text(struct names *n, uint32_t symbol)
{
    struct text **page = &n->pages[symbol / PAGE_TEXTS];
    if (*page == NULL)
        *page = calloc(PAGE_TEXTS, sizeof **page);
    return *page != NULL;
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
    assert(BLOCK_BYTES - n->blocks->used > text.len);
    char *at = n->blocks->bytes + n->blocks->used;
    memcpy(at, text.data, text.len);
    at[text.len] = '\0';
    n->blocks->used += text.len + 1;
    return at;
}

static bool add(struct names *n, struct text text, uint32_t *out_symbol)
{
    uint32_t at, count = names_count(n), symbol = find(n, slots_now(n), text, &at);
    if (symbol != 0) {
        *out_symbol = symbol;
        return true;
    }
    symbol = count + 1;
    if (count >= n->limit || !reserve_text(n, symbol) ||
        (symbol * 2 > slots_now(n)->count && !grow_slots(n, count)))
        return false;
    assert(symbol * 2 <= slots_now(n)->count); /* so that every search ends at a free slot */
    const char *stored = store_text(n, text);
    if (stored == NULL)
        return false;
    *text_at(n, symbol) = (struct text){stored, text.len};
    atomic_store_explicit(&n->count, symbol, memory_order_release);
    find(n, slots_now(n), text, &at);
    atomic_store_explicit(&slots_now(n)->taken[at], symbol, memory_order_release);
    *out_symbol = symbol;
    return true;
}

bool names_intern(struct names *n, struct text text, uint32_t *out_symbol)
{
    if (text.len == 0 || text.len > NAMES_TEXT_MAX)
        return false;
    uint32_t symbol = names_find(n, text);
    if (symbol != 0) {
        *out_symbol = symbol;
        return true;
    }
    while (atomic_flag_test_and_set_explicit(&n->writing, memory_order_acquire))
        sched_yield();
    bool ok = add(n, text, out_symbol);
    atomic_flag_clear_explicit(&n->writing, memory_order_release);
    return ok;
}

struct text names_text(const struct names *n, uint32_t symbol)
{
    return *text_at(n, symbol <= names_count(n) ? symbol : 0);
}

uint32_t names_count(const struct names *n)
{
    return atomic_load_explicit(&n->count, memory_order_acquire);
}
