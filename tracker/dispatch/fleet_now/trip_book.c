/*
 * trip_book: rows by symbol of their id, and in order behind `first`. Entries come about in the order of departure, so a row that is put in
 * its place moves few others.
 */
#include "trip_book.h"

#include "array.h"
#include "packed_fields.h"

#include <stdlib.h>

enum { WORDS_LIMIT = 200000, SCRATCH_MAX = 65536 };

struct trip_book {
    struct symbols ids, words;
    struct dictionary dictionary;
    struct trip_row **by_symbol, **ordered; /* from `first` on */
    size_t symbol_cap, order_cap, first, count, most;
    struct buf scratch;
    bool truncated;
};

struct trip_book *trip_book_new(struct hash_key key, size_t most)
{
    struct trip_book *b = calloc(1, sizeof *b);
    if (b == NULL)
        return NULL;
    b->most = most;
    symbols_init(&b->ids, key);
    symbols_init(&b->words, key);
    dictionary_init(&b->dictionary, key, WORDS_LIMIT);
    buf_init(&b->scratch, SCRATCH_MAX);
    return b;
}

static void free_row(struct trip_row *row)
{
    free(row->packed);
    free(row);
}

void trip_book_free(struct trip_book *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->count; i++)
        free_row(b->ordered[b->first + i]);
    free(b->ordered);
    free(b->by_symbol);
    symbols_fini(&b->ids);
    symbols_fini(&b->words);
    dictionary_fini(&b->dictionary);
    buf_fini(&b->scratch);
    free(b);
}

/* ---- asking ---- */

size_t trip_book_count(const struct trip_book *b)
{
    return b->count;
}

bool trip_book_truncated(const struct trip_book *b)
{
    return b->truncated;
}

const struct trip_row *trip_book_at(const struct trip_book *b, size_t place)
{
    return b->ordered[b->first + place];
}

static struct trip_row *find(const struct trip_book *b, struct text id)
{
    uint32_t symbol = symbols_find(&b->ids, id);
    return symbol == 0 ? NULL : b->by_symbol[symbol];
}

const struct trip_row *trip_book_find(const struct trip_book *b, struct text id)
{
    return find(b, id);
}

size_t trip_book_before(const struct trip_book *b, int64_t departed_ms, struct text id)
{
    size_t low = 0, high = b->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct trip_row *row = trip_book_at(b, middle);
        if (row->departed_ms < departed_ms ||
            (row->departed_ms == departed_ms && text_compare(text_of(row->id), id) < 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct text trip_book_word(const struct trip_book *b, uint32_t word)
{
    return symbols_text(&b->words, word);
}

size_t trip_book_words(const struct trip_book *b)
{
    return symbols_limit(&b->words);
}

bool trip_book_field(const struct trip_book *b, struct text *packed, struct buf *bytes, struct field *out)
{
    return fields_unpack(&b->dictionary, packed, bytes, out);
}

/* ---- taking ---- */

static void leave_words(struct trip_book *b, struct trip_row *row)
{
    symbols_leave(&b->words, row->vehicle);
    symbols_leave(&b->words, row->permit);
    symbols_leave(&b->words, row->site);
    symbols_leave(&b->words, row->disposal);
    row->vehicle = row->permit = row->site = row->disposal = 0;
}

/* What the entry says, in place of what was said before. False, and that stays, without memory. */
static bool fill(struct trip_book *b, struct trip_row *row, struct fields entry)
{
    struct trip_row old = *row, new = *row;
    new.vehicle = new.permit = new.site = new.disposal = 0;
    buf_clear(&b->scratch);
    fields_pack(&b->dictionary, entry, &b->scratch);
    new.packed = buf_ok(&b->scratch) ? malloc(b->scratch.len) : NULL;
    if (new.packed == NULL || !symbols_use(&b->words, fields_value(entry, "vehicle"), &new.vehicle) ||
        !symbols_use(&b->words, fields_value(entry, "permit"), &new.permit) ||
        !symbols_use(&b->words, fields_value(entry, "site"), &new.site) ||
        !symbols_use(&b->words, fields_value(entry, "disposal"), &new.disposal)) {
        leave_words(b, &new);
        free(new.packed);
        return false;
    }
    memcpy(new.packed, b->scratch.data, b->scratch.len);
    new.packed_len = (uint32_t)b->scratch.len;
    new.rev = (uint32_t)fields_whole(entry, "rev", 1);
    leave_words(b, &old);
    free(old.packed);
    *row = new;
    return true;
}

static void let_go(struct trip_book *b, struct trip_row *row)
{
    leave_words(b, row);
    symbols_leave(&b->ids, symbols_find(&b->ids, text_of(row->id)));
    free_row(row);
}

static void let_go_of_first(struct trip_book *b)
{
    let_go(b, b->ordered[b->first]);
    b->first++;
    b->count--;
    b->truncated = true;
    if (b->first < b->most / 2 + 1)
        return;
    memmove(b->ordered, b->ordered + b->first, b->count * sizeof *b->ordered);
    b->first = 0;
}

static bool add(struct trip_book *b, struct trip_row *row)
{
    uint32_t symbol;
    if (!array_reserve(&b->ordered, &b->order_cap, b->first + b->count + 1, sizeof *b->ordered) ||
        !symbols_use(&b->ids, text_of(row->id), &symbol))
        return false;
    if (!array_reserve(&b->by_symbol, &b->symbol_cap, (size_t)symbol + 1, sizeof *b->by_symbol)) {
        symbols_leave(&b->ids, symbol);
        return false;
    }
    b->by_symbol[symbol] = row;
    struct trip_row **at = b->ordered + b->first + trip_book_before(b, row->departed_ms, text_of(row->id));
    memmove(at + 1, at, (size_t)(b->ordered + b->first + b->count - at) * sizeof *at);
    *at = row;
    b->count++;
    if (b->count > b->most)
        let_go_of_first(b);
    return true;
}

void trip_book_trim(struct trip_book *b, int64_t told_before_ms)
{
    struct trip_row **rows = b->ordered + b->first;
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++)
        if (rows[i]->told_ms < told_before_ms)
            let_go(b, rows[i]);
        else
            rows[kept++] = rows[i];
    b->count = kept;
}

/* Told again, it is as new as that. */
static bool take_anew(struct trip_book *b, struct trip_row *row, int64_t told_ms, struct fields entry)
{
    if (!fill(b, row, entry))
        return false;
    row->told_ms = told_ms;
    return true;
}

bool trip_book_take(struct trip_book *b, uint32_t partition, int64_t told_ms, struct fields entry)
{
    struct text id = fields_value(entry, "trip");
    struct trip_row *row = find(b, id);
    if (row != NULL)
        return fields_whole(entry, "rev", 1) <= row->rev || take_anew(b, row, told_ms, entry);
    int64_t departed_ms = fields_whole(entry, "departed", -1);
    if (id.len != TRIP_ID_LENGTH || memchr(id.data, '\0', id.len) != NULL || departed_ms < 0)
        return true;
    row = calloc(1, sizeof *row);
    if (row == NULL)
        return false;
    memcpy(row->id, id.data, id.len);
    row->departed_ms = departed_ms;
    row->told_ms = told_ms;
    row->partition = partition;
    if (fill(b, row, entry) && add(b, row))
        return true;
    leave_words(b, row);
    free_row(row);
    return false;
}
