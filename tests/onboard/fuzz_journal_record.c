/* The reader of a segment's bytes: whatever they are, it ends, and what it gives out lies within them. */
#include "journal_record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t salt = journal_salt("0123456789abcdef", 7);
    size_t at = 0;
    while (at < size) {
        struct text rest = {(const char *)data + at, size - at};
        struct journal_record record;
        size_t used = 0;
        if (journal_record_read(rest, at == 0 ? 0 : salt, &record, &used) == JOURNAL_READ_OK) {
            if (used > rest.len || record.payload.data + record.payload.len > rest.data + rest.len)
                abort();
            char boot[JOURNAL_BOOT_LEN];
            uint64_t number;
            journal_record_segment(&record, boot, &number);
            journal_record_skip(&record, &number);
            at += used;
        } else {
            size_t passed = journal_record_resync(rest, salt);
            if (passed == 0 || passed > rest.len)
                abort();
            at += passed;
        }
    }
    struct journal_numbers numbers;
    if (size >= JOURNAL_NUMBERS_SLOT)
        journal_numbers_read(data, &numbers);
    return 0;
}
