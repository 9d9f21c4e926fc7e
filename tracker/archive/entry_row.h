/*
 * entry_row: an entry of a stream as a row of the city's file (docs/ARCHIVE.md, "city.db").
 */
#ifndef MW_ENTRY_ROW_H
#define MW_ENTRY_ROW_H

#include "archive_answer.h"
#include "archive_disk.h"
#include "archive_streams.h"

/* `fields` is filled with the entry's fields as JSON; texts of the row are borrowed from it and from the entry. False
 * without memory. */
bool entry_row_make(const struct archive_stream_row *stream, const struct archive_answer *entry,
                    struct buf *fields, struct archive_row *out);

#endif
