/*
 * trip_book: hauls that ended, as their entries with the highest `rev` tell them, in the order of departure.
 *
 * What a list asks by stands in a record, the entry whole beside it (packed_fields.h). There are at most `most`; the ones that departed first
 * go first, and answers say `truncated`. One that was withdrawn stays, and says so. No clock, no store; one thread.
 */
#ifndef MW_TRIP_BOOK_H
#define MW_TRIP_BOOK_H

#include "buf.h"
#include "fields.h"
#include "hash.h"

#include <stdbool.h>
#include <stdint.h>

/* 30 days of 10,000. */
enum { TRIP_BOOK_MAX = 300000, TRIP_ID_LENGTH = 26 };

struct trip_row {
    char id[TRIP_ID_LENGTH + 1];
    int64_t departed_ms;
    int64_t told_ms; /* by its newest entry, by the store's clock */
    uint32_t partition, rev;
    uint32_t vehicle, permit, site, disposal; /* trip_book_word */
    uint32_t packed_len;
    char *packed;
};

struct trip_book;

/* NULL without memory. */
struct trip_book *trip_book_new(struct hash_key key, size_t most);
void trip_book_free(struct trip_book *b);
/* An entry of `trips`; one that is older than what is known, or cannot be read, changes nothing. False without memory. */
bool trip_book_take(struct trip_book *b, uint32_t partition, int64_t told_ms, struct fields entry);
/* Lets go of what was told before. That is no truncation: what is old is known to go. */
void trip_book_trim(struct trip_book *b, int64_t told_before_ms);

size_t trip_book_count(const struct trip_book *b);
bool trip_book_truncated(const struct trip_book *b);
/* By place in the order of departure; who departed at once, by id. */
const struct trip_row *trip_book_at(const struct trip_book *b, size_t place);
/* How many stand before this departure and id. */
size_t trip_book_before(const struct trip_book *b, int64_t departed_ms, struct text id);
const struct trip_row *trip_book_find(const struct trip_book *b, struct text id);
struct text trip_book_word(const struct trip_book *b, uint32_t word);
/* Words are below this. */
size_t trip_book_words(const struct trip_book *b);
/* The next field of a row, from its `packed` on; `bytes` is the caller's, and holds what `out` points to. False at the end. */
bool trip_book_field(const struct trip_book *b, struct text *packed, struct buf *bytes, struct field *out);

#endif
