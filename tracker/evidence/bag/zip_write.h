/*
 * zip_write: a ZIP archive with one way to write it: the same entries give the same bytes.
 *
 * Entries are stored, not compressed, one behind the other, without extra fields, comments and folders; times are UTC. So there is no library's version,
 * time zone or locale in the bytes, and what an entry holds can be found in the archive as it is.
 */
#ifndef MW_ZIP_WRITE_H
#define MW_ZIP_WRITE_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

struct zip_writer {
    struct buf *out;
    struct buf central; /* the directory, which goes behind all entries */
    uint32_t dos_time;  /* of every entry */
    size_t count;
};

/* Appends to an empty buffer, whose limit is that of the archive. `at_ms` from 1980 to 2107, else the nearest there is. */
void zip_writer_init(struct zip_writer *w, struct buf *out, int64_t at_ms);
/* An entry. `runs`: whoever unpacks it may run it. */
void zip_put(struct zip_writer *w, struct text name, struct text bytes, bool runs);
/* The directory. False where something had no room; the writer is used up either way. */
bool zip_end(struct zip_writer *w);

/* Date and time as ZIP has them, in UTC: the date in the upper half; odd seconds are rounded down. */
uint32_t zip_dos_time(int64_t at_ms);

#endif
