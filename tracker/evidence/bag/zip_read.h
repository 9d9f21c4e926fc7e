/*
 * zip_read: a ZIP archive from a stranger, read whole or refused with the reason and the entry.
 *
 * Two readers of one archive must not see two things. So what is left to a reader's taste is refused: an entry whose two headers differ, bytes that belong
 * to no entry, entries over one another, sizes that stand behind the data, extra fields but times and owners, more than one disk, 64-bit forms, comments,
 * encryption. Names are printable ASCII, relative, without `.`, `..`, empty parts and `\`; none stands twice, also not in other case, none is a
 * folder of another. There are no links. Contents are stored or deflated, are as long as both headers say, and have the sum that they say.
 *
 * Bounds: ZIP_ENTRIES_MAX entries, ZIP_BYTES_MAX bytes of archive and of all contents. What is stored is borrowed from the archive.
 */
#ifndef MW_ZIP_READ_H
#define MW_ZIP_READ_H

#include "problem.h"

#include <stdbool.h>
#include <stdint.h>

struct zip_entry {
    struct text name, bytes;
    void *inflated; /* owns `bytes`; NULL: borrowed */
};

struct zip_archive {
    struct zip_entry *entries; /* in the order in which they lie, without folders */
    size_t count;
};

enum zip_status {
    ZIP_OK,
    ZIP_REFUSED, /* why is in the problem */
    ZIP_NO_MEMORY
};

/* zip_archive_fini is due either way. */
enum zip_status zip_read(struct text archive, struct zip_archive *out, struct problem *out_problem);
void zip_archive_fini(struct zip_archive *archive);

#endif
