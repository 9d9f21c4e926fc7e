/*
 * symbols: open addressing over numbers. A slot that is emptied is closed by moving up what stood behind it (Knuth's
 * algorithm R), so that there are no gravestones and looking for a text that is not there stays short.
 */
#include "symbols.h"

#include "array.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 64, OVERHEAD = 16 }; /* of an allocation */

void symbols_init(struct symbols *s, struct hash_key key)
{
    *s = (struct symbols){.key = key};
}

void symbols_fini(struct symbols *s)
{
    for (size_t i = 1; i < s->count; i++)
        free(s->rows[i].bytes);
    free(s->rows);
    free(s->slots);
}

static uint32_t home_of(const struct symbols *s, struct text text)
{
    return (uint32_t)hash_bytes(s->key, text.data, text.len) & (s->slot_count - 1);
}

/* The slot where the text stands, or where it would. */
static uint32_t slot_of(const struct symbols *s, struct text text)
{
    uint32_t at = home_of(s, text);
    while (s->slots[at] != 0 && !text_equal(symbols_text(s, s->slots[at]), text))
        at = (at + 1) & (s->slot_count - 1);
    return at;
}

static bool grow(struct symbols *s)
{
    uint32_t count = s->slot_count == 0 ? FIRST_SLOTS : s->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    free(s->slots);
    s->slots = slots;
    s->bytes += (count - s->slot_count) * sizeof *slots;
    s->slot_count = count;
    for (uint32_t i = 1; i < s->count; i++)
        if (s->rows[i].bytes != NULL)
            slots[slot_of(s, symbols_text(s, i))] = i;
    return true;
}

static bool add(struct symbols *s, struct text text, uint32_t *out_number)
{
    size_t cap = s->cap;
    if (s->count == UINT32_MAX || !array_reserve(&s->rows, &s->cap, s->count + 2, sizeof *s->rows))
        return false;
    s->bytes += (s->cap - cap) * sizeof *s->rows;
    char *bytes = malloc(text.len);
    if (bytes == NULL)
        return false;
    if (s->count == 0)
        s->rows[s->count++] = (struct symbol){0};
    uint32_t number = s->free != 0 ? s->free : (uint32_t)s->count;
    if (s->free != 0)
        s->free = s->rows[number].next;
    else
        s->count++;
    memcpy(bytes, text.data, text.len);
    s->rows[number] = (struct symbol){bytes, (uint32_t)text.len, 1, 0};
    s->bytes += text.len + OVERHEAD;
    s->slots[slot_of(s, text)] = number;
    s->used++;
    *out_number = number;
    return true;
}

bool symbols_use(struct symbols *s, struct text text, uint32_t *out_number)
{
    if (text.len == 0) {
        *out_number = 0;
        return true;
    }
    if (text.len > UINT32_MAX || (s->used * 2 >= s->slot_count && !grow(s)))
        return false;
    uint32_t number = s->slots[slot_of(s, text)];
    if (number == 0)
        return add(s, text, out_number);
    s->rows[number].users++;
    *out_number = number;
    return true;
}

/* Whether `home` lies behind `hole` and not behind `at`, round the table: then what stands at `at` is found without the hole. */
static bool stays(uint32_t hole, uint32_t home, uint32_t at)
{
    return hole <= at ? hole < home && home <= at : hole < home || home <= at;
}

static void take_out(struct symbols *s, uint32_t hole)
{
    s->slots[hole] = 0;
    for (uint32_t at = (hole + 1) & (s->slot_count - 1); s->slots[at] != 0;
         at = (at + 1) & (s->slot_count - 1)) {
        if (stays(hole, home_of(s, symbols_text(s, s->slots[at])), at))
            continue;
        s->slots[hole] = s->slots[at];
        s->slots[at] = 0;
        hole = at;
    }
}

void symbols_leave(struct symbols *s, uint32_t number)
{
    if (number == 0)
        return;
    struct symbol *row = &s->rows[number];
    assert(row->users > 0);
    if (--row->users > 0)
        return;
    take_out(s, slot_of(s, symbols_text(s, number)));
    s->bytes -= row->len + OVERHEAD;
    free(row->bytes);
    *row = (struct symbol){.next = s->free};
    s->free = number;
    s->used--;
}

uint32_t symbols_find(const struct symbols *s, struct text text)
{
    return text.len == 0 || s->slot_count == 0 ? 0 : s->slots[slot_of(s, text)];
}

struct text symbols_text(const struct symbols *s, uint32_t number)
{
    if (number == 0 || number >= s->count)
        return (struct text){"", 0};
    return (struct text){s->rows[number].bytes, s->rows[number].len};
}

size_t symbols_limit(const struct symbols *s)
{
    return s->count == 0 ? 1 : s->count;
}
