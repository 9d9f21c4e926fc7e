/*
 * fix_json: the bytes a unit published, to fixes. The first code that input from outside meets.
 *
 * What a fix is and what is refused is the contract in docs/PROTOCOL.md; here is how it is read. A payload is
 * one object or an array of them, and is walked once, from the front, element by element:
 *
 *   - An element that is well-formed JSON but not a good fix costs itself: its end is known.
 *
 *   - Where the text stops being JSON (or nests too deep) nobody can say where the next element begins. The
 *     rest of the payload, from the start of the element in hand, is refused once; what came before counts.
 *
 *   - Every element, good or refused, comes with exactly its bytes as received.
 *
 *   - A field that a fix can do without costs only itself when it is out of its range: it is unknown.
 *
 *   - A refused element still tells boot and seq (FIX_HAS_SEQ) when both were read whole and are valid, since
 *     its number is used up.
 *
 * Repeated keys: a key of the contract that stands twice in one object is refused, since readers differ in
 * which one they believe, and the bytes are evidence. Keys nobody knows may repeat.
 *
 * Nothing is allocated, nothing recurses, time is linear in the payload, which is bounded by FIX_PAYLOAD_MAX.
 * `boot`, `vehicle` and `json` borrow the payload. Thread-safe. Rejected: a general parser, whose tree costs
 * several times the whole budget of a fix, and strtod, whose decimal point depends on the locale.
 */
#ifndef MW_FIX_JSON_H
#define MW_FIX_JSON_H

#include "fix_item.h"
#include "json_scan.h"

#include <stdint.h>

/* The largest payload that is looked into, in bytes. */
#define FIX_PAYLOAD_MAX ((size_t)256 * 1024)

/* Walks a payload. Its members are its own. */
struct fix_reader {
    struct json_scan scan;
    struct text payload;
    uint8_t state;
};

void fix_reader_init(struct fix_reader *reader, struct text payload);
/* The next element, or false at the end. An empty array has none; an empty payload has one, refused. */
bool fix_reader_next(struct fix_reader *reader, struct fix_item *out);
/* Whether it stands between the elements of an array, so that more may follow. */
bool fix_reader_in_array(const struct fix_reader *reader);
/* The same bytes of its payload lie elsewhere now. */
void fix_reader_move(struct fix_reader *reader, const char *payload);

/*
 * Reads one line, an object and nothing after it. `received` is a number, milliseconds, or RFC 3339 text.
 * Returns out->item.error; `vehicle` and `received` are set as far as they were read, else empty.
 */
enum fix_error fix_line_read(struct text line, struct fix_line *out);

#endif
