/*
 * json_write: JSON text into a struct buf, commas and escapes taken care of.
 *
 * Strings pass UTF-8 through; bytes that are not UTF-8 become U+FFFD, so what comes out is always JSON.
 * Numbers are written by struct buf, whatever the locale. A value inside an object is preceded by
 * json_write_key; matching every begin with its end is the caller's part. Nesting is bounded by 64; deeper is
 * a caller's bug and fails the buffer.
 */
#ifndef MW_JSON_WRITE_H
#define MW_JSON_WRITE_H

#include "buf.h"

#include <stdint.h>

struct json_writer {
    struct buf *out;
    uint64_t filled; /* a bit a level: something stands there already, so a comma is due */
    unsigned depth;
    bool after_key;
};

void json_writer_init(struct json_writer *w, struct buf *out);
/* To go on with what another writer began: an object that has members, and whose end is still to come. */
void json_writer_init_within(struct json_writer *w, struct buf *out);
void json_write_begin_object(struct json_writer *w);
void json_write_end_object(struct json_writer *w);
void json_write_begin_array(struct json_writer *w);
void json_write_end_array(struct json_writer *w);
void json_write_key(struct json_writer *w, const char *key);
void json_write_string(struct json_writer *w, struct text value);
void json_write_i64(struct json_writer *w, int64_t value);
void json_write_u64(struct json_writer *w, uint64_t value);
/* With exactly `decimals` digits after the point; null where it is not finite. */
void json_write_fixed(struct json_writer *w, double value, int decimals);
/* The shortest digits that read back to the same double, as ECMAScript writes them; null where it is not
 * finite. */
void json_write_double(struct json_writer *w, double value);
void json_write_bool(struct json_writer *w, bool value);
void json_write_null(struct json_writer *w);
/* `json` is one whole JSON value and goes out as it is. */
void json_write_raw(struct json_writer *w, struct text json);

/* A string with its quotes, and a finite double, without a writer. */
void json_put_string(struct buf *out, struct text value);
void json_put_double(struct buf *out, double value);

#endif
