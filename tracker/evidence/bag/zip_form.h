/*
 * zip_form: the numbers of ZIP (PKWARE's APPNOTE 6.3) that both sides know, and what is taken at most.
 */
#ifndef MW_ZIP_FORM_H
#define MW_ZIP_FORM_H

#include <stdint.h>

#define ZIP_LOCAL_SIGNATURE   UINT32_C(0x04034b50)
#define ZIP_CENTRAL_SIGNATURE UINT32_C(0x02014b50)
#define ZIP_END_SIGNATURE     UINT32_C(0x06054b50)

enum {
    ZIP_LOCAL_BYTES = 30,
    ZIP_CENTRAL_BYTES = 46,
    ZIP_END_BYTES = 22,
    ZIP_STORED = 0,
    ZIP_DEFLATED = 8,
    ZIP_FLAG_UTF8 = 0x0800,
    ZIP_MADE_ON_UNIX = 3,
    /* What is taken of an archive at most: entries, bytes of a name, and below bytes of it and of all that it holds. */
    ZIP_ENTRIES_MAX = 10000,
    ZIP_NAME_MAX = 255,
};
#define ZIP_BYTES_MAX ((uint64_t)1 << 30)

/* Kinds of file in the upper half of an entry's attributes, as Unix has them. */
enum { ZIP_TYPE_MASK = 0170000, ZIP_TYPE_FILE = 0100000, ZIP_TYPE_FOLDER = 0040000 };

#endif
