/* A record of the log, and the lines of raw.jsonl and marks.jsonl, parted by a zero byte. */
#include "sealed.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text text = {(const char *)data, size};
    struct sealed_header header;
    struct buf out;
    const char *zero = size > 0 ? memchr(data, 0, size) : NULL;
    size_t raw = zero != NULL ? (size_t)(zero - text.data) : size;
    buf_init(&out, 1 << 24);
    if (sealed_record_read(text, &header)) {
        sealed_record_write(&header, &out);
        if (!text_equal(buf_text(&out), text))
            abort();
        buf_clear(&out);
    }
    struct text marks = zero != NULL ? (struct text){zero + 1, size - raw - 1} : TEXT("");
    sealed_lines(TEXT("truck-1"), (struct text){text.data, raw}, marks, &out);
    buf_fini(&out);
    return 0;
}
